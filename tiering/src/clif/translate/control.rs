//! Structured control: blocks, loops, conditionals, branches and returns.
//!
//! Cranelift blocks are created as late as possible: the end of a `block` gets one at the first branch to
//! it, the end of a loop never does, and the false side of an `if` without `else` is its end. Results and
//! the parameters of loops are passed as block parameters. The operands below them are where `values` says
//! that they are at the start of a block.

use super::Translator;
use super::access::{Access, trap_code};
use super::values::Operand;
use crate::bytecode;
use crate::clif::signature::{ResultPlace, clif_type};
use crate::compiled::CompileError;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{
    Block, BlockArg, InstBuilder, JumpTableData, Opcode, Type, Value, types,
};
use cranelift_codegen::packed_option::PackedOption;
use engine::Trap;
use engine::ids::TypeIndex;
use engine::layout::offsets;
use engine::libcalls::Libcall;
use std::collections::HashMap;
use stubs::InlineNode;
use wasmparser::{BlockType, BrTable};

/// The type of a block.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Empty,
    Result(Type),
    Func(TypeIndex),
}

#[derive(Debug)]
pub(super) enum Kind {
    /// The body itself.
    Function,
    /// A `block`, or an `if` whose `else` has begun.
    Block,
    Loop,
    /// An `if` with the loop at which OSR code starts in its first part. Its `else` is never reached.
    EnteredIf,
    /// An `if` before its `else`: the block of its false side, and its parameters.
    If {
        otherwise: Block,
        params: Vec<Operand>,
    },
}

/// An open block.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) shape: Shape,
    /// Operands below the block's parameters.
    pub(super) height: usize,
    /// The target of branches to this block, once there is one.
    target: PackedOption<Block>,
    /// Whether OSR code starts at a loop inside, so that the operands below are carried as variables.
    around_start: bool,
}

impl Translator<'_, '_> {
    pub(super) fn shape(ty: BlockType) -> Shape {
        match ty {
            BlockType::Empty => Shape::Empty,
            BlockType::Type(ty) => Shape::Result(clif_type(bytecode::value_type(ty))),
            BlockType::FuncType(index) => Shape::Func(TypeIndex(index)),
        }
    }

    pub(super) fn param_count(&self, shape: Shape) -> usize {
        match shape {
            Shape::Empty | Shape::Result(_) => 0,
            Shape::Func(ty) => self.unit.module.func_type(ty).params().len(),
        }
    }

    pub(super) fn result_count(&self, shape: Shape) -> usize {
        match shape {
            Shape::Empty => 0,
            Shape::Result(_) => 1,
            Shape::Func(ty) => self.unit.module.func_type(ty).results().len(),
        }
    }

    /// A new block with the parameters or the results of `shape` as its parameters.
    pub(super) fn block_for(&mut self, shape: Shape, params: bool) -> Block {
        let block = self.builder.create_block();
        match shape {
            Shape::Empty => {}
            Shape::Result(ty) => {
                if !params {
                    self.builder.append_block_param(block, ty);
                }
            }
            Shape::Func(ty) => {
                let ty = self.unit.module.func_type(ty);
                for ty in ty
                    .params()
                    .filter(|_| params)
                    .chain(ty.results().filter(|_| !params))
                {
                    self.builder.append_block_param(block, clif_type(ty));
                }
            }
        }
        block
    }

    /// A new block with the results of a function type as its parameters.
    pub(super) fn results_block(&mut self, ty: TypeIndex) -> Block {
        self.block_for(Shape::Func(ty), false)
    }

    /// The topmost `count` operands as arguments for a block. The caller must return the vector to
    /// `self.block_args`.
    fn block_args(&mut self, count: usize) -> Vec<BlockArg> {
        let mut args = std::mem::take(&mut self.block_args);
        args.clear();
        self.values
            .peek_into(&mut self.builder, &mut self.flags, count, &mut args);
        args
    }

    pub(super) fn jump_with(&mut self, block: Block, count: usize) {
        let args = self.block_args(count);
        self.builder.ins().jump(block, &args);
        self.block_args = args;
    }

    /// Continues in a block to which no further branches will be added.
    pub(super) fn continue_in(&mut self, block: Block) {
        self.builder.seal_block(block);
        self.builder.switch_to_block(block);
    }

    pub(super) fn push_block_params(&mut self, block: Block) {
        for at in 0..self.builder.block_params(block).len() {
            let value = self.builder.block_params(block)[at];
            let ty = self.builder.func.dfg.value_type(value);
            self.values.push(value, ty);
        }
    }

    /// Opens the frame of the body, above the operands of the bodies around it.
    pub(super) fn open_function(&mut self, ty: TypeIndex) {
        self.unit.frames.push(Frame {
            kind: Kind::Function,
            shape: Shape::Func(ty),
            height: self.values.height(),
            target: None.into(),
            around_start: false,
        });
    }

    /// Opens a block around the loop at which OSR code starts.
    pub(super) fn open_around_start(&mut self, kind: Kind, shape: Shape, height: usize) {
        self.unit.frames.push(Frame {
            kind,
            shape,
            height,
            target: None.into(),
            around_start: false,
        });
    }

    pub(super) fn block(&mut self, ty: BlockType) {
        let shape = Self::shape(ty);
        let height = self.values.height() - self.param_count(shape);
        self.values
            .spill(&mut self.builder, &mut self.flags, height);
        let around_start = self.carry_into(height);
        self.unit.frames.push(Frame {
            kind: Kind::Block,
            shape,
            height,
            target: None.into(),
            around_start,
        });
    }

    pub(super) fn loop_(&mut self, ty: BlockType) {
        let shape = Self::shape(ty);
        let params = self.param_count(shape);
        let height = self.values.height() - params;
        self.values
            .spill(&mut self.builder, &mut self.flags, height);
        let around_start = self.carry_into(height);
        let header = self.block_for(shape, true);
        self.jump_with(header, params);
        self.values.truncate(height);
        self.open_loop(header, shape, height, around_start);
    }

    /// Continues inside a loop, whose header has not been filled yet.
    pub(super) fn open_loop(
        &mut self,
        header: Block,
        shape: Shape,
        height: usize,
        around_start: bool,
    ) {
        self.builder.switch_to_block(header);
        // This must come before the variables are used, since using them adds parameters to the block.
        self.push_block_params(header);
        if around_start {
            self.take_carried(height);
        }
        let all = self.values.height();
        self.values.spill(&mut self.builder, &mut self.flags, all);
        self.unit.frames.push(Frame {
            kind: Kind::Loop,
            shape,
            height,
            target: header.into(),
            around_start,
        });
        self.loop_depth += 1;
        self.mark();
        self.check_interrupt();
    }

    pub(super) fn if_(&mut self, ty: BlockType) {
        let shape = Self::shape(ty);
        let (cond, negated) = self
            .values
            .pop_condition(&mut self.builder, &mut self.flags);
        let height = self.values.height() - self.param_count(shape);
        self.values
            .spill(&mut self.builder, &mut self.flags, height);
        let around_start = self.carry_into(height);
        let then = self.builder.create_block();
        let otherwise = self.builder.create_block();
        if negated {
            self.builder.ins().brif(cond, otherwise, &[], then, &[]);
        } else {
            self.builder.ins().brif(cond, then, &[], otherwise, &[]);
        }
        self.continue_in(then);
        let params = self.values.copy_from(height);
        self.unit.frames.push(Frame {
            kind: Kind::If { otherwise, params },
            shape,
            height,
            target: None.into(),
            around_start,
        });
    }

    pub(super) fn else_(&mut self) {
        let mut frame = self.unit.frames.pop().expect("an else has its if");
        if let Kind::EnteredIf = frame.kind {
            if self.unit.reachable {
                self.jump_to_end(&mut frame);
            }
            frame.kind = Kind::Block;
            self.reset_operands(&frame);
            self.unit.reachable = false;
            self.unit.frames.push(frame);
            return;
        }
        let Kind::If { otherwise, params } = std::mem::replace(&mut frame.kind, Kind::Block) else {
            unreachable!("a validated else belongs to an if");
        };
        if self.unit.reachable {
            self.jump_to_end(&mut frame);
        }
        self.continue_after(otherwise, &frame);
        self.values.restore(&params);
        self.unit.reachable = true;
        self.unit.frames.push(frame);
    }

    /// Falls through to the end of a block. The Cranelift block of its end is created if there is none.
    fn jump_to_end(&mut self, frame: &mut Frame) {
        let target = self.end_block(frame);
        self.jump_with(target, self.result_count(frame.shape));
    }

    /// Restores the operands as they were at a block's start, below its parameters. Code inside the block
    /// may have settled some of them, but not on every path to this place.
    fn reset_operands(&mut self, frame: &Frame) {
        self.values.truncate(frame.height);
    }

    /// Continues where control leaves a block, or one part of an `if`.
    fn continue_after(&mut self, block: Block, frame: &Frame) {
        self.continue_in(block);
        self.reset_operands(frame);
        // This must come before the variables are used, since using them may add parameters to the block.
        self.push_block_params(block);
        if frame.around_start {
            self.take_carried(frame.height);
        }
    }

    fn end_block(&mut self, frame: &mut Frame) -> Block {
        match frame.target.expand() {
            Some(target) => target,
            None => {
                let target = self.block_for(frame.shape, false);
                frame.target = target.into();
                target
            }
        }
    }

    pub(super) fn end(&mut self) {
        let mut frame = self.unit.frames.pop().expect("every end has its block");
        match std::mem::replace(&mut frame.kind, Kind::Block) {
            Kind::Loop => {
                self.loop_depth -= 1;
                let header = frame.target.expect("a loop has its header");
                self.builder.seal_block(header);
                if !self.unit.reachable {
                    self.values.truncate(frame.height);
                }
                return;
            }
            Kind::If { otherwise, params } => {
                if frame.target.is_none() && params.is_empty() {
                    // Nothing branches to the end: the false side is the end.
                    if self.unit.reachable {
                        self.builder.ins().jump(otherwise, &[]);
                    }
                    self.continue_after(otherwise, &frame);
                    self.unit.reachable = true;
                    return;
                }
                if self.unit.reachable {
                    self.jump_to_end(&mut frame);
                }
                self.continue_after(otherwise, &frame);
                self.values.restore(&params);
                self.unit.reachable = true;
            }
            Kind::Block | Kind::EnteredIf | Kind::Function => {}
        }
        if let Some(target) = frame.target.expand() {
            if self.unit.reachable {
                self.jump_to_end(&mut frame);
            }
            self.continue_after(target, &frame);
            self.unit.reachable = true;
        }
        if !self.unit.reachable {
            self.values.truncate(frame.height);
        } else if self.unit.frames.is_empty() && self.unit.node == InlineNode::FUNCTION {
            self.return_();
        }
    }

    fn frame_at(&self, depth: u32) -> usize {
        self.unit.frames.len() - 1 - depth as usize
    }

    /// The target block of branches to this label, and how many operands they pass.
    fn label(&mut self, depth: u32) -> (Block, usize) {
        let at = self.frame_at(depth);
        let shape = self.unit.frames[at].shape;
        if let Kind::Loop = self.unit.frames[at].kind {
            let header = self.unit.frames[at].target.expect("a loop has its header");
            return (header, self.param_count(shape));
        }
        let target = match self.unit.frames[at].target.expand() {
            Some(target) => target,
            None => {
                let target = self.block_for(shape, false);
                self.unit.frames[at].target = target.into();
                target
            }
        };
        (target, self.result_count(shape))
    }

    pub(super) fn br(&mut self, depth: u32) {
        if self.frame_at(depth) == 0 {
            return self.return_();
        }
        let (target, count) = self.label(depth);
        self.jump_with(target, count);
        self.unit.reachable = false;
    }

    pub(super) fn br_if(&mut self, depth: u32) {
        let (cond, negated) = self
            .values
            .pop_condition(&mut self.builder, &mut self.flags);
        let (target, count) = self.label(depth);
        let args = self.block_args(count);
        let next = self.builder.create_block();
        if negated {
            self.builder.ins().brif(cond, next, &[], target, &args);
        } else {
            self.builder.ins().brif(cond, target, &args, next, &[]);
        }
        self.block_args = args;
        self.continue_in(next);
    }

    pub(super) fn br_table(&mut self, table: &BrTable<'_>) -> Result<(), CompileError> {
        let index = self.values.pop(&mut self.builder, &mut self.flags);
        let (_, count) = self.label(table.default());
        // Operands are passed once for each target block, not for each entry of the table.
        let mut edges: HashMap<Block, Block> = HashMap::new();
        let mut calls = Vec::with_capacity(table.len() as usize + 1);
        let depths = table.targets().chain([Ok(table.default())]);
        for depth in depths {
            let (target, _) = self.label(depth.map_err(super::unreadable)?);
            let to = match count {
                0 => target,
                _ => *edges
                    .entry(target)
                    .or_insert_with(|| self.builder.create_block()),
            };
            calls.push(self.builder.func.dfg.block_call(to, &[]));
        }
        let default = calls.pop().expect("the default is the last");
        let table = self
            .builder
            .create_jump_table(JumpTableData::new(default, &calls));
        self.builder.ins().br_table(index, table);
        let mut edges: Vec<(Block, Block)> = edges.into_iter().collect();
        edges.sort_unstable();
        for (target, edge) in edges {
            self.continue_in(edge);
            self.jump_with(target, count);
        }
        self.unit.reachable = false;
        Ok(())
    }

    /// Returns the topmost operands from the body.
    pub(super) fn return_(&mut self) {
        if self.unit.node != InlineNode::FUNCTION {
            let (end, count) = self.label(self.unit.frames.len() as u32 - 1);
            self.jump_with(end, count);
            self.unit.reachable = false;
            return;
        }
        let abi = self.own_abi.clone();
        let mut values = std::mem::take(&mut self.args);
        values.clear();
        self.values.peek_into(
            &mut self.builder,
            &mut self.flags,
            abi.results.len(),
            &mut values,
        );
        let mut in_registers = 0;
        for (at, place) in abi.results.iter().enumerate() {
            match *place {
                ResultPlace::Register(_) => {
                    values[in_registers] = values[at];
                    in_registers += 1;
                }
                ResultPlace::Memory(offset) => {
                    let pointer = self
                        .results_pointer
                        .expect("results in memory have their pointer");
                    self.store_at(Access::Frame, values[at], pointer, offset as i32);
                }
            }
        }
        values.truncate(in_registers);
        self.builder.ins().return_(&values);
        self.args = values;
        self.unit.reachable = false;
    }

    pub(super) fn unreachable(&mut self) {
        self.mark();
        self.builder
            .ins()
            .trap(trap_code(Trap::UnreachableCodeReached));
        self.unit.reachable = false;
    }

    pub(super) fn select(&mut self) {
        let cond = self.values.pop_raw(&mut self.builder, &mut self.flags);
        let ty = self.values.top_type();
        let otherwise = self.values.pop(&mut self.builder, &mut self.flags);
        let then = self.values.pop(&mut self.builder, &mut self.flags);
        let value = self.builder.ins().select(cond, then, otherwise);
        self.values.push(value, ty);
    }

    /// Traps if the program was asked to stop, if the settings ask for this check.
    pub(super) fn check_interrupt(&mut self) {
        if !self.input.settings.interruption {
            return;
        }
        let store = self.store_ctx(Access::Fixed);
        // The load is atomic, so that no analysis assumes that the word is unchanged in a loop that stores
        // nothing.
        let address = self
            .builder
            .ins()
            .iadd_imm_s(store, i64::from(offsets::STORE_INTERRUPT));
        let flags = self.flags.get(self.builder.func, Access::Mutable);
        let (inst, dfg) =
            self.builder
                .ins()
                .LoadNoOffset(Opcode::AtomicLoad, types::I32, flags, address);
        let word = dfg.first_result(inst);
        self.out_of_line(word, |t| {
            t.call_libcall(Libcall::Interrupted, &[]);
        });
    }

    /// The store's block.
    pub(super) fn store_ctx(&mut self, fixed: Access) -> Value {
        let ctx = self.own_ctx;
        self.load_at(fixed, types::I64, ctx, offsets::CTX_STORE)
    }

    /// Does something out of line if `cond` is not zero.
    fn out_of_line(&mut self, cond: Value, then: impl FnOnce(&mut Self)) {
        let cold = self.builder.create_block();
        let next = self.builder.create_block();
        self.builder.set_cold_block(cold);
        self.builder.ins().brif(cond, cold, &[], next, &[]);
        self.continue_in(cold);
        then(self);
        self.builder.ins().jump(next, &[]);
        self.continue_in(next);
    }

    /// Loads a word of the engine's data.
    pub(super) fn load_at(&mut self, access: Access, ty: Type, base: Value, offset: i32) -> Value {
        let flags = self.flags.get(self.builder.func, access);
        let (inst, dfg) =
            self.builder
                .ins()
                .Load(Opcode::Load, ty, flags, Offset32::new(offset), base);
        dfg.first_result(inst)
    }

    /// Stores a word of the engine's data.
    pub(super) fn store_at(&mut self, access: Access, value: Value, base: Value, offset: i32) {
        let flags = self.flags.get(self.builder.func, access);
        let ty = self.builder.func.dfg.value_type(value);
        self.builder
            .ins()
            .Store(Opcode::Store, ty, flags, Offset32::new(offset), value, base);
    }

    /// Prevents the preceding store, which may fault, from being removed because another store to the same
    /// place follows. Cranelift does not treat a fault as an effect there: the trap would be reported at
    /// the other store, or, if there is an endless loop between the two, not at all. If something between
    /// them may trap, Cranelift keeps both. So this adds a conditional trap, which is removed after dead
    /// stores have been.
    pub(super) fn keep_store(&mut self, trap: Trap) {
        if self.flags.regions() {
            let never = self.builder.ins().iconst(types::I32, 0);
            self.builder.ins().trapnz(never, trap_code(trap));
        }
    }
}
