//! The two descriptions of the instruction set for Cranelift, one for each compiler that uses it.
//!
//! Both describe this processor and differ only in effort. They are created at the first compilation: a
//! program that compiles nothing never pays for them. Code depends on these settings and its input only, so
//! the settings may depend on nothing but the processor ([PURE]).

use crate::compiled::CompileError;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use std::sync::OnceLock;

/// Settings that both compilers and the trampolines share; docs/calling-convention.md has the reasons.
const SHARED: &[(&str, &str)] = &[
    // Frames are walked by their frame pointers only, so no unwind tables are needed.
    ("preserve_frame_pointers", "true"),
    ("unwind_info", "false"),
    // Frames are checked against the stack limit, which is well above the end of the stack.
    ("enable_probestack", "false"),
    // Helpers are written in Rust as `extern "sysv64"`.
    ("libcall_call_conv", "system_v"),
    ("is_pic", "false"),
    ("enable_multi_ret_implicit_sret", "false"),
    ("enable_nan_canonicalization", "false"),
    ("machine_code_cfg_info", "false"),
    ("enable_heap_access_spectre_mitigation", "true"),
    ("enable_table_access_spectre_mitigation", "true"),
    (
        "enable_verifier",
        if cfg!(debug_assertions) {
            "true"
        } else {
            "false"
        },
    ),
];

fn build(effort: &[(&str, &str)]) -> Result<OwnedTargetIsa, CompileError> {
    let refused =
        |what: String| CompileError::Unsupported(format!("code for this processor: {what}"));
    let mut flags = settings::builder();
    for (name, value) in SHARED.iter().chain(effort) {
        flags
            .set(name, value)
            .map_err(|e| refused(format!("setting {name}: {e}")))?;
    }
    cranelift_native::builder()
        .map_err(|e| refused(e.to_string()))?
        .finish(settings::Flags::new(flags))
        .map_err(|e| refused(e.to_string()))
}

/// The description for the reference compiler: least effort.
///
/// # Errors
/// If Cranelift has no code generator for this processor.
pub fn reference() -> Result<&'static OwnedTargetIsa, CompileError> {
    static ISA: OnceLock<Result<OwnedTargetIsa, CompileError>> = OnceLock::new();
    ISA.get_or_init(|| build(&[("opt_level", "none"), ("regalloc_algorithm", "single_pass")]))
        .as_ref()
        .map_err(Clone::clone)
}

/// The description for the optimising tier and for trampolines.
///
/// # Errors
/// As [`reference`].
pub fn optimising() -> Result<&'static OwnedTargetIsa, CompileError> {
    static ISA: OnceLock<Result<OwnedTargetIsa, CompileError>> = OnceLock::new();
    ISA.get_or_init(|| {
        build(&[
            ("opt_level", "speed"),
            ("regalloc_algorithm", "backtracking"),
        ])
    })
    .as_ref()
    .map_err(Clone::clone)
}
