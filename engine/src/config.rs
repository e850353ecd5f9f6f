//! What an embedder can configure of an engine.

/// Bytes of stack kept free below the limit of compiled code, for compiling on a first call and for
/// helpers of the runtime. Compiling with Cranelift was measured to need 64 to 96 KiB.
pub const STACK_RESERVE: usize = 256 << 10;

/// Settings of the engine, apart from compilers and tiers.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) max_wasm_stack: usize,
    pub(crate) code_reserve: usize,
    pub(crate) code_cap: usize,
    pub(crate) patch_sites: bool,
    pub(crate) max_memory: Option<u64>,
    pub(crate) multi_memory: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            max_wasm_stack: 8 << 20,
            code_reserve: 1 << 30,
            code_cap: 1 << 30,
            patch_sites: true,
            max_memory: None,
            multi_memory: true,
        }
    }
}

impl Config {
    /// The defaults: 8 MiB of stack, 1 GiB of code at most, no limit on memories.
    pub fn new() -> Config {
        Config::default()
    }

    /// Most stack, in bytes, that compiled code uses in one entry from the host. It never uses more than
    /// the thread's own stack has.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Config {
        self.max_wasm_stack = bytes;
        self
    }

    /// Most machine code, in bytes, that the engine keeps.
    pub fn code_cap(&mut self, bytes: usize) -> &mut Config {
        self.code_cap = bytes.min(self.code_reserve);
        self
    }

    /// Whether call sites are patched to call their callee directly. Otherwise every call goes
    /// through the callee's entry.
    pub fn patch_sites(&mut self, on: bool) -> &mut Config {
        self.patch_sites = on;
        self
    }

    /// Most linear memory, in bytes, of each store.
    pub fn max_memory(&mut self, bytes: Option<u64>) -> &mut Config {
        self.max_memory = bytes;
        self
    }

    /// Whether modules may have several memories, as WebAssembly 3.0 allows and 2.0 does not.
    pub fn wasm_multi_memory(&mut self, on: bool) -> &mut Config {
        self.multi_memory = on;
        self
    }
}
