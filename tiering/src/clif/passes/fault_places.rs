//! The source location of a fault, if the load has become part of another instruction.
//!
//! Cranelift can fold a load into the instruction that uses it, or a load, an addition and a store into one
//! addition in memory. The faulting instruction then has the source location of the user, which the
//! optimiser may have lost when it copied the user, or that of the store. So every instruction into which a
//! load may be folded gets the load's location. This does no harm if it is not folded: these instructions
//! cannot fault by themselves. A conditional trap must keep its own location, so loads are prevented from
//! moving into it.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Function, Inst, InstBuilder, InstructionData, Opcode, Value};

/// For each value, the load that may be folded into its instruction, and the load's number in the order of
/// instructions. A buffer for [`locate_folded_loads`].
pub(crate) type Loads = SecondaryMap<Value, Option<(u32, Inst)>>;

/// Sets the locations of the users of loads that can fault, or prevents folding. No optimisation may
/// follow.
pub(crate) fn locate_folded_loads(func: &mut Function, loads: &mut Loads) {
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
            // A load is only folded into instructions of its own block.
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
                // Of two loads, the later one is folded: no load moves past another that can fault.
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

/// Whether a store writes exactly the bytes that a load reads: if the load did not fault, the store does
/// not.
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
