//! Decodes all bodies of modules, and prints how fast that was and how fast wasmparser's visitor is:
//! `decode_all FILE...`. Nothing is done for any operator. A compiler that reads bytecode in this way needs
//! at least this time.
//!
//! Times depend on the state of the machine. Both decoders take turns, and the best round of each counts.

use engine::{HeapType, ValType};
use std::hint::black_box;
use std::time::{Duration, Instant};
use wasmparser::{BinaryReader, FrameKind, FrameStack, VisitOperator, VisitSimdOperator};

// The decoder is private to the compilers.
#[allow(dead_code, reason = "this example uses a part")]
#[path = "../src/bytecode/decode.rs"]
mod decode;
#[allow(dead_code, reason = "this example uses a part")]
#[path = "../src/bytecode/operators/mod.rs"]
mod operators;

use decode::{BlockType, Decoder, Labels, Memarg, Next};
use engine::ids::{
    DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex,
};
use operators::*;

const ROUNDS: usize = 15;

/// Does nothing for any operator.
struct Nothing;

macro_rules! nothing {
    ($($method:ident($($ty:ty),*))*) => {
        impl Families for Nothing {
            $(
                #[inline(always)]
                fn $method(&mut self, $(_: $ty),*) {}
            )*
        }
    };
}

nothing! {
    unreachable() nop() block(BlockType) loop_(BlockType) if_(BlockType) else_() end()
    br(u32) br_if(u32) br_table(&mut Labels<'_>) return_() drop() select(Option<ValType>)
    call(FuncIndex) return_call(FuncIndex)
    call_indirect(TypeIndex, TableIndex) return_call_indirect(TypeIndex, TableIndex)
    local_get(u32) local_set(u32) local_tee(u32) global_get(GlobalIndex) global_set(GlobalIndex)
    ref_null(HeapType) ref_is_null(Next) ref_func(FuncIndex)
    table_get(TableIndex) table_set(TableIndex) table_size(TableIndex) table_grow(TableIndex)
    table_fill(TableIndex) table_copy(TableIndex, TableIndex) table_init(ElemIndex, TableIndex)
    elem_drop(ElemIndex)
    int_load(Int, u8, Sign, Memarg) int_store(Int, u8, Memarg)
    float_load(Float, Memarg) float_store(Float, Memarg)
    memory_size(MemoryIndex) memory_grow(MemoryIndex) memory_fill(MemoryIndex)
    memory_copy(MemoryIndex, MemoryIndex) memory_init(DataIndex, MemoryIndex) data_drop(DataIndex)
    i32_const(i32) i64_const(i64) f32_const(u32) f64_const(u64)
    int_unary(Int, IntUnary) int_binary(Int, IntBinary) int_shift(Int, IntShift)
    int_divide(Int, IntDivide) int_eqz(Int, Next) int_compare(Int, IntCompare, Next)
    float_unary(Float, FloatUnary) float_binary(Float, FloatBinary)
    float_compare(Float, FloatCompare, Next)
    int_wrap() int_extend(Sign) truncate(Int, Float, Sign) truncate_saturating(Int, Float, Sign)
    convert(Float, Int, Sign) demote() promote() reinterpret_as_int(Int) reinterpret_as_float(Float)
    vector_load(Memarg) vector_store(Memarg) vector_load_extend(u8, Sign, Memarg)
    vector_load_splat(u8, Memarg) vector_load_zero(u8, Memarg)
    vector_load_lane(u8, Memarg, u8) vector_store_lane(u8, Memarg, u8)
    vector_const([u8; 16]) splat(Shape) extract_lane(Shape, Sign, u8) replace_lane(Shape, u8)
    any_true(Next) all_true(Shape, Next) bitmask(Shape)
    shuffle([u8; 16]) swizzle() bitselect() vector_unary(VectorUnary) vector_binary(VectorBinary)
    vector_shift(VectorShift) vector_int_compare(Shape, IntCompare)
    vector_float_compare(Float, FloatCompare) vector_convert(VectorConvert)
}

impl FrameStack for Nothing {
    fn current_frame(&self) -> Option<FrameKind> {
        // wasmparser reads an `else` only in an `if`.
        Some(FrameKind::If)
    }
}

macro_rules! visit_nothing {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident $arity:tt)*) => {
        $(fn $visit(&mut self $($(, _: $ty)*)?) {})*
    };
}

impl<'a> VisitOperator<'a> for Nothing {
    type Output = ();

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = ()>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(visit_nothing);
}

impl VisitSimdOperator<'_> for Nothing {
    wasmparser::for_each_visit_simd_operator!(visit_nothing);
}

/// Decodes a body and returns the number of its operators.
#[inline(never)]
fn own(body: &[u8]) -> u64 {
    let mut decoder = Decoder::new(body);
    decoder.locals(|_, _| {});
    let mut operators = 0;
    while !decoder.is_at_end() {
        dispatch(&mut decoder, &mut Nothing);
        operators += 1;
    }
    operators
}

#[inline(never)]
fn peer(body: &[u8]) -> wasmparser::Result<u64> {
    let mut reader = BinaryReader::new(body, 0);
    for _ in 0..reader.read_var_u32()? {
        reader.read_var_u32()?;
        reader.read::<wasmparser::ValType>()?;
    }
    let mut operators = 0;
    while !reader.eof() {
        reader.visit_operator(&mut Nothing)?;
        operators += 1;
    }
    Ok(operators)
}

/// Decodes all bodies, and returns the number of operators and the time.
fn round(bodies: &[&[u8]], decode: impl Fn(&[u8]) -> u64) -> (u64, Duration) {
    let start = Instant::now();
    let operators = bodies.iter().map(|body| decode(black_box(body))).sum();
    (operators, start.elapsed())
}

fn main() -> engine::Result<()> {
    for file in std::env::args().skip(1) {
        let wasm = std::fs::read(&file)?;
        wasmparser::Validator::new().validate_all(&wasm)?;
        let mut bodies = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(&wasm) {
            if let wasmparser::Payload::CodeSectionEntry(body) = payload? {
                bodies.push(&wasm[body.range()]);
            }
        }
        let bytes: usize = bodies.iter().map(|body| body.len()).sum();
        let (mut own_best, mut peer_best) = (Duration::MAX, Duration::MAX);
        let mut operators = 0;
        for _ in 0..ROUNDS {
            let (found, time) = round(&bodies, own);
            own_best = own_best.min(time);
            operators = found;
            let (found, time) = round(&bodies, |body| peer(body).expect("the module is valid"));
            peer_best = peer_best.min(time);
            assert_eq!(operators, found, "both decoders see the same operators");
        }
        let speed = |time: Duration| {
            let megabytes = bytes as f64 / 1e6 / time.as_secs_f64();
            let nanoseconds = time.as_secs_f64() * 1e9 / operators as f64;
            format!("{megabytes:.0} MB/s, {nanoseconds:.2} ns per operator")
        };
        println!(
            "{file}: {} bodies, {:.2} MB, {operators} operators\n  own: {}\n  wasmparser: {}\n  ratio: {:.2}",
            bodies.len(),
            bytes as f64 / 1e6,
            speed(own_best),
            speed(peer_best),
            peer_best.as_secs_f64() / own_best.as_secs_f64(),
        );
    }
    Ok(())
}
