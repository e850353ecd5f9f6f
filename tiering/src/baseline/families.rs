//! From the table of operators to the methods that make code for them.

use super::Compiler;
use crate::bytecode::decode::{BlockType, Labels, Memarg, Next};
use crate::bytecode::operators::{
    Families, Float, FloatBinary, FloatCompare, FloatUnary, Int, IntBinary, IntCompare, IntDivide,
    IntShift, IntUnary, Shape, Sign, VectorBinary, VectorConvert, VectorShift, VectorUnary,
};
use engine::ids::{
    DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex,
};
use engine::{HeapType, ValType};

/// Calls the method of `Compiler` with the same name.
macro_rules! families {
    ($($name:ident($($arg:ident: $ty:ty),*);)*) => {
        impl Families for Compiler<'_> {
            $(#[inline]
            fn $name(&mut self $(, $arg: $ty)*) {
                Compiler::$name(self $(, $arg)*);
            })*
        }
    };
}

families! {
    unreachable();
    nop();
    block(ty: BlockType);
    loop_(ty: BlockType);
    if_(ty: BlockType);
    else_();
    end();
    br(label: u32);
    br_if(label: u32);
    br_table(labels: &mut Labels<'_>);
    return_();
    drop();
    select(ty: Option<ValType>);

    call(func: FuncIndex);
    return_call(func: FuncIndex);
    call_indirect(ty: TypeIndex, table: TableIndex);
    return_call_indirect(ty: TypeIndex, table: TableIndex);

    local_get(local: u32);
    local_set(local: u32);
    local_tee(local: u32);
    global_get(global: GlobalIndex);
    global_set(global: GlobalIndex);

    ref_null(heap: HeapType);
    ref_is_null(next: Next);
    ref_func(func: FuncIndex);
    table_get(table: TableIndex);
    table_set(table: TableIndex);
    table_size(table: TableIndex);
    table_grow(table: TableIndex);
    table_fill(table: TableIndex);
    table_copy(to: TableIndex, from: TableIndex);
    table_init(elem: ElemIndex, table: TableIndex);
    elem_drop(elem: ElemIndex);

    int_load(ty: Int, bytes: u8, sign: Sign, at: Memarg);
    int_store(ty: Int, bytes: u8, at: Memarg);
    float_load(ty: Float, at: Memarg);
    float_store(ty: Float, at: Memarg);
    memory_size(memory: MemoryIndex);
    memory_grow(memory: MemoryIndex);
    memory_fill(memory: MemoryIndex);
    memory_copy(to: MemoryIndex, from: MemoryIndex);
    memory_init(data: DataIndex, memory: MemoryIndex);
    data_drop(data: DataIndex);

    i32_const(value: i32);
    i64_const(value: i64);
    f32_const(bits: u32);
    f64_const(bits: u64);

    int_unary(ty: Int, operation: IntUnary);
    int_binary(ty: Int, operation: IntBinary);
    int_shift(ty: Int, operation: IntShift);
    int_divide(ty: Int, operation: IntDivide);
    int_eqz(ty: Int, next: Next);
    int_compare(ty: Int, operation: IntCompare, next: Next);

    float_unary(ty: Float, operation: FloatUnary);
    float_binary(ty: Float, operation: FloatBinary);
    float_compare(ty: Float, operation: FloatCompare, next: Next);

    int_wrap();
    int_extend(sign: Sign);
    truncate(to: Int, from: Float, sign: Sign);
    truncate_saturating(to: Int, from: Float, sign: Sign);
    convert(to: Float, from: Int, sign: Sign);
    demote();
    promote();
    reinterpret_as_int(to: Int);
    reinterpret_as_float(to: Float);

    vector_load(at: Memarg);
    vector_store(at: Memarg);
    vector_load_extend(bytes: u8, sign: Sign, at: Memarg);
    vector_load_splat(bytes: u8, at: Memarg);
    vector_load_zero(bytes: u8, at: Memarg);
    vector_load_lane(bytes: u8, at: Memarg, lane: u8);
    vector_store_lane(bytes: u8, at: Memarg, lane: u8);
    vector_const(value: [u8; 16]);
    splat(shape: Shape);
    extract_lane(shape: Shape, sign: Sign, lane: u8);
    replace_lane(shape: Shape, lane: u8);
    any_true(next: Next);
    all_true(shape: Shape, next: Next);
    bitmask(shape: Shape);
    shuffle(lanes: [u8; 16]);
    swizzle();
    bitselect();
    vector_unary(operation: VectorUnary);
    vector_binary(operation: VectorBinary);
    vector_shift(operation: VectorShift);
    vector_int_compare(shape: Shape, operation: IntCompare);
    vector_float_compare(ty: Float, operation: FloatCompare);
    vector_convert(operation: VectorConvert);
}
