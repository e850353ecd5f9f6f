//! Messages for modules that are refused: they are invalid, or use a proposal that the engine does not
//! support.
//!
//! The validator's own messages name a proposal by its feature flag; here each has a description. Its other
//! messages may quote names from the module, and are escaped.

use crate::shown::shown_text;
use anyhow::{Error, anyhow};
use wasmparser::{Validator, WasmFeatures};

/// Every proposal that a module may use in other engines and not here, with a description of what such a
/// module has.
const PROPOSALS: &[(WasmFeatures, &str)] = &[
    (
        WasmFeatures::MEMORY64,
        "memories or tables with 64-bit addresses",
    ),
    (
        WasmFeatures::EXCEPTIONS,
        "exceptions (tags, throw, try_table)",
    ),
    (
        WasmFeatures::LEGACY_EXCEPTIONS,
        "exceptions in their old form (try, catch, delegate)",
    ),
    (
        WasmFeatures::FUNCTION_REFERENCES,
        "references to functions of one type, or references that are never null",
    ),
    (
        WasmFeatures::GC,
        "types of the garbage collector (structs, arrays, i31, subtypes)",
    ),
    (
        WasmFeatures::THREADS,
        "shared memories or atomic instructions",
    ),
    (
        WasmFeatures::RELAXED_SIMD,
        "relaxed vector instructions, whose results differ between machines",
    ),
    (
        WasmFeatures::SHARED_EVERYTHING_THREADS,
        "functions, tables, globals or types shared between threads",
    ),
    (
        WasmFeatures::STACK_SWITCHING,
        "continuations (switching between stacks)",
    ),
    (
        WasmFeatures::WIDE_ARITHMETIC,
        "arithmetic on integers of 128 bits",
    ),
    (
        WasmFeatures::CUSTOM_PAGE_SIZES,
        "memories whose pages are not of 64 KiB",
    ),
    (
        WasmFeatures::CUSTOM_DESCRIPTORS,
        "types that describe other types, or exact types",
    ),
    (
        WasmFeatures::COMPACT_IMPORTS,
        "imports grouped by module or by type",
    ),
    (
        WasmFeatures::MEMORY_CONTROL,
        "giving pages of a memory back (memory.discard)",
    ),
    (
        WasmFeatures::MULTI_MEMORY,
        "more than one memory, which the configuration forbids",
    ),
];

/// Whether a refused module would be valid with all features that are standard or proposed.
fn is_valid_elsewhere(bytes: &[u8]) -> bool {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    validator.validate_all(bytes).is_ok()
}

/// The description of the proposal whose absence `error` reports, if there is one.
fn missing(error: &wasmparser::Error) -> Option<&'static str> {
    let missing = error.missing_wasm_feature()?;
    let found = PROPOSALS.iter().find(|(one, _)| missing.contains(*one));
    found.map(|(_, words)| *words)
}

/// As [`missing`], for errors that do not name the proposal: the first one that, if allowed, changes the
/// error or removes it.
fn missing_by_trial(
    error: &wasmparser::Error,
    features: WasmFeatures,
    bytes: &[u8],
) -> Option<&'static str> {
    let helps = |proposal: WasmFeatures| {
        let result = Validator::new_with_features(features | proposal).validate_all(bytes);
        result.map_or_else(
            |other| other.offset() != error.offset() || other.message() != error.message(),
            |_| true,
        )
    };
    let found = PROPOSALS.iter().find(|(one, _)| helps(*one));
    found.map(|(_, words)| *words)
}

/// The error for a module that the validator refused. `place` is the place of the fault, such as `function f:
/// `, or empty.
pub(super) fn refusal(
    label: &str,
    place: &str,
    error: &wasmparser::Error,
    features: WasmFeatures,
    bytes: &[u8],
) -> Error {
    let offset = error.offset();
    let text = || shown_text(error.message());
    if is_valid_elsewhere(bytes) {
        let words = missing(error).or_else(|| missing_by_trial(error, features, bytes));
        let words = words.map_or_else(text, str::to_string);
        return anyhow!(
            "{label} uses a part of WebAssembly that lazywasm does not support: {place}{words} (at offset {offset:#x})"
        );
    }
    // There may be other faults after this place.
    let words = missing(error).map(|words| format!("{words}, which lazywasm does not support"));
    let words = words.unwrap_or_else(text);
    anyhow!("{label} is not a valid module: {place}{words} (at offset {offset:#x})")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new version of the validator may know more proposals: each must have a description here, or be
    /// supported.
    #[test]
    fn every_proposal_has_words() {
        let supported = WasmFeatures::WASM2
            | WasmFeatures::TAIL_CALL
            | WasmFeatures::EXTENDED_CONST
            // Only components use it, and they are refused before.
            | WasmFeatures::COMPONENT_MODEL;
        for (name, feature) in WasmFeatures::all().iter_names() {
            let of_components = name.starts_with("CM");
            if supported.contains(feature) || of_components {
                continue;
            }
            assert!(
                PROPOSALS.iter().any(|(one, _)| *one == feature),
                "{name} has no words"
            );
        }
        for (feature, words) in PROPOSALS {
            let (name, _) = feature.iter_names().next().unwrap();
            let name = name.to_lowercase();
            for written in [name.clone(), name.replace('_', "-"), name.replace('_', " ")] {
                // The name of the flag alone, such as "exceptions" or "gc", says too little.
                assert_ne!(*words, written);
            }
        }
    }
}
