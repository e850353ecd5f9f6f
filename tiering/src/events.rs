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

/// A function that an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFunc<'a> {
    /// Its module's name, or the stem of its file's; empty if it has neither.
    pub module: &'a str,
    /// Its own name, for people.
    pub name: &'a str,
    /// Its index in the module.
    pub index: u32,
}

impl fmt::Display for EventFunc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Whom a call leads to that was left a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftCallee<'a> {
    /// A function of a module.
    Function {
        /// The function.
        func: EventFunc<'a>,
        /// Bytes of its bytecode.
        wasm_bytes: usize,
    },
    /// A function of the host, by the two names it is imported by.
    Host {
        /// Where it comes from.
        module: &'a str,
        /// Its name there.
        name: &'a str,
    },
    /// Functions in a table that were not told apart.
    Table {
        /// How often baseline code had seen such.
        seen: u32,
    },
}

impl fmt::Display for LeftCallee<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LeftCallee::Function { func, wasm_bytes } => write!(f, "{func}, {wasm_bytes} bytes"),
            LeftCallee::Host { module, name } => {
                let (module, name) = (engine::shown_name(module), engine::shown_name(name));
                write!(f, "{name} of {module}")
            }
            LeftCallee::Table { seen: 0 } => f.write_str("whatever the table holds"),
            LeftCallee::Table { seen } => {
                write!(f, "whatever else the table holds, seen {seen} times")
            }
        }
    }
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Functions compiled, promoted, refused.
    Life,
    /// Links changed, code freed.
    Link,
    /// Calls replaced by the callee's body.
    Inline,
    /// Code that starts at a running loop.
    Osr,
}

/// Something that happened to a function.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A body was compiled and published.
    Compiled {
        /// The function.
        func: EventFunc<'a>,
        /// By which tier.
        tier: TierName,
        /// Bytes of bytecode, what is inlined included.
        wasm_bytes: usize,
        /// Bytes of code.
        code_bytes: usize,
        /// Call sites in it.
        sites: usize,
        /// Address of the code.
        address: usize,
        /// Time it took.
        took: Duration,
    },
    /// Optimised code that starts at a loop was compiled and published.
    LoopCompiled {
        /// The function.
        func: EventFunc<'a>,
        /// Offset of the `loop` instruction in its body.
        offset: u32,
        /// Bytes of code.
        code_bytes: usize,
        /// Time it took.
        took: Duration,
    },
    /// A running frame goes on in such code.
    LoopEntered {
        /// The function.
        func: EventFunc<'a>,
        /// Offset of the `loop` instruction in its body.
        offset: u32,
    },
    /// A function's body was compiled in the place of a call.
    Inlined {
        /// The function that is compiled.
        func: EventFunc<'a>,
        /// The one that calls: the same, or one that is inlined itself.
        caller: EventFunc<'a>,
        /// Number of this part of the function, from 1, and of the part that calls; 0 is the function itself.
        part: u32,
        /// See `part`.
        parent: u32,
        /// Offset of the call in the caller's body.
        offset: u32,
        /// The callee.
        callee: EventFunc<'a>,
        /// Bytes of the callee's bytecode.
        wasm_bytes: usize,
        /// At an indirect call, how often baseline code had seen the callee there.
        seen: Option<u32>,
    },
    /// A call was left a call, or one of an indirect call's callees is called as before.
    NotInlined {
        /// The function that is compiled.
        func: EventFunc<'a>,
        /// The one that calls.
        caller: EventFunc<'a>,
        /// Number of the part that calls, as in [`Event::Inlined`].
        parent: u32,
        /// Offset of the call in the caller's body.
        offset: u32,
        /// The callee.
        callee: LeftCallee<'a>,
        /// Why.
        reason: &'a str,
    },
    /// A function was hot and waits for the optimiser.
    Promoted {
        /// The function.
        func: EventFunc<'a>,
    },
    /// A compiler refused a function.
    Refused {
        /// The function.
        func: EventFunc<'a>,
        /// Which compiler.
        tier: TierName,
        /// Its reason.
        reason: &'a str,
    },
    /// A function's entry leads to another body, and its recorded callers with it.
    Linked {
        /// The function.
        func: EventFunc<'a>,
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
    /// What it is about.
    pub fn subject(&self) -> Subject {
        match self {
            Event::Compiled { .. } | Event::Promoted { .. } | Event::Refused { .. } => {
                Subject::Life
            }
            Event::Linked { .. } | Event::Reclaimed { .. } => Subject::Link,
            Event::Inlined { .. } | Event::NotInlined { .. } => Subject::Inline,
            Event::LoopCompiled { .. } | Event::LoopEntered { .. } => Subject::Osr,
        }
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
            Event::LoopEntered { func, offset } => {
                write!(
                    f,
                    "entered   {func}: a frame goes on at the loop at {offset:#x}"
                )
            }
            Event::Inlined {
                func,
                caller,
                offset,
                callee,
                wasm_bytes,
                seen,
                ..
            } => {
                write!(f, "inlined   {func}: {callee}")?;
                if callee.module != func.module {
                    write!(f, " of {}", callee.module)?;
                }
                write!(f, ", {wasm_bytes} bytes, called at {offset:#x} of {caller}")?;
                match seen {
                    Some(times) => write!(f, ", where it was seen {times} times"),
                    None => Ok(()),
                }
            }
            Event::NotInlined {
                func,
                caller,
                offset,
                callee,
                reason,
                ..
            } => write!(
                f,
                "left      {func}: {callee}, called at {offset:#x} of {caller}: {reason}"
            ),
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
