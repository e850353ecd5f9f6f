//! The baseline compiler: it compiles a function as fast as possible.
//!
//! It uses Cranelift with the least effort: no optimisation, one pass of register allocation. Locals and
//! values that are live across calls are in the frame area, which keeps the allocator's work linear and
//! lets the other tier take over a running loop. The code counts budgets if the settings say so: entries
//! before Cranelift's code (`x64`), trips through loops at their headers. [PURE]: the same input yields the
//! same bytes.

#[cfg(test)]
mod asm;
mod x64;

use crate::clif::translate::LocalsIn;
use crate::clif::{Scratch, isa};
use crate::compiled::{CompileError, CompileInput, CompiledBody};

/// Compiles a function.
///
/// # Errors
/// If the function has an instruction that is not supported, or exceeds a limit of the compiler.
pub fn compile(
    input: &CompileInput<'_>,
    scratch: &mut Scratch,
) -> Result<CompiledBody, CompileError> {
    let isa = &**isa::baseline()?;
    let translation = scratch.translate(input, LocalsIn::FrameArea, isa)?;
    scratch.check_stack(&translation);
    let code = scratch.compile(isa)?;
    let mut body = scratch.emit(&code, translation)?;
    if input.settings.budgets {
        let budget = input.module().layout().budget(input.func);
        x64::count_entries(&mut body, input.func, budget);
    }
    Ok(body)
}
