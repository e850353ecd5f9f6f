//! Modules from bytes: valid, ending, and made so that two correct engines cannot differ.
//!
//! What a generator may use is drawn from the input too, since a generator that may always use
//! everything hardly ever makes the modules in which one feature is used a lot.

use crate::value::Sequence;
use arbitrary::{Arbitrary, Unstructured};
use wasm_smith::{Config, Module};

/// How many loop turns and calls an instance gets before it traps. Far below what exhausts a stack by
/// recursion, far above the smallest threshold.
const FUEL: u32 = 2000;

/// Most bytes of each memory: two pages show growth, and are quickly compared.
const MEMORY_BYTES: u64 = 2 << 16;

/// Choices of one module.
#[derive(Arbitrary, Debug)]
struct Features {
    floats: bool,
    simd: bool,
    tail_calls: bool,
    memories: bool,
    imports: bool,
    /// Without traps more of the code is reached.
    trap_free: bool,
    bulk: bool,
    big_functions: bool,
    many_functions: bool,
}

impl Features {
    fn config(&self) -> Config {
        Config {
            allow_floats: self.floats,
            simd_enabled: self.simd,
            tail_call_enabled: self.tail_calls,
            max_memories: if self.memories { 3 } else { 1 },
            max_imports: if self.imports { 8 } else { 0 },
            disallow_traps: self.trap_free,
            bulk_memory_enabled: self.bulk,
            reference_types_enabled: self.bulk,
            max_instructions: if self.big_functions { 600 } else { 100 },
            min_funcs: if self.many_functions { 12 } else { 2 },
            max_funcs: if self.many_functions { 24 } else { 6 },
            max_tables: if self.bulk { 3 } else { 1 },
            max_table_elements: 200,
            table_max_size_required: true,
            max_memory32_bytes: MEMORY_BYTES,
            memory_max_size_required: true,
            min_types: 2,
            max_types: 12,
            max_globals: 12,
            max_data_segments: 6,
            max_element_segments: 6,
            canonicalize_nans: true,
            export_everything: true,
            multi_value_enabled: true,
            allow_start_export: true,
            relaxed_simd_enabled: false,
            exceptions_enabled: false,
            gc_enabled: false,
            custom_descriptors_enabled: false,
            custom_page_sizes_enabled: false,
            threads_enabled: false,
            shared_everything_threads_enabled: false,
            memory64_enabled: false,
            wide_arithmetic_enabled: false,
            extended_const_enabled: false,
            ..Config::default()
        }
    }
}

/// A module from arbitrary bytes, or `None` if they are too few.
pub fn from_bytes(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut input = Unstructured::new(bytes);
    let features = Features::arbitrary(&mut input).ok()?;
    let mut module = Module::new(features.config(), &mut input).ok()?;
    module
        .ensure_termination(FUEL)
        .expect("bodies are generated, not arbitrary bytes");
    Some(module.to_bytes())
}

/// The bytes that belong to a seed: the same module on every machine.
pub fn bytes_of_seed(seed: u64) -> Vec<u8> {
    let mut sequence = Sequence::new(seed);
    let len = 512 + sequence.number() as usize % 12_000;
    sequence.bytes(len)
}
