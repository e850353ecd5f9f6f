//! From CLIF to machine code: Cranelift's optimiser and code generator, and our own passes before and
//! between them.

use super::passes::{constants, fault_places, phis};
use crate::compiled::CompileError;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::OptLevel;
use cranelift_codegen::{CodegenError, CompiledCode, Context};

/// Buffers of the code generator that are reused for the next function.
#[derive(Default)]
pub(crate) struct CodegenBuffers {
    constants: constants::Copies,
    phis: phis::Phis,
    loads: fault_places::Loads,
    regalloc: regalloc2::Ctx,
}

/// Optimises the function in the context as far as the settings of `isa` say, and returns its code.
pub(crate) fn compile(
    context: &mut Context,
    buffers: &mut CodegenBuffers,
    isa: &dyn TargetIsa,
) -> Result<CompiledCode, CompileError> {
    let thorough = isa.flags().opt_level() != OptLevel::None;
    if thorough {
        phis::remove_redundant_if_many(&mut context.func, &mut buffers.phis);
    }
    if let Err(error) = context.optimize(isa, &mut ControlPlane::default()) {
        return Err(refusal(error, &context.func));
    }
    // These passes are why optimising and lowering are two steps: between the two, the instructions are
    // final.
    if thorough {
        constants::rematerialise(&mut context.func, &mut buffers.constants);
    }
    fault_places::locate_folded_loads(&mut context.func, &mut buffers.loads);
    lower(context, buffers, isa)
}

/// Generates code for the function in the context, which has been optimised and may have been changed
/// since.
pub(crate) fn lower(
    context: &mut Context,
    buffers: &mut CodegenBuffers,
    isa: &dyn TargetIsa,
) -> Result<CompiledCode, CompileError> {
    let stencil = isa.compile_function(
        &context.func,
        &context.domtree,
        &mut buffers.regalloc,
        context.want_disasm,
        &mut ControlPlane::default(),
    );
    let stencil = stencil.map_err(|error| refusal(error, &context.func))?;
    Ok(stencil.apply_params(&context.func.params))
}

/// Converts Cranelift's error to ours.
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
