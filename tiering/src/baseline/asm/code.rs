//! The bytes of a function while they are made: storing, growing, patching, padding, labels, and code in
//! front.
//!
//! `Asm` is kept by a thread and used for one function after another, so that neither bytes nor labels are
//! allocated anew. Whoever emits reserves room first, once for an operator and not for each instruction.
//! Bytes are stored in a window: a slice of fixed length at the present position, taken with one comparison,
//! in which an instruction is stored as words that are longer than it. What they write beyond the instruction
//! is overwritten by the next one. If no room was reserved, taking the window panics, in a debug build always
//! and not only where the memory ends. It does not grow the memory instead, because a call on that path makes
//! every method save registers. In the first row of `tests/speed.rs`, an instruction takes 1.4 ns; it took
//! 2.3 ns with growing (and memory operands encoded later), and 1.3 ns with raw pointers, for which no line
//! of unsafe code is worth it.
//!
//! A label that is not bound has no list of its uses. They are chained through the four bytes that will hold
//! their displacements:
//!
//! ```text
//! label ---> last use's field ---> the field of the use before ---> ... ---> UNUSED
//! ```
//! `bind` follows the chain and replaces each link by a displacement. A bound label is its position.
//!
//! Invariants:
//! - After `reserve(n)`, instructions may begin in the next `n` bytes.
//! - Positions are below `LIMIT`, so that the highest bit tells a chain from a position, and so that every
//!   displacement inside the code fits in 32 bits.
//! - Code is handed out only when no label has an unresolved use.

/// Room for one instruction, at most 15 bytes, and for what word stores write beyond it.
pub(super) const WINDOW: usize = 32;

/// More code than any function of wasm makes; a compiler that reaches it has a bug.
const LIMIT: usize = 1 << 30;

/// A word of `Asm::labels` with this bit is a chain of uses.
const UNBOUND: u32 = 1 << 31;
/// The end of a chain.
const UNUSED: u32 = u32::MAX;

/// The recommended nops of 1 to 9 bytes, each in a word of 16.
const NOPS: [[u8; 16]; 9] = {
    const TEXTS: [&[u8]; 9] = [
        &[0x90],
        &[0x66, 0x90],
        &[0x0F, 0x1F, 0x00],
        &[0x0F, 0x1F, 0x40, 0x00],
        &[0x0F, 0x1F, 0x44, 0x00, 0x00],
        &[0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00],
        &[0x0F, 0x1F, 0x80, 0x00, 0x00, 0x00, 0x00],
        &[0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
        &[0x66, 0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    ];
    let mut nops = [[0; 16]; 9];
    let mut len = 0;
    while len < 9 {
        let mut at = 0;
        while at < TEXTS[len].len() {
            nops[len][at] = TEXTS[len][at];
            at += 1;
        }
        len += 1;
    }
    nops
};

/// A place in the code that branches may name before it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Label(u32);

/// Machine code of a function, growing at its end.
#[derive(Default)]
pub struct Asm {
    /// All of it is initialised; the code ends at `at`.
    code: Vec<u8>,
    at: u32,
    /// Where the reserved room ends.
    #[cfg(debug_assertions)]
    reserved: u32,
    labels: Vec<u32>,
}

impl Asm {
    /// Begins another function, at position `room`. The bytes before it are for `emit_before`.
    pub fn begin(&mut self, room: u32) {
        self.labels.clear();
        self.at = room;
        #[cfg(debug_assertions)]
        {
            self.reserved = 0;
        }
        self.reserve(0);
    }

    /// Makes room for instructions that begin in the next `bytes`. Methods that emit more than an instruction
    /// do this themselves: `data`, `nop`, `align`, `jump_table`.
    #[inline]
    pub fn reserve(&mut self, bytes: usize) {
        let end = self.at as usize + bytes + WINDOW;
        if self.code.len() < end {
            self.grow(end);
        }
        #[cfg(debug_assertions)]
        {
            self.reserved = self.reserved.max(end as u32);
        }
    }

    /// The code from `start` to the present position.
    ///
    /// # Panics
    /// If a branch leads to a label that was never bound.
    pub fn finish(&self, start: u32) -> &[u8] {
        let resolved = |word: &u32| word & UNBOUND == 0 || *word == UNUSED;
        assert!(
            self.labels.iter().all(resolved),
            "every label that is used is bound"
        );
        &self.code[start as usize..self.at as usize]
    }

    /// The present position: where the next instruction begins.
    #[inline]
    pub fn position(&self) -> u32 {
        self.at
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, end: usize) {
        let len = end.next_power_of_two();
        assert!(len <= LIMIT, "a function's code is below {LIMIT} bytes");
        self.code.resize(len, 0);
    }

    #[inline(always)]
    pub(super) fn window(&mut self) -> &mut [u8; WINDOW] {
        let at = self.at as usize;
        #[cfg(debug_assertions)]
        assert!(at + WINDOW <= self.reserved as usize, "room is reserved");
        (&mut self.code[at..at + WINDOW])
            .try_into()
            .expect("the slice has the length of the window")
    }

    /// Appends the lowest `len` bytes of a word.
    #[inline(always)]
    pub(super) fn word(&mut self, word: u64, len: usize) {
        self.window()[..8].copy_from_slice(&word.to_le_bytes());
        self.at += len as u32;
    }

    /// Moves the position past bytes that were stored in the window.
    #[inline(always)]
    pub(super) fn advance(&mut self, len: usize) {
        self.at += len as u32;
    }

    /// Appends bytes as they are: constants behind the code.
    pub fn data(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        for part in bytes.chunks(WINDOW) {
            self.window()[..part.len()].copy_from_slice(part);
            self.advance(part.len());
        }
    }

    /// Emits `len` bytes without effect, in as few instructions as are recommended.
    #[inline]
    pub fn nop(&mut self, mut len: u32) {
        self.reserve(len as usize);
        while len > 0 {
            let part = (len as usize).min(NOPS.len());
            self.one_nop(part);
            len -= part as u32;
        }
    }

    #[inline(always)]
    pub(super) fn one_nop(&mut self, len: usize) {
        self.window()[..16].copy_from_slice(&NOPS[len - 1]);
        self.advance(len);
    }

    /// Emits nops up to a position that is a multiple of `to`, a power of two.
    #[inline]
    pub fn align(&mut self, to: u32) {
        debug_assert!(to.is_power_of_two());
        self.nop(self.at.wrapping_neg() & (to - 1));
    }

    /// Replaces four bytes of earlier code, such as the size of a frame.
    #[inline]
    pub fn patch(&mut self, at: u32, value: i32) {
        assert!(at + 4 <= self.at, "what is patched was emitted");
        self.code[at as usize..at as usize + 4].copy_from_slice(&value.to_le_bytes());
    }

    /// Replaces one byte of earlier code.
    #[inline]
    pub(super) fn patch_byte(&mut self, at: u32, value: u8) {
        assert!(at < self.at, "what is patched was emitted");
        self.code[at as usize] = value;
    }

    fn field(&self, at: u32) -> u32 {
        let bytes = &self.code[at as usize..at as usize + 4];
        u32::from_le_bytes(bytes.try_into().expect("a field has four bytes"))
    }

    /// A label without a place yet.
    #[inline]
    pub fn new_label(&mut self) -> Label {
        self.labels.push(UNUSED);
        Label(self.labels.len() as u32 - 1)
    }

    /// A label at the present position, as of the header of a loop.
    #[inline]
    pub fn label_here(&mut self) -> Label {
        self.labels.push(self.at);
        Label(self.labels.len() as u32 - 1)
    }

    /// Where a label is, if it is bound.
    #[inline(always)]
    pub fn place(&self, label: Label) -> Option<u32> {
        let word = self.labels[label.0 as usize];
        (word & UNBOUND == 0).then_some(word)
    }

    /// Binds a label to the present position, and resolves all that names it.
    #[inline]
    pub fn bind(&mut self, label: Label) {
        let mut word = std::mem::replace(&mut self.labels[label.0 as usize], self.at);
        assert!(word & UNBOUND != 0, "a label is bound once");
        while word != UNUSED {
            let field = word & !UNBOUND;
            word = self.field(field);
            self.patch(field, self.at as i32 - (field as i32 + 4));
        }
    }

    /// What a displacement to `label` holds whose four bytes will be at `field`, at the end of an
    /// instruction: the distance, or a link of the chain.
    #[inline(always)]
    pub(super) fn displacement(&mut self, label: Label, field: u32) -> u32 {
        let word = &mut self.labels[label.0 as usize];
        if *word & UNBOUND == 0 {
            word.wrapping_sub(field + 4)
        } else {
            std::mem::replace(word, field | UNBOUND)
        }
    }

    /// Emits code that leads into the code at `end`, in bytes before it that `begin` left free, and returns
    /// where it begins, a multiple of `align`, as `end` must be. So a prologue can be written when the body
    /// is known, and what is aligned in the body still is. Nops fill what is left between the two.
    ///
    /// `emit` runs twice, first to see how long the code is. What it emits may not depend on its position: no
    /// alignment, no padded call, and only branches to labels that are bound behind it.
    ///
    /// # Panics
    /// If there is not enough room.
    pub fn emit_before(&mut self, end: u32, align: u32, emit: impl Fn(&mut Asm)) -> u32 {
        debug_assert!(align.is_power_of_two() && end.is_multiple_of(align));
        let last = self.at;
        let labels = cfg!(debug_assertions).then(|| self.labels.clone());
        self.reserve(0);
        self.at = end;
        // Stores of both runs may reach beyond `end`.
        let behind = *self.window();

        self.at = 0;
        emit(self);
        self.align(align);
        let len = self.at;
        assert!(len <= end, "{len} bytes are emitted before {end}");
        self.at = end - len;
        emit(self);
        self.align(align);
        assert!(self.at == end, "the code does not depend on its position");

        *self.window() = behind;
        self.at = last;
        debug_assert!(
            labels.is_none_or(|labels| labels == self.labels),
            "code before the body names bound labels only"
        );
        end - len
    }
}
