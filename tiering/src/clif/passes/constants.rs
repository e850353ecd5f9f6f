//! Rematerialising constants in the blocks that use them.
//!
//! Cranelift's optimiser rematerialises an integer constant in each block that uses it, since that costs
//! less than a register. But if a constant is needed on several paths that do not dominate each other, it
//! makes copies, and no longer knows that the copies are constants: they are live in registers or in the
//! frame through all blocks that the path dominates, including loops. Inlining makes many paths of that
//! kind.

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, Function, Opcode, Value};

/// The last block that used a constant of another block, and the copy that was made there. A buffer for
/// [`rematerialise`].
pub(crate) type Copies = SecondaryMap<Value, Option<(Block, Value)>>;

/// Makes a copy, in every block, of the integer constants that it uses. This must be the last optimisation.
pub(crate) fn rematerialise(func: &mut Function, copies: &mut Copies) {
    copies.clear();
    let mut foreign = Vec::new();
    let mut blocks = func.layout.entry_block();
    while let Some(block) = blocks {
        blocks = func.layout.next_block(block);
        let mut insts = func.layout.first_inst(block);
        while let Some(inst) = insts {
            insts = func.layout.next_inst(inst);
            let constants = func.dfg.inst_values(inst).filter_map(|value| {
                let def = func.dfg.value_def(value).inst()?;
                let is_constant = func.dfg.insts[def].opcode() == Opcode::Iconst;
                let is_foreign = is_constant && func.layout.inst_block(def) != Some(block);
                is_foreign.then_some((value, def))
            });
            foreign.extend(constants);
            if foreign.is_empty() {
                continue;
            }
            for (value, def) in foreign.drain(..) {
                if copies[value].is_none_or(|(made_for, _)| made_for != block) {
                    let copy = func.dfg.clone_inst(def);
                    func.layout.insert_inst(copy, inst);
                    copies[value] = Some((block, func.dfg.first_result(copy)));
                }
            }
            func.dfg.map_inst_values(inst, |value| match copies[value] {
                Some((made_for, copy)) if made_for == block => copy,
                _ => value,
            });
        }
    }
}
