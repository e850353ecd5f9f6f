//! Decodes any bytes: the result is a module or an error, never a panic and never a hang.
#![no_main]

use lazywasm::{Engine, Module};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

fuzz_target!(|bytes: &[u8]| {
    let _ = Module::new(&ENGINE, bytes);
});
