//! The compilers, and the buffers that they work with. A compiler takes plain data and returns plain data
//! (`compiled`), and knows none of the others.

use crate::compiled::{CompileError, CompileInput, CompiledBody};
use crate::{baseline as single_pass, clif, optimise as optimising, reference as referring};
use engine::ids::DefinedFunc;

/// Buffers that a compiling thread reuses for the next function, so that less memory is allocated. Their
/// contents have no influence on the code ([PURE]).
#[derive(Debug, Default)]
pub struct Scratch {
    clif: clif::Scratch,
    baseline: single_pass::Scratch,
}

impl Scratch {
    /// Sets whether a listing is kept of the functions that the optimising and the reference compiler compile
    /// from now on. It costs time.
    pub fn keep_listing(&mut self, keep: bool) {
        self.clif.keep_listing(keep);
    }

    /// The instructions of the last function that one of these compilers compiled as text, if a listing was
    /// kept.
    pub fn listing(&self) -> Option<&str> {
        self.clif.listing()
    }
}

/// A compiler.
pub type Compiler = fn(&CompileInput<'_>, &mut Scratch) -> Result<CompiledBody, CompileError>;

/// Compiles a function as fast as possible, in one pass.
///
/// # Errors
/// If the processor lacks what the compiler needs, or the code would be very large.
pub fn baseline(
    input: &CompileInput<'_>,
    scratch: &mut Scratch,
) -> Result<CompiledBody, CompileError> {
    single_pass::compile(input, &mut scratch.baseline)
}

/// Compiles the best code of a function. Budgets and feedback in the settings are ignored.
///
/// # Errors
/// If the function has an instruction that is not supported, if it exceeds a limit of the compiler, or if
/// compiling it would take too long.
pub fn optimise(
    input: &CompileInput<'_>,
    scratch: &mut Scratch,
) -> Result<CompiledBody, CompileError> {
    optimising::compile(input, &mut scratch.clif)
}

/// Compiles a function with the reference compiler, for tests. Budgets and feedback in the settings are
/// ignored.
///
/// # Errors
/// If the function has an instruction that is not supported, or exceeds a limit of the compiler.
pub fn reference(
    input: &CompileInput<'_>,
    scratch: &mut Scratch,
) -> Result<CompiledBody, CompileError> {
    referring::compile(input, &mut scratch.clif)
}

/// The code of a function that was replaced by another one: it jumps there. Functions of the host (`to_host`)
/// see the function's instance as their caller.
pub(crate) fn thunk(func: DefinedFunc, to_host: bool, observed: bool) -> CompiledBody {
    single_pass::thunk::thunk(func, to_host, observed)
}
