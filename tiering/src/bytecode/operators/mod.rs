//! The table of operators: one line for each opcode says which family does it, and with what.
//!
//! [`dispatch`] reads one operator and calls one method of [`Families`]. Nothing is allocated, and there is
//! no type of all operators in between. What a method is given are constants and immediates, so where it is
//! inlined only the case at hand is left of it.
//!
//! The table has what the engine accepts: WebAssembly 2.0 with vectors, tail calls and several memories. A
//! test compares it with wasmparser's list. The vector operators are in `vectors`.
//!
//! Absent: any state. What is on the operand stack, and which code is reachable, is known to the families.

mod operations;
#[cfg(test)]
mod recorder;
#[cfg(test)]
mod tests;
mod vectors;

use super::decode::{BlockType, Decoder, Labels, Memarg, Next, invalid};
use engine::ids::{
    DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex,
};
use engine::{HeapType, ValType};
pub(crate) use operations::{
    Float, FloatBinary, FloatCompare, FloatUnary, Int, IntBinary, IntCompare, IntDivide, IntShift,
    IntUnary, Shape, Sign, VectorBinary, VectorConvert, VectorShift, VectorUnary,
};

/// What is done for each operator. Arguments are in the order that the operator's name and immediates have.
/// `bytes` is the size of what is read or written in memory. Operators whose result is a condition are told
/// what follows them, because both can often be done together.
///
/// No method has a default: an operator that is forgotten would be a wrong program.
pub(crate) trait Families {
    // Control.
    fn unreachable(&mut self);
    fn nop(&mut self);
    fn block(&mut self, ty: BlockType);
    fn loop_(&mut self, ty: BlockType);
    fn if_(&mut self, ty: BlockType);
    fn else_(&mut self);
    fn end(&mut self);
    fn br(&mut self, label: u32);
    fn br_if(&mut self, label: u32);
    /// Labels that are not taken from the iterator are skipped. It can be cloned to read them twice.
    fn br_table(&mut self, labels: &mut Labels<'_>);
    fn return_(&mut self);
    fn drop(&mut self);
    /// The type is there if the operator names it.
    fn select(&mut self, ty: Option<ValType>);

    // Calls.
    fn call(&mut self, func: FuncIndex);
    fn return_call(&mut self, func: FuncIndex);
    fn call_indirect(&mut self, ty: TypeIndex, table: TableIndex);
    fn return_call_indirect(&mut self, ty: TypeIndex, table: TableIndex);

    // Variables.
    fn local_get(&mut self, local: u32);
    fn local_set(&mut self, local: u32);
    fn local_tee(&mut self, local: u32);
    fn global_get(&mut self, global: GlobalIndex);
    fn global_set(&mut self, global: GlobalIndex);

    // References and tables.
    fn ref_null(&mut self, heap: HeapType);
    fn ref_is_null(&mut self, next: Next);
    fn ref_func(&mut self, func: FuncIndex);
    fn table_get(&mut self, table: TableIndex);
    fn table_set(&mut self, table: TableIndex);
    fn table_size(&mut self, table: TableIndex);
    fn table_grow(&mut self, table: TableIndex);
    fn table_fill(&mut self, table: TableIndex);
    fn table_copy(&mut self, to: TableIndex, from: TableIndex);
    fn table_init(&mut self, elem: ElemIndex, table: TableIndex);
    fn elem_drop(&mut self, elem: ElemIndex);

    // Memories.
    fn int_load(&mut self, ty: Int, bytes: u8, sign: Sign, at: Memarg);
    fn int_store(&mut self, ty: Int, bytes: u8, at: Memarg);
    fn float_load(&mut self, ty: Float, at: Memarg);
    fn float_store(&mut self, ty: Float, at: Memarg);
    fn memory_size(&mut self, memory: MemoryIndex);
    fn memory_grow(&mut self, memory: MemoryIndex);
    fn memory_fill(&mut self, memory: MemoryIndex);
    fn memory_copy(&mut self, to: MemoryIndex, from: MemoryIndex);
    fn memory_init(&mut self, data: DataIndex, memory: MemoryIndex);
    fn data_drop(&mut self, data: DataIndex);

    // Constants.
    fn i32_const(&mut self, value: i32);
    fn i64_const(&mut self, value: i64);
    fn f32_const(&mut self, bits: u32);
    fn f64_const(&mut self, bits: u64);

    // Integers.
    fn int_unary(&mut self, ty: Int, operation: IntUnary);
    fn int_binary(&mut self, ty: Int, operation: IntBinary);
    fn int_shift(&mut self, ty: Int, operation: IntShift);
    fn int_divide(&mut self, ty: Int, operation: IntDivide);
    fn int_eqz(&mut self, ty: Int, next: Next);
    fn int_compare(&mut self, ty: Int, operation: IntCompare, next: Next);

    // Floats.
    fn float_unary(&mut self, ty: Float, operation: FloatUnary);
    fn float_binary(&mut self, ty: Float, operation: FloatBinary);
    fn float_compare(&mut self, ty: Float, operation: FloatCompare, next: Next);

    // Conversions.
    /// From i64 to i32.
    fn int_wrap(&mut self);
    /// From i32 to i64.
    fn int_extend(&mut self, sign: Sign);
    /// Traps where there is no such integer.
    fn truncate(&mut self, to: Int, from: Float, sign: Sign);
    fn truncate_saturating(&mut self, to: Int, from: Float, sign: Sign);
    fn convert(&mut self, to: Float, from: Int, sign: Sign);
    /// From f64 to f32.
    fn demote(&mut self);
    /// From f32 to f64.
    fn promote(&mut self);
    /// The bits of a float of the same size.
    fn reinterpret_as_int(&mut self, to: Int);
    /// The bits of an integer of the same size.
    fn reinterpret_as_float(&mut self, to: Float);

    // Vectors and memories.
    fn vector_load(&mut self, at: Memarg);
    fn vector_store(&mut self, at: Memarg);
    /// Loads 8 bytes, as lanes of `bytes` that become twice as wide.
    fn vector_load_extend(&mut self, bytes: u8, sign: Sign, at: Memarg);
    fn vector_load_splat(&mut self, bytes: u8, at: Memarg);
    fn vector_load_zero(&mut self, bytes: u8, at: Memarg);
    fn vector_load_lane(&mut self, bytes: u8, at: Memarg, lane: u8);
    fn vector_store_lane(&mut self, bytes: u8, at: Memarg, lane: u8);

    // Vectors and scalars.
    fn vector_const(&mut self, value: [u8; 16]);
    fn splat(&mut self, shape: Shape);
    fn extract_lane(&mut self, shape: Shape, sign: Sign, lane: u8);
    fn replace_lane(&mut self, shape: Shape, lane: u8);
    fn any_true(&mut self, next: Next);
    fn all_true(&mut self, shape: Shape, next: Next);
    fn bitmask(&mut self, shape: Shape);

    // Vectors.
    fn shuffle(&mut self, lanes: [u8; 16]);
    fn swizzle(&mut self);
    fn bitselect(&mut self);
    fn vector_unary(&mut self, operation: VectorUnary);
    fn vector_binary(&mut self, operation: VectorBinary);
    fn vector_shift(&mut self, operation: VectorShift);
    /// `I64x2` has no unsigned comparisons.
    fn vector_int_compare(&mut self, shape: Shape, operation: IntCompare);
    fn vector_float_compare(&mut self, ty: Float, operation: FloatCompare);
    fn vector_convert(&mut self, operation: VectorConvert);
}

/// Reads one operator and calls its family.
#[inline(always)]
pub(crate) fn dispatch<F: Families>(d: &mut Decoder<'_>, f: &mut F) {
    use Float::{F32, F64};
    use Int::{I32, I64};
    use Sign::{Signed, Unsigned};
    match d.byte() {
        0x00 => f.unreachable(),
        0x01 => f.nop(),
        0x02 => f.block(d.block_type()),
        0x03 => f.loop_(d.block_type()),
        0x04 => f.if_(d.block_type()),
        0x05 => f.else_(),
        0x0B => f.end(),
        0x0C => f.br(d.u32()),
        0x0D => f.br_if(d.u32()),
        0x0E => {
            let mut labels = d.labels();
            f.br_table(&mut labels);
            *d = labels.end();
        }
        0x0F => f.return_(),
        0x10 => f.call(FuncIndex(d.u32())),
        0x11 => f.call_indirect(TypeIndex(d.u32()), TableIndex(d.u32())),
        0x12 => f.return_call(FuncIndex(d.u32())),
        0x13 => f.return_call_indirect(TypeIndex(d.u32()), TableIndex(d.u32())),
        0x1A => f.drop(),
        0x1B => f.select(None),
        0x1C => f.select(Some(d.select_type())),
        0x20 => f.local_get(d.u32()),
        0x21 => f.local_set(d.u32()),
        0x22 => f.local_tee(d.u32()),
        0x23 => f.global_get(GlobalIndex(d.u32())),
        0x24 => f.global_set(GlobalIndex(d.u32())),
        0x25 => f.table_get(TableIndex(d.u32())),
        0x26 => f.table_set(TableIndex(d.u32())),
        0x28 => f.int_load(I32, 4, Unsigned, d.memarg()),
        0x29 => f.int_load(I64, 8, Unsigned, d.memarg()),
        0x2A => f.float_load(F32, d.memarg()),
        0x2B => f.float_load(F64, d.memarg()),
        0x2C => f.int_load(I32, 1, Signed, d.memarg()),
        0x2D => f.int_load(I32, 1, Unsigned, d.memarg()),
        0x2E => f.int_load(I32, 2, Signed, d.memarg()),
        0x2F => f.int_load(I32, 2, Unsigned, d.memarg()),
        0x30 => f.int_load(I64, 1, Signed, d.memarg()),
        0x31 => f.int_load(I64, 1, Unsigned, d.memarg()),
        0x32 => f.int_load(I64, 2, Signed, d.memarg()),
        0x33 => f.int_load(I64, 2, Unsigned, d.memarg()),
        0x34 => f.int_load(I64, 4, Signed, d.memarg()),
        0x35 => f.int_load(I64, 4, Unsigned, d.memarg()),
        0x36 => f.int_store(I32, 4, d.memarg()),
        0x37 => f.int_store(I64, 8, d.memarg()),
        0x38 => f.float_store(F32, d.memarg()),
        0x39 => f.float_store(F64, d.memarg()),
        0x3A => f.int_store(I32, 1, d.memarg()),
        0x3B => f.int_store(I32, 2, d.memarg()),
        0x3C => f.int_store(I64, 1, d.memarg()),
        0x3D => f.int_store(I64, 2, d.memarg()),
        0x3E => f.int_store(I64, 4, d.memarg()),
        0x3F => f.memory_size(MemoryIndex(d.u32())),
        0x40 => f.memory_grow(MemoryIndex(d.u32())),
        0x41 => f.i32_const(d.i32()),
        0x42 => f.i64_const(d.i64()),
        0x43 => f.f32_const(d.f32()),
        0x44 => f.f64_const(d.f64()),
        0x45 => f.int_eqz(I32, d.next()),
        0x46 => f.int_compare(I32, IntCompare::Eq, d.next()),
        0x47 => f.int_compare(I32, IntCompare::Ne, d.next()),
        0x48 => f.int_compare(I32, IntCompare::LtS, d.next()),
        0x49 => f.int_compare(I32, IntCompare::LtU, d.next()),
        0x4A => f.int_compare(I32, IntCompare::GtS, d.next()),
        0x4B => f.int_compare(I32, IntCompare::GtU, d.next()),
        0x4C => f.int_compare(I32, IntCompare::LeS, d.next()),
        0x4D => f.int_compare(I32, IntCompare::LeU, d.next()),
        0x4E => f.int_compare(I32, IntCompare::GeS, d.next()),
        0x4F => f.int_compare(I32, IntCompare::GeU, d.next()),
        0x50 => f.int_eqz(I64, d.next()),
        0x51 => f.int_compare(I64, IntCompare::Eq, d.next()),
        0x52 => f.int_compare(I64, IntCompare::Ne, d.next()),
        0x53 => f.int_compare(I64, IntCompare::LtS, d.next()),
        0x54 => f.int_compare(I64, IntCompare::LtU, d.next()),
        0x55 => f.int_compare(I64, IntCompare::GtS, d.next()),
        0x56 => f.int_compare(I64, IntCompare::GtU, d.next()),
        0x57 => f.int_compare(I64, IntCompare::LeS, d.next()),
        0x58 => f.int_compare(I64, IntCompare::LeU, d.next()),
        0x59 => f.int_compare(I64, IntCompare::GeS, d.next()),
        0x5A => f.int_compare(I64, IntCompare::GeU, d.next()),
        0x5B => f.float_compare(F32, FloatCompare::Eq, d.next()),
        0x5C => f.float_compare(F32, FloatCompare::Ne, d.next()),
        0x5D => f.float_compare(F32, FloatCompare::Lt, d.next()),
        0x5E => f.float_compare(F32, FloatCompare::Gt, d.next()),
        0x5F => f.float_compare(F32, FloatCompare::Le, d.next()),
        0x60 => f.float_compare(F32, FloatCompare::Ge, d.next()),
        0x61 => f.float_compare(F64, FloatCompare::Eq, d.next()),
        0x62 => f.float_compare(F64, FloatCompare::Ne, d.next()),
        0x63 => f.float_compare(F64, FloatCompare::Lt, d.next()),
        0x64 => f.float_compare(F64, FloatCompare::Gt, d.next()),
        0x65 => f.float_compare(F64, FloatCompare::Le, d.next()),
        0x66 => f.float_compare(F64, FloatCompare::Ge, d.next()),
        0x67 => f.int_unary(I32, IntUnary::Clz),
        0x68 => f.int_unary(I32, IntUnary::Ctz),
        0x69 => f.int_unary(I32, IntUnary::Popcnt),
        0x6A => f.int_binary(I32, IntBinary::Add),
        0x6B => f.int_binary(I32, IntBinary::Sub),
        0x6C => f.int_binary(I32, IntBinary::Mul),
        0x6D => f.int_divide(I32, IntDivide::DivS),
        0x6E => f.int_divide(I32, IntDivide::DivU),
        0x6F => f.int_divide(I32, IntDivide::RemS),
        0x70 => f.int_divide(I32, IntDivide::RemU),
        0x71 => f.int_binary(I32, IntBinary::And),
        0x72 => f.int_binary(I32, IntBinary::Or),
        0x73 => f.int_binary(I32, IntBinary::Xor),
        0x74 => f.int_shift(I32, IntShift::Shl),
        0x75 => f.int_shift(I32, IntShift::ShrS),
        0x76 => f.int_shift(I32, IntShift::ShrU),
        0x77 => f.int_shift(I32, IntShift::Rotl),
        0x78 => f.int_shift(I32, IntShift::Rotr),
        0x79 => f.int_unary(I64, IntUnary::Clz),
        0x7A => f.int_unary(I64, IntUnary::Ctz),
        0x7B => f.int_unary(I64, IntUnary::Popcnt),
        0x7C => f.int_binary(I64, IntBinary::Add),
        0x7D => f.int_binary(I64, IntBinary::Sub),
        0x7E => f.int_binary(I64, IntBinary::Mul),
        0x7F => f.int_divide(I64, IntDivide::DivS),
        0x80 => f.int_divide(I64, IntDivide::DivU),
        0x81 => f.int_divide(I64, IntDivide::RemS),
        0x82 => f.int_divide(I64, IntDivide::RemU),
        0x83 => f.int_binary(I64, IntBinary::And),
        0x84 => f.int_binary(I64, IntBinary::Or),
        0x85 => f.int_binary(I64, IntBinary::Xor),
        0x86 => f.int_shift(I64, IntShift::Shl),
        0x87 => f.int_shift(I64, IntShift::ShrS),
        0x88 => f.int_shift(I64, IntShift::ShrU),
        0x89 => f.int_shift(I64, IntShift::Rotl),
        0x8A => f.int_shift(I64, IntShift::Rotr),
        0x8B => f.float_unary(F32, FloatUnary::Abs),
        0x8C => f.float_unary(F32, FloatUnary::Neg),
        0x8D => f.float_unary(F32, FloatUnary::Ceil),
        0x8E => f.float_unary(F32, FloatUnary::Floor),
        0x8F => f.float_unary(F32, FloatUnary::Trunc),
        0x90 => f.float_unary(F32, FloatUnary::Nearest),
        0x91 => f.float_unary(F32, FloatUnary::Sqrt),
        0x92 => f.float_binary(F32, FloatBinary::Add),
        0x93 => f.float_binary(F32, FloatBinary::Sub),
        0x94 => f.float_binary(F32, FloatBinary::Mul),
        0x95 => f.float_binary(F32, FloatBinary::Div),
        0x96 => f.float_binary(F32, FloatBinary::Min),
        0x97 => f.float_binary(F32, FloatBinary::Max),
        0x98 => f.float_binary(F32, FloatBinary::Copysign),
        0x99 => f.float_unary(F64, FloatUnary::Abs),
        0x9A => f.float_unary(F64, FloatUnary::Neg),
        0x9B => f.float_unary(F64, FloatUnary::Ceil),
        0x9C => f.float_unary(F64, FloatUnary::Floor),
        0x9D => f.float_unary(F64, FloatUnary::Trunc),
        0x9E => f.float_unary(F64, FloatUnary::Nearest),
        0x9F => f.float_unary(F64, FloatUnary::Sqrt),
        0xA0 => f.float_binary(F64, FloatBinary::Add),
        0xA1 => f.float_binary(F64, FloatBinary::Sub),
        0xA2 => f.float_binary(F64, FloatBinary::Mul),
        0xA3 => f.float_binary(F64, FloatBinary::Div),
        0xA4 => f.float_binary(F64, FloatBinary::Min),
        0xA5 => f.float_binary(F64, FloatBinary::Max),
        0xA6 => f.float_binary(F64, FloatBinary::Copysign),
        0xA7 => f.int_wrap(),
        0xA8 => f.truncate(I32, F32, Signed),
        0xA9 => f.truncate(I32, F32, Unsigned),
        0xAA => f.truncate(I32, F64, Signed),
        0xAB => f.truncate(I32, F64, Unsigned),
        0xAC => f.int_extend(Signed),
        0xAD => f.int_extend(Unsigned),
        0xAE => f.truncate(I64, F32, Signed),
        0xAF => f.truncate(I64, F32, Unsigned),
        0xB0 => f.truncate(I64, F64, Signed),
        0xB1 => f.truncate(I64, F64, Unsigned),
        0xB2 => f.convert(F32, I32, Signed),
        0xB3 => f.convert(F32, I32, Unsigned),
        0xB4 => f.convert(F32, I64, Signed),
        0xB5 => f.convert(F32, I64, Unsigned),
        0xB6 => f.demote(),
        0xB7 => f.convert(F64, I32, Signed),
        0xB8 => f.convert(F64, I32, Unsigned),
        0xB9 => f.convert(F64, I64, Signed),
        0xBA => f.convert(F64, I64, Unsigned),
        0xBB => f.promote(),
        0xBC => f.reinterpret_as_int(I32),
        0xBD => f.reinterpret_as_int(I64),
        0xBE => f.reinterpret_as_float(F32),
        0xBF => f.reinterpret_as_float(F64),
        0xC0 => f.int_unary(I32, IntUnary::Extend8S),
        0xC1 => f.int_unary(I32, IntUnary::Extend16S),
        0xC2 => f.int_unary(I64, IntUnary::Extend8S),
        0xC3 => f.int_unary(I64, IntUnary::Extend16S),
        0xC4 => f.int_unary(I64, IntUnary::Extend32S),
        0xD0 => f.ref_null(d.heap_type()),
        0xD1 => f.ref_is_null(d.next()),
        0xD2 => f.ref_func(FuncIndex(d.u32())),
        0xFC => *d = prefixed(d.clone(), f),
        0xFD => *d = vectors::dispatch(d.clone(), f),
        code => invalid("operator", code.into()),
    }
}

/// Reads an operator after its prefix 0xFC, and calls its family. The rest of the body is returned.
#[inline(never)]
fn prefixed<'a, F: Families>(mut d: Decoder<'a>, f: &mut F) -> Decoder<'a> {
    use Float::{F32, F64};
    use Int::{I32, I64};
    use Sign::{Signed, Unsigned};
    match d.u32() {
        0x00 => f.truncate_saturating(I32, F32, Signed),
        0x01 => f.truncate_saturating(I32, F32, Unsigned),
        0x02 => f.truncate_saturating(I32, F64, Signed),
        0x03 => f.truncate_saturating(I32, F64, Unsigned),
        0x04 => f.truncate_saturating(I64, F32, Signed),
        0x05 => f.truncate_saturating(I64, F32, Unsigned),
        0x06 => f.truncate_saturating(I64, F64, Signed),
        0x07 => f.truncate_saturating(I64, F64, Unsigned),
        0x08 => f.memory_init(DataIndex(d.u32()), MemoryIndex(d.u32())),
        0x09 => f.data_drop(DataIndex(d.u32())),
        0x0A => f.memory_copy(MemoryIndex(d.u32()), MemoryIndex(d.u32())),
        0x0B => f.memory_fill(MemoryIndex(d.u32())),
        0x0C => f.table_init(ElemIndex(d.u32()), TableIndex(d.u32())),
        0x0D => f.elem_drop(ElemIndex(d.u32())),
        0x0E => f.table_copy(TableIndex(d.u32()), TableIndex(d.u32())),
        0x0F => f.table_grow(TableIndex(d.u32())),
        0x10 => f.table_size(TableIndex(d.u32())),
        0x11 => f.table_fill(TableIndex(d.u32())),
        code => invalid("operator after 0xFC", code),
    }
    d
}
