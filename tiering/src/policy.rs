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
    /// Optimised code at the first call.
    Optimise,
    /// Baseline code at the first call, optimised code for what turns out to be hot.
    #[default]
    Tiered,
    /// For tests: every function gets both, and calls are led from one to the other and back to the
    /// stubs while the program runs.
    RelinkStorm,
}

/// Trips through loops that count as much as a call: a trip is often a fraction of what a call does.
///
/// Measured with 1, 4 and 16 on starts of CPython and Ruby, scripts on CPython and PHP, nbody, sha256 and fannkuch: the time that passes
/// is the same within the noise (10%); the processor time of the starts is a tenth to a fifth larger with 1 than with 16, for more is
/// optimised in vain. The middle was kept.
pub const TRIPS_PER_CALL: u32 = 4;

/// Calls after which a function is promoted.
///
/// Measured between 300 and 12,000 on starts of CPython and Ruby, two Python scripts of some seconds
/// and two kernels: the program's own thread needs the same time within the noise (15%); the
/// background thread needs 0.69 s of CPU time at 300, 0.49 at 1,000, 0.30 at 4,000 and 0.21 at 12,000
/// for one of the scripts. So cost decides, while cores are scarce and compilation is not shared.
pub const DEFAULT_THRESHOLD: u32 = 3000;

/// Bytes of bytecode for each of which a function must spend its budget once more before it is promoted.
///
/// Optimising takes time in proportion to size, some 4 us for a byte, and much memory for the largest: in a
/// start of Ruby, without this, the body of its interpreter (251,044 bytes) was compiled for nothing, which
/// doubled the peak of memory.
pub const BYTES_PER_BUDGET: usize = 1024;

/// Calls after which code that is not to be promoted asks all the same, so that a request to stop
/// is seen. A question costs about 20 ns; at this distance that is nothing.
pub const ASK_AGAIN: u32 = 1 << 18;

/// Headers of loops, for each call of the threshold, at which a frame asks for a loop further out before it takes the loop
/// that it is in. A question costs some 50 ns: with the default threshold no more than half a millisecond is
/// spent, and a loop with fewer than some ten thousand turns inside each of its turns is entered itself.
pub const LOOP_PATIENCE: u32 = 4;

/// Loops of a function for which code that starts there is compiled: each takes the time and the room of the whole function.
/// Guessed; CPython's interpreter, a loop around a large switch, asked for 8 in a script of some seconds.
pub const LOOPS_PER_FUNCTION: usize = 32;

/// Bytes of bytecode from which a function's buffers are given back when it has been compiled: optimising CPython's
/// interpreter loop (93,750 bytes) takes some 15 MB, and nothing after it needs them.
pub const SCRATCH_LIMIT: usize = 16 << 10;

/// Functions that may wait for the optimiser. What finds no place asks again later. Guessed: some ten
/// seconds of work, and more than a start of CPython or Ruby ever queued.
pub const QUEUE_LIMIT: usize = 4096;

/// How long a job may take before another thread takes over the queue: what is estimated to take longer than a second is refused,
/// see [`effort`].
pub const JOB_IS_LATE: Duration = Duration::from_secs(1);

/// Threads of the optimiser at one time, those included that are late. Guessed: each takes a core from the program.
pub const OPTIMISING_THREADS: usize = 3;

/// After a thread was refused, none is asked for this long. Guessed: a refusal costs tens of microseconds, a limit of processes
/// may be over in a moment.
pub const RETRY_THREADS: Duration = Duration::from_secs(1);

/// How often freeing is tried before a call fails for want of room, while some thread does not respond to the request to scan
/// its stack. Each attempt waits 200 ms then. Guessed.
pub const ATTEMPTS_TO_FREE: usize = 4;

/// Bytes of retired code from which freeing it pays (a scan of all stacks costs some 20 us).
pub const RECLAIM_AT: usize = 256 << 10;

/// The same in a storm, whose purpose is that code is freed under running programs.
pub const STORM_RECLAIM_AT: usize = 8 << 10;

/// Pause of the storm thread between two flips, in microseconds: tests shall have time for calls.
pub const STORM_PAUSE_US: u64 = 20;

/// One in so many steps of a storm leads a function back to its stub instead of to its other body.
pub const STORM_RESET_ONE_IN: u64 = 8;

/// Numbers of inlining (`crate::inlining`). Sizes are bytes of bytecode.
///
/// Each was measured at about half and at twice its value, the others as they are, on fib, vdispatch, interp and scripts on
/// CPython and PHP, by the user time of whole processes with compilation. Where no difference is told below, there was
/// none beyond the noise (8%): the middle was kept.
pub mod inlining {
    /// A body of this size is no longer than the call: it is inlined wherever it is called.
    pub const TINY: usize = 16;

    /// What is inlined where no baseline code has told what is hot.
    pub const SMALL: usize = 60;

    /// How many times as often, as a power of two, a call in a loop is executed as one before it.
    pub const LOOP_WEIGHT_LOG2: u32 = 3;

    /// Frequencies beyond this power of two are all the same.
    pub const MOST_FREQUENCY: u32 = 18;

    /// Bodies inside each other. With 4, vdispatch needs 1.2 times as long.
    pub const MOST_DEPTH: u32 = 8;

    /// Bodies of one function inside each other. With 1, fib needs 1.05 times as long; with 3, 0.9, but every recursive
    /// function becomes half as long again.
    pub const MOST_RECURSION: usize = 2;

    /// Bodies inlined into one function.
    pub const MOST_BODIES: usize = 64;

    /// Locals of an inlined body beside its parameters; each costs the compiler time, used or not.
    pub const MOST_LOCALS: u32 = 200;

    /// Of the calls that an indirect call made, the share that a callee must have had. With 25, vdispatch, whose calls have
    /// four callees each, needs 1.4 times as long.
    pub const LEAST_SHARE_PERCENT: u64 = 10;

    /// The largest body that is inlined where a call is executed `1 << frequency` times for each call of the
    /// function. A guard costs, but what it saves is the more expensive kind of call. With half of it, vdispatch needs 1.2
    /// times as long.
    pub fn size_for(frequency: u32, guarded: bool) -> usize {
        let loops = (frequency / LOOP_WEIGHT_LOG2).min(2) as usize;
        100 + 150 * loops + if guarded { 100 } else { 0 }
    }

    /// What may be inlined in all into a function of this size.
    pub fn budget(size: usize) -> usize {
        (2 * size).clamp(400, 4000)
    }
}

/// What functions cost to compile that are far beyond those of programs, and where an end is made of it. Times are in
/// nanoseconds, measured on one machine with functions of some forty shapes (`benches/compile_bounds.py`) and with the largest of CPython,
/// PHP and Ruby; the estimates are up to three times too short or too long.
pub mod effort {
    /// A function is not optimised if that would take longer. The longest of the programs above is estimated at 0.65 s and takes
    /// 0.58 s (Ruby, 140,908 bytes).
    pub const MOST_NS: u64 = 1_000_000_000;

    /// An instruction of Cranelift's form, or a destination of a branch: 1 to 2 us in programs.
    pub const PER_INST: u64 = 2000;

    /// An argument of a block. With 500 loops inside each other, each with a counter, 2 to 4 us.
    pub const PER_PARAM: u64 = 1000;

    /// A value alive at the start of a block: 60 to 500 ns.
    pub const PER_LIVE: u64 = 300;

    /// An argument of a block times a value alive at the start of one, where no live range is parted: 1.5 ns (`blocks_with_results`).
    pub const PER_PARAM_AND_LIVE: u64 = 2;

    /// A use of a value that was joined with others, times the joins: 0 to 7 ns, most for loops in a row.
    pub const PER_JOINED: u64 = 2;

    /// A value alive across a call: 35 to 45 ns (`values_under_calls`).
    pub const PER_ACROSS: u64 = 40;

    /// A destination of a jump table times a different one: 1.5 ns.
    pub const PER_JUMP: u64 = 2;

    /// An operation with a constant in a chain of such: 35 to 80 us, with 5 KB of memory. Elsewhere they cost what others do.
    pub const PER_CONSTANT: u64 = 40_000;

    /// Functions whose size (values, and destinations of jump tables) squared times their blocks is less are optimised without an
    /// estimate: it would be far below a second.
    pub const NOT_COUNTED: u64 = MOST_NS / 10;

    /// Where counting of live values ends: more are too many in any case.
    pub const MOST_LIVE: u64 = MOST_NS / PER_LIVE;

    /// Values for a byte of bytecode at which the translation for the optimiser ends: locals that pass through blocks are made
    /// parameters of them, which can be as many as both multiplied. Programs have up to 3 (guessed from those above, doubled twice).
    pub const VALUES_PER_BYTE: usize = 12;

    /// Locals times blocks, and destinations of jump tables, from which a function is not translated for the optimiser: the translation may keep a note of each
    /// pair, of 4 bytes. The largest of the programs above have a quarter.
    pub const MOST_LOCALS_AND_BLOCKS: u64 = 60_000_000;

    /// Locals times branches back to loops, from which a function is not translated for the optimiser: the loop's header may take
    /// each local from every branch. Measured: 58,000,000 took 6 s and 1 GB, so that this should take half a second.
    /// None of the functions of the programs above reaches it.
    pub const MOST_LOCALS_AND_BACK_EDGES: u64 = 5_000_000;

    /// Instructions of Cranelift's form for a byte of bytecode at which any translation ends. Only functions of many
    /// parameters or results, whose calls and blocks have two bytes and move a thousand values each, have more than 4.
    pub const INSTS_PER_BYTE: usize = 16;

    /// Instructions that a small function may have, whatever its bytes: a second of work where they move values.
    pub const FEW_INSTS: usize = 500_000;

    /// Values that a small function may have, whatever its bytes.
    pub const FEW_VALUES: usize = 200_000;
}

/// What an embedder chose.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// How functions get their code.
    pub mode: Mode,
    /// Calls after which a function is promoted.
    pub threshold: u32,
    /// Whether optimised code asks if the program shall stop.
    pub interruption: bool,
    /// Whether hot functions are optimised on a thread of their own; else by the thread that found them hot.
    pub parallel: bool,
    /// Whether optimised code has bodies of callees inside.
    pub inlining: bool,
    /// Whether entries from the host are counted by the state they find.
    pub count_entries: bool,
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
        }
    }
}

impl Tuning {
    /// At how many headers a frame waits for a loop further out. With the smallest thresholds at none, since they are for
    /// tests, which shall see loops entered everywhere.
    pub fn loop_patience(&self) -> u32 {
        self.threshold
            .saturating_sub(2)
            .saturating_mul(LOOP_PATIENCE)
    }

    /// The budget a function is given: with its last count it asks.
    pub fn budget(&self) -> Budget {
        let calls = match self.mode {
            Mode::Baseline | Mode::Optimise => ASK_AGAIN,
            Mode::Tiered | Mode::RelinkStorm => self.threshold.clamp(1, ASK_AGAIN),
        };
        Budget::new(calls, calls * TRIPS_PER_CALL)
    }

    /// Settings for baseline code.
    pub fn baseline(&self) -> CompileSettings {
        CompileSettings {
            budgets: match self.mode {
                Mode::Baseline | Mode::Optimise => self.interruption,
                Mode::Tiered | Mode::RelinkStorm => true,
            },
            feedback: self.mode == Mode::Tiered && self.inlining,
            interruption: self.interruption,
        }
    }

    /// Whether a function with this many bytes of bytecode is promoted when it has spent its budget this many
    /// times. With a threshold of 1 it is, at once.
    pub fn promotes(&self, spent: u16, bytes: usize) -> bool {
        let larger = bytes / BYTES_PER_BUDGET;
        // A budget is no larger than this, see `budget`.
        let longer = (self.threshold / ASK_AGAIN) as usize;
        let more = (larger + longer).min(usize::from(u16::MAX) - 1);
        self.threshold <= 1 || usize::from(spent) > more
    }

    /// Whether baseline code of a program runs for some time before its hot functions are optimised, so that what it
    /// did not call by then is cold.
    pub fn profiles(&self) -> bool {
        self.mode == Mode::Tiered && self.threshold > 1
    }

    /// Settings for optimised code.
    pub fn optimised(&self) -> CompileSettings {
        CompileSettings {
            budgets: false,
            feedback: false,
            interruption: self.interruption,
        }
    }
}
