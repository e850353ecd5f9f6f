//! A sampling profiler: it stops a running program now and then and prints its stacks by name.
//!
//! All that it knows of the program's code comes from a [`CodeListener`]. A sample is taken in three steps:
//!
//! 1. This thread sends a signal to the thread of the program (`take_sample`).
//! 2. The handler, on that thread, copies the registers and the stack to static memory, and nothing else:
//!    no lock, no allocation (`handle_signal`).
//! 3. This thread walks the copy. The record of the code at an address says where the return address and the
//!    caller's registers are (`Records::unwind`).
//!
//! While a sample is taken and walked, the records are locked, so no code of it can be removed. Host
//! functions have no records: a sample inside of one, or inside of the compiler, is only counted.
//!
//! Run it with `cargo run --example unwinder`.

use lazywasm::{
    CodeId, CodeListener, CodeRecord, CodeSubject, Config, Engine, Instance, Module, Place,
    Register, Result, Store,
};
use std::collections::{BTreeMap, HashMap};
use std::ffi::{c_int, c_void};
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::{Duration, Instant};

/// Three functions that call each other, and a loop.
pub const PROGRAM: &str = r#"(module $forest
    (func $leaf (param i32) (result i32) (local $i i32)
        (loop $again
            (local.set 0 (i32.xor (i32.mul (local.get 0) (i32.const 31)) (local.get $i)))
            (br_if $again (i32.lt_u
                (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
        (local.get 0))
    (func $branch (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0))
            (then (call $leaf (i32.const 7)))
            (else (i32.add
                (call $tree (i32.sub (local.get 0) (i32.const 1)))
                (call $leaf (local.get 0))))))
    (func $tree (param i32) (result i32)
        (i32.add (call $branch (local.get 0)) (call $branch (local.get 0))))
    (func $grow (export "grow") (result i32) (call $tree (i32.const 12)))
)"#;

/// Words of the stack that a sample holds at most.
const STACK_WORDS: usize = 1 << 15;

/// What the handler writes: the registers by their numbers, the address of the instruction, and the words of
/// the stack from the stack pointer on.
static REGISTERS: [AtomicUsize; Register::COUNT] = [const { AtomicUsize::new(0) }; Register::COUNT];
static INSTRUCTION: AtomicUsize = AtomicUsize::new(0);
static STACK: [AtomicUsize; STACK_WORDS] = [const { AtomicUsize::new(0) }; STACK_WORDS];
static STACK_LEN: AtomicUsize = AtomicUsize::new(0);
static TAKEN: AtomicBool = AtomicBool::new(false);
/// An address on the stack of the program's thread above all frames of the program.
static STACK_TOP: AtomicUsize = AtomicUsize::new(0);

/// Where the handler finds the registers, in the order of their numbers.
const SAVED_AT: [c_int; Register::COUNT] = [
    libc::REG_RAX,
    libc::REG_RDX,
    libc::REG_RCX,
    libc::REG_RBX,
    libc::REG_RSI,
    libc::REG_RDI,
    libc::REG_RBP,
    libc::REG_RSP,
    libc::REG_R8,
    libc::REG_R9,
    libc::REG_R10,
    libc::REG_R11,
    libc::REG_R12,
    libc::REG_R13,
    libc::REG_R14,
    libc::REG_R15,
];

extern "C" fn handle_signal(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the system passes the context of the interrupted thread to a handler that asked for it.
    let saved = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    for (at, register) in REGISTERS.iter().enumerate() {
        let value = saved[SAVED_AT[at] as usize];
        register.store(value as usize, Ordering::Relaxed);
    }
    let instruction = saved[libc::REG_RIP as usize] as usize;
    INSTRUCTION.store(instruction, Ordering::Relaxed);
    let from = saved[libc::REG_RSP as usize] as usize;
    let to = STACK_TOP.load(Ordering::Relaxed);
    // Code may run on another stack, of the engine's own: then this is no part of it.
    let words = to.saturating_sub(from) / 8;
    let words = if words < STACK_WORDS { words } else { 0 };
    for (at, word) in STACK[..words].iter().enumerate() {
        // SAFETY: between the stack pointer and the top is the stack of this thread, which is stopped here.
        let value = unsafe { ((from + 8 * at) as *const usize).read_volatile() };
        word.store(value, Ordering::Relaxed);
    }
    STACK_LEN.store(words, Ordering::Relaxed);
    TAKEN.store(true, Ordering::Release);
}

fn install_handler() {
    // SAFETY: the structure is plain data, for which zeros are valid; the handler does only what is allowed
    // in a handler, and has the type that SA_SIGINFO asks for.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handle_signal as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        // No other handler interrupts this one: there is no room for two on the alternate stack of a thread.
        libc::sigfillset(&mut action.sa_mask);
        let installed = libc::sigaction(libc::SIGPROF, &action, std::ptr::null_mut());
        assert_eq!(installed, 0, "SIGPROF can be handled");
    }
}

/// Registers and stack at one moment.
struct Sample {
    registers: [usize; Register::COUNT],
    instruction: usize,
    stack_start: usize,
    stack: Vec<usize>,
}

/// Stops the thread and copies what it is doing. `None` if it does not answer, because it ends.
fn take_sample<T>(thread: &thread::JoinHandle<T>) -> Option<Sample> {
    TAKEN.store(false, Ordering::Relaxed);
    // SAFETY: the thread was not joined, so its name is valid even when it has ended.
    if unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGPROF) } != 0 {
        return None;
    }
    while !TAKEN.load(Ordering::Acquire) {
        if thread.is_finished() {
            return None;
        }
        thread::yield_now();
    }
    let registers = std::array::from_fn(|at| REGISTERS[at].load(Ordering::Relaxed));
    let words = STACK[..STACK_LEN.load(Ordering::Relaxed)].iter();
    Some(Sample {
        registers,
        instruction: INSTRUCTION.load(Ordering::Relaxed),
        stack_start: registers[usize::from(Register::RSP.0)],
        stack: words.map(|word| word.load(Ordering::Relaxed)).collect(),
    })
}

impl Sample {
    fn register(&mut self, register: Register) -> &mut usize {
        &mut self.registers[usize::from(register.0)]
    }

    /// The value at a place, if it is in the copy.
    fn value(&self, place: Place) -> Option<usize> {
        match place {
            Place::Register(register) => Some(self.registers[usize::from(register.0)]),
            Place::Memory { base, offset } => {
                let base = self.registers[usize::from(base.0)];
                let address = base.wrapping_add_signed(offset as isize);
                let distance = address.checked_sub(self.stack_start)?;
                self.stack.get(distance / 8).copied()
            }
        }
    }
}

/// The records of all code that is there, by first address.
#[derive(Default)]
struct Records(RwLock<BTreeMap<usize, Arc<CodeRecord>>>);

impl CodeListener for Records {
    fn code_added(&self, code: &CodeRecord) {
        let mut records = self.0.write().unwrap();
        records.insert(code.addresses.start, Arc::new(code.clone()));
    }

    fn code_removed(&self, code: CodeId) {
        let mut records = self.0.write().unwrap();
        records.retain(|_, record| record.id != code);
    }
}

/// A stack by name, the innermost function first.
pub struct Stack {
    /// The functions, and the pieces of code that belong to none.
    pub names: Vec<String>,
    /// Whether it ends where the host has called the program.
    pub is_complete: bool,
}

impl Records {
    /// Takes a sample, and walks its stack if it is in the program's code.
    fn sample<T>(&self, thread: &thread::JoinHandle<T>) -> Option<Option<Stack>> {
        let records = self.0.read().unwrap();
        let sample = take_sample(thread)?;
        Some(Records::unwind(&records, sample))
    }

    fn unwind(records: &BTreeMap<usize, Arc<CodeRecord>>, mut sample: Sample) -> Option<Stack> {
        let mut stack = Stack {
            names: Vec::new(),
            is_complete: false,
        };
        // The first address is that of an instruction. The others are behind a call: the byte before belongs
        // to it.
        let mut at = sample.instruction;
        loop {
            let before = records.range(..=at).next_back().map(|(_, record)| record);
            let record = before.filter(|record| record.addresses.contains(&at));
            let Some(record) = record else {
                return (!stack.names.is_empty()).then_some(stack);
            };
            let offset = (at - record.addresses.start) as u32;
            let functions = record.functions_at(offset);
            stack
                .names
                .extend(functions.iter().map(|(func, _)| func.to_string()));
            if functions.is_empty() {
                stack.names.push(record.subject.to_string());
            }
            stack.is_complete = matches!(record.subject, CodeSubject::EntryTrampoline { .. });

            let step = record.frame.at(offset).expect("a record has a layout");
            let caller = (
                sample.value(step.return_address),
                sample.value(step.frame_pointer),
            );
            let (Some(return_address), Some(frame_pointer)) = caller else {
                return Some(stack);
            };
            for saved in record.frame.saved_at(offset) {
                let place = Place::Memory {
                    base: Register::RBP,
                    offset: saved.offset,
                };
                if let Some(value) = sample.value(place) {
                    *sample.register(saved.register) = value;
                }
            }
            *sample.register(Register::RBP) = frame_pointer;
            at = return_address - 1;
        }
    }
}

/// What was seen.
#[derive(Default)]
pub struct Profile {
    /// How often each stack was seen in the program's code.
    pub stacks: HashMap<Vec<String>, u32>,
    /// Samples whose walk did not end at the entry from the host.
    pub incomplete: u32,
    /// Samples in the host: in its functions, in helpers, in compilers.
    pub in_host: u32,
}

/// Calls the program's function `grow` again and again, until there are that many samples in its code.
///
/// # Errors
/// If the program cannot be run.
pub fn profile(program: &'static str, config: &Config, samples: u32) -> Result<Profile> {
    install_handler();
    let records = Arc::new(Records::default());
    let mut config = config.clone();
    config.code_listener(records.clone());
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let thread = thread::spawn(move || -> Result<()> {
        let top = 0usize;
        STACK_TOP.store((&raw const top) as usize, Ordering::Relaxed);
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, program)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let grow = instance.get_typed_func::<(), i32>(&mut store, "grow")?;
        while !stopped.load(Ordering::Relaxed) {
            grow.call(&mut store, ())?;
        }
        Ok(())
    });
    let mut profile = Profile::default();
    let mut taken = 0;
    let started = Instant::now();
    while taken < samples && started.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_micros(500));
        match records.sample(&thread) {
            None => break,
            Some(None) => profile.in_host += 1,
            Some(Some(stack)) => {
                taken += 1;
                profile.incomplete += u32::from(!stack.is_complete);
                *profile.stacks.entry(stack.names).or_default() += 1;
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    thread
        .join()
        .expect("the program's thread does not panic")?;
    Ok(profile)
}

fn main() -> Result<()> {
    let profile = profile(PROGRAM, &Config::new(), 2000)?;
    let mut innermost: HashMap<&str, u32> = HashMap::new();
    for (stack, count) in &profile.stacks {
        *innermost.entry(&stack[0]).or_default() += count;
    }
    let mut innermost: Vec<_> = innermost.into_iter().collect();
    innermost.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (name, count) in innermost {
        println!("{count:6} samples in {name}");
    }
    let mut stacks: Vec<_> = profile.stacks.iter().collect();
    stacks.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (stack, count) in stacks.into_iter().take(5) {
        println!("{count:6} times: {}", stack.join(" < "));
    }
    println!("{:6} samples in the host", profile.in_host);
    Ok(())
}
