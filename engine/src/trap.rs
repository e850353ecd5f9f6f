//! Traps: the failures of the guest.
//!
//! [`Trap`] is what an embedder sees and, as a byte, what side tables of compiled code carry. How compiled
//! code is left by a trap is in `boundary` (`activation`, `signals`).

use std::fmt;

macro_rules! traps {
    ($( $(#[$doc:meta])* $name:ident = $code:literal : $text:literal ;)*) => {
        /// Why a WebAssembly program was stopped. The texts are those of the official test suite.
        ///
        /// An error that came from a trap can be asked for it: `error.downcast_ref::<Trap>()`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Trap {
            $( $(#[$doc])* $name = $code, )*
        }

        impl Trap {
            /// The trap with this code, as found in a side table.
            pub fn from_code(code: u8) -> Option<Trap> {
                match code { $($code => Some(Trap::$name),)* _ => None }
            }

            /// The code by which side tables name the trap.
            pub fn code(self) -> u8 {
                self as u8
            }
        }

        impl fmt::Display for Trap {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Trap::$name => $text,)* })
            }
        }
    };
}

traps! {
    /// The stack has no room for another call.
    StackOverflow = 1: "call stack exhausted";
    /// An access outside a linear memory.
    MemoryOutOfBounds = 2: "out of bounds memory access";
    /// An access outside a table.
    TableOutOfBounds = 3: "out of bounds table access";
    /// An indirect call with an index outside its table.
    UndefinedElement = 4: "undefined element";
    /// An indirect call through a null element.
    IndirectCallToNull = 5: "uninitialized element";
    /// An indirect call to a function of another type.
    BadSignature = 6: "indirect call type mismatch";
    /// An integer operation whose result has no representation.
    IntegerOverflow = 7: "integer overflow";
    /// Division or remainder by zero.
    IntegerDivisionByZero = 8: "integer divide by zero";
    /// A float without an integer value was converted.
    BadConversionToInteger = 9: "invalid conversion to integer";
    /// The `unreachable` instruction.
    UnreachableCodeReached = 10: "unreachable";
    /// The program was asked to stop.
    Interrupt = 11: "interrupted";
    /// A null reference where null is not allowed.
    NullReference = 12: "null reference";
    /// A call of a function whose instance was removed.
    RemovedFunction = 13: "removed function called";
}

impl std::error::Error for Trap {}
