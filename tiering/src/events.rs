//! What can be told while it happens.

use std::fmt;
use std::time::Duration;

/// Which tier made a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierName {
    /// The quick one.
    Baseline,
    /// The good one.
    Optimised,
}

impl fmt::Display for TierName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TierName::Baseline => "baseline",
            TierName::Optimised => "optimised",
        })
    }
}

/// Something that happened to a function.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A body was compiled and published.
    Compiled {
        /// The function, by name.
        func: &'a str,
        /// By which tier.
        tier: TierName,
        /// Bytes of bytecode.
        wasm_bytes: usize,
        /// Bytes of code.
        code_bytes: usize,
        /// Call sites in it.
        sites: usize,
        /// Address of the code.
        address: usize,
        /// Time the compiler took.
        took: Duration,
    },
    /// Optimised code that starts at a loop was compiled and published.
    LoopCompiled {
        /// The function, by name.
        func: &'a str,
        /// Offset of the `loop` instruction in its body.
        offset: u32,
        /// Bytes of code.
        code_bytes: usize,
        /// Time the compiler took.
        took: Duration,
    },
    /// A function's body was compiled in the place of a call.
    Inlined {
        /// The function that is compiled, by name.
        func: &'a str,
        /// The one that calls, by name: the same, or one that is inlined itself.
        caller: &'a str,
        /// Offset of the call in its body.
        offset: u32,
        /// The callee, by name.
        callee: &'a str,
        /// The callee's module, if it is another than the function's.
        module: Option<&'a str>,
        /// Bytes of the callee's bytecode.
        wasm_bytes: usize,
    },
    /// A function was hot and waits for the optimiser.
    Promoted {
        /// The function, by name.
        func: &'a str,
    },
    /// A compiler refused a function.
    Refused {
        /// The function, by name.
        func: &'a str,
        /// Which compiler.
        tier: TierName,
        /// Its reason.
        reason: &'a str,
    },
    /// A function's entry leads to another body, and its recorded callers with it.
    Linked {
        /// The function, by name.
        func: &'a str,
        /// The tier of the body.
        tier: TierName,
        /// Bodies that call it.
        callers: usize,
        /// Call sites in them.
        sites: usize,
        /// Of these, those that lead to the body directly.
        direct: usize,
    },
    /// Retired code was freed.
    Reclaimed {
        /// Bodies.
        bodies: usize,
        /// Bytes of code.
        bytes: usize,
        /// Bodies that some stack still holds.
        pending: usize,
    },
}

impl Event<'_> {
    /// Whether it is about links rather than about the life of functions.
    pub fn is_about_links(&self) -> bool {
        matches!(self, Event::Linked { .. } | Event::Reclaimed { .. })
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Compiled {
                func,
                tier,
                wasm_bytes,
                code_bytes,
                sites,
                address,
                took,
            } => write!(
                f,
                "{tier:9} {func}: {wasm_bytes} bytes of bytecode to {code_bytes} at {address:#x}, {sites} sites, in {took:?}"
            ),
            Event::LoopCompiled {
                func,
                offset,
                code_bytes,
                took,
            } => write!(
                f,
                "loop      {func}: code of {code_bytes} bytes that starts at the loop at {offset:#x}, in {took:?}"
            ),
            Event::Inlined {
                func,
                caller,
                offset,
                callee,
                module,
                wasm_bytes,
            } => {
                write!(f, "inlined   {func}: {callee}")?;
                if let Some(module) = module {
                    write!(f, " of {module}")?;
                }
                write!(f, ", {wasm_bytes} bytes, called at {offset:#x} of {caller}")
            }
            Event::Promoted { func } => write!(f, "promoted  {func}"),
            Event::Refused { func, tier, reason } => {
                write!(f, "refused   {func}: {tier} tier: {reason}")
            }
            Event::Linked {
                func,
                tier,
                callers,
                sites,
                direct,
            } => write!(
                f,
                "linked    {func}: {tier} code; {direct} of {sites} sites in {callers} callers lead to it directly"
            ),
            Event::Reclaimed {
                bodies,
                bytes,
                pending,
            } => {
                write!(
                    f,
                    "reclaimed {bodies} bodies, {bytes} bytes; {pending} still on a stack"
                )
            }
        }
    }
}

/// Who is told. Called on whatever thread the event happens on, with no lock held.
pub type Listener = dyn Fn(&Event<'_>) + Send + Sync;
