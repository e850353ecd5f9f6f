//! Inlining: translating the body of a callee in place of a call.
//!
//! Which calls are inlined was decided before (`CompileInput::inlined`). A callee's bytecode is translated
//! like that of the function itself, as a separate unit: its indices refer to its own module, its locals
//! and blocks come after those of the bodies around it, its context is the one with which it would have
//! been called ([FOREIGN]), and its source locations contain its number, from which backtraces rebuild
//! every frame.
//!
//! ```text
//! call f            arguments -> locals of f, body of f, results on the operand stack
//!                   if f may be replaced: was it?  no:  as above
//!                                                  yes: the original call, out of line
//! call_indirect     is it f?   yes: as above
//!                   is it g?   yes: as above
//!                              no:  the original call, out of line
//! ```
//! If all callees are in the caller's own module, the inlined bodies use the caller's context. The guard
//! then compares the index, if the module's own segments put each callee at one place of the table and the
//! table has not been written to since. If not, it compares the record's address with the addresses of the
//! records of the caller's own instance. If some callees are in another module, the guard compares the
//! definition by its entry word: code is shared by instances, each of which has its own records.
//!
//! A function that may be replaced has a generation, a word of its instance that changes only inside calls.
//! It is compared in front of each copy, whatever else was compared before.
//!
//! Returning is a branch to the end of the body. A tail call in an inlined body is a call and a return: the
//! frame that it would release is that of the enclosing function, which is bounded. Backtraces show it at
//! the place where the inlined body was called.

use super::access::Access;
use super::calls::Leaving;
use super::versions::Version;
use super::{Translator, Unit, unreadable};
use crate::bytecode::Locals;
use crate::clif::names;
use crate::clif::signature::clif_type;
use crate::compiled::{CompileError, InlinedCall, Scope, Through};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use engine::ids::{DefinedFunc, FuncIndex, TableIndex, TypeIndex};
use engine::layout::{ENTRY_WORD_BYTES, offsets};
use std::ops::Range;
use stubs::InlineNode;

impl Translator<'_, '_> {
    /// Positions of the inlined calls at the current instruction.
    pub(super) fn inlined_here(&self) -> Range<usize> {
        self.inlined_at(self.unit.node, self.unit.offset)
    }

    /// Positions of the inlined calls at an instruction of a body.
    pub(super) fn inlined_at(&self, node: InlineNode, offset: u32) -> Range<usize> {
        let here = (node, offset);
        let calls = self.input.inlined;
        let first = calls.partition_point(|call| (call.parent, call.offset) < here);
        let same = |call: &&InlinedCall| (call.parent, call.offset) == here;
        let count = calls[first..].iter().take_while(same).count();
        first..first + count
    }

    /// Translates the body of an inlined call, whose arguments are on the operand stack. The results
    /// replace them, if it returns.
    pub(super) fn inline(&mut self, at: usize, ctx: Value) -> Result<(), CompileError> {
        let call = self.input.inlined[at];
        let scope = self.input.scope(call.scope);
        let Scope {
            module,
            import_is_wasm,
        } = *scope;
        let ty = module.type_of(module.func_index(call.func));
        let outer_locals = self.values.open_locals();
        let params = module.func_type(ty).params();
        let mut args = std::mem::take(&mut self.args);
        args.clear();
        self.values
            .peek_into(&mut self.builder, &mut self.flags, params.len(), &mut args);
        self.values.truncate(self.values.height() - params.len());
        for (at, ty) in params.enumerate() {
            self.values.declare_local(&mut self.builder, clif_type(ty));
            self.values
                .set_local(&mut self.builder, &mut self.flags, at as u32, args[at]);
        }
        self.args = args;

        let unit = Unit {
            node: InlineNode::inlined(at),
            scope: call.scope,
            module,
            import_is_wasm,
            ctx,
            frames: Vec::new(),
            reachable: true,
            offset: 0,
        };
        let outer = std::mem::replace(&mut self.unit, unit);
        let mut locals = Locals::of(self.input.inlined_bodies[at]).map_err(unreadable)?;
        self.declare_locals(&mut locals)?;
        self.open_function(ty);
        self.instructions(&mut locals.walk().map_err(unreadable)?)?;
        let inner = std::mem::replace(&mut self.unit, outer);
        self.unit.reachable = inner.reachable;
        self.values.close_locals(outer_locals);
        // The following instructions set their own location if it matters. As long as none is set, a load
        // of the inlined body may still become part of the instruction that uses it.
        Ok(())
    }

    /// Translates a direct call of a function that may be replaced: its body, and the call itself for when it
    /// was replaced.
    pub(super) fn inline_if_current(
        &mut self,
        at: usize,
        func: FuncIndex,
        leaving: Leaving,
    ) -> Result<(), CompileError> {
        let ty = self.unit.module.type_of(func);
        let func_type = self.unit.module.func_type(ty);
        let (params, results) = (func_type.params().len(), func_type.results().len());
        let height = self.values.height() - params;
        let args = self.values.copy_from(height);
        let join = self.results_block(ty);
        let (same, other) = (self.builder.create_block(), self.builder.create_block());
        let ctx = self.callee_ctx(func);
        let (ctx, is_current) = self.copy(at, ctx);
        let is_current = is_current.expect("the callee has a generation");
        self.builder.ins().brif(is_current, same, &[], other, &[]);
        self.continue_in(same);
        self.inline(at, ctx)?;
        if self.unit.reachable {
            self.jump_with(join, results);
        }
        self.values.truncate(height);
        self.values.restore(&args);
        self.continue_in(other);
        self.builder.set_cold_block(other);
        self.unit.reachable = true;
        self.mark();
        self.call_func(func, leaving);
        self.jump_with(join, results);
        self.values.truncate(height);
        self.continue_in(join);
        self.push_block_params(join);
        Ok(())
    }

    /// The context of the body of the inlined call `at`, and whether it is still the callee's body; `None` if
    /// it always is, or this was tested before. `ctx` is the context with which the function is called that
    /// the call names.
    pub(super) fn copy(&mut self, at: usize, ctx: Value) -> (Value, Option<Value>) {
        let mut call = self.input.inlined[at];
        if self.version == Version::Current {
            call.generation = None;
            call.through
                .iter_mut()
                .for_each(|through| through.generation = None);
        }
        let Some(Through {
            scope,
            func,
            generation,
        }) = call.through
        else {
            let same = call.generation;
            let same = same.map(|generation| self.has_generation(ctx, call.func, generation));
            return (ctx, same);
        };
        let named = generation.map(|generation| self.has_generation(ctx, func, generation));
        let record = self.symbol(names::FORWARD_RECORDS, scope, func.0);
        let ctx = self.load_at(Access::Fixed, types::I64, record, offsets::RECORD_CTX);
        let own = call.generation;
        let own = own.map(|generation| self.has_generation(ctx, call.func, generation));
        let same = match (named, own) {
            (Some(named), Some(own)) => Some(self.builder.ins().band(named, own)),
            (named, own) => named.or(own),
        };
        (ctx, same)
    }

    /// Whether a function of the instance with this context has this generation.
    fn has_generation(&mut self, ctx: Value, func: DefinedFunc, generation: u32) -> Value {
        let words = self.load_at(Access::Fixed, types::I64, ctx, offsets::CTX_GENERATIONS);
        let word = self.load_at(Access::Generation, types::I32, words, 4 * func.0 as i32);
        let generation = i64::from(generation as i32);
        self.builder
            .ins()
            .icmp_imm_s(IntCC::Equal, word, generation)
    }

    /// Translates an indirect call, with guards and the bodies of some callees before it.
    pub(super) fn inline_guarded(
        &mut self,
        inlined: Range<usize>,
        ty: TypeIndex,
        table: TableIndex,
        index: Value,
        leaving: Leaving,
    ) -> Result<(), CompileError> {
        let func_type = self.unit.module.func_type(ty);
        let (params, results) = (func_type.params().len(), func_type.results().len());
        let height = self.values.height() - params;
        let args = self.values.copy_from(height);
        let join = self.results_block(ty);
        let other = self.builder.create_block();
        let guard = self.guard(inlined.clone(), table, index, other);
        for at in inlined.clone() {
            let (hit, miss) = (self.builder.create_block(), self.builder.create_block());
            let same = self.is_callee(&guard, at, inlined.clone(), table);
            self.builder.ins().brif(same, hit, &[], miss, &[]);
            self.continue_in(hit);
            let ctx = match guard {
                Guard::Entry { record, .. } => {
                    self.load_at(Access::FoundRecord, types::I64, record, offsets::RECORD_CTX)
                }
                Guard::Index(_) | Guard::Record(_) => self.unit.ctx,
            };
            if let (_, Some(is_current)) = self.copy(at, ctx) {
                let current = self.builder.create_block();
                self.builder.ins().brif(is_current, current, &[], miss, &[]);
                self.continue_in(current);
            }
            self.inline(at, ctx)?;
            if let Guard::Entry { .. } = guard {
                self.remove_unused_load(ctx, hit);
            }
            if self.unit.reachable {
                self.jump_with(join, results);
            }
            self.values.truncate(height);
            self.values.restore(&args);
            self.continue_in(miss);
            self.unit.reachable = true;
        }
        self.builder.ins().jump(other, &[]);
        self.continue_in(other);
        self.builder.set_cold_block(other);
        self.mark();
        let record = match guard {
            Guard::Index(index) => self.callee_record(table, index),
            Guard::Record(record) | Guard::Entry { record, .. } => record,
        };
        self.call_record(ty, record, leaving, Access::RareFixed);
        self.jump_with(join, results);
        self.values.truncate(height);
        self.continue_in(join);
        self.push_block_params(join);
        Ok(())
    }

    /// The value that guards compare. Branches to `other` if the comparison would not be valid.
    fn guard(
        &mut self,
        inlined: Range<usize>,
        table: TableIndex,
        index: Value,
        other: Block,
    ) -> Guard {
        // The functions of a module are nearly always called by the instance to which they belong.
        let own = self.unit.scope;
        let mut calls = self.input.inlined[inlined].iter();
        if !calls.clone().all(|call| call.scope == own) {
            let record = self.callee_record(table, index);
            // A null record faults here, which is the trap for a null record.
            let entry = self.load_at(Access::Record, types::I64, record, offsets::RECORD_ENTRY);
            return Guard::Entry { record, entry };
        }
        if !calls.all(|call| self.static_index(table, call).is_some()) {
            return Guard::Record(self.callee_record(table, index));
        }
        let rewritten = self.is_rewritten(table);
        let as_defined = self.builder.create_block();
        self.builder
            .ins()
            .brif(rewritten, other, &[], as_defined, &[]);
        self.continue_in(as_defined);
        Guard::Index(index)
    }

    fn static_index(&self, table: TableIndex, call: &InlinedCall) -> Option<u32> {
        let module = self.unit.module;
        module.static_index(table, module.func_index(call.func))
    }

    /// Whether the actual callee is that of the inlined call `at`.
    fn is_callee(
        &mut self,
        guard: &Guard,
        at: usize,
        inlined: Range<usize>,
        table: TableIndex,
    ) -> Value {
        let call = &self.input.inlined[at];
        // The records of an instance, and the entry words of a module, are contiguous: one address serves
        // all comparisons.
        let (word, wanted) = match *guard {
            Guard::Index(index) => {
                let wanted = self.static_index(table, call).expect("looked up before");
                (index, i64::from(wanted as i32))
            }
            Guard::Record(record) => {
                let own = self.unit.ctx;
                let first = self.load_at(Access::Fixed, types::I64, own, offsets::CTX_RECORDS);
                let index = self.unit.module.func_index(call.func);
                let distance = self.builder.ins().isub(record, first);
                (distance, i64::from(index.0) * offsets::RECORD_BYTES)
            }
            Guard::Entry { entry, .. } => {
                let module = self.input.scope(call.scope).module;
                let same = |other: &&InlinedCall| other.scope == call.scope;
                if self.input.inlined[inlined].iter().filter(same).count() == 1 {
                    // With one callee, its own address can be compared, without a subtraction.
                    let wanted = module.func_index(call.func);
                    let wanted = self.symbol(names::ENTRY_WORDS, call.scope, wanted.0);
                    return self.builder.ins().icmp(IntCC::Equal, entry, wanted);
                }
                let first = module.func_index(DefinedFunc(0));
                let first = self.symbol(names::ENTRY_WORDS, call.scope, first.0);
                let distance = self.builder.ins().isub(entry, first);
                (distance, i64::from(call.func.0) * ENTRY_WORD_BYTES)
            }
        };
        self.builder.ins().icmp_imm_s(IntCC::Equal, word, wanted)
    }

    /// Removes the load of a context if no instruction uses it, from its block to the last block. Cranelift
    /// would keep it, since it must not be moved.
    fn remove_unused_load(&mut self, ctx: Value, block: Block) {
        let func = &mut *self.builder.func;
        let blocks = std::iter::successors(Some(block), |block| func.layout.next_block(*block));
        let mut insts = blocks.flat_map(|block| func.layout.block_insts(block));
        if !insts.any(|inst| func.dfg.inst_values(inst).any(|value| value == ctx)) {
            let load = func.dfg.value_def(ctx).unwrap_inst();
            func.layout.remove_inst(load);
        }
    }
}

/// What is compared before a body that was inlined for an indirect call.
enum Guard {
    /// The index: the table still has the elements that its module put there.
    Index(Value),
    /// The address of the record, which is compared with the records of the caller's own instance.
    Record(Value),
    /// The definition, identified by its entry word.
    Entry { record: Value, entry: Value },
}
