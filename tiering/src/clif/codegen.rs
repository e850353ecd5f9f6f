//! From CLIF to machine code: Cranelift's optimiser and code generator, with the passes of our own between them.

use super::passes::{constants, fault_places, phis};
use crate::compiled::CompileError;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::OptLevel;
use cranelift_codegen::{CodegenError, CompiledCode, Context};

/// Buffers of the code generator that are kept from one function to the next.
#[derive(Default)]
pub(crate) struct Memory {
    constants: constants::Copies,
    phis: phis::Phis,
    loads: fault_places::Loads,
    regalloc: regalloc2::Ctx,
}

/// Optimises the function in the context, as far as `isa` says so, and returns its code.
pub(crate) fn compile(
    context: &mut Context,
    memory: &mut Memory,
    isa: &dyn TargetIsa,
) -> Result<CompiledCode, CompileError> {
    let thorough = isa.flags().opt_level() != OptLevel::None;
    if thorough {
        phis::thin_out(&mut context.func, &mut memory.phis);
    }
    if let Err(error) = context.optimize(isa, &mut ControlPlane::default()) {
        return Err(refusal(error, &context.func));
    }
    // This is why it is not done in one step: between the two, instructions are what they will be.
    if thorough {
        constants::rematerialise(&mut context.func, &mut memory.constants);
    }
    fault_places::keep_places(&mut context.func, &mut memory.loads);
    lower(context, memory, isa)
}

/// The code of the function as it was optimised last, with what was changed since.
pub(crate) fn lower(
    context: &mut Context,
    memory: &mut Memory,
    isa: &dyn TargetIsa,
) -> Result<CompiledCode, CompileError> {
    let stencil = isa.compile_function(
        &context.func,
        &context.domtree,
        &mut memory.regalloc,
        context.want_disasm,
        &mut ControlPlane::default(),
    );
    let stencil = stencil.map_err(|error| refusal(error, &context.func))?;
    Ok(stencil.apply_params(&context.func.params))
}

/// Cranelift's refusal in our words.
fn refusal(error: CodegenError, func: &Function) -> CompileError {
    match error {
        CodegenError::ImplLimitExceeded => {
            CompileError::TooLarge("the function exceeds a limit of the code generator".into())
        }
        CodegenError::CodeTooLarge => {
            CompileError::TooLarge("the code of one function exceeds 2 GiB".into())
        }
        CodegenError::Unsupported(what) => CompileError::Unsupported(what),
        CodegenError::Verifier(errors) => CompileError::Internal(
            cranelift_codegen::print_errors::pretty_verifier_error(func, None, errors),
        ),
        other => CompileError::Internal(other.to_string()),
    }
}
