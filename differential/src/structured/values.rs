//! Code that pushes values of given types.

use super::Feature;
use super::body::{Body, zero};
use super::operators::{CONVERSIONS, LOADS, copysign, numeric};
use wasm_encoder::ValType::{F32, F64, I32, I64, V128};
use wasm_encoder::{BlockType, Instruction, ValType};

/// Integers at which encodings and shifts change.
const NUMBERS: [i64; 44] = [
    0,
    1,
    -1,
    2,
    3,
    4,
    5,
    7,
    8,
    9,
    10,
    15,
    16,
    24,
    31,
    32,
    33,
    63,
    64,
    65,
    100,
    127,
    128,
    -127,
    -128,
    -129,
    255,
    256,
    1000,
    32767,
    32768,
    65535,
    65536,
    1 << 20,
    0x7FFF_FFFF,
    0x8000_0000,
    -0x8000_0000,
    -0x8000_0001,
    0xFFFF_FFFF,
    0x1_0000_0000,
    0x7FFF_FFFF_FFFF_FFFF,
    i64::MIN,
    i64::MIN + 1,
    1 << 40,
];

const FLOATS: [f64; 22] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -1.5,
    2.5,
    1e10,
    -1e10,
    1e-42,
    1e300,
    2147483647.0,
    2147483648.0,
    -2147483648.0,
    -2147483649.0,
    4294967295.0,
    4294967296.0,
    9223372036854775808.0,
    18446744073709551616.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

impl Body<'_> {
    /// Pushes values of these types: one after the other, or as the results of a block or a call.
    pub(super) fn values(&mut self, types: &[ValType], depth: u32, clean: bool) {
        let has_floats = types.iter().any(|ty| matches!(ty, F32 | F64));
        if depth == 0 || types.is_empty() || self.budget <= 0 || (clean && has_floats) {
            for ty in types {
                self.value(*ty, depth.saturating_sub(1), clean);
            }
            return;
        }
        self.span(types, |body| match body.below(12) {
            0 => body.block(types, depth - 1),
            1 => body.if_else(types, depth - 1),
            2 if body.loops < 3 => body.counted_loop(types, depth - 1),
            3 => body.switch(types, depth - 1),
            4 | 5 if body.call_returning(types, depth - 1) => {}
            _ => {
                for ty in types {
                    body.value(*ty, depth - 1, false);
                    if body.one_in(12) {
                        body.statement(depth - 1);
                    }
                }
            }
        });
    }

    /// Pushes a value.
    pub(super) fn value(&mut self, ty: ValType, depth: u32, clean: bool) {
        self.budget -= 1;
        self.span(&[ty], |body| {
            if depth == 0 || body.budget <= 0 {
                body.leaf(ty);
            } else if body.one_in(6) {
                body.structure(ty, depth - 1);
            } else {
                match ty {
                    I32 => body.i32(depth - 1),
                    I64 => body.i64(depth - 1),
                    F32 | F64 => body.float(ty, depth - 1),
                    V128 => body.vector(depth - 1),
                    _ => body.reference(ty, depth - 1),
                }
            }
            if clean {
                body.clean(ty);
            }
        });
    }

    /// A value of some type, and the type.
    fn some_number(&mut self, depth: u32) -> ValType {
        let ty = self.number_type();
        self.value(ty, depth, false);
        ty
    }

    fn leaf(&mut self, ty: ValType) {
        if self.below(3) > 0
            && let Some(local) = self.readable_local(ty)
        {
            self.op(&Instruction::LocalGet(local));
        } else {
            self.constant(ty);
        }
    }

    pub(super) fn constant(&mut self, ty: ValType) {
        let small = self.pick(&NUMBERS);
        let any = self.sequence.number();
        let number = if self.one_in(4) {
            any.cast_signed() >> self.below(64)
        } else {
            small
        };
        let float = self.pick(&FLOATS);
        let op = match ty {
            I32 => Instruction::I32Const(number as i32),
            I64 => Instruction::I64Const(number),
            F32 => Instruction::F32Const((float as f32).into()),
            F64 => Instruction::F64Const(float.into()),
            V128 => {
                let splat = self.one_in(3);
                let low = any & 0xFFFF_FFFF_FFFF;
                let high = if splat { low } else { number.cast_unsigned() };
                Instruction::V128Const((u128::from(high) << 64 | u128::from(low)).cast_signed())
            }
            ValType::Ref(_) if ty == ValType::FUNCREF && self.one_in(2) => {
                let func = self.below(u64::from(self.plan.callable)) as u32;
                Instruction::RefFunc(func)
            }
            other => zero(other),
        };
        self.op(&op);
    }

    /// A value that is not computed by an operator of its type.
    fn structure(&mut self, ty: ValType, depth: u32) {
        match self.below(12) {
            0 => self.block(&[ty], depth),
            1 | 2 => self.if_else(&[ty], depth),
            3 if self.loops < 3 => self.counted_loop(&[ty], depth),
            4 => self.switch(&[ty], depth),
            5 | 6 => {
                if !self.call_returning(&[ty], depth) {
                    self.leaf(ty);
                }
            }
            7 | 8 => {
                // A tee while older reads of the local may still be on the stack.
                self.value(ty, depth, false);
                if let Some(local) = self.writable_local(ty) {
                    self.op(&Instruction::LocalTee(local));
                }
            }
            9 => {
                let global = self.global_of(ty, false);
                match global {
                    Some(global) => self.op(&Instruction::GlobalGet(global)),
                    None => self.leaf(ty),
                }
            }
            10 => {
                self.statement(depth);
                self.value(ty, depth, false);
            }
            _ => self.select(ty, depth),
        }
    }

    pub(super) fn global_of(&mut self, ty: ValType, to_write: bool) -> Option<u32> {
        let fuel = self.plan.fuel;
        let globals = self.plan.globals.iter().zip(0..);
        let fitting: Vec<u32> = globals
            .filter(|((of, mutable), at)| *of == ty && *at != fuel && (*mutable || !to_write))
            .map(|(_, at)| at)
            .collect();
        (!fitting.is_empty()).then(|| self.pick(&fitting))
    }

    fn select(&mut self, ty: ValType, depth: u32) {
        self.plan.note(Feature::Select);
        self.value(ty, depth, false);
        if self.one_in(8) {
            self.statement(depth);
        }
        self.value(ty, depth, false);
        self.condition(depth);
        if matches!(ty, ValType::Ref(_)) || self.one_in(8) {
            self.op(&Instruction::TypedSelect(ty));
        } else {
            self.op(&Instruction::Select);
        }
    }

    /// An i32 that is used for what it decides: most often a comparison.
    pub(super) fn condition(&mut self, depth: u32) {
        self.span(&[I32], |body| {
            let depth = depth.min(2);
            match body.below(10) {
                0..=5 => body.compare(depth),
                6 => {
                    body.compare(depth);
                    body.raw(&[0x45]);
                }
                7 => {
                    body.compare(depth);
                    body.raw(&[0x45, 0x45]);
                }
                _ => body.value(I32, depth, false),
            }
        });
    }

    fn compare(&mut self, depth: u32) {
        let ty = self.some_number(depth);
        match ty {
            I32 | I64 if self.one_in(5) => {
                let eqz = if ty == I32 { 0x45 } else { 0x50 };
                self.raw(&[eqz]);
            }
            _ => {
                self.operand(ty, depth);
                let (first, last) = numeric(ty).compares;
                let compare = first + self.below(u64::from(last - first + 1)) as u8;
                self.raw(&[compare]);
            }
        }
    }

    /// A second operand: often a constant, sometimes behind a statement.
    fn operand(&mut self, ty: ValType, depth: u32) {
        match self.below(10) {
            0..=2 => self.span(&[ty], |body| body.constant(ty)),
            3 if depth > 0 => {
                self.statement(depth);
                self.value(ty, depth, false);
            }
            _ => self.value(ty, depth, false),
        }
    }

    fn i32(&mut self, depth: u32) {
        match self.below(24) {
            0..=11 => self.arithmetic(I32, depth),
            12 | 13 => self.compare(depth),
            14 | 15 => self.load(I32, depth),
            16 => {
                let memory = self.below(u64::from(self.plan.memories)) as u32;
                self.op(&Instruction::MemorySize(memory));
            }
            17 => match self.below(6) {
                0 => {
                    let memory = self.below(u64::from(self.plan.memories)) as u32;
                    self.value(I32, depth, false);
                    self.op(&Instruction::I32Const(1));
                    self.op(&Instruction::I32And);
                    self.op(&Instruction::MemoryGrow(memory));
                    self.plan.note(Feature::MemoryGrow);
                }
                1 => {
                    let table = self.below(u64::from(self.plan.tables)) as u32;
                    self.op(&Instruction::TableSize(table));
                }
                2 if self.plan.tables > 1 => {
                    self.op(&Instruction::RefNull(wasm_encoder::HeapType::FUNC));
                    self.value(I32, depth, false);
                    self.op(&Instruction::I32Const(1));
                    self.op(&Instruction::I32And);
                    self.op(&Instruction::TableGrow(1));
                    self.plan.note(Feature::Tables);
                }
                _ => {
                    let ty = self.pick(&[ValType::FUNCREF, ValType::EXTERNREF]);
                    self.value(ty, depth, false);
                    self.op(&Instruction::RefIsNull);
                }
            },
            18 if self.plan.vectors => self.vector_to(I32, depth),
            _ => self.conversion(I32, depth),
        }
    }

    fn i64(&mut self, depth: u32) {
        match self.below(16) {
            0..=9 => self.arithmetic(I64, depth),
            10 | 11 => self.load(I64, depth),
            12 if self.plan.vectors => self.vector_to(I64, depth),
            _ => self.conversion(I64, depth),
        }
    }

    fn float(&mut self, ty: ValType, depth: u32) {
        match self.below(16) {
            0..=8 => self.arithmetic(ty, depth),
            9 => {
                self.value(ty, depth, false);
                self.value(ty, depth, true);
                self.raw(&[copysign(ty)]);
            }
            10 | 11 => self.load(ty, depth),
            12 if self.plan.vectors => self.vector_to(ty, depth),
            _ => self.conversion(ty, depth),
        }
    }

    fn arithmetic(&mut self, ty: ValType, depth: u32) {
        let numeric = numeric(ty);
        let integer = matches!(ty, I32 | I64);
        match self.below(10) {
            0 | 1 => {
                let unary = self.pick(numeric.unary);
                self.value(ty, depth, false);
                self.raw(&[unary]);
            }
            2 | 3 if integer => {
                self.value(ty, depth, false);
                if self.one_in(3) {
                    self.operand(ty, depth);
                } else {
                    self.constant(ty);
                }
                let shift = self.pick(numeric.shifts);
                self.raw(&[shift]);
            }
            4 if integer => self.division(ty, depth),
            _ => {
                self.value(ty, depth, false);
                self.operand(ty, depth);
                let binary = self.pick(numeric.binary);
                self.raw(&[binary]);
            }
        }
    }

    /// A division, nearly always by a number that is not zero.
    fn division(&mut self, ty: ValType, depth: u32) {
        self.plan.note(Feature::Division);
        self.value(ty, depth, false);
        let hazard = self.hazard();
        let divisor: i64 = self.pick(&[1, 2, 3, 4, 5, 7, 8, 10, 16, 64, 100, 1 << 30, -2, -8]);
        let divisor = match (hazard, self.one_in(12)) {
            (true, _) => self.pick(&[0, -1]),
            // Overflows for one dividend only.
            (_, true) => self.pick(&[-1, 1 << 31, i64::MIN]),
            _ => divisor,
        };
        let is_constant = self.one_in(2);
        if is_constant && ty == I32 {
            let divisor = divisor as i32;
            let divisor = if divisor == 0 && !hazard { 1 } else { divisor };
            self.op(&Instruction::I32Const(divisor));
        } else if is_constant {
            let divisor = if divisor == 0 && !hazard { 1 } else { divisor };
            self.op(&Instruction::I64Const(divisor));
        } else {
            self.operand(ty, depth);
            if !hazard {
                let (one, or) = if ty == I32 {
                    (Instruction::I32Const(1), Instruction::I32Or)
                } else {
                    (Instruction::I64Const(1), Instruction::I64Or)
                };
                self.op(&one);
                self.op(&or);
            }
        }
        let division = self.pick(numeric(ty).divisions);
        self.raw(&[division]);
    }

    fn conversion(&mut self, to: ValType, depth: u32) {
        let fitting: Vec<usize> = (0..CONVERSIONS.len())
            .filter(|at| CONVERSIONS[*at].to == to)
            .collect();
        let conversion = &CONVERSIONS[self.pick(&fitting)];
        if conversion.traps && !self.hazard() {
            // An integer of 16 bits, so that the float is in the range of every type.
            self.value(I32, depth, false);
            self.op(&Instruction::I32Const(0x7FFF));
            self.op(&Instruction::I32And);
            self.raw(&[if conversion.from == F32 { 0xB3 } else { 0xB8 }]);
        } else {
            self.value(conversion.from, depth, conversion.shows_bits);
        }
        self.raw(conversion.code);
    }

    fn load(&mut self, ty: ValType, depth: u32) {
        let fitting: Vec<usize> = (0..LOADS.len()).filter(|at| LOADS[*at].0 == ty).collect();
        let (_, opcode, width) = LOADS[self.pick(&fitting)];
        let offset = self.address(depth);
        self.raw(&[opcode]);
        self.memory_operand(width, offset);
    }

    /// Pushes an address, and returns the offset that goes with it. Nearly always both are inside of every
    /// memory.
    pub(super) fn address(&mut self, depth: u32) -> u32 {
        if self.hazard() {
            return self.wild_address(depth);
        }
        self.span(&[I32], |body| match body.below(8) {
            0 | 1 => {
                let address = body.below(0x7FFF) as i32;
                body.op(&Instruction::I32Const(address));
            }
            2 => {
                let mask = body.pick(&[0xFF, 0xFFF, 0x3FFF]);
                let add = body.below(0x3FFF) as i32;
                body.masked(depth, mask);
                body.op(&Instruction::I32Const(add));
                body.op(&Instruction::I32Add);
            }
            3 => {
                body.masked(depth, 0xFF);
                let shift = body.below(6) as i32;
                body.op(&Instruction::I32Const(shift));
                body.op(&Instruction::I32Shl);
            }
            4 => {
                body.masked(depth, 0xFFF);
                body.masked(depth, 0x1FFF);
                body.op(&Instruction::I32Add);
            }
            _ => {
                let mask = body.pick(&[0x7F, 0x7F8, 0x7FFF, 0x7FF0]);
                body.masked(depth, mask);
            }
        });
        match self.below(6) {
            0..=2 => self.below(40) as u32,
            3 => 0,
            _ => self.below(0x7F00) as u32,
        }
    }

    /// An i32 below a power of two.
    pub(super) fn masked(&mut self, depth: u32, mask: i32) {
        self.value(I32, depth, false);
        self.op(&Instruction::I32Const(mask));
        self.op(&Instruction::I32And);
    }

    fn wild_address(&mut self, depth: u32) -> u32 {
        self.plan.note(Feature::WildAddress);
        if self.one_in(2) {
            let wild = self.pick(&[
                -1,
                -4,
                -16,
                i32::MIN,
                i32::MAX,
                i32::MAX - 15,
                0xFFFF,
                0xFFF9,
                0x1_0000,
                0x2_FFFF,
                0x3_0000,
            ]);
            self.op(&Instruction::I32Const(wild));
        } else {
            self.value(I32, depth, false);
        }
        let offsets = [
            0,
            1,
            7,
            8,
            0xFFFF,
            0x1_0000,
            0x2_0000,
            0x7FFF_FFF0,
            0x7FFF_FFFF,
            0x8000_0000,
            0xFFFF_FFF0,
            0xFFFF_FFFF,
        ];
        self.pick(&offsets)
    }

    /// The rest of an access after its opcode.
    pub(super) fn memory_operand(&mut self, width: u32, offset: u32) {
        let memory = if self.one_in(3) {
            self.below(u64::from(self.plan.memories)) as u32
        } else {
            0
        };
        let align = self.below(u64::from(width) + 1) as u32;
        if memory == 0 {
            self.leb(align);
        } else {
            self.leb(align | 0x40);
            self.leb(memory);
        }
        self.leb(offset);
    }

    fn reference(&mut self, ty: ValType, depth: u32) {
        let table = if ty == ValType::FUNCREF { 1 } else { 2 };
        if self.plan.tables > table && self.one_in(3) {
            self.table_index(table, depth);
            self.op(&Instruction::TableGet(table));
            self.plan.note(Feature::Tables);
        } else {
            self.leaf(ty);
        }
    }

    /// An index that is in a table.
    pub(super) fn table_index(&mut self, _table: u32, depth: u32) {
        if self.hazard() {
            self.value(I32, depth, false);
        } else {
            self.masked(depth, 31);
        }
    }

    /// Runs the results of the function: the values, or a tail call that returns them.
    pub(super) fn results(&mut self, types: &[ValType], is_entry: bool) {
        let has_floats = types.iter().any(|ty| matches!(ty, F32 | F64));
        if self.plan.tail_calls
            && !(is_entry && has_floats)
            && self.one_in(3)
            && self.tail_call(types, 2)
        {
            return;
        }
        self.values(types, 3, is_entry);
        if self.one_in(4) {
            self.op(&Instruction::Return);
        }
    }

    /// A block type for params and results.
    pub(super) fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        if !params.is_empty() || results.len() > 1 {
            self.plan.note(Feature::MultiValue);
        }
        match (params, results) {
            ([], []) => BlockType::Empty,
            ([], [one]) => BlockType::Result(*one),
            _ => BlockType::FunctionType(self.plan.intern(super::plan::Signature {
                params: params.to_vec(),
                results: results.to_vec(),
            })),
        }
    }
}
