//! Records of code for debuggers and profilers: what each piece is, where it is, and how to unwind out of it.
//!
//! ```text
//! pipeline, trampolines   know what they place: they attach an `Attached` to it, if there is a listener
//! crate stubs             calls its listener when code is placed, before it can run, and before it is freed
//! `Recorder`              is that listener: makes a `CodeRecord` and calls the embedder's `CodeListener`
//! ```
//! Invariants: the order of calls is that of `stubs`; a panic of the embedder's listener goes no further.

use crate::compiled::{CompiledBody, Observed};
use crate::events::TierName;
use engine::linkage::{Definition, Linkage};
use engine::{FuncType, Trap};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use stubs::{Attachment, Code, CodeKind, Location, Tier};
pub use stubs::{FrameLayout, FrameStep, Place, Register, SavedRegister};

/// Is told of all machine code of an engine: functions in each tier, code that starts at loops, and the code
/// around them. Set by `Config::code_listener`.
///
/// Calls come on the thread that places or frees the code, so on several threads at once. That thread waits
/// until the call returns, and may hold locks of the engine: the listener must not call the engine. A panic
/// in it is reported by the panic hook and has no further effect.
///
/// Bodies of one function are added in the order in which they are published. There is no order between
/// different functions. Code that was added and not removed never overlaps.
pub trait CodeListener: Send + Sync {
    /// Is called before the code can run.
    fn code_added(&self, code: &CodeRecord);

    /// Is called when no stack can hold the code any more, and before its bytes change. If the engine is
    /// dropped, all its code is removed.
    fn code_removed(&self, code: CodeId);
}

/// A piece of code. No two pieces of a process have the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeId(u64);

impl CodeId {
    fn next() -> CodeId {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        CodeId(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// The id as a number.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// A function, as records name it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeFunc {
    /// Its module's name, or else the stem of its file's name; empty if it has neither.
    pub module: String,
    /// Its own name, for display.
    pub name: String,
    /// Its index in the module.
    pub index: u32,
    /// Offset of its body in the module's file; `None` if it has another body than the one in the file.
    pub body_offset: Option<usize>,
}

impl CodeFunc {
    fn new(definition: Definition<'_>) -> CodeFunc {
        CodeFunc {
            module: definition.module.display_name().unwrap_or_default(),
            name: definition.name(),
            index: definition.func_index().0,
            body_offset: definition.body_offset(),
        }
    }
}

impl fmt::Display for CodeFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// What a piece of code is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeSubject {
    /// A function.
    Function {
        /// The function.
        func: CodeFunc,
        /// Which tier made it.
        tier: TierName,
        /// `None`: the whole body. Otherwise the offset in the body of the `loop` instruction at which the
        /// code starts.
        from_loop: Option<u32>,
    },
    /// Calls functions of this type for the host.
    EntryTrampoline {
        /// The type.
        ty: String,
    },
    /// Calls functions of the host of this type.
    HostTrampoline {
        /// The type.
        ty: String,
    },
    /// Where functions without code are called, and functions whose callers cannot call them directly.
    EntryStubs,
    /// The path from stubs to the compiler.
    FirstCallPath,
}

impl fmt::Display for CodeSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodeSubject::Function {
                func,
                tier,
                from_loop: None,
            } => write!(f, "{func} [{tier}]"),
            CodeSubject::Function {
                func,
                tier,
                from_loop: Some(offset),
            } => write!(f, "{func} from its loop at {offset:#x} [{tier}]"),
            CodeSubject::EntryTrampoline { ty } => write!(f, "entry from the host {ty}"),
            CodeSubject::HostTrampoline { ty } => write!(f, "call of the host {ty}"),
            CodeSubject::EntryStubs => f.write_str("entry stubs"),
            CodeSubject::FirstCallPath => f.write_str("first call"),
        }
    }
}

/// A function whose body was inlined.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InlinedFunc {
    /// The function.
    pub func: CodeFunc,
    /// The body that contains the call: a position in [`CodeRecord::inlined`], before this one, or `None` for
    /// the function itself.
    pub caller: Option<usize>,
    /// Offset of the call in that body.
    pub offset: u32,
}

/// Where code comes from, up to the next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeRow {
    /// Offset in the code.
    pub code_offset: u32,
    /// Position of the inlined function in [`CodeRecord::inlined`]; `None` for the function itself.
    pub inlined: Option<usize>,
    /// Offset of the instruction in that function's body. It is 0 for what belongs to no instruction.
    pub offset: u32,
}

/// An instruction that may trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrapPlace {
    /// Its offset in the code.
    pub code_offset: u32,
    /// Why it traps.
    pub trap: Trap,
}

/// A place at which live references are known. There are none yet: nothing collects what they refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Safepoint {}

/// A handler of exceptions. There are none yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExceptionHandler {}

/// All that is known of a piece of code.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CodeRecord {
    /// Names it until it is removed, and nothing else after that.
    pub id: CodeId,
    /// What it is.
    pub subject: CodeSubject,
    /// Its addresses.
    pub addresses: Range<usize>,
    /// A copy of its bytes. Displacements of calls change while it is there.
    pub bytes: Vec<u8>,
    /// Where each instruction comes from, sorted by offset. Empty if it is not the code of a function.
    pub rows: Vec<CodeRow>,
    /// The functions that are inlined in it, once for each place.
    pub inlined: Vec<InlinedFunc>,
    /// The instructions that may trap, sorted by offset.
    pub traps: Vec<TrapPlace>,
    /// Where references live. Empty until there are references to find.
    pub safepoints: Vec<Safepoint>,
    /// Handlers of exceptions. Empty for now.
    pub handlers: Vec<ExceptionHandler>,
    /// How to unwind out of it.
    pub frame: FrameLayout,
}

impl CodeRecord {
    /// The functions of the instruction at an offset in the code, each with the offset in its body: the
    /// innermost inlined one first, the function itself last. Empty if it is not the code of a function.
    ///
    /// For an address to which a call returns, ask for the offset before it.
    pub fn functions_at(&self, code_offset: u32) -> Vec<(&CodeFunc, u32)> {
        let CodeSubject::Function { func, .. } = &self.subject else {
            return Vec::new();
        };
        let after = self
            .rows
            .partition_point(|row| row.code_offset <= code_offset);
        let row = self.rows[..after].last();
        let (mut inlined, mut offset) = row.map_or((None, 0), |row| (row.inlined, row.offset));
        let mut functions = Vec::new();
        while let Some(at) = inlined {
            let part = &self.inlined[at];
            functions.push((&part.func, offset));
            (inlined, offset) = (part.caller, part.offset);
        }
        functions.push((func, offset));
        functions
    }
}

/// What is attached to code for the [`Recorder`].
pub(crate) enum Attached {
    /// To a function's body.
    Body {
        func: CodeFunc,
        from_loop: Option<u32>,
        inlined: Vec<InlinedFunc>,
        observed: Observed,
    },
    /// To a trampoline.
    Trampoline {
        subject: CodeSubject,
        frame: FrameLayout,
    },
}

impl Attached {
    /// What is attached to a body whose scopes are these linkages, if it was compiled for a listener.
    pub(crate) fn to_body(
        scopes: &[Arc<Linkage>],
        definition: Definition<'_>,
        from_loop: Option<u32>,
        body: &CompiledBody,
    ) -> Option<Attachment> {
        let observed = body.observed.as_ref()?;
        let inlined = body.inlined.iter().map(|call| InlinedFunc {
            func: CodeFunc::new(scopes[call.scope.index()].definition(call.func)),
            caller: call.parent.position(),
            offset: call.offset,
        });
        Some(Arc::new(Attached::Body {
            func: CodeFunc::new(definition),
            from_loop,
            inlined: inlined.collect(),
            observed: (**observed).clone(),
        }))
    }

    /// What is attached to a trampoline for functions of this type.
    pub(crate) fn to_trampoline(from_host: bool, ty: &FuncType, frame: FrameLayout) -> Attachment {
        let ty = ty.to_string();
        Arc::new(Attached::Trampoline {
            subject: match from_host {
                true => CodeSubject::EntryTrampoline { ty },
                false => CodeSubject::HostTrampoline { ty },
            },
            frame,
        })
    }
}

/// The listener of the code space: tells the embedder's listener.
pub(crate) struct Recorder {
    listener: Arc<dyn CodeListener>,
    /// The ids of what is there, by the first address.
    ids: Mutex<HashMap<usize, CodeId>>,
}

impl Recorder {
    pub(crate) fn new(listener: Arc<dyn CodeListener>) -> Recorder {
        Recorder {
            listener,
            ids: Mutex::default(),
        }
    }

    fn record(&self, code: &Code<'_>) -> CodeRecord {
        let id = CodeId::next();
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.insert(code.start(), id);
        drop(ids);
        let mut record = CodeRecord {
            id,
            subject: CodeSubject::EntryStubs,
            addresses: code.start()..code.start() + code.len(),
            bytes: code.bytes(),
            rows: Vec::new(),
            inlined: Vec::new(),
            traps: Vec::new(),
            safepoints: Vec::new(),
            handlers: Vec::new(),
            frame: code.frame_layout().unwrap_or_default(),
        };
        let attached = code.attachment();
        let attached = attached.map(|attached| attached.downcast_ref::<Attached>());
        match (code.kind(), attached.flatten()) {
            (CodeKind::FirstCallPath, _) => record.subject = CodeSubject::FirstCallPath,
            (CodeKind::Trampoline, Some(Attached::Trampoline { subject, frame })) => {
                record.subject = subject.clone();
                record.frame = frame.clone();
            }
            (
                CodeKind::Body(body),
                Some(Attached::Body {
                    func,
                    from_loop,
                    inlined,
                    observed,
                }),
            ) => {
                record.subject = CodeSubject::Function {
                    func: func.clone(),
                    tier: tier_name(body.tier()),
                    from_loop: *from_loop,
                };
                record.rows = observed
                    .rows
                    .iter()
                    .map(|row| code_row(row.offset, row.location))
                    .collect();
                record.inlined.clone_from(inlined);
                let entries = body.side().stream.entries();
                let traps = entries.filter_map(|entry| {
                    Some(TrapPlace {
                        code_offset: entry.offset,
                        trap: Trap::from_code(entry.trap?)?,
                    })
                });
                record.traps = traps.collect();
                record.frame = observed.frame.clone();
            }
            (CodeKind::EntryStubs(_), _) => {}
            (CodeKind::Trampoline | CodeKind::Body(_), _) => {
                unreachable!("with a listener, something is attached to all code of this crate")
            }
        }
        record
    }
}

fn code_row(code_offset: u32, place: Location) -> CodeRow {
    CodeRow {
        code_offset,
        inlined: place.inline_node.position(),
        offset: place.offset,
    }
}

impl stubs::CodeListener for Recorder {
    fn placed(&self, code: &Code<'_>) {
        let record = self.record(code);
        // The panic hook has reported it.
        let _ = catch_unwind(AssertUnwindSafe(|| self.listener.code_added(&record)));
    }

    fn removed(&self, code: &Code<'_>) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let id = ids.remove(&code.start());
        drop(ids);
        if let Some(id) = id {
            let _ = catch_unwind(AssertUnwindSafe(|| self.listener.code_removed(id)));
        }
    }
}

/// The name of a tier.
pub(crate) fn tier_name(tier: Tier) -> TierName {
    if tier == Tier::OPTIMISED {
        TierName::Optimised
    } else {
        TierName::Baseline
    }
}
