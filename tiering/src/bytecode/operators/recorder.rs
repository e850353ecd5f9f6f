//! What an operator is, in words: its name in wasmparser and its immediates. Both decoders say it, so that
//! tests can compare them.

use super::super::decode::{BlockType, Labels, Memarg, Next};
use super::*;
use wasmparser::{
    BrTable, FrameKind, FrameStack, Ieee32, Ieee64, MemArg, V128, VisitOperator, VisitSimdOperator,
};

/// Says what it is called with.
#[derive(Default)]
pub(super) struct Recorder {
    /// The operators since somebody took them; there is one for each call of `dispatch`.
    pub said: Vec<String>,
    /// What followed the last operator, if it was told.
    pub next: Option<Next>,
}

impl Recorder {
    fn say(&mut self, name: impl ToString) {
        self.said.push(name.to_string());
        self.next = None;
    }

    fn condition(&mut self, name: impl ToString, next: Next) {
        self.say(name);
        self.next = Some(next);
    }
}

fn letter(sign: Sign) -> &'static str {
    match sign {
        Sign::Signed => "S",
        Sign::Unsigned => "U",
    }
}

fn at(memarg: Memarg) -> String {
    format!("memory {} offset {}", memarg.memory.0, memarg.offset)
}

fn block(ty: BlockType) -> String {
    match ty {
        BlockType::Empty => "empty".to_string(),
        BlockType::Value(ty) => ty.to_string(),
        BlockType::Func(ty) => format!("type {}", ty.0),
    }
}

fn bits(ty: impl std::fmt::Debug) -> u8 {
    match format!("{ty:?}").as_str() {
        "I32" | "F32" => 32,
        _ => 64,
    }
}

fn as_int(ty: Float) -> Int {
    match ty {
        Float::F32 => Int::I32,
        Float::F64 => Int::I64,
    }
}

fn as_float(ty: Int) -> Float {
    match ty {
        Int::I32 => Float::F32,
        Int::I64 => Float::F64,
    }
}

fn shape_of(ty: Float) -> Shape {
    match ty {
        Float::F32 => Shape::F32x4,
        Float::F64 => Shape::F64x2,
    }
}

/// Methods that say a name and their arguments. An index is said as its number.
macro_rules! say {
    ($($method:ident($($arg:ident: $ty:ty),*) $format:literal)*) => {$(
        fn $method(&mut self, $($arg: $ty),*) {
            self.say(format!($format, $($arg),*));
        }
    )*};
    (indices: $($method:ident($($arg:ident: $ty:ty),*) $format:literal)*) => {$(
        fn $method(&mut self, $($arg: $ty),*) {
            self.say(format!($format, $($arg.0),*));
        }
    )*};
}

impl Families for Recorder {
    say! {
        unreachable() "Unreachable"
        nop() "Nop"
        else_() "Else"
        end() "End"
        br(label: u32) "Br {}"
        br_if(label: u32) "BrIf {}"
        return_() "Return"
        drop() "Drop"
        local_get(local: u32) "LocalGet {}"
        local_set(local: u32) "LocalSet {}"
        local_tee(local: u32) "LocalTee {}"
        i32_const(value: i32) "I32Const {}"
        i64_const(value: i64) "I64Const {}"
        f32_const(bits: u32) "F32Const {}"
        f64_const(bits: u64) "F64Const {}"
        int_unary(ty: Int, operation: IntUnary) "{:?}{:?}"
        int_binary(ty: Int, operation: IntBinary) "{:?}{:?}"
        int_shift(ty: Int, operation: IntShift) "{:?}{:?}"
        int_divide(ty: Int, operation: IntDivide) "{:?}{:?}"
        float_unary(ty: Float, operation: FloatUnary) "{:?}{:?}"
        float_binary(ty: Float, operation: FloatBinary) "{:?}{:?}"
        int_wrap() "I32WrapI64"
        demote() "F32DemoteF64"
        promote() "F64PromoteF32"
        vector_const(value: [u8; 16]) "V128Const {:?}"
        splat(shape: Shape) "{:?}Splat"
        replace_lane(shape: Shape, lane: u8) "{:?}ReplaceLane {}"
        bitmask(shape: Shape) "{:?}Bitmask"
        shuffle(lanes: [u8; 16]) "I8x16Shuffle {:?}"
        swizzle() "I8x16Swizzle"
        bitselect() "V128Bitselect"
        vector_unary(operation: VectorUnary) "{:?}"
        vector_binary(operation: VectorBinary) "{:?}"
        vector_shift(operation: VectorShift) "{:?}"
        vector_int_compare(shape: Shape, operation: IntCompare) "{:?}{:?}"
        vector_convert(operation: VectorConvert) "{:?}"
    }

    say! { indices:
        call(func: FuncIndex) "Call {}"
        return_call(func: FuncIndex) "ReturnCall {}"
        call_indirect(ty: TypeIndex, table: TableIndex) "CallIndirect {} {}"
        return_call_indirect(ty: TypeIndex, table: TableIndex) "ReturnCallIndirect {} {}"
        global_get(global: GlobalIndex) "GlobalGet {}"
        global_set(global: GlobalIndex) "GlobalSet {}"
        ref_func(func: FuncIndex) "RefFunc {}"
        table_get(table: TableIndex) "TableGet {}"
        table_set(table: TableIndex) "TableSet {}"
        table_size(table: TableIndex) "TableSize {}"
        table_grow(table: TableIndex) "TableGrow {}"
        table_fill(table: TableIndex) "TableFill {}"
        table_copy(to: TableIndex, from: TableIndex) "TableCopy {} {}"
        table_init(elem: ElemIndex, table: TableIndex) "TableInit {} {}"
        elem_drop(elem: ElemIndex) "ElemDrop {}"
        memory_size(memory: MemoryIndex) "MemorySize {}"
        memory_grow(memory: MemoryIndex) "MemoryGrow {}"
        memory_fill(memory: MemoryIndex) "MemoryFill {}"
        memory_copy(to: MemoryIndex, from: MemoryIndex) "MemoryCopy {} {}"
        memory_init(data: DataIndex, memory: MemoryIndex) "MemoryInit {} {}"
        data_drop(data: DataIndex) "DataDrop {}"
    }

    fn block(&mut self, ty: BlockType) {
        self.say(format!("Block {}", block(ty)));
    }

    fn loop_(&mut self, ty: BlockType) {
        self.say(format!("Loop {}", block(ty)));
    }

    fn if_(&mut self, ty: BlockType) {
        self.say(format!("If {}", block(ty)));
    }

    fn br_table(&mut self, labels: &mut Labels<'_>) {
        let others: Vec<u32> = labels.by_ref().collect();
        self.say(format!("BrTable {others:?}"));
    }

    fn select(&mut self, ty: Option<ValType>) {
        self.say(ty.map_or("Select".to_string(), |ty| format!("TypedSelect {ty}")));
    }

    fn ref_null(&mut self, heap: HeapType) {
        self.say(format!("RefNull {heap:?}"));
    }

    fn ref_is_null(&mut self, next: Next) {
        self.condition("RefIsNull", next);
    }

    fn int_load(&mut self, ty: Int, bytes: u8, sign: Sign, memarg: Memarg) {
        let how = match bytes * 8 == bits(ty) {
            true => String::new(),
            false => format!("{}{}", bytes * 8, letter(sign)),
        };
        self.say(format!("{ty:?}Load{how} {}", at(memarg)));
    }

    fn int_store(&mut self, ty: Int, bytes: u8, memarg: Memarg) {
        let how = match bytes * 8 == bits(ty) {
            true => String::new(),
            false => format!("{}", bytes * 8),
        };
        self.say(format!("{ty:?}Store{how} {}", at(memarg)));
    }

    fn float_load(&mut self, ty: Float, memarg: Memarg) {
        self.say(format!("{ty:?}Load {}", at(memarg)));
    }

    fn float_store(&mut self, ty: Float, memarg: Memarg) {
        self.say(format!("{ty:?}Store {}", at(memarg)));
    }

    fn int_eqz(&mut self, ty: Int, next: Next) {
        self.condition(format!("{ty:?}Eqz"), next);
    }

    fn int_compare(&mut self, ty: Int, operation: IntCompare, next: Next) {
        self.condition(format!("{ty:?}{operation:?}"), next);
    }

    fn float_compare(&mut self, ty: Float, operation: FloatCompare, next: Next) {
        self.condition(format!("{ty:?}{operation:?}"), next);
    }

    fn int_extend(&mut self, sign: Sign) {
        self.say(format!("I64ExtendI32{}", letter(sign)));
    }

    fn truncate(&mut self, to: Int, from: Float, sign: Sign) {
        self.say(format!("{to:?}Trunc{from:?}{}", letter(sign)));
    }

    fn truncate_saturating(&mut self, to: Int, from: Float, sign: Sign) {
        self.say(format!("{to:?}TruncSat{from:?}{}", letter(sign)));
    }

    fn convert(&mut self, to: Float, from: Int, sign: Sign) {
        self.say(format!("{to:?}Convert{from:?}{}", letter(sign)));
    }

    fn reinterpret_as_int(&mut self, to: Int) {
        self.say(format!("{to:?}Reinterpret{:?}", as_float(to)));
    }

    fn reinterpret_as_float(&mut self, to: Float) {
        self.say(format!("{to:?}Reinterpret{:?}", as_int(to)));
    }

    fn vector_load(&mut self, memarg: Memarg) {
        self.say(format!("V128Load {}", at(memarg)));
    }

    fn vector_store(&mut self, memarg: Memarg) {
        self.say(format!("V128Store {}", at(memarg)));
    }

    fn vector_load_extend(&mut self, bytes: u8, sign: Sign, memarg: Memarg) {
        let (bits, lanes) = (8 * bytes, 8 / bytes);
        self.say(format!(
            "V128Load{bits}x{lanes}{} {}",
            letter(sign),
            at(memarg)
        ));
    }

    fn vector_load_splat(&mut self, bytes: u8, memarg: Memarg) {
        self.say(format!("V128Load{}Splat {}", 8 * bytes, at(memarg)));
    }

    fn vector_load_zero(&mut self, bytes: u8, memarg: Memarg) {
        self.say(format!("V128Load{}Zero {}", 8 * bytes, at(memarg)));
    }

    fn vector_load_lane(&mut self, bytes: u8, memarg: Memarg, lane: u8) {
        self.say(format!("V128Load{}Lane {} {lane}", 8 * bytes, at(memarg)));
    }

    fn vector_store_lane(&mut self, bytes: u8, memarg: Memarg, lane: u8) {
        self.say(format!("V128Store{}Lane {} {lane}", 8 * bytes, at(memarg)));
    }

    fn extract_lane(&mut self, shape: Shape, sign: Sign, lane: u8) {
        let how = match shape {
            Shape::I8x16 | Shape::I16x8 => letter(sign),
            _ => "",
        };
        self.say(format!("{shape:?}ExtractLane{how} {lane}"));
    }

    fn any_true(&mut self, next: Next) {
        self.condition("V128AnyTrue", next);
    }

    fn all_true(&mut self, shape: Shape, next: Next) {
        self.condition(format!("{shape:?}AllTrue"), next);
    }

    fn vector_float_compare(&mut self, ty: Float, operation: FloatCompare) {
        self.say(format!("{:?}{operation:?}", shape_of(ty)));
    }
}

/// An immediate as wasmparser reads it, in the same words; `None` if no validated body has it.
trait Immediate {
    fn said(&self) -> Option<String>;
}

macro_rules! immediates {
    ($($ty:ty: $value:ident => $said:expr;)*) => {
        $(
            impl Immediate for $ty {
                fn said(&self) -> Option<String> {
                    let $value = self;
                    $said
                }
            }
        )*
    };
}

immediates! {
    u8: value => Some(value.to_string());
    u32: value => Some(value.to_string());
    i32: value => Some(value.to_string());
    i64: value => Some(value.to_string());
    Ieee32: value => Some(value.bits().to_string());
    Ieee64: value => Some(value.bits().to_string());
    V128: value => Some(format!("{:?}", value.bytes()));
    [u8; 16]: lanes => Some(format!("{lanes:?}"));
    MemArg: memarg => Some(format!("memory {} offset {}", memarg.memory, memarg.offset));
    wasmparser::ValType: ty => match ty {
        wasmparser::ValType::Ref(ty) => (*ty == wasmparser::RefType::FUNCREF
            || *ty == wasmparser::RefType::EXTERNREF)
            .then(|| ty.to_string()),
        other => Some(other.to_string()),
    };
    wasmparser::HeapType: ty => match *ty {
        wasmparser::HeapType::FUNC => Some("Func".to_string()),
        wasmparser::HeapType::EXTERN => Some("Extern".to_string()),
        _ => None,
    };
    wasmparser::BlockType: ty => match ty {
        wasmparser::BlockType::Empty => Some("empty".to_string()),
        wasmparser::BlockType::Type(ty) => ty.said(),
        wasmparser::BlockType::FuncType(ty) => Some(format!("type {ty}")),
    };
    BrTable<'_>: table => {
        let labels = table.targets().chain([Ok(table.default())]);
        Some(format!("{:?}", labels.collect::<wasmparser::Result<Vec<_>>>().ok()?))
    };
}

/// Says what wasmparser calls it with; `None` for what no validated body has.
pub(super) struct Peer;

impl FrameStack for Peer {
    fn current_frame(&self) -> Option<FrameKind> {
        // wasmparser reads an `else` only in an `if`.
        Some(FrameKind::If)
    }
}

/// Passes on only what the engine accepts: for each proposal of which it does, one line.
macro_rules! accepted {
    ($then:tt, mvp) => { accepted!(yes $then) };
    ($then:tt, sign_extension) => { accepted!(yes $then) };
    ($then:tt, saturating_float_to_int) => { accepted!(yes $then) };
    ($then:tt, bulk_memory) => { accepted!(yes $then) };
    ($then:tt, reference_types) => { accepted!(yes $then) };
    ($then:tt, tail_call) => { accepted!(yes $then) };
    ($then:tt, simd) => { accepted!(yes $then) };
    ($then:tt, $other:ident) => { None };
    // No valid body has a `select` with several types.
    (yes { TypedSelectMulti $($arg:ident)* }) => { None };
    (yes { $op:ident }) => { Some(stringify!($op).to_string()) };
    (yes { $op:ident $($arg:ident)+ }) => {
        (|| {
            let mut said = stringify!($op).to_string();
            $(
                said.push(' ');
                said.push_str(&$arg.said()?);
            )+
            Some(said)
        })()
    };
}

macro_rules! visit {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident $arity:tt)*) => {$(
        #[allow(unused_variables, reason = "immediates of what is not accepted")]
        fn $visit(&mut self $($(, $arg: $ty)*)?) -> Option<String> {
            accepted!({ $op $($($arg)*)? }, $proposal)
        }
    )*};
}

impl<'a> VisitOperator<'a> for Peer {
    type Output = Option<String>;

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = Self::Output>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(visit);
}

impl VisitSimdOperator<'_> for Peer {
    wasmparser::for_each_visit_simd_operator!(visit);
}

/// The names of all operators that the engine accepts.
pub(super) fn accepted_names() -> Vec<String> {
    macro_rules! names {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident $arity:tt)*) => {
            [$((stringify!($op), accepted!({ Accepted }, $proposal))),*]
        };
    }
    let all: Vec<(&str, Option<String>)> = wasmparser::for_each_operator!(names).into();
    all.into_iter()
        .filter(|(name, accepted)| accepted.is_some() && *name != "TypedSelectMulti")
        .map(|(name, _)| name.to_string())
        .collect()
}
