//! The source location of conditional traps.
//!
//! Cranelift converts a branch to a block that only traps into a conditional trap, with the source location
//! of the branch. So the branch is given the location of the trap before.

use cranelift_codegen::ir::{
    Block, Function, Inst, InstructionData, MemFlagsData, Opcode, SourceLoc,
};
use std::collections::HashMap;

/// Sets the location of branches to blocks that only trap to that of the trap. If both blocks do, Cranelift
/// uses the second.
pub(crate) fn locate_conditional_traps(func: &mut Function) {
    let mut traps: HashMap<Block, SourceLoc> = HashMap::new();
    for block in func.layout.blocks() {
        let last = func.layout.last_inst(block);
        if let Some(last) = last.filter(|last| func.dfg.insts[*last].opcode() == Opcode::Trap) {
            let mut others = func.layout.block_insts(block).filter(|inst| *inst != last);
            if others.all(|inst| is_pure(func, inst)) {
                traps.insert(block, func.srcloc(last));
            }
        }
    }
    let mut located = Vec::new();
    for block in func.layout.blocks() {
        let last = func.layout.last_inst(block);
        if let Some(last) = last
            && let InstructionData::Brif { blocks, .. } = &func.dfg.insts[last]
        {
            let to = blocks.iter().map(|call| call.block(&func.dfg.value_lists));
            let place = to.filter_map(|block| traps.get(&block)).next_back();
            located.extend(place.map(|place| (last, *place)));
        }
    }
    for (branch, place) in located {
        func.set_srcloc(branch, place);
    }
}

/// Whether an instruction only computes a value, by the rule of Cranelift's optimiser
/// (`is_pure_for_egraph`).
fn is_pure(func: &Function, inst: Inst) -> bool {
    let data = &func.dfg.insts[inst];
    let opcode = data.opcode();
    let movable = |flags: MemFlagsData| flags.readonly() && flags.notrap() && flags.can_move();
    let has_effects = opcode.is_call()
        || opcode.is_terminator()
        || opcode.can_trap()
        || opcode.can_store()
        || opcode.other_side_effects();
    let pure = match data.memflags_data(&func.dfg) {
        Some(flags) if opcode == Opcode::Load => movable(flags),
        _ => !opcode.can_load() && !has_effects,
    };
    pure && func.dfg.inst_results(inst).len() == 1
}
