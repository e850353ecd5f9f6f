//! Index types of one module's index spaces (WebAssembly core specification, section 2.5.1).
//!
//! Each is a `u32` of its own type, so that a table index cannot be used where a function index is
//! meant. An index is only meaningful together with the module it was decoded from.

macro_rules! index_types {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in a slice.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            /// # Panics
            /// If the position exceeds 32 bits, which no decoded module can reach.
            fn from(position: usize) -> Self {
                $name(u32::try_from(position).expect("a module's index space has at most 2^32 entries"))
            }
        }
    )*};
}

index_types! {
    /// Index of a type in the type section.
    TypeIndex,
    /// Index of a function: imports first, then the module's own.
    FuncIndex,
    /// Position among the functions a module defines itself, which is also the position of the
    /// body in the code section.
    DefinedFunc,
    /// Index of a table: imports first.
    TableIndex,
    /// Index of a linear memory: imports first.
    MemoryIndex,
    /// Index of a global: imports first.
    GlobalIndex,
    /// Index of an element segment.
    ElemIndex,
    /// Index of a data segment.
    DataIndex,
}
