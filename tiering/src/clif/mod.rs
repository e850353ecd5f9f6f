//! Everything that knows Cranelift, for the optimising and the reference compiler and the trampolines.
//!
//! ```text
//! translate   bytecode -> CLIF, Cranelift's intermediate form
//! effort      estimate of how long optimising that CLIF would take
//! passes      our passes before and after Cranelift's optimiser
//! codegen     CLIF -> Cranelift's machine code
//! emit        Cranelift's machine code -> a body: relocations, traps and positions in our types
//! signature   the calling convention; names: functions and helpers as CLIF names them
//! observed    what listeners are told of Cranelift's code
//! isa         the processor and Cranelift's settings, for each compiler
//! ```

mod codegen;
mod effort;
mod emit;
pub(crate) mod isa;
mod names;
mod observed;
mod passes;
mod signature;
pub(crate) mod trampolines;
pub(crate) mod translate;

pub(crate) use effort::reason_not_to_translate;

use crate::compiled::{CompileError, CompileInput, CompiledBody};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CompiledCode, Context};
use translate::{LocalsIn, Translation};

/// Buffers that a compiling thread reuses for the next function, so that less memory is allocated. Their
/// contents have no influence on the code ([PURE]).
pub struct Scratch {
    context: Context,
    translate: translate::TranslateBuffers,
    counting: effort::Counting,
    codegen: codegen::CodegenBuffers,
    keep_listing: bool,
    listing: Option<String>,
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch {
            context: Context::new(),
            translate: translate::TranslateBuffers::default(),
            counting: effort::Counting::default(),
            codegen: codegen::CodegenBuffers::default(),
            keep_listing: false,
            listing: None,
        }
    }
}

impl Scratch {
    /// Sets whether a listing is kept of the functions compiled from now on. It costs time.
    pub fn keep_listing(&mut self, keep: bool) {
        self.keep_listing = keep;
    }

    /// The instructions of the last compiled function as text, if a listing was kept.
    pub fn listing(&self) -> Option<&str> {
        self.listing.as_deref()
    }

    /// Step 1: translates a function to CLIF.
    pub(crate) fn translate(
        &mut self,
        input: &CompileInput<'_>,
        locals_in: LocalsIn,
        isa: &dyn TargetIsa,
    ) -> Result<Translation, CompileError> {
        self.context.clear();
        self.context.set_disasm(self.keep_listing);
        let func = &mut self.context.func;
        translate::translate(input, locals_in, isa, func, &mut self.translate)
    }

    /// Step 2, optional: the reason why that function should not be optimised, if there is one.
    pub(crate) fn reason_not_to_optimise(&mut self) -> Option<&'static str> {
        effort::reason_not_to_optimise(&self.context.func, &mut self.counting)
    }

    /// How many SSA values the function has.
    pub(crate) fn value_count(&self) -> usize {
        self.context.func.dfg.num_values()
    }

    /// Makes the code of the function check the stack limit at its entry.
    pub(crate) fn check_stack(&mut self, translation: &Translation) {
        self.context.func.stack_limit = Some(translation.stack_limit);
    }

    /// Step 3: optimises the function as far as the settings of `isa` say, and generates its code.
    pub(crate) fn compile(&mut self, isa: &dyn TargetIsa) -> Result<CompiledCode, CompileError> {
        let code = codegen::compile(&mut self.context, &mut self.codegen, isa)?;
        Ok(self.listed(code))
    }

    /// Repeats step 3 without the optimiser.
    pub(crate) fn lower(&mut self, isa: &dyn TargetIsa) -> Result<CompiledCode, CompileError> {
        let code = codegen::lower(&mut self.context, &mut self.codegen, isa)?;
        Ok(self.listed(code))
    }

    /// Step 4: makes a body from the code.
    pub(crate) fn emit(
        &self,
        code: &CompiledCode,
        translation: Translation,
        observed: bool,
    ) -> Result<CompiledBody, CompileError> {
        emit::body(code, &self.context.func, translation, observed)
    }

    /// Bytes of the frame below its frame pointer.
    pub(crate) fn frame_size(code: &CompiledCode) -> u32 {
        let layout = code.buffer.frame_layout();
        layout.map_or(0, |layout| layout.frame_to_fp_offset)
    }

    fn listed(&mut self, mut code: CompiledCode) -> CompiledCode {
        self.listing = code.vcode.take();
        code
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch")
    }
}
