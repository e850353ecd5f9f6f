//! Code that leaves the stack as it was.

use super::Feature;
use super::body::Body;
use super::operators::STORES;
use super::plan::SEGMENT;
use wasm_encoder::ValType::{F32, F64, I32, I64, V128};
use wasm_encoder::{BlockType, Instruction, ValType};

/// Code for which validation assumes the operands that it wants. Each piece leaves nothing.
const JUNK: &[&[u8]] = &[
    // i32.add, drop
    &[0x6A, 0x1A],
    // select, drop
    &[0x1B, 0x1A],
    &[0x1A],
    &[0x1A, 0x1A, 0x1A],
    // f64.add, i64.trunc_f64_s, drop
    &[0xA0, 0xB0, 0x1A],
    // block i32, unreachable, br 0, end, drop
    &[0x02, 0x7F, 0x00, 0x0C, 0, 0x0B, 0x1A],
    // loop, br 0, end
    &[0x03, 0x40, 0x0C, 0, 0x0B],
    // i64.const 5, i64.mul, drop
    &[0x42, 5, 0x7E, 0x1A],
    // if, else, unreachable, end
    &[0x04, 0x40, 0x05, 0x00, 0x0B],
    // i32.load offset=4, drop
    &[0x28, 2, 4, 0x1A],
    // i64.store
    &[0x37, 3, 0],
    &[0x00],
    // i32.const 3, i32.div_u, i32.eqz, drop
    &[0x41, 3, 0x6E, 0x45, 0x1A],
];

impl Body<'_> {
    pub(super) fn statements(&mut self, count: usize, depth: u32) {
        for _ in 0..count {
            self.statement(depth);
        }
    }

    pub(super) fn statement(&mut self, depth: u32) {
        self.budget -= 1;
        if self.budget <= 0 {
            return;
        }
        self.span(&[], |body| body.any_statement(depth));
    }

    fn any_statement(&mut self, depth: u32) {
        let inner = depth.saturating_sub(1);
        match self.below(if depth == 0 { 10 } else { 32 }) {
            0..=4 => self.set(inner),
            5 => self.store(inner),
            6 => self.set_global(inner),
            7 => self.permute(),
            8 => self.accumulate(inner),
            9 => self.exit_if_deep(inner),
            10..=14 => self.if_statement(inner),
            15..=17 => self.loop_statement(inner),
            18 => self.block(&[], inner),
            19 | 20 => self.call_statement(inner),
            21 => self.deep_stack(inner),
            22 => self.bulk(inner),
            23 => self.table_statement(inner),
            24 => self.switch(&[], inner),
            25 => self.exit(inner),
            26 if self.hazard() => {
                self.condition(inner);
                self.op(&Instruction::If(BlockType::Empty));
                self.op(&Instruction::Unreachable);
                self.op(&Instruction::End);
            }
            27 => {
                self.plan.note(Feature::DeadCode);
                self.op(&Instruction::Block(BlockType::Empty));
                self.op(&Instruction::Br(0));
                self.junk();
                self.op(&Instruction::End);
            }
            28 => {
                let types = self.some_types(12);
                self.values(&types, inner, false);
                self.sink(&types);
            }
            29 if self.plan.vectors => self.vector_store(inner),
            _ => self.store(inner),
        }
    }

    fn set(&mut self, depth: u32) {
        if let Some((local, ty)) = self.any_writable() {
            self.value(ty, depth, false);
            self.op(&Instruction::LocalSet(local));
        }
    }

    fn set_global(&mut self, depth: u32) {
        let ty = self.any_type();
        if let Some(global) = self.global_of(ty, true) {
            self.value(ty, depth, true);
            self.op(&Instruction::GlobalSet(global));
        }
    }

    /// A local gets a value that is computed from it: what loops carry.
    fn accumulate(&mut self, depth: u32) {
        let ty = self.number_type();
        if let Some(local) = self.writable_local(ty) {
            self.op(&Instruction::LocalGet(local));
            self.value(ty, depth.min(2), false);
            let binary = self.pick(super::operators::numeric(ty).binary);
            self.raw(&[binary]);
            self.op(&Instruction::LocalSet(local));
        }
    }

    fn exit_if_deep(&mut self, depth: u32) {
        if self.labels.len() > 2 {
            self.exit(depth);
        } else {
            self.set(depth);
        }
    }

    fn store(&mut self, depth: u32) {
        let (ty, opcode, width) = self.pick(STORES);
        let offset = self.address(depth);
        self.value(ty, depth, true);
        self.raw(&[opcode]);
        self.memory_operand(width, offset);
    }

    /// Reads some locals of one type, and writes them in another order: what a compiler that reads locals
    /// late must not mix up.
    fn permute(&mut self) {
        self.plan.note(Feature::Permutation);
        let ty = self.any_type();
        let count = 2 + self.below(5) as usize;
        let mut locals = Vec::new();
        for _ in 0..count {
            locals.extend(self.writable_local(ty));
        }
        for local in &locals {
            if self.one_in(6) {
                self.value(ty, 1, false);
                self.op(&Instruction::LocalTee(*local));
            } else {
                self.op(&Instruction::LocalGet(*local));
            }
        }
        let len = locals.len().max(1);
        let rotation = self.below(len as u64) as usize;
        for at in 0..locals.len() {
            let local = locals[(at + rotation) % len];
            if self.one_in(5) {
                self.op(&Instruction::LocalTee(local));
                self.op(&Instruction::Drop);
            } else {
                self.op(&Instruction::LocalSet(local));
            }
        }
    }

    fn if_statement(&mut self, depth: u32) {
        self.if_else(&[], depth);
    }

    fn loop_statement(&mut self, depth: u32) {
        if self.loops < 3 {
            self.counted_loop(&[], depth);
        } else {
            self.set(depth);
        }
    }

    /// More values on the stack than there are registers, with statements in between.
    fn deep_stack(&mut self, depth: u32) {
        self.plan.note(Feature::DeepStack);
        let count = 6 + self.below(30);
        let one_kind = self.one_in(3);
        let kind = self.number_type();
        let mut types = Vec::new();
        for _ in 0..count {
            let ty = if one_kind { kind } else { self.any_type() };
            self.value(ty, depth.min(2), false);
            if self.one_in(10) {
                self.statement(depth.min(2));
            }
            types.push(ty);
        }
        self.sink(&types);
    }

    fn length(&mut self, depth: u32, mask: i32) {
        if self.hazard() {
            self.value(I32, depth, false);
        } else if self.one_in(2) {
            let length = self.below(mask as u64 + 1) as i32;
            self.op(&Instruction::I32Const(length));
        } else {
            self.masked(depth, mask);
        }
    }

    fn bulk(&mut self, depth: u32) {
        self.plan.note(Feature::Bulk);
        let depth = depth.min(2);
        let memories = u64::from(self.plan.memories);
        let (memory, other) = (self.below(memories) as u32, self.below(memories) as u32);
        self.masked(depth, 0x3FFF);
        match self.below(4) {
            0 => {
                self.masked(depth, 0x3FFF);
                self.length(depth, 0xFF);
                self.op(&Instruction::MemoryCopy {
                    src_mem: other,
                    dst_mem: memory,
                });
            }
            1 => {
                self.value(I32, depth, false);
                self.length(depth, 0xFF);
                self.op(&Instruction::MemoryFill(memory));
            }
            2 if self.plan.data_segments > 0 => {
                let data_index = self.below(u64::from(self.plan.data_segments)) as u32;
                self.masked(depth, SEGMENT as i32 / 2 - 1);
                self.length(depth, SEGMENT as i32 / 2 - 1);
                self.op(&Instruction::MemoryInit {
                    mem: memory,
                    data_index,
                });
                if self.hazard() {
                    self.op(&Instruction::DataDrop(data_index));
                }
            }
            _ => self.op(&Instruction::Drop),
        }
    }

    fn table_statement(&mut self, depth: u32) {
        if self.plan.tables < 2 {
            self.set(depth);
            return;
        }
        self.plan.note(Feature::Tables);
        let depth = depth.min(2);
        let hosts = self.plan.tables > 2 && self.one_in(3);
        let (table, ty) = if hosts {
            (2, ValType::EXTERNREF)
        } else {
            (1, ValType::FUNCREF)
        };
        match self.below(4) {
            0 => {
                self.table_index(table, depth);
                self.value(ty, depth, false);
                self.op(&Instruction::TableSet(table));
            }
            1 => {
                self.masked(depth, 15);
                self.value(ty, depth, false);
                self.length(depth, 15);
                self.op(&Instruction::TableFill(table));
            }
            2 => {
                let source = if hosts || self.one_in(2) { table } else { 0 };
                self.masked(depth, 15);
                self.masked(depth, 15);
                self.length(depth, 15);
                self.op(&Instruction::TableCopy {
                    src_table: source,
                    dst_table: table,
                });
            }
            _ if self.plan.element_segments > 0 => {
                let elem_index = self.below(u64::from(self.plan.element_segments)) as u32;
                self.masked(depth, 15);
                self.masked(depth, 3);
                self.length(depth, 3);
                self.op(&Instruction::TableInit {
                    elem_index: elem_index + 2,
                    table: 1,
                });
                if self.hazard() {
                    self.op(&Instruction::ElemDrop(elem_index + 2));
                }
            }
            _ => self.op(&Instruction::Nop),
        }
    }

    /// Code that is never reached, with operands that are not there.
    pub(super) fn junk(&mut self) {
        for _ in 0..=self.below(4) {
            match self.below(8) {
                0 => {
                    if let Some((local, _)) = self.any_writable() {
                        self.op(&Instruction::LocalSet(local));
                    }
                }
                1 => {
                    if let Some((local, _)) = self.any_writable() {
                        self.op(&Instruction::LocalTee(local));
                        self.op(&Instruction::Drop);
                    }
                }
                2 => {
                    let func = self.below(u64::from(self.plan.callable)) as u32;
                    let results = self.plan.signature_of(func).results.len();
                    self.op(&Instruction::Call(func));
                    for _ in 0..results {
                        self.op(&Instruction::Drop);
                    }
                }
                3 => {
                    let ty = self.pick(&[I32, I64, F32, F64]);
                    let block = self.block_type(&[ty], &[I32, ty]);
                    self.op(&Instruction::Block(block));
                    self.op(&Instruction::Drop);
                    self.op(&Instruction::Unreachable);
                    self.op(&Instruction::Br(0));
                    self.op(&Instruction::End);
                    self.op(&Instruction::Drop);
                    self.op(&Instruction::Drop);
                }
                _ => {
                    let junk = self.pick(JUNK);
                    self.raw(junk);
                }
            }
        }
    }

    fn vector_store(&mut self, depth: u32) {
        let offset = self.address(depth);
        self.value(V128, depth, true);
        if self.one_in(2) {
            self.vector_op(0x0B);
            self.memory_operand(4, offset);
        } else {
            let width = self.below(4) as u32;
            self.vector_op(0x58 + width);
            self.memory_operand(width, offset);
            let lane = self.below(16 >> width) as u8;
            self.raw(&[lane]);
        }
    }
}
