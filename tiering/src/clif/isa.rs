//! The descriptions of the instruction set for Cranelift, for each compiler that uses it.
//!
//! All describe this processor and differ only in effort, and in whether unwind information is made. They are
//! created at the first compilation: a program that compiles nothing never pays for them. Code depends on
//! these settings and its input only, so the settings may depend on nothing but the processor ([PURE]).

use crate::compiled::CompileError;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use std::sync::OnceLock;

/// Settings that both compilers and the trampolines share; docs/calling-convention.md has the reasons.
const SHARED: &[(&str, &str)] = &[
    // Stacks are walked by frame pointers only. Unwind information is made for listeners.
    ("preserve_frame_pointers", "true"),
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

/// A setting, and its value.
type Setting = (&'static str, &'static str);

fn build(effort: &[Setting], observed: bool) -> Result<OwnedTargetIsa, CompileError> {
    let refused =
        |what: String| CompileError::Unsupported(format!("code for this processor: {what}"));
    let mut flags = settings::builder();
    let unwind_info = if observed { "true" } else { "false" };
    let unwind_info = [("unwind_info", unwind_info)];
    for (name, value) in SHARED.iter().chain(effort).chain(&unwind_info) {
        flags
            .set(name, value)
            .map_err(|e| refused(format!("setting {name}: {e}")))?;
    }
    cranelift_native::builder()
        .map_err(|e| refused(e.to_string()))?
        .finish(settings::Flags::new(flags))
        .map_err(|e| refused(e.to_string()))
}

/// A description for code of which listeners are not told, and one for code of which they are. The code is
/// the same.
type Both = [OnceLock<Result<OwnedTargetIsa, CompileError>>; 2];

fn find(
    both: &'static Both,
    observed: bool,
    effort: &[Setting],
) -> Result<&'static OwnedTargetIsa, CompileError> {
    let isa = both[usize::from(observed)].get_or_init(|| build(effort, observed));
    isa.as_ref().map_err(Clone::clone)
}

/// The description for the reference compiler: least effort.
///
/// # Errors
/// If Cranelift has no code generator for this processor.
pub fn reference(observed: bool) -> Result<&'static OwnedTargetIsa, CompileError> {
    static ISA: Both = [const { OnceLock::new() }; 2];
    let effort = [("opt_level", "none"), ("regalloc_algorithm", "single_pass")];
    find(&ISA, observed, &effort)
}

/// The description for the optimising tier and for trampolines.
///
/// # Errors
/// As [`reference`].
pub fn optimising(observed: bool) -> Result<&'static OwnedTargetIsa, CompileError> {
    static ISA: Both = [const { OnceLock::new() }; 2];
    let effort = [
        ("opt_level", "speed"),
        ("regalloc_algorithm", "backtracking"),
    ];
    find(&ISA, observed, &effort)
}
