//! The one list of helpers that compiled code may call.
//!
//! Each line is a helper's name and its machine-level signature; the enum, the signatures that
//! compilers need and the addresses that the placer needs all come from it. A helper takes the
//! context first and uses the C calling convention (System V); references are 64-bit words.
//! The bodies are in `runtime_calls`, behind thunks that note where compiled code was left.

/// Machine type of a helper's parameter or result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// 32-bit integer.
    I32,
    /// 64-bit integer, reference or address.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

macro_rules! libcalls {
    ($( $(#[$doc:meta])* $name:ident ($($param:ident),*) $(-> $result:ident)? ;)*) => {
        /// A helper that compiled code may call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Libcall {
            $( $(#[$doc])* $name, )*
        }

        impl Libcall {
            /// All helpers, in the order of their numbers.
            pub const ALL: &'static [Libcall] = &[$(Libcall::$name),*];

            /// Parameters after the context.
            pub fn params(self) -> &'static [Word] {
                match self {
                    $(Libcall::$name => &[$(Word::$param),*],)*
                }
            }

            /// The result, if there is one.
            pub fn result(self) -> Option<Word> {
                match self {
                    $(Libcall::$name => { let result: &[Word] = &[$(Word::$result)?]; result.first().copied() })*
                }
            }
        }
    };
}

libcalls! {
    /// memory, delta in pages -> old size in pages or -1
    MemoryGrow(I32, I64) -> I64;
    /// destination, source, length: copies bytes between linear memories, whose bounds the code has checked
    CopyBytes(I64, I64, I64);
    /// destination, byte, length: fills bytes of a linear memory, whose bounds the code has checked
    FillBytes(I64, I32, I64);
    /// memory, segment, destination, source, length
    MemoryInit(I32, I32, I64, I64, I64);
    /// segment
    DataDrop(I32);
    /// table, initial element, delta -> old size or -1
    TableGrow(I32, I64, I64) -> I64;
    /// table, destination, element, length
    TableFill(I32, I64, I64, I64);
    /// destination table, source table, destination, source, length
    TableCopy(I32, I32, I64, I64, I64);
    /// table, segment, destination, source, length
    TableInit(I32, I32, I64, I64, I64);
    /// segment
    ElemDrop(I32);
    /// function index -> its record
    RefFunc(I32) -> I64;
    /// position of the function among those its module defines, in eax: its budget is spent at an entry.
    /// Preserves the registers of parameters
    BudgetSpent(I32);
    /// position of the function, offset of the `loop` in its body, the frame area and its length in bytes:
    /// the budget is spent at a back edge -> code that resumes there with a copy of the area, or 0
    LoopBudgetSpent(I32, I32, I64, I32) -> I64;
    /// the interrupt word was seen: traps if it is still set
    Interrupted();
    /// a site's feedback, the entry word of what it calls: counts the call. Preserves all registers
    NoteCallee(I64, I64);
}

impl Libcall {
    /// The helper with this number, as found in a relocation.
    pub fn from_number(number: u32) -> Option<Libcall> {
        Libcall::ALL.get(number as usize).copied()
    }
}
