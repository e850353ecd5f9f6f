//! The optimising compiler: the best code, for functions that are worth the time.
//!
//! It uses the same translator as the reference compiler, with locals as SSA variables, Cranelift's
//! optimisations enabled, and the bodies of callees in place of calls where the input says so. The code
//! does not count budgets. [PURE]: the same input yields the same bytes.

use crate::clif::translate::LocalsIn;
use crate::clif::{self, isa};
use crate::compiled::{CompileError, CompileInput, CompiledBody};

/// A function without calls does not check the stack if its frame has at most this many bytes. The space
/// that is kept free below the limit is far larger, so one frame of that size cannot exceed it.
const UNCHECKED_FRAME: u32 = 1024;

/// A function without calls checks the stack anyway if it has more than this many SSA values: its frame may
/// be larger than `UNCHECKED_FRAME`, which is known only after most of the work, and the check costs
/// nothing in so much code.
const CHECKED_VALUES: usize = 4000;

/// Compiles a function. Budgets and feedback in the settings are ignored.
///
/// # Errors
/// If the function has an instruction that is not supported, if it exceeds a limit of the compiler, or if
/// compiling it would take too long.
pub(crate) fn compile(
    input: &CompileInput<'_>,
    scratch: &mut clif::Scratch,
) -> Result<CompiledBody, CompileError> {
    let isa = &**isa::optimising(input.settings.observed)?;
    let too_long = |reason: &str| CompileError::TooLong(reason.to_string());
    if let Some(reason) = clif::reason_not_to_translate(input) {
        return Err(too_long(reason));
    }
    let translation = scratch.translate(input, LocalsIn::Variables, isa)?;
    if let Some(reason) = scratch.reason_not_to_optimise() {
        return Err(too_long(reason));
    }
    let checked = translation.calls || scratch.value_count() > CHECKED_VALUES;
    if checked {
        scratch.check_stack(&translation);
    }
    let mut code = scratch.compile(isa)?;
    if !checked && clif::Scratch::frame_size(&code) > UNCHECKED_FRAME {
        scratch.check_stack(&translation);
        code = scratch.lower(isa)?;
    }
    scratch.emit(&code, translation, input.settings.observed)
}
