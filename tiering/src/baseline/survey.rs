//! Looking ahead in a body: which loops call, what locals they use, and where unreachable code ends.
//!
//! One pass cannot know what follows. What is worth knowing is cheap to find out, some 3 ns an operator: a
//! function without calls leaves its context where it is and saves nothing, and a loop carries in registers
//! what it uses. So small bodies are surveyed at their start, since what a leaf saves counts most for them,
//! and larger ones from their first loop on.
//!
//! Locals are told apart by the lowest six bits of their index, so what is said about one may come from
//! another: that a loop sets it is never missed, and the rest only makes code slower.

use crate::bytecode::decode::{BlockType, Decoder, Labels, Memarg, Next};
use crate::bytecode::operators::{
    Families, Float, FloatBinary, FloatCompare, FloatUnary, Int, IntBinary, IntCompare, IntDivide,
    IntShift, IntUnary, Shape, Sign, VectorBinary, VectorConvert, VectorShift, VectorUnary,
    dispatch,
};
use engine::ids::{
    DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex,
};
use engine::{HeapType, ValType};

/// What is known of a loop, in the order of their beginnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LoopNote {
    /// Whether it calls anything, helpers included.
    pub calls: bool,
    /// Whether there is no loop in it.
    pub innermost: bool,
    /// Locals that it reads before it sets them, as far as a straight look tells.
    pub read: u64,
    /// Locals that it sets.
    pub set: u64,
}

/// The bit of a local in the sets of a [`LoopNote`].
pub(super) fn bit(local: u32) -> u64 {
    1 << (local % 64)
}

/// What was found; kept for its memory.
#[derive(Default)]
pub(super) struct Survey {
    pub loops: Vec<LoopNote>,
    /// Whether something is called, helpers included.
    pub calls: bool,
    /// The open blocks: the position of a loop, or `NO_LOOP`.
    open: Vec<u32>,
    /// The open loops.
    around: Vec<u32>,
}

const NO_LOOP: u32 = u32::MAX;

impl Survey {
    /// Looks at the rest of a body, in which `open` blocks are open.
    pub(super) fn rest_of(&mut self, mut d: Decoder<'_>, open: usize) {
        self.calls = false;
        self.loops.clear();
        self.around.clear();
        self.open.clear();
        self.open.resize(open, NO_LOOP);
        while !d.is_at_end() {
            dispatch(&mut d, self);
        }
    }

    fn called(&mut self) {
        self.calls = true;
        if let Some(inner) = self.around.last() {
            self.loops[*inner as usize].calls = true;
        }
    }

    fn inner(&mut self) -> Option<&mut LoopNote> {
        let inner = *self.around.last()?;
        Some(&mut self.loops[inner as usize])
    }
}

/// Skips unreachable code.
#[derive(Default)]
struct Skip {
    /// Blocks that were opened in it.
    open: usize,
    loops: usize,
    /// Whether the last operator ended it.
    at_end: bool,
}

/// The place of the `else` or `end` that ends the unreachable code that begins here, and the number of loops
/// in between.
pub(super) fn skip_unreachable(mut d: Decoder<'_>) -> (Decoder<'_>, usize) {
    let mut skip = Skip::default();
    loop {
        let before = d.clone();
        dispatch(&mut d, &mut skip);
        if skip.at_end {
            return (before, skip.loops);
        }
    }
}

/// Implements [`Families`] with the methods that are given, and with methods that do nothing for the rest.
macro_rules! nothing_but {
    ($target:ty { $($given:tt)* }) => {
        impl Families for $target {
            $($given)*
            fn unreachable(&mut self) {}
            fn nop(&mut self) {}
            fn br(&mut self, _: u32) {}
            fn br_if(&mut self, _: u32) {}
            fn br_table(&mut self, _: &mut Labels<'_>) {}
            fn return_(&mut self) {}
            fn drop(&mut self) {}
            fn select(&mut self, _: Option<ValType>) {}
            fn global_get(&mut self, _: GlobalIndex) {}
            fn global_set(&mut self, _: GlobalIndex) {}
            fn ref_null(&mut self, _: HeapType) {}
            fn ref_is_null(&mut self, _: Next) {}
            fn table_get(&mut self, _: TableIndex) {}
            fn table_set(&mut self, _: TableIndex) {}
            fn table_size(&mut self, _: TableIndex) {}
            fn int_load(&mut self, _: Int, _: u8, _: Sign, _: Memarg) {}
            fn int_store(&mut self, _: Int, _: u8, _: Memarg) {}
            fn float_load(&mut self, _: Float, _: Memarg) {}
            fn float_store(&mut self, _: Float, _: Memarg) {}
            fn memory_size(&mut self, _: MemoryIndex) {}
            fn i32_const(&mut self, _: i32) {}
            fn i64_const(&mut self, _: i64) {}
            fn f32_const(&mut self, _: u32) {}
            fn f64_const(&mut self, _: u64) {}
            fn int_unary(&mut self, _: Int, _: IntUnary) {}
            fn int_binary(&mut self, _: Int, _: IntBinary) {}
            fn int_shift(&mut self, _: Int, _: IntShift) {}
            fn int_divide(&mut self, _: Int, _: IntDivide) {}
            fn int_eqz(&mut self, _: Int, _: Next) {}
            fn int_compare(&mut self, _: Int, _: IntCompare, _: Next) {}
            fn float_unary(&mut self, _: Float, _: FloatUnary) {}
            fn float_binary(&mut self, _: Float, _: FloatBinary) {}
            fn float_compare(&mut self, _: Float, _: FloatCompare, _: Next) {}
            fn int_wrap(&mut self) {}
            fn int_extend(&mut self, _: Sign) {}
            fn truncate(&mut self, _: Int, _: Float, _: Sign) {}
            fn truncate_saturating(&mut self, _: Int, _: Float, _: Sign) {}
            fn convert(&mut self, _: Float, _: Int, _: Sign) {}
            fn demote(&mut self) {}
            fn promote(&mut self) {}
            fn reinterpret_as_int(&mut self, _: Int) {}
            fn reinterpret_as_float(&mut self, _: Float) {}
            fn vector_load(&mut self, _: Memarg) {}
            fn vector_store(&mut self, _: Memarg) {}
            fn vector_load_extend(&mut self, _: u8, _: Sign, _: Memarg) {}
            fn vector_load_splat(&mut self, _: u8, _: Memarg) {}
            fn vector_load_zero(&mut self, _: u8, _: Memarg) {}
            fn vector_load_lane(&mut self, _: u8, _: Memarg, _: u8) {}
            fn vector_store_lane(&mut self, _: u8, _: Memarg, _: u8) {}
            fn vector_const(&mut self, _: [u8; 16]) {}
            fn splat(&mut self, _: Shape) {}
            fn extract_lane(&mut self, _: Shape, _: Sign, _: u8) {}
            fn replace_lane(&mut self, _: Shape, _: u8) {}
            fn any_true(&mut self, _: Next) {}
            fn all_true(&mut self, _: Shape, _: Next) {}
            fn bitmask(&mut self, _: Shape) {}
            fn shuffle(&mut self, _: [u8; 16]) {}
            fn swizzle(&mut self) {}
            fn bitselect(&mut self) {}
            fn vector_unary(&mut self, _: VectorUnary) {}
            fn vector_binary(&mut self, _: VectorBinary) {}
            fn vector_shift(&mut self, _: VectorShift) {}
            fn vector_int_compare(&mut self, _: Shape, _: IntCompare) {}
            fn vector_float_compare(&mut self, _: Float, _: FloatCompare) {}
            fn vector_convert(&mut self, _: VectorConvert) {}
        }
    };
}

nothing_but! { Survey {
    fn block(&mut self, _: BlockType) {
        self.open.push(NO_LOOP);
    }
    fn loop_(&mut self, _: BlockType) {
        if let Some(outer) = self.inner() {
            outer.innermost = false;
        }
        let position = self.loops.len() as u32;
        self.loops.push(LoopNote { innermost: true, ..LoopNote::default() });
        self.open.push(position);
        self.around.push(position);
    }
    fn if_(&mut self, _: BlockType) {
        self.open.push(NO_LOOP);
    }
    fn else_(&mut self) {}
    fn end(&mut self) {
        let Some(position) = self.open.pop().filter(|position| *position != NO_LOOP) else {
            return;
        };
        self.around.pop();
        let ended = self.loops[position as usize];
        if let Some(outer) = self.inner() {
            outer.calls |= ended.calls;
            outer.read |= ended.read & !outer.set;
            outer.set |= ended.set;
        }
    }
    fn local_get(&mut self, local: u32) {
        if let Some(inner) = self.inner() {
            inner.read |= bit(local) & !inner.set;
        }
    }
    fn local_set(&mut self, local: u32) {
        if let Some(inner) = self.inner() {
            inner.set |= bit(local);
        }
    }
    fn local_tee(&mut self, local: u32) {
        self.local_set(local);
    }
    fn call(&mut self, _: FuncIndex) {
        self.called();
    }
    fn return_call(&mut self, _: FuncIndex) {
        self.called();
    }
    fn call_indirect(&mut self, _: TypeIndex, _: TableIndex) {
        self.called();
    }
    fn return_call_indirect(&mut self, _: TypeIndex, _: TableIndex) {
        self.called();
    }
    fn ref_func(&mut self, _: FuncIndex) {
        self.called();
    }
    fn table_grow(&mut self, _: TableIndex) {
        self.called();
    }
    fn table_fill(&mut self, _: TableIndex) {
        self.called();
    }
    fn table_copy(&mut self, _: TableIndex, _: TableIndex) {
        self.called();
    }
    fn table_init(&mut self, _: ElemIndex, _: TableIndex) {
        self.called();
    }
    fn elem_drop(&mut self, _: ElemIndex) {
        self.called();
    }
    fn memory_grow(&mut self, _: MemoryIndex) {
        self.called();
    }
    fn memory_fill(&mut self, _: MemoryIndex) {
        self.called();
    }
    fn memory_copy(&mut self, _: MemoryIndex, _: MemoryIndex) {
        self.called();
    }
    fn memory_init(&mut self, _: DataIndex, _: MemoryIndex) {
        self.called();
    }
    fn data_drop(&mut self, _: DataIndex) {
        self.called();
    }
}}

nothing_but! { Skip {
    fn block(&mut self, _: BlockType) {
        self.open += 1;
    }
    fn loop_(&mut self, _: BlockType) {
        self.open += 1;
        self.loops += 1;
    }
    fn if_(&mut self, _: BlockType) {
        self.open += 1;
    }
    fn else_(&mut self) {
        self.at_end = self.open == 0;
    }
    fn end(&mut self) {
        match self.open.checked_sub(1) {
            Some(open) => self.open = open,
            None => self.at_end = true,
        }
    }
    fn local_get(&mut self, _: u32) {}
    fn local_set(&mut self, _: u32) {}
    fn local_tee(&mut self, _: u32) {}
    fn call(&mut self, _: FuncIndex) {}
    fn return_call(&mut self, _: FuncIndex) {}
    fn call_indirect(&mut self, _: TypeIndex, _: TableIndex) {}
    fn return_call_indirect(&mut self, _: TypeIndex, _: TableIndex) {}
    fn ref_func(&mut self, _: FuncIndex) {}
    fn table_grow(&mut self, _: TableIndex) {}
    fn table_fill(&mut self, _: TableIndex) {}
    fn table_copy(&mut self, _: TableIndex, _: TableIndex) {}
    fn table_init(&mut self, _: ElemIndex, _: TableIndex) {}
    fn elem_drop(&mut self, _: ElemIndex) {}
    fn memory_grow(&mut self, _: MemoryIndex) {}
    fn memory_fill(&mut self, _: MemoryIndex) {}
    fn memory_copy(&mut self, _: MemoryIndex, _: MemoryIndex) {}
    fn memory_init(&mut self, _: DataIndex, _: MemoryIndex) {}
    fn data_drop(&mut self, _: DataIndex) {}
}}
