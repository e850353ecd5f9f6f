//! Makes programs from bytes: one to three modules linked with each other and perhaps a driver. They are
//! valid, they end, and two correct engines cannot differ on them.
//!
//! A later module may import everything that an earlier one exports, including its imports, under the name
//! that [`module_name`] returns; all other imports come from the host.
//!
//! Which features may be used is drawn from the input too, because a generator that may always use everything
//! hardly ever makes modules that use one feature a lot.

use crate::link::{available, driver};
use crate::value::Sequence;
use arbitrary::{Arbitrary, Unstructured};
use wasm_smith::{Config, Module};

/// How many trips through loops and calls an instance may make before it traps. Far below what exhausts a
/// stack by recursion, far above the smallest threshold.
const FUEL: u32 = 2000;

/// The maximum bytes of each memory: two pages show growth and are quick to compare.
const MEMORY_BYTES: u64 = 2 << 16;

/// A program: its modules in the order of their linking, in binary form.
pub type Program = Vec<Vec<u8>>;

/// The name under which later modules import from the module at this position.
pub fn module_name(position: usize) -> String {
    format!("module {position}")
}

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

/// A program from arbitrary bytes, or `None` if they are too few.
pub fn from_bytes(bytes: &[u8]) -> Option<Program> {
    let mut input = Unstructured::new(bytes);
    let modules = input.int_in_range(1..=3).ok()?;
    let driven = bool::arbitrary(&mut input).ok()?;
    let share = input.len() / modules;
    let mut program = Program::new();
    for _ in 0..modules {
        let mut input = Unstructured::new(input.bytes(share).ok()?);
        let features = Features::arbitrary(&mut input).ok()?;
        let mut config = features.config();
        if !program.is_empty() {
            config.available_imports = Some(available(&program));
            // The minimum includes imported functions, and a module that defines none would be of no use.
            config.max_funcs += 40;
        }
        let mut module = Module::new(config, &mut input).ok()?;
        module
            .ensure_termination(FUEL)
            .expect("bodies are generated, not arbitrary bytes");
        program.push(module.to_bytes());
    }
    if driven {
        program.push(driver(&program));
    }
    Some(program)
}

/// The bytes of a seed: the same program on every machine.
pub fn bytes_of_seed(seed: u64) -> Vec<u8> {
    let mut sequence = Sequence::new(seed);
    let len = 512 + sequence.number() as usize % 12_000;
    sequence.bytes(len)
}
