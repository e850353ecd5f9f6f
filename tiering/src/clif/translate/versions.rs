//! Loops with copies of functions that may be replaced, in two versions.
//!
//! A function is replaced inside a call only, so a loop that makes no calls need not test in each trip
//! whether the functions that are inlined in it were replaced. It is translated twice:
//!
//! ```text
//! are all of them as they were?  yes: the loop, without tests and without calls
//!                                no:  the loop as `inline` translates it, out of line
//! ```
//! Only so can anything be moved out of the loop: the second version has a call beside each copy.

use super::access::Access;
use super::{Translator, unreadable};
use crate::bytecode::{Locals, Walk};
use crate::compiled::{CompileError, InlinedCall};
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use engine::ids::FuncIndex;
use engine::layout::offsets;
use stubs::InlineNode;
use wasmparser::{BlockType, Operator};

/// Loops that are nested more deeply have one version: each loop that is considered is looked through to its
/// end, so an instruction is looked at so often at most. Guessed.
const DEEPEST: u32 = 8;

/// Which version of a loop is being translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// None: a loop that is met may get two.
    Only,
    /// The one in which inlined functions were not replaced.
    Current,
    /// The one with tests.
    Tested,
}

/// An inlined call in a loop.
struct Copy {
    /// Position among the inlined calls.
    at: usize,
    /// Position of the copy that contains the call; `None` if the loop's own unit does.
    parent: Option<usize>,
    /// The callee, in the index space of the module that calls.
    func: FuncIndex,
}

impl Translator<'_, '_> {
    /// Translates a loop, whose first instruction was read, in two versions. Returns false, and does nothing,
    /// if one is enough.
    pub(super) fn version_loop(
        &mut self,
        ty: BlockType,
        walk: &mut Walk<'_>,
    ) -> Result<bool, CompileError> {
        let inlined = self.input.inlined;
        if self.version != Version::Only
            || self.start.is_some()
            || walk.loops() > DEEPEST
            || !inlined.iter().any(InlinedCall::may_change)
        {
            return Ok(false);
        }
        let Some(copies) = self.copies_in_loop(walk)? else {
            return Ok(false);
        };
        let shape = Self::shape(ty);
        let height = self.values.height() - self.param_count(shape);
        self.values
            .spill(&mut self.builder, &mut self.flags, height);
        let params = self.values.copy_from(height);
        let results = self.result_count(shape);
        let join = self.block_for(shape, false);
        let (current, tested) = (self.builder.create_block(), self.builder.create_block());
        let all = self.all_current(&copies);
        self.builder.ins().brif(all, current, &[], tested, &[]);
        let begin = walk.clone();
        let mut is_left = false;
        for (version, block) in [(Version::Current, current), (Version::Tested, tested)] {
            *walk = begin.clone();
            self.continue_in(block);
            if version == Version::Tested {
                self.values.truncate(height);
                self.values.restore(&params);
                self.unit.reachable = true;
            }
            self.version = version;
            let first = self.builder.func.dfg.num_blocks();
            self.whole_loop(ty, walk)?;
            let end = self.builder.func.dfg.num_blocks();
            self.version = Version::Only;
            if version == Version::Tested {
                let blocks = (first..end).map(|at| Block::from_u32(at as u32));
                blocks
                    .chain([block])
                    .for_each(|block| self.builder.set_cold_block(block));
            }
            if self.unit.reachable {
                self.jump_with(join, results);
                is_left = true;
            }
        }
        self.values.truncate(height);
        self.continue_in(join);
        self.unit.reachable = is_left;
        if is_left {
            self.push_block_params(join);
        } else {
            // Nothing leads here, but the block has to end.
            self.unreachable();
        }
        Ok(true)
    }

    /// Translates a loop up to its end.
    fn whole_loop(&mut self, ty: BlockType, walk: &mut Walk<'_>) -> Result<(), CompileError> {
        let around = self.unit.frames.len();
        self.loop_(ty);
        while self.unit.frames.len() > around {
            let instruction = walk.next().expect("a validated loop has its end");
            self.instruction(instruction.map_err(unreadable)?, walk)?;
        }
        Ok(())
    }

    /// The inlined calls in the loop whose instructions come next, if some are of functions that may be
    /// replaced, and if it makes no other calls.
    fn copies_in_loop(&self, walk: &Walk<'_>) -> Result<Option<Vec<Copy>>, CompileError> {
        let mut copies = Vec::new();
        let end = walk.blocks().len();
        if !self.collect(&mut walk.clone(), self.unit.node, None, end, &mut copies)? {
            return Ok(None);
        }
        let replaceable = |copy: &Copy| self.input.inlined[copy.at].may_change();
        Ok(copies.iter().any(replaceable).then_some(copies))
    }

    /// Adds the inlined calls up to the end of the block at this depth. Returns false if there is another
    /// call.
    fn collect(
        &self,
        walk: &mut Walk<'_>,
        node: InlineNode,
        parent: Option<usize>,
        end: usize,
        copies: &mut Vec<Copy>,
    ) -> Result<bool, CompileError> {
        for instruction in walk {
            let instruction = instruction.map_err(unreadable)?;
            let func = match instruction.operator {
                Operator::Call { function_index } => FuncIndex(function_index),
                Operator::ReturnCall { .. }
                | Operator::CallIndirect { .. }
                | Operator::ReturnCallIndirect { .. } => return Ok(false),
                Operator::End if instruction.depth == end => break,
                _ => continue,
            };
            let inlined = self.inlined_at(node, instruction.offset);
            if inlined.is_empty() {
                return Ok(false);
            }
            let at = inlined.start;
            copies.push(Copy { at, parent, func });
            let parent = Some(copies.len() - 1);
            let body = Locals::of(self.input.inlined_bodies[at]).map_err(unreadable)?;
            let mut body = body.walk().map_err(unreadable)?;
            let end = body.blocks().len();
            if !self.collect(&mut body, InlineNode::inlined(at), parent, end, copies)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether none of these functions was replaced since.
    fn all_current(&mut self, copies: &[Copy]) -> Value {
        let mut contexts: Vec<Value> = Vec::with_capacity(copies.len());
        let mut all: Option<Value> = None;
        for copy in copies {
            let (module, ctx) = match copy.parent {
                None => (self.unit.module, self.unit.ctx),
                Some(parent) => {
                    let call = self.input.inlined[copies[parent].at];
                    (self.input.scope(call.scope).module, contexts[parent])
                }
            };
            let ctx = match module.defined(copy.func) {
                Some(_) => ctx,
                None => {
                    let slot = module.layout().import(copy.func) + offsets::IMPORT_CTX;
                    self.load_at(Access::Fixed, types::I64, ctx, slot)
                }
            };
            let (ctx, same) = self.copy(copy.at, ctx);
            contexts.push(ctx);
            if let Some(same) = same {
                all = Some(match all {
                    None => same,
                    Some(all) => self.builder.ins().band(all, same),
                });
            }
        }
        all.expect("one of them may be replaced")
    }
}
