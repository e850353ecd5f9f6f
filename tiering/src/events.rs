//! Events that a listener receives while a program runs: functions compiled, linked, inlined, entered at
//! loops.

use std::fmt;
use std::time::Duration;

/// Which tier made a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierName {
    /// The fast compiler.
    Baseline,
    /// The compiler that produces better code.
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

/// A function that an event refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFunc<'a> {
    /// Its module's name, or else the stem of its file's name; empty if it has neither.
    pub module: &'a str,
    /// Its own name, for display.
    pub name: &'a str,
    /// Its index in the module.
    pub index: u32,
}

impl fmt::Display for EventFunc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The callee of a call that was not inlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftCallee<'a> {
    /// A function of a module.
    Function {
        /// The function.
        func: EventFunc<'a>,
        /// Bytes of its bytecode.
        wasm_bytes: usize,
    },
    /// A function of the host, with the two names under which it is imported.
    Host {
        /// The module part of the import.
        module: &'a str,
        /// The name part of the import.
        name: &'a str,
    },
    /// Functions in a table that were not recorded separately.
    Table {
        /// How often baseline code had called them.
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

/// The kinds of events, by subject.
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
        /// Bytes of bytecode, including inlined bodies.
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
    /// A running frame resumes in code of that kind.
    LoopEntered {
        /// The function.
        func: EventFunc<'a>,
        /// Offset of the `loop` instruction in its body.
        offset: u32,
    },
    /// A function's body was compiled in place of a call.
    Inlined {
        /// The function that is being compiled.
        func: EventFunc<'a>,
        /// The function that contains the call: the same, or one that is inlined itself.
        caller: EventFunc<'a>,
        /// Number of this inlined body, from 1; 0 is the function itself.
        part: u32,
        /// Number of the body that contains the call, as in `part`.
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
    /// A call was not inlined, or one of the callees of an indirect call was not.
    NotInlined {
        /// The function that is being compiled.
        func: EventFunc<'a>,
        /// The function that contains the call.
        caller: EventFunc<'a>,
        /// Number of the body that contains the call, as in [`Event::Inlined`].
        parent: u32,
        /// Offset of the call in the caller's body.
        offset: u32,
        /// The callee.
        callee: LeftCallee<'a>,
        /// Why.
        reason: &'a str,
    },
    /// A function is hot and was queued for the optimiser.
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
    /// A function's entry now points to another body, and so do its recorded callers.
    Linked {
        /// The function.
        func: EventFunc<'a>,
        /// The tier of the body.
        tier: TierName,
        /// Bodies that call it.
        callers: usize,
        /// Call sites in them.
        sites: usize,
        /// The number of these that point directly to the body.
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
    /// The subject of the event.
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
                    "entered   {func}: a frame resumes at the loop at {offset:#x}"
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
                "linked    {func}: {tier} code; {direct} of {sites} sites in {callers} callers point to it directly"
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

/// Receives events. Called on the thread on which the event happens, with no lock held.
pub type Listener = dyn Fn(&Event<'_>) + Send + Sync;
