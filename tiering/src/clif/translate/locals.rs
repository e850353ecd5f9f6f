//! Locals: parameters, zeros at the start, and the instructions that read and write them.

use super::access::Access;
use super::{Translator, unreadable};
use crate::bytecode::{self, Locals};
use crate::clif::signature::clif_type;
use crate::compiled::CompileError;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use engine::ids::TypeIndex;

/// Up to this many bytes of locals are zeroed without a loop.
const ZEROED_SINGLY: u32 = 32 * 8;

impl Translator<'_, '_> {
    /// Declares the parameters as locals.
    pub(super) fn declare_params(&mut self, ty: TypeIndex) {
        let first = self.own_abi.first_param();
        let entry = self
            .builder
            .current_block()
            .expect("the entry block is being filled");
        for (at, ty) in self.unit.module.func_type(ty).params().enumerate() {
            let value = self.builder.block_params(entry)[first + at];
            self.values.declare_local(&mut self.builder, clif_type(ty));
            self.values
                .set_local(&mut self.builder, &mut self.flags, at as u32, value);
        }
    }

    /// Declares the other locals and sets them to zero.
    pub(super) fn declare_locals(&mut self, locals: &mut Locals<'_>) -> Result<(), CompileError> {
        let first = self.values.locals_end();
        let mut index = self.values.local_count();
        for group in locals {
            let (count, ty) = group.map_err(unreadable)?;
            let ty = clif_type(bytecode::value_type(ty));
            let zero = (!self.values.in_area() && count > 0).then(|| self.zero(ty));
            for _ in 0..count {
                self.values.declare_local(&mut self.builder, ty);
                if let Some(zero) = zero {
                    self.values
                        .set_local(&mut self.builder, &mut self.flags, index, zero);
                }
                index += 1;
            }
        }
        if self.values.in_area() {
            self.zero_area(first, self.values.locals_end());
        }
        Ok(())
    }

    fn zero(&mut self, ty: Type) -> Value {
        match ty {
            types::F32 => self.builder.ins().f32const(0.0),
            types::F64 => self.builder.ins().f64const(0.0),
            types::I32 | types::I64 => self.builder.ins().iconst(ty, 0),
            _ => {
                let zero = self
                    .builder
                    .func
                    .dfg
                    .constants
                    .insert([0; 16].as_slice().into());
                self.builder.ins().vconst(ty, zero)
            }
        }
    }

    /// Zeroes bytes of the frame area; both ends are multiples of 8.
    fn zero_area(&mut self, mut start: u32, end: u32) {
        if start == end {
            return;
        }
        if end - start == 8 {
            let word = self.builder.ins().iconst(types::I64, 0);
            let address = self.values.area_address(&mut self.builder, start);
            return self.store_at(Access::Frame, word, address, 0);
        }
        let zero = self.zero(types::I8X16);
        if end - start > ZEROED_SINGLY {
            // The loop zeroes all but a rest of less than 64 bytes, which is stored after it.
            let rest = (end - start) % 64;
            let first = self.values.area_address(&mut self.builder, start);
            let limit = self.values.area_address(&mut self.builder, end - rest);
            let header = self.builder.create_block();
            let next = self.builder.create_block();
            let pointer = self.builder.append_block_param(header, types::I64);
            self.builder.ins().jump(header, &[first.into()]);
            self.builder.switch_to_block(header);
            for at in 0..4 {
                self.store_at(Access::Frame, zero, pointer, at * 16);
            }
            let after = self.builder.ins().iadd_imm_s(pointer, 64);
            let more = self
                .builder
                .ins()
                .icmp(IntCC::UnsignedLessThan, after, limit);
            self.builder
                .ins()
                .brif(more, header, &[after.into()], next, &[]);
            self.builder.seal_block(header);
            self.builder.seal_block(next);
            self.builder.switch_to_block(next);
            start = end - rest;
        }
        while start < end {
            // The last eight bytes are stored together with the eight before them.
            let at = start.min(end - 16);
            let address = self.values.area_address(&mut self.builder, at);
            self.store_at(Access::Frame, zero, address, 0);
            start += 16;
        }
    }

    pub(super) fn local_get(&mut self, index: u32) {
        let value = self
            .values
            .get_local(&mut self.builder, &mut self.flags, index);
        let ty = self.values.local_type(index);
        self.push(value, ty);
    }

    pub(super) fn local_set(&mut self, index: u32) {
        let value = self.pop();
        self.values
            .set_local(&mut self.builder, &mut self.flags, index, value);
    }

    pub(super) fn local_tee(&mut self, index: u32) {
        let value = self.pop();
        self.values
            .set_local(&mut self.builder, &mut self.flags, index, value);
        let ty = self.values.local_type(index);
        self.push(value, ty);
    }
}
