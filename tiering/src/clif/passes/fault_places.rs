//! Where a load faults that has become part of another instruction.
//!
//! Cranelift makes a load an operand of the instruction that uses it, or both and a store one addition in memory. What faults
//! then has the source location of the user, which the optimiser may have lost when it copied the user, or which is that of the
//! store. So whatever a load may become part of gets the load's location, which does no harm where it does not: nothing
//! of it can fault by itself. A conditional trap has a place of its own: before it, loads are kept from moving.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Function, Inst, InstBuilder, InstructionData, Opcode, Value};

/// The load, and its number in the order of instructions, that a value may have been made of. Memory for [`keep_places`].
pub(crate) type Loads = SecondaryMap<Value, Option<(u32, Inst)>>;

/// Gives the users of loads that can fault their locations, or keeps them apart. Nothing may be optimised afterwards.
pub(crate) fn keep_places(func: &mut Function, loads: &mut Loads) {
    loads.clear();
    let mut number = 0;
    let mut blocks = func.layout.entry_block();
    while let Some(block) = blocks {
        blocks = func.layout.next_block(block);
        let before_block = number;
        let mut insts = func.layout.first_inst(block);
        while let Some(inst) = insts {
            insts = func.layout.next_inst(inst);
            number += 1;
            // A load becomes part of something in its own block only.
            let load_of = |value: Value| loads[value].filter(|(at, _)| *at > before_block);
            let data = &func.dfg.insts[inst];
            let opcode = data.opcode();
            let load = if opcode.can_load() && data.memflags_trap_code(&func.dfg).is_some() {
                Some((number, inst))
            } else if opcode == Opcode::Store {
                let load = load_of(func.dfg.inst_args(inst)[0]);
                if let Some((_, load)) = load.filter(|(_, load)| is_same_place(func, *load, inst)) {
                    func.set_srcloc(inst, func.srcloc(load));
                }
                None
            } else if matches!(opcode, Opcode::Trapz | Opcode::Trapnz) {
                let load = load_of(func.dfg.inst_args(inst)[0]);
                if load.is_some_and(|(_, load)| func.srcloc(load) != func.srcloc(inst)) {
                    FuncCursor::new(func).at_inst(inst).ins().sequence_point();
                }
                None
            } else if opcode.can_trap() || opcode.is_call() || opcode.can_store() {
                None
            } else {
                // Of two loads it is the later one that moves: none moves past another that can fault.
                let args = func.dfg.inst_args(inst).iter();
                let latest = args
                    .filter_map(|arg| load_of(*arg))
                    .max_by_key(|(at, _)| *at);
                if let Some((_, load)) = latest {
                    func.set_srcloc(inst, func.srcloc(load));
                }
                latest
            };
            if load.is_some() {
                for result in func.dfg.inst_results(inst) {
                    loads[*result] = load;
                }
            }
        }
    }
}

/// Whether a store writes the very bytes that a load reads: where the load did not fault, the store does not.
fn is_same_place(func: &Function, load: Inst, store: Inst) -> bool {
    match (func.dfg.insts[load], func.dfg.insts[store]) {
        (
            InstructionData::Load {
                arg, offset: from, ..
            },
            InstructionData::Store {
                args, offset: to, ..
            },
        ) => {
            let loaded = func.dfg.value_type(func.dfg.first_result(load));
            (arg, from, loaded) == (args[1], to, func.dfg.value_type(args[0]))
        }
        _ => false,
    }
}
