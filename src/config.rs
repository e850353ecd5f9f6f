//! What an embedder can set.

use std::fmt;
use std::sync::Arc;
use tiering::events::{Event, Listener};
use tiering::policy::{Mode, Tuning};
use tiering::records::CodeListener;

/// Settings of an engine.
///
/// ```
/// use lazywasm::{Config, Engine, Mode};
/// let mut config = Config::new();
/// config.mode(Mode::Baseline).max_memory(Some(64 << 20));
/// let engine = Engine::new(&config).unwrap();
/// # drop(engine);
/// ```
#[derive(Clone, Default)]
pub struct Config {
    pub(crate) engine: engine::Config,
    pub(crate) tuning: Tuning,
    pub(crate) listener: Option<Arc<Listener>>,
    pub(crate) code_listener: Option<Arc<dyn CodeListener>>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("engine", &self.engine)
            .field("tuning", &self.tuning)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// The defaults: tiered, 8 MiB of stack, 1 GiB of code at most, no limit on memories.
    pub fn new() -> Config {
        Config::default()
    }

    /// How functions get their code.
    pub fn mode(&mut self, mode: Mode) -> &mut Config {
        self.tuning.mode = mode;
        self
    }

    /// Calls after which a function is promoted to the optimising tier, or four times as many trips through
    /// its loops; large functions need more. At least 1; by default
    /// [`DEFAULT_THRESHOLD`](crate::DEFAULT_THRESHOLD).
    pub fn threshold(&mut self, calls: u32) -> &mut Config {
        self.tuning.threshold = calls.max(1);
        self
    }

    /// Whether a background thread optimises hot functions and, if there is more than one core, gives code to
    /// functions that are about to be called. On by default. Otherwise the thread that finds a function hot
    /// compiles it before it continues, and nothing is compiled ahead, so that what happens does not depend
    /// on timing.
    pub fn parallel_compilation(&mut self, on: bool) -> &mut Config {
        self.tuning.parallel = on;
        self
    }

    /// Whether optimised code contains the bodies of hot callees instead of calls, including functions of
    /// other modules. On by default.
    pub fn compiler_inlining(&mut self, on: bool) -> &mut Config {
        self.tuning.inlining = on;
        self
    }

    /// Whether a running program can be stopped by an [`InterruptHandle`](crate::InterruptHandle).
    /// Optimised code then checks for a request to stop at loops and entries.
    pub fn interruption(&mut self, on: bool) -> &mut Config {
        self.tuning.interruption = on;
        self
    }

    /// The maximum linear memory, in bytes, of each store.
    pub fn max_memory(&mut self, bytes: Option<u64>) -> &mut Config {
        self.engine.max_memory(bytes);
        self
    }

    /// The maximum stack, in bytes, that compiled code uses in one entry from the host. The rest of the
    /// thread's stack, at least 256 KiB, is for host functions; one that needs more ends the process.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Config {
        self.engine.max_wasm_stack(bytes);
        self
    }

    /// The maximum machine code, in bytes, that the engine keeps.
    pub fn code_cap(&mut self, bytes: usize) -> &mut Config {
        self.engine.code_cap(bytes);
        self
    }

    /// Whether call sites are patched to call their callee directly.
    pub fn patch_sites(&mut self, on: bool) -> &mut Config {
        self.engine.patch_sites(on);
        self
    }

    /// Whether calls from the host are counted, by where they begin: in a stub, baseline or optimised code.
    pub fn count_entries(&mut self, on: bool) -> &mut Config {
        self.tuning.count_entries = on;
        self
    }

    /// Whether baseline code uses nothing beyond what its compiler needs of a processor (SSE4.2 and POPCNT),
    /// as if this one had no AVX, BMI and LZCNT. For tests: such processors are rare. Off by default.
    pub fn oldest_processor(&mut self, on: bool) -> &mut Config {
        self.tuning.oldest_processor = on;
        self
    }

    /// Whether modules may have several memories, as WebAssembly 3.0 allows and 2.0 does not. On by default.
    pub fn wasm_multi_memory(&mut self, on: bool) -> &mut Config {
        self.engine.wasm_multi_memory(on);
        self
    }

    /// Sets a listener for events about functions: compiled, promoted, linked, inlined. It is called on the
    /// thread that causes the event, which may be the optimiser's, and that thread waits until it returns.
    /// The listener must not call the engine. A panic in it is reported by the panic hook and has no further
    /// effect.
    ///
    /// ```
    /// use lazywasm::{Config, Engine, Event};
    /// let mut config = Config::new();
    /// config.on_event(|event: &Event<'_>| {
    ///     if let Event::Compiled { func, tier, .. } = event {
    ///         println!("{func} has {tier} code");
    ///     }
    /// });
    /// let engine = Engine::new(&config).unwrap();
    /// # drop(engine);
    /// ```
    pub fn on_event(
        &mut self,
        listener: impl Fn(&Event<'_>) + Send + Sync + 'static,
    ) -> &mut Config {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Sets a listener for machine code: it is told of each piece before the code can run, and when the code
    /// is gone. For profilers and debuggers. [`CodeRecord`](crate::CodeRecord) has what is told.
    ///
    /// ```
    /// use lazywasm::{CodeId, CodeListener, CodeRecord, Config, Engine};
    /// use std::sync::Arc;
    ///
    /// struct Print;
    ///
    /// impl CodeListener for Print {
    ///     fn code_added(&self, code: &CodeRecord) {
    ///         println!("{:#x} {:5} bytes: {}", code.addresses.start, code.bytes.len(), code.subject);
    ///     }
    ///
    ///     fn code_removed(&self, _: CodeId) {}
    /// }
    ///
    /// let mut config = Config::new();
    /// config.code_listener(Arc::new(Print));
    /// let engine = Engine::new(&config).unwrap();
    /// # drop(engine);
    /// ```
    pub fn code_listener(&mut self, listener: Arc<dyn CodeListener>) -> &mut Config {
        self.code_listener = Some(listener);
        self
    }
}
