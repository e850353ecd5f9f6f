//! Constants where they are used.
//!
//! Cranelift's optimiser makes an integer constant anew in each block that uses it, since that costs less than a register.
//! But where a constant is needed on several paths that do not dominate each other, it makes copies, and forgets
//! of the copies that they are constants: they live in registers, or in the frame, through all that such a path dominates, loops
//! included. Inlining makes many such paths.

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, Function, Opcode, Value};

/// The last block that used a constant of another block, and the copy made there. Memory for [`rematerialise`].
pub(crate) type Copies = SecondaryMap<Value, Option<(Block, Value)>>;

/// Gives every block its own copies of the integer constants it uses. To be done when all else is optimised.
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
