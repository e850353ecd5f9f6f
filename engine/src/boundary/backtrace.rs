//! Backtraces: which WebAssembly functions were running.
//!
//! The frames of compiled code (`frames`) are looked up in the side tables of their bodies; functions that
//! were inlined at a place are shown as if they had been called. Code of the runtime ends a list of frames;
//! where the host had been called by compiled code before, the walk continues at that exit.

use super::activation::Activation;
use super::frames::{Start, frames};
use crate::EngineInner;
use crate::ids::DefinedFunc;
use crate::linkage::{Definition, Linkage};
use crate::module::ModuleData;
use crate::module::source_map::source_lines;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use stubs::EntryId;

/// Frames that are kept; the others are only counted.
const MAX_FRAMES: usize = 64;

/// One function of a backtrace.
#[derive(Clone, Debug)]
pub struct FrameInfo {
    func_index: u32,
    func_name: String,
    module_name: Option<String>,
    func_offset: Option<u32>,
    module_offset: Option<usize>,
    source: Option<String>,
}

impl FrameInfo {
    /// Index of the function in its module.
    pub fn func_index(&self) -> u32 {
        self.func_index
    }

    /// Name of the function, for people.
    pub fn func_name(&self) -> Option<&str> {
        Some(&self.func_name)
    }

    /// Name of the module, if it has one.
    pub fn module_name(&self) -> Option<&str> {
        self.module_name.as_deref()
    }

    /// Offset of the instruction in the function's body, in bytes.
    pub fn func_offset(&self) -> Option<usize> {
        self.func_offset.map(|offset| offset as usize)
    }

    /// Offset of the instruction in the module's file, in bytes.
    pub fn module_offset(&self) -> Option<usize> {
        self.module_offset
    }

    /// File and line of the source, where the module carries DWARF.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }
}

/// The WebAssembly functions that were running when an error happened, innermost first. The error of a
/// call carries it: `error.downcast_ref::<WasmBacktrace>()`.
///
/// Names and source lines are looked up when the frames are asked for, not when they are noted: most errors
/// that pass through compiled code are never shown, a program's exit among them.
#[derive(Clone, Debug)]
pub struct WasmBacktrace {
    raw: Vec<RawFrame>,
    frames: OnceLock<Vec<FrameInfo>>,
    left_out: usize,
}

impl WasmBacktrace {
    /// Whether no function was running, because the host called one of its own functions.
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The innermost frames.
    pub fn frames(&self) -> &[FrameInfo] {
        self.frames.get_or_init(|| describe(&self.raw))
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error while executing at wasm backtrace:")?;
        for (position, frame) in self.frames().iter().enumerate() {
            write!(f, "\n    {position}: ")?;
            if let Some(offset) = frame.module_offset {
                write!(f, "{offset:#x} - ")?;
            }
            write!(
                f,
                "{}!{}",
                frame.module_name.as_deref().unwrap_or("<unknown>"),
                frame.func_name
            )?;
            if let Some(source) = &frame.source {
                write!(f, "\n           at {source}")?;
            }
        }
        if self.left_out > 0 {
            write!(f, "\n    ... and {} more", self.left_out)?;
        }
        Ok(())
    }
}

#[derive(Clone, Debug)]
struct RawFrame {
    linkage: Arc<Linkage>,
    func: DefinedFunc,
    offset: Option<u32>,
}

impl RawFrame {
    fn definition(&self) -> Definition<'_> {
        self.linkage.definition(self.func)
    }

    /// Offset of the instruction in the module's file.
    fn module_offset(&self) -> Option<usize> {
        Some(self.definition().body_offset()? + self.offset? as usize)
    }
}

/// Walks the frames below `activation` and those of the activations before it on its stack.
pub(super) fn capture(activation: &Activation, start: Start) -> WasmBacktrace {
    walk_all(Some((activation, start)))
}

/// As [`capture`], for an activation that has not entered compiled code: only those before it are walked.
pub(super) fn capture_outer(activation: &Activation) -> WasmBacktrace {
    walk_all(outer(activation))
}

/// The activation before this one, and the exit by which its compiled code left for the host.
fn outer(activation: &Activation) -> Option<(&Activation, Start)> {
    // SAFETY: the activations before this one are in frames of the same stack that have not returned.
    let before = unsafe { activation.previous().as_ref() }?;
    let (fp, pc) = activation.outer_exit();
    // SAFETY: the frames of that exit are on the stack, since the activation has not ended.
    Some((before, unsafe { Start::of_exit(fp, pc) }))
}

fn walk_all(first: Option<(&Activation, Start)>) -> WasmBacktrace {
    let mut raw = Vec::new();
    let mut left_out = 0;
    let mut next = first;
    while let Some((activation, start)) = next {
        // SAFETY: an activation's store, and with it its engine and code space, is alive while it runs.
        unsafe { walk(activation, start, &mut raw, &mut left_out) };
        next = outer(activation);
    }
    WasmBacktrace {
        raw,
        frames: OnceLock::new(),
        left_out,
    }
}

/// Adds the functions of one activation's frames.
///
/// # Safety
/// The activation's store is alive, and the frames from `start` to the activation are on this thread's stack.
unsafe fn walk(
    activation: &Activation,
    start: Start,
    raw: &mut Vec<RawFrame>,
    left_out: &mut usize,
) {
    // SAFETY: by the caller's promise the store is alive, and it keeps its engine.
    let engine = unsafe { &*activation.engine };
    // SAFETY: frame pointers of compiled code and of trampolines lead up to the activation's.
    for frame in unsafe { frames(start, activation.frame(), &engine.code) } {
        let (entry, side) = (frame.body.entry(), frame.body.side());
        match side.stream.location(frame.offset) {
            None => add_frame(engine, entry, None, raw, left_out),
            Some(place) => {
                for (entry, offset) in side.frames(entry, place) {
                    add_frame(engine, entry, Some(offset), raw, left_out);
                }
            }
        }
    }
}

fn add_frame(
    engine: &EngineInner,
    entry: EntryId,
    offset: Option<u32>,
    frames: &mut Vec<RawFrame>,
    left_out: &mut usize,
) {
    if frames.len() == MAX_FRAMES {
        *left_out += 1;
    } else if let Some(linkage) = engine.linkage_of_entry(entry) {
        let func = linkage.func_of_entry(entry);
        let func = func.expect("the linkage of this entry");
        frames.push(RawFrame {
            linkage,
            func,
            offset,
        });
    }
}

fn describe(raw: &[RawFrame]) -> Vec<FrameInfo> {
    // The debug information of a module is read once, for all frames in it.
    let mut offsets: HashMap<*const ModuleData, Vec<usize>> = HashMap::new();
    for frame in raw {
        let of_module = offsets.entry(frame.definition().module).or_default();
        of_module.extend(frame.module_offset());
    }
    let mut lines = HashMap::new();
    for frame in raw {
        let module = frame.definition().module;
        if let Some(offsets) = offsets.remove(&std::ptr::from_ref(module)) {
            let found = source_lines(module, &offsets);
            let of = std::ptr::from_ref(module);
            lines.extend(offsets.into_iter().map(|at| (of, at)).zip(found));
        }
    }
    let frames = raw.iter().map(|frame| {
        let definition = frame.definition();
        let module_offset = frame.module_offset();
        let module = std::ptr::from_ref(definition.module);
        let line = module_offset.and_then(|at| lines.get(&(module, at)));
        let line = line.and_then(Option::as_ref);
        FrameInfo {
            func_index: definition.func_index().0,
            func_name: definition.name(),
            module_name: definition.module.display_name(),
            func_offset: frame.offset,
            module_offset,
            source: line.map(|line| format!("{}:{}", line.file, line.line)),
        }
    });
    frames.collect()
}
