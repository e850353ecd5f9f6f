//! Systems that refuse calls: each case runs in its own process, on its main thread, under a filter of system
//! calls. So it does not use the usual harness, which runs tests on other threads.

use lazywasm::{Config, Engine, Event, Func, Instance, Mode, Module, Result, Store, Trap};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Makes a system call fail with this error, for this process from now on, if the condition holds.
fn refuse_where(call: libc::c_long, condition: Option<SeccompCondition>, error: i32) {
    let rules = condition.map(|condition| SeccompRule::new(vec![condition]).unwrap());
    let filter = SeccompFilter::new(
        [(call, rules.into_iter().collect())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(error as u32),
        TargetArch::x86_64,
    );
    let program = BpfProgram::try_from(filter.unwrap()).unwrap();
    seccompiler::apply_filter(&program).unwrap();
}

fn refuse(call: libc::c_long, error: i32) {
    refuse_where(call, None, error);
}

fn refuse_executable_pages() {
    let executable = libc::PROT_EXEC as u64;
    let asked = SeccompCmpOp::MaskedEq(executable);
    let condition = SeccompCondition::new(2, SeccompCmpArgLen::Dword, asked, executable);
    refuse_where(libc::SYS_mprotect, Some(condition.unwrap()), libc::EPERM);
}

fn refuse_memfd() {
    refuse(libc::SYS_memfd_create, libc::ENOSYS);
}

fn refuse_threads() {
    refuse(libc::SYS_clone3, libc::ENOSYS);
    refuse(libc::SYS_clone, libc::EAGAIN);
}

/// Enough functions to be validated by several threads, where threads can be started.
fn program() -> String {
    let many =
        "(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))".repeat(5_000);
    format!(
        r#"(module (import "" "" (func $host (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call $host (local.get 0)))
        (func $deep (export "deep") (result i32) (i32.add (i32.const 1) (call $deep)))
        (func (export "hot") (param i32) (result i32) (local i32)
            (loop $l (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
            (local.get 1))
        {many})"#
    )
}

/// Runs the program: calls from and to the host, a trap, and a hot loop.
fn run(config: &Config) -> Result<()> {
    let engine = Engine::new(config)?;
    let module = Module::new(&engine, program())?;
    let mut store = Store::new(&engine, ());
    let host = Func::wrap(&mut store, |value: i32| value + 1);
    let instance = Instance::new(&mut store, &module, &[host.into()])?;
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f")?;
    assert_eq!(f.call(&mut store, 4)?, 5);
    let deep = instance.get_typed_func::<(), i32>(&mut store, "deep")?;
    let ended = deep.call(&mut store, ()).unwrap_err();
    assert_eq!(ended.downcast_ref(), Some(&Trap::StackOverflow));
    let hot = instance.get_typed_func::<i32, i32>(&mut store, "hot")?;
    for _ in 0..20 {
        assert_eq!(hot.call(&mut store, 1000)?, 1000);
    }
    engine.verify_links()
}

fn run_tiered() {
    run(Config::new().threshold(1)).unwrap();
}

/// Pages that were sealed stay sealed, pages that can no longer be sealed are an error, and nothing is left
/// half done.
fn sealing_stops() {
    refuse_memfd();
    let engine = Engine::new(&Config::new()).unwrap();
    let module = Module::new(&engine, program()).unwrap();
    let mut store = Store::new(&engine, ());
    let host = Func::wrap(&mut store, |value: i32| value + 1);
    let instance = Instance::new(&mut store, &module, &[host.into()]).unwrap();
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .unwrap();
    let hot = instance
        .get_typed_func::<i32, i32>(&mut store, "hot")
        .unwrap();
    assert_eq!(f.call(&mut store, 4).unwrap(), 5);
    refuse_executable_pages();
    for _ in 0..2 {
        let error = format!("{:#}", hot.call(&mut store, 10).unwrap_err());
        assert!(
            error.contains("the system refuses memory for code"),
            "{error}"
        );
        assert_eq!(f.call(&mut store, 4).unwrap(), 5);
    }
    engine.verify_links().unwrap();
}

/// A function whose job was lost may be promoted again.
fn given_up() {
    refuse_threads();
    let promoted = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&promoted);
    let mut config = Config::new();
    config.threshold(1).on_event(move |event: &Event<'_>| {
        if matches!(event, Event::Promoted { func } if func.index == 1) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, program()).unwrap();
    let mut store = Store::new(&engine, ());
    let host = Func::wrap(&mut store, |value: i32| value + 1);
    let instance = Instance::new(&mut store, &module, &[host.into()]).unwrap();
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .unwrap();
    for _ in 0..10_000 {
        assert_eq!(f.call(&mut store, 4).unwrap(), 5);
    }
    assert!(promoted.load(Ordering::Relaxed) > 1, "{promoted:?}");
    engine.verify_links().unwrap();
}

/// A thread in compiled code that does not respond for half a second keeps code from being freed. Calls that
/// need the space wait for it.
fn late_responses() {
    let mut config = Config::new();
    // Nothing of this engine frees code.
    config.mode(Mode::Baseline).interruption(true);
    let engine = Engine::new(&config).unwrap();
    let (started, wait) = std::sync::mpsc::channel();
    let spinning = std::thread::spawn(move || {
        let spin =
            r#"(module (func (export "spin") (param i32) (loop $l (br_if $l (local.get 0)))))"#;
        let module = Module::new(&engine, spin).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let spin = instance
            .get_typed_func::<i32, ()>(&mut store, "spin")
            .unwrap();
        // At its first call a thread accepts the signal.
        spin.call(&mut store, 0).unwrap();
        // SAFETY: the set is initialised before it is used, and the mask is that of this thread.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, libc::SIGURG);
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
        }
        started.send(store.interrupt_handle()).unwrap();
        let ended = spin.call(&mut store, 1).unwrap_err();
        assert_eq!(ended.downcast_ref(), Some(&Trap::Interrupt));
    });
    let interrupt = wait.recv().unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        interrupt.interrupt();
    });

    let mut config = Config::new();
    config.mode(Mode::Baseline).code_cap(12 << 10);
    let engine = Engine::new(&config).unwrap();
    let functions: String = (0..300)
        .map(|at| {
            let sum = "(i32.add (global.get 0)) ".repeat(20);
            format!(r#"(func (export "{at}") (result i32) (i32.const {at}) {sum})"#)
        })
        .collect();
    let module = Module::new(
        &engine,
        format!("(module (global i32 (i32.const 0)) {functions})"),
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    for at in 0..300 {
        let func = instance.get_typed_func::<(), i32>(&mut store, &at.to_string());
        assert_eq!(func.unwrap().call(&mut store, ()).unwrap(), at);
    }
    assert!(engine.stats().sent_back > 0);
    spinning.join().unwrap();
}

type Case = (&'static str, fn());

const CASES: &[Case] = &[
    ("bounds of the main thread's stack", || {
        refuse(libc::SYS_prlimit64, libc::EPERM);
        run_tiered();
    }),
    ("threads", || {
        refuse_threads();
        run_tiered();
        assert!(std::thread::Builder::new().spawn(|| ()).is_err());
    }),
    ("threads, for jobs that are given up", given_up),
    ("responses of a thread, for half a second", late_responses),
    ("the number of processors", || {
        refuse(libc::SYS_sched_getaffinity, libc::EPERM);
        run_tiered();
    }),
    ("pages that become executable", || {
        refuse_executable_pages();
        run_tiered();
    }),
    ("files in memory", || {
        refuse_memfd();
        run_tiered();
    }),
    ("files in memory and pages that become executable", || {
        refuse_memfd();
        refuse_executable_pages();
        let error = format!("{:#}", run(&Config::new()).unwrap_err());
        assert!(
            error.contains("memfd") && error.contains("sealing"),
            "{error}"
        );
    }),
    ("pages that become executable, later", sealing_stops),
    ("handlers of signals", || {
        refuse(libc::SYS_rt_sigaction, libc::EPERM);
        for _ in 0..2 {
            let error = format!("{:#}", run(&Config::new()).unwrap_err());
            assert!(error.contains("the handler of signal"), "{error}");
        }
    }),
    ("stacks for handlers of signals", || {
        refuse(libc::SYS_sigaltstack, libc::EPERM);
        run_tiered();
        std::thread::spawn(run_tiered).join().unwrap();
    }),
    ("random numbers", || {
        refuse(libc::SYS_getrandom, libc::ENOSYS);
        run_tiered();
    }),
    ("memory that gains execution", || {
        // SAFETY: affects only later mappings. Kernels before 6.3 do not have it.
        unsafe { libc::prctl(libc::PR_SET_MDWE, libc::PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) };
        run_tiered();
    }),
    ("barriers", || {
        refuse(libc::SYS_membarrier, libc::EPERM);
        run_tiered();
    }),
    ("advice on memory", || {
        refuse(libc::SYS_madvise, libc::EPERM);
        // What is not inherited must not be.
        let error = format!("{:#}", run(&Config::new()).unwrap_err());
        assert!(
            error.contains("the system refuses memory for code"),
            "{error}"
        );
    }),
];

fn main() {
    if let Some(case) = std::env::args().nth(1)
        && let Some((_, case)) = CASES.iter().find(|(name, _)| *name == case)
    {
        return case();
    }
    let program = std::env::current_exe().expect("a program has a path");
    let mut failed = 0;
    for (name, _) in CASES {
        let status = Command::new(&program).arg(name).status();
        let passed = status.expect("it can be started").success();
        println!(
            "refused: {name} ... {}",
            if passed { "ok" } else { "FAILED" }
        );
        failed += i32::from(!passed);
    }
    let passed = CASES.len() as i32 - failed;
    println!("{passed} passed, {failed} failed");
    std::process::exit(failed.min(1));
}
