//! The optimising compiler: the best code for a function that is worth it.
//!
//! Cranelift with all its effort, locals as SSA variables, the same translator, bodies of callees in the place of
//! calls where the input says so. The code does not count budgets. [PURE]: same input, same bytes.

use crate::clif::translate::LocalsIn;
use crate::clif::{self, Scratch, isa};
use crate::compiled::{CompileError, CompileInput, CompileSettings, CompiledBody};

/// Bytes of frame that a function without calls may have while its stack is not checked. The
/// room kept free below the limit is far larger, so one such frame cannot leave it.
const UNCHECKED_FRAME: u32 = 1024;

/// SSA values of a function without calls from which its stack is checked anyway: its frame may be that large, which is
/// known only after most of the work, and the check is nothing in so much code.
const CHECKED_VALUES: usize = 4000;

/// Compiles a function. Budgets in the settings are ignored.
///
/// # Errors
/// If the function has an instruction that is not supported, exceeds a limit of the compiler, or would take too long.
pub fn compile(
    input: &CompileInput<'_>,
    scratch: &mut Scratch,
) -> Result<CompiledBody, CompileError> {
    let isa = &**isa::optimising()?;
    let settings = CompileSettings {
        budgets: false,
        feedback: false,
        ..input.settings.clone()
    };
    let input = CompileInput {
        settings: &settings,
        ..*input
    };
    let too_long = |reason: &str| CompileError::TooLong(reason.to_string());
    if let Some(reason) = clif::reason_against_translating(&input) {
        return Err(too_long(reason));
    }
    let translation = scratch.translate(&input, LocalsIn::Variables, isa)?;
    if let Some(reason) = scratch.reason_against() {
        return Err(too_long(reason));
    }
    let checked = translation.calls || scratch.value_count() > CHECKED_VALUES;
    if checked {
        scratch.check_stack(&translation);
    }
    let mut code = scratch.compile(isa)?;
    let frame = code
        .buffer
        .frame_layout()
        .map_or(0, |layout| layout.frame_to_fp_offset);
    if !checked && frame > UNCHECKED_FRAME {
        scratch.check_stack(&translation);
        code = scratch.lower(isa)?;
    }
    scratch.emit(&code, translation)
}
