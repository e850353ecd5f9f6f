//! Policy: every number that decides when and why something is compiled, with its origin.
//!
//! Nothing here can make a program's result wrong; it can only make it slower.

use crate::compiled::CompileSettings;
use engine::layout::Budget;
use std::time::Duration;

/// How functions get their code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Baseline code at the first call, and nothing else.
    Baseline,
    /// For tests: code of the reference compiler at the first call, and nothing else.
    Reference,
    /// Optimised code at the first call.
    Optimise,
    /// Baseline code at the first call, optimised code for functions that turn out to be hot.
    #[default]
    Tiered,
    /// For tests: every function gets both, and calls are switched from one to the other and back to the
    /// stubs while the program runs.
    RelinkStorm,
}

/// This many trips through loops count as much as one call: a trip often does a fraction of the work of a
/// call.
///
/// Measured with 1, 4 and 16 on starts of CPython and Ruby, scripts on CPython and PHP, nbody, sha256 and
/// fannkuch: wall-clock time is the same within the noise (10%). The processor time of the starts is a
/// tenth to a fifth larger with 1 than with 16, because more functions are optimised that are not worth it.
/// The middle value was kept. Measured again with the baseline compiler of one pass, ten tasks: 1.00 with 1,
/// and 1.00 with 16.
pub const TRIPS_PER_CALL: u32 = 4;

/// Calls after which a function is promoted.
///
/// Measured between 300 and 12,000 on starts of CPython and Ruby, two Python scripts of some seconds and
/// two kernels: the program's own thread needs the same time within the noise (15%); the background thread
/// needs 0.69 s of CPU time at 300, 0.49 at 1,000, 0.30 at 4,000 and 0.21 at 12,000 for one of the scripts.
/// So the cost of compilation decides, as long as cores are scarce and compiled code is not shared.
///
/// Measured again with the baseline compiler of one pass, 15 tasks of 0.02 to 6 s (starts and work of
/// CPython, PHP, Ruby and clang, kernels), two cores, wall and processor time compared with 3,000: 1,000 1.00
/// and 1.02; 6,000 0.96 and 0.97; 12,000 1.05 and 1.02, CPython with 6 s of work 1.17; 30,000 1.00 and 0.95,
/// the same task 1.17. One task varies by 10%, so 3,000 was kept.
pub const DEFAULT_THRESHOLD: u32 = 3000;

/// A function must spend its budget once more, before it is promoted, for every so many bytes of its
/// bytecode.
///
/// Optimising takes time in proportion to size, some 4 us per byte, and much memory for the largest
/// functions. Without this, a start of Ruby compiled the body of its interpreter (251,044 bytes) for
/// nothing, which doubled the peak memory. Measured again, ten tasks: 0.98 with 256, 1.02 with 4,096.
pub const BYTES_PER_BUDGET: usize = 1024;

/// Code that will not be promoted still asks after this many calls, so that it sees a request to stop.
/// Asking costs about 20 ns, which is negligible at this interval.
pub const ASK_AGAIN: u32 = 1 << 18;

/// A frame waits for the header of an outer loop before it enters code for the loop that it is in. For each
/// call of the threshold, it waits at this many headers. Asking costs some 50 ns: with the default
/// threshold no more than half a millisecond is spent, and an outer loop is entered if its inner loops make
/// fewer than some ten thousand trips in each of its own trips.
pub const LOOP_PATIENCE: u32 = 4;

/// The largest number of loops of one function for which OSR code is compiled: each takes the time and the
/// code space of the whole function. Guessed; CPython's interpreter, a loop around a large switch, asked
/// for 8 in a script of some seconds.
pub const LOOPS_PER_FUNCTION: usize = 32;

/// The compiler's buffers are freed after a function of at least this many bytes of bytecode: optimising
/// CPython's interpreter loop (93,750 bytes) takes some 15 MB, which no later function needs.
pub const SCRATCH_LIMIT: usize = 16 << 10;

/// The largest number of functions that may wait for the optimiser. A function for which there is no place
/// asks again later. Guessed: some ten seconds of work, and more than a start of CPython or Ruby ever
/// queued.
pub const QUEUE_LIMIT: usize = 4096;

/// Compiling ahead of calls. Sizes are in bytes of bytecode.
///
/// Measured on the starts of CPython, PHP, Ruby, a JavaScript interpreter of 1 MB and a compiler of 75 MB,
/// two cores: about half of what is compiled is called. Wall time is 0.93, 1.00, 0.97, 0.93 and 0.95 of that
/// without, and processor time is the same within the noise (5%).
pub mod ahead {
    /// First calls before anything is compiled ahead: a program that makes fewer ends before a thread is
    /// started. Guessed: they take 0.2 ms.
    pub const AFTER_FIRST_CALLS: u64 = 32;

    /// The largest function that is compiled ahead. With 500 instead, half of the gain is lost; without a
    /// limit, a JavaScript interpreter's start compiles 90 KB for nothing.
    pub const LARGEST: usize = 8 << 10;

    /// The largest number of functions whose callees may wait for code. Guessed.
    pub const WAITING: usize = 64;

    /// The largest number of callees of one function that are compiled ahead: the end of the engine waits for
    /// them. Guessed.
    pub const CALLEES: usize = 64;

    /// How much may be compiled before it counts how much of it is called.
    pub const ON_TRUST: u64 = 64 << 10;

    /// No more is compiled ahead once less than one in so many bytes has been called.
    pub const CALLED_ONE_IN: u64 = 3;
}

/// How long a job may take before another thread takes over the queue. Jobs that are estimated to take
/// longer than a second are refused, see [`effort`].
pub const JOB_IS_LATE: Duration = Duration::from_secs(1);

/// The largest number of optimiser threads at one time, including late ones. Guessed: each takes a core
/// from the program.
pub const OPTIMISING_THREADS: usize = 3;

/// What is added to the nice value of the background thread if the process has one core.
///
/// With 10, the thread gets a tenth of the core while the program runs. Measured on one core, starts and work
/// of CPython, PHP, Ruby and clang of 0.1 to 2.3 s and two kernels, wall time compared with `--mode
/// baseline`, geometric mean and worst: 1.24 and 1.83 with 0, 1.13 and 1.40 with 5, 1.06 and 1.19 with 10,
/// 1.05 and 1.11 with 15. CPython with 2.3 s of work: 0.89, 0.92, 0.89, 0.97. With the hottest function
/// first, the times with 10 are 0.96 of that, and CPython's 0.85. On two cores the order makes no difference.
pub const NICE_ON_ONE_CORE: i32 = 10;

/// After the system has refused a thread, none is requested for this long. Guessed: a refusal costs tens of
/// microseconds, and a limit on processes may no longer apply a moment later.
pub const RETRY_THREADS: Duration = Duration::from_secs(1);

/// How often freeing code is attempted before a call fails because the code space is full, if some thread
/// does not respond to the request to scan its stack. In that case each attempt waits 200 ms. Guessed.
pub const ATTEMPTS_TO_FREE: usize = 4;

/// Retired code is freed when there are at least this many bytes of it (a scan of all stacks costs some 20
/// us).
pub const RECLAIM_AT: usize = 256 << 10;

/// The same in a storm, whose purpose is to free code while programs run.
pub const STORM_RECLAIM_AT: usize = 8 << 10;

/// Pause of the storm thread between two switches of a function's code, in microseconds: tests must have
/// time for calls.
pub const STORM_PAUSE_US: u64 = 20;

/// One in this many steps of a storm resets a function to its stub instead of switching it to its other
/// body.
pub const STORM_RESET_ONE_IN: u64 = 8;

/// Limits of inlining (`crate::inlining`). Sizes are in bytes of bytecode.
///
/// Each was measured at about half and at twice its value, with the others unchanged, on fib, vdispatch,
/// interp and scripts on CPython and PHP, by the user time of whole processes including compilation. Where
/// no difference is given below, there was none beyond the noise (8%), and the middle value was kept.
pub mod inlining {
    /// A body of at most this size is no longer than the call: it is inlined wherever it is called.
    pub const TINY: usize = 16;

    /// The largest body that is inlined where no baseline code has recorded what is hot.
    pub const SMALL: usize = 60;

    /// How many times as often a call in a loop is assumed to be executed as one before the loop, as a
    /// power of two.
    pub const LOOP_WEIGHT_LOG2: u32 = 3;

    /// Frequencies above this power of two are treated as equal.
    pub const MAX_FREQUENCY: u32 = 18;

    /// The deepest nesting of inlined bodies. With 4, vdispatch needs 1.2 times as long.
    pub const MAX_DEPTH: u32 = 8;

    /// The deepest nesting of bodies of one function. With 1, fib needs 1.05 times as long; with 3, 0.9
    /// times, but every recursive function becomes half as long again.
    pub const MAX_RECURSION: usize = 2;

    /// The largest number of bodies inlined into one function.
    pub const MAX_BODIES: usize = 64;

    /// The largest number of locals of an inlined body, not counting its parameters. Each costs the
    /// compiler time, whether it is used or not.
    pub const MAX_LOCALS: u32 = 200;

    /// A callee is inlined at an indirect call only if at least this share of the recorded calls went to
    /// it. With 25, vdispatch, whose calls have four callees each, needs 1.4 times as long.
    pub const MIN_SHARE_PERCENT: u64 = 10;

    /// The largest body that is inlined where a call is executed `1 << frequency` times for each call of
    /// the function. A guard has a cost, but it saves the more expensive kind of call. With half the size,
    /// vdispatch needs 1.2 times as long.
    pub fn size_for(frequency: u32, guarded: bool) -> usize {
        let loops = (frequency / LOOP_WEIGHT_LOG2).min(2) as usize;
        100 + 150 * loops + if guarded { 100 } else { 0 }
    }

    /// How many bytes in total may be inlined into a function of this size.
    pub fn budget(size: usize) -> usize {
        (2 * size).clamp(400, 4000)
    }
}

/// Estimates of the compile time of functions far larger than those of real programs, and the limits beyond
/// which they are not optimised. Times are in nanoseconds, measured on one machine with functions of some
/// forty shapes (`benches/compile_bounds.py`) and with the largest of CPython, PHP and Ruby; the estimates
/// are up to three times too short or too long.
pub mod effort {
    /// A function is not optimised if that is estimated to take longer. The most expensive function of the
    /// programs above is estimated at 0.65 s and takes 0.58 s (Ruby, 140,908 bytes).
    pub const MAX_NS: u64 = 1_000_000_000;

    /// An instruction of Cranelift's form, or a destination of a branch: 1 to 2 us in programs.
    pub const PER_INST: u64 = 2000;

    /// An argument of a block. With 500 nested loops, each with a counter, 2 to 4 us.
    pub const PER_PARAM: u64 = 1000;

    /// A value that is live at the start of a block: 60 to 500 ns.
    pub const PER_LIVE: u64 = 300;

    /// An argument of a block times a value that is live at the start of one, where no live range is split:
    /// 1.5 ns (`blocks_with_results`).
    pub const PER_PARAM_AND_LIVE: u64 = 2;

    /// A use of a value that was merged with others, times the number of merges: 0 to 7 ns, the most for a
    /// sequence of loops.
    pub const PER_MERGED: u64 = 2;

    /// A value that is live across a call: 35 to 45 ns (`values_under_calls`).
    pub const PER_ACROSS: u64 = 40;

    /// A destination of a jump table times a different destination of it: 1.5 ns.
    pub const PER_JUMP: u64 = 2;

    /// An operation with a constant in a chain of operations of that kind: 35 to 80 us, and 5 KB of memory.
    /// Elsewhere they cost as much as other operations.
    pub const PER_CONSTANT: u64 = 40_000;

    /// A function is optimised without an estimate if the square of its size (values and destinations of
    /// jump tables) times its number of blocks is less than this: the estimate would be far below a second.
    pub const NO_ESTIMATE_BELOW: u64 = MAX_NS / 10;

    /// Counting of live values stops here: more are too many in any case.
    pub const MAX_LIVE: u64 = MAX_NS / PER_LIVE;

    /// The translation for the optimiser stops at this many values per byte of bytecode: locals that pass
    /// through blocks become parameters of these blocks, which can be as many as the number of locals times
    /// the number of blocks. Programs have up to 3 (guessed from those above, doubled twice).
    pub const VALUES_PER_BYTE: usize = 12;

    /// A function is not translated for the optimiser if the number of its locals times the number of its
    /// blocks and destinations of jump tables reaches this: the translation may keep a record of 4 bytes
    /// for each pair. The largest functions of the programs above have a quarter of it.
    pub const MAX_LOCALS_AND_BLOCKS: u64 = 60_000_000;

    /// A function is not translated for the optimiser if the number of its locals times the number of its
    /// back edges reaches this: the loop's header may take each local from every back edge. Measured:
    /// 58,000,000 took 6 s and 1 GB, so this should take half a second. No function of the programs above
    /// reaches it.
    pub const MAX_LOCALS_AND_BACK_EDGES: u64 = 5_000_000;

    /// Every translation stops at this many instructions of Cranelift's form per byte of bytecode. Only
    /// functions with many parameters or results have more than 4: their calls and blocks have two bytes
    /// and move a thousand values each.
    pub const INSTS_PER_BYTE: usize = 16;

    /// A small function may have this many instructions, whatever its number of bytes: a second of work if
    /// they move values.
    pub const FEW_INSTS: usize = 500_000;

    /// A small function may have this many values, whatever its number of bytes.
    pub const FEW_VALUES: usize = 200_000;
}

/// What the embedder configured.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// How functions get their code.
    pub mode: Mode,
    /// Calls after which a function is promoted.
    pub threshold: u32,
    /// Whether optimised code checks if the program should stop.
    pub interruption: bool,
    /// Whether there is a background thread that optimises hot functions and compiles ahead of calls. If not,
    /// the thread that found them hot optimises them.
    pub parallel: bool,
    /// Whether bodies of callees are inlined into optimised code.
    pub inlining: bool,
    /// Whether entries from the host are counted by the tier that they enter.
    pub count_entries: bool,
    /// Whether baseline code is for the oldest processor, see [`CompileSettings`].
    pub oldest_processor: bool,
    /// Whether a listener wants to know about code, see [`CompileSettings::observed`].
    pub observed: bool,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            mode: Mode::default(),
            threshold: DEFAULT_THRESHOLD,
            interruption: false,
            parallel: true,
            inlining: true,
            count_entries: false,
            oldest_processor: false,
            observed: false,
        }
    }
}

impl Tuning {
    /// At how many headers a frame waits for an outer loop. With the smallest thresholds it is 0, since
    /// they are for tests, in which loops must be entered everywhere.
    pub fn loop_patience(&self) -> u32 {
        self.threshold
            .saturating_sub(2)
            .saturating_mul(LOOP_PATIENCE)
    }

    /// The budget of a function. Code asks policy when it has spent the budget.
    pub fn budget(&self) -> Budget {
        let calls = match self.mode {
            Mode::Baseline | Mode::Reference | Mode::Optimise => ASK_AGAIN,
            Mode::Tiered | Mode::RelinkStorm => self.threshold.clamp(1, ASK_AGAIN),
        };
        Budget::new(calls, calls * TRIPS_PER_CALL)
    }

    /// Settings for baseline code.
    pub fn baseline(&self) -> CompileSettings {
        CompileSettings {
            budgets: match self.mode {
                Mode::Baseline | Mode::Reference | Mode::Optimise => self.interruption,
                Mode::Tiered | Mode::RelinkStorm => true,
            },
            feedback: self.mode == Mode::Tiered && self.inlining,
            interruption: self.interruption,
            oldest_processor: self.oldest_processor,
            observed: self.observed,
        }
    }

    /// Whether a function with this many bytes of bytecode is promoted when it has spent its budget this
    /// many times. With a threshold of 1 it is promoted at once.
    pub fn promotes(&self, spent: u16, bytes: usize) -> bool {
        let larger = bytes / BYTES_PER_BUDGET;
        // A budget is no larger than this, see `budget`.
        let longer = (self.threshold / ASK_AGAIN) as usize;
        let more = (larger + longer).min(usize::from(u16::MAX) - 1);
        self.threshold <= 1 || usize::from(spent) > more
    }

    /// Whether baseline code of a program runs for some time before its hot functions are optimised. If so,
    /// functions that it has not called by then are cold.
    pub fn profiles(&self) -> bool {
        self.mode == Mode::Tiered && self.threshold > 1
    }

    /// Settings for optimised code.
    pub fn optimised(&self) -> CompileSettings {
        CompileSettings {
            interruption: self.interruption,
            observed: self.observed,
            ..CompileSettings::default()
        }
    }
}
