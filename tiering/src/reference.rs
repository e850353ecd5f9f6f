//! The reference compiler: Cranelift with the least effort, for tests and fuzzing only.
//!
//! It shares nothing with the baseline compiler but the contract (`compiled`), so what both do alike is
//! likely to be right. It does no optimisation and one pass of register allocation. Locals and values that
//! are live across calls are in a frame area, which keeps the allocator's work linear. It counts nothing:
//! code of this compiler is never replaced. [PURE]: the same input yields the same bytes.

use crate::clif::translate::LocalsIn;
use crate::clif::{self, isa};
use crate::compiled::{CompileError, CompileInput, CompiledBody};

/// Compiles a function.
///
/// # Errors
/// If the function has an instruction that is not supported, or exceeds a limit of the compiler.
pub(crate) fn compile(
    input: &CompileInput<'_>,
    scratch: &mut clif::Scratch,
) -> Result<CompiledBody, CompileError> {
    let isa = &**isa::reference(input.settings.observed)?;
    let translation = scratch.translate(input, LocalsIn::FrameArea, isa)?;
    scratch.check_stack(&translation);
    let code = scratch.compile(isa)?;
    scratch.emit(&code, translation, input.settings.observed)
}
