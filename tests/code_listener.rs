//! Listening to code: every piece is told of once, with what it is, and the program runs as without.

use lazywasm::{
    Caller, CodeId, CodeListener, CodeRecord, CodeSubject, Config, Engine, Linker, Mode, Module,
    Place, Register, Store, TierName, Trap,
};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Keeps all records, and fails where they contradict each other.
#[derive(Default)]
struct Ledger {
    records: Mutex<Vec<CodeRecord>>,
    present: Mutex<BTreeMap<usize, (usize, CodeId)>>,
    removed: Mutex<HashSet<CodeId>>,
    mistakes: Mutex<Vec<String>>,
}

impl Ledger {
    fn functions(&self) -> Vec<(String, TierName, Option<u32>)> {
        let records = self.records.lock().unwrap();
        let functions = records.iter().filter_map(|record| match &record.subject {
            CodeSubject::Function {
                func,
                tier,
                from_loop,
            } => Some((func.name.clone(), *tier, *from_loop)),
            _ => None,
        });
        functions.collect()
    }

    /// The last record of a function.
    fn function(&self, name: &str) -> CodeRecord {
        let records = self.records.lock().unwrap();
        let of_function = |record: &&CodeRecord| match &record.subject {
            CodeSubject::Function { func, .. } => func.name == name,
            _ => false,
        };
        records.iter().rfind(of_function).unwrap().clone()
    }

    /// Waits until all code is gone: a job that the background thread still does keeps its engine.
    fn becomes_empty(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.present.lock().unwrap().is_empty() {
            assert!(Instant::now() < end, "code is left after its engine");
            std::thread::yield_now();
        }
    }

    fn check(&self) {
        let mistakes = self.mistakes.lock().unwrap();
        assert!(mistakes.is_empty(), "{mistakes:?}");
    }
}

impl CodeListener for Ledger {
    fn code_added(&self, code: &CodeRecord) {
        let mut present = self.present.lock().unwrap();
        let before = present.range(..code.addresses.end).next_back();
        if before.is_some_and(|(_, (end, _))| *end > code.addresses.start) {
            let mut mistakes = self.mistakes.lock().unwrap();
            mistakes.push(format!("{} lies where other code is", code.subject));
        }
        present.insert(code.addresses.start, (code.addresses.end, code.id));
        self.records.lock().unwrap().push(code.clone());
    }

    fn code_removed(&self, code: CodeId) {
        let mut present = self.present.lock().unwrap();
        let before = present.len();
        present.retain(|_, (_, id)| *id != code);
        if before != present.len() + 1 || !self.removed.lock().unwrap().insert(code) {
            let mut mistakes = self.mistakes.lock().unwrap();
            mistakes.push(format!("{code:?} was not there"));
        }
    }
}

const PROGRAM: &str = r#"(module $numbers
    (import "host" "note" (func $note (param i32)))
    (func $divide (param i32 i32) (result i32)
        (i32.div_u (local.get 0) (local.get 1)))
    (func $run (export "run") (param i32) (result i32) (local i32 i32)
        (loop $again
            (local.set 1 (i32.add (local.get 1) (call $divide
                (i32.mul (local.get 0) (i32.const 84)) (i32.mul (local.get 0) (i32.const 2)))))
            (local.set 2 (i32.add (local.get 2) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get 2) (local.get 0))))
        (call $note (local.get 1))
        (local.get 1))
)"#;

/// Runs the program that many times with that many trips; each returns 42 for each trip.
fn run(config: &Config, times: usize, trips: i32) {
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, PROGRAM).unwrap();
    let mut linker = Linker::new(&engine);
    let note = |mut caller: Caller<'_, i32>, value: i32| *caller.data_mut() += value;
    linker.func_wrap("host", "note", note).unwrap();
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<i32, i32>(&mut store, "run")
        .unwrap();
    for _ in 0..times {
        assert_eq!(run.call(&mut store, trips).unwrap(), 42 * trips);
    }
    assert_eq!(*store.data(), 42 * trips * times as i32);
}

fn listened(mode: Mode) -> (Config, Arc<Ledger>) {
    let ledger = Arc::new(Ledger::default());
    let mut config = Config::new();
    config.mode(mode).threshold(4).parallel_compilation(false);
    config.code_listener(ledger.clone());
    (config, ledger)
}

#[test]
fn all_code_of_a_program_is_told_of() {
    let (config, ledger) = listened(Mode::Tiered);
    run(&config, 10, 1000);
    ledger.check();
    let functions = ledger.functions();
    let (quick, good) = (TierName::Baseline, TierName::Optimised);
    let of = |name: &str| -> Vec<(TierName, bool)> {
        let found = functions.iter().filter(|(func, ..)| func == name);
        found
            .map(|(_, tier, from_loop)| (*tier, from_loop.is_some()))
            .collect()
    };
    assert_eq!(of("divide"), [(quick, false), (good, false)]);
    assert_eq!(of("run"), [(quick, false), (good, false), (good, true)]);
    let records = ledger.records.lock().unwrap();
    let subjects: HashSet<String> = records
        .iter()
        .map(|record| record.subject.to_string())
        .collect();
    for expected in [
        "first call",
        "entry stubs",
        "entry from the host (i32) -> (i32)",
        "call of the host (i32) -> ()",
        "divide [optimised]",
        "run from its loop at 0x3 [optimised]",
    ] {
        assert!(subjects.contains(expected), "{expected} in {subjects:?}");
    }
    for record in records.iter() {
        assert_eq!(record.bytes.len(), record.addresses.len());
        let first = record.frame.at(0).expect("the layout of all code is known");
        let base = Register::RSP;
        let bare = Place::Memory { base, offset: 0 };
        let with_number = Place::Memory { base, offset: 8 };
        let expected = match record.subject {
            CodeSubject::FirstCallPath => with_number,
            _ => bare,
        };
        assert_eq!(first.return_address, expected);
        assert!(record.safepoints.is_empty() && record.handlers.is_empty());
    }
    // The engine is gone, and its code with it.
    ledger.becomes_empty();
    assert_eq!(ledger.removed.lock().unwrap().len(), records.len());
}

#[test]
fn a_record_says_what_its_code_is() {
    for mode in [Mode::Baseline, Mode::Reference, Mode::Optimise] {
        let (mut config, ledger) = listened(mode);
        config.compiler_inlining(false);
        run(&config, 2, 10);
        ledger.check();
        let record = ledger.function("divide");
        let traps: Vec<Trap> = record.traps.iter().map(|place| place.trap).collect();
        assert!(traps.contains(&Trap::IntegerDivisionByZero), "{traps:?}");
        let CodeSubject::Function { func, .. } = &record.subject else {
            panic!("{:?}", record.subject);
        };
        let (name, module) = (func.name.as_str(), func.module.as_str());
        assert_eq!((name, module, func.index), ("divide", "numbers", 1));
        let at = |place: u32| record.functions_at(place).pop().unwrap().1;
        let division = record
            .traps
            .iter()
            .find(|place| place.trap == Trap::IntegerDivisionByZero);
        assert_eq!(at(division.unwrap().code_offset), 5, "after two local.get");
        assert_eq!(at(0), 0);
        assert!(record.rows.len() > 2, "{:?}", record.rows);
    }
}

#[test]
fn inlined_functions_are_named_where_they_are() {
    let (config, ledger) = listened(Mode::Optimise);
    run(&config, 2, 10);
    let record = ledger.function("run");
    let inlined: Vec<&str> = record
        .inlined
        .iter()
        .map(|part| part.func.name.as_str())
        .collect();
    assert_eq!(inlined, ["divide"]);
    assert_eq!(record.inlined[0].caller, None);
    let end = record.addresses.len() as u32;
    let stacks: HashSet<Vec<String>> = (0..end)
        .map(|at| {
            let functions = record.functions_at(at).into_iter();
            functions.map(|(func, _)| func.to_string()).collect()
        })
        .collect();
    let stack = |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
    let expected = HashSet::from([stack(&["run"]), stack(&["divide", "run"])]);
    assert_eq!(stacks, expected);
}

/// Panics at everything.
struct Panics;

impl CodeListener for Panics {
    fn code_added(&self, _: &CodeRecord) {
        panic!("as the test wants");
    }

    fn code_removed(&self, _: CodeId) {
        panic!("as the test wants");
    }
}

#[test]
fn a_listener_that_panics_changes_nothing() {
    for mode in [Mode::Tiered, Mode::RelinkStorm, Mode::Optimise] {
        let mut config = Config::new();
        config
            .mode(mode)
            .threshold(4)
            .code_listener(Arc::new(Panics));
        run(&config, 20, 100);
    }
}

#[test]
fn code_that_is_replaced_while_programs_run_is_told_of() {
    let ledger = Arc::new(Ledger::default());
    let mut config = Config::new();
    config.mode(Mode::RelinkStorm).code_listener(ledger.clone());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| run(&config, 500, 50));
        }
    });
    ledger.check();
    let records = ledger.records.lock().unwrap();
    assert_eq!(ledger.removed.lock().unwrap().len(), records.len());
    ledger.becomes_empty();
}

#[test]
fn modules_that_come_and_go_leave_no_records() {
    let ledger = Arc::new(Ledger::default());
    let mut config = Config::new();
    // There is room for the code of some of the modules at a time.
    config
        .threshold(2)
        .code_cap(4 << 10)
        .code_listener(ledger.clone());
    let engine = Engine::new(&config).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let module = Module::new(&engine, PROGRAM).unwrap();
                    let mut linker = Linker::new(&engine);
                    linker.func_wrap("host", "note", |_: i32| {}).unwrap();
                    let mut store = Store::new(&engine, ());
                    let instance = linker.instantiate(&mut store, &module).unwrap();
                    let run = instance
                        .get_typed_func::<i32, i32>(&mut store, "run")
                        .unwrap();
                    for _ in 0..4 {
                        assert_eq!(run.call(&mut store, 10).unwrap(), 420);
                    }
                }
            });
        }
    });
    ledger.check();
    let removed = ledger.removed.lock().unwrap().len();
    assert!(
        removed > 100,
        "{removed} pieces were removed while the engine was there"
    );
    drop(engine);
    ledger.becomes_empty();
    ledger.check();
    let records = ledger.records.lock().unwrap();
    let starts: HashSet<usize> = records
        .iter()
        .map(|record| record.addresses.start)
        .collect();
    assert!(starts.len() < records.len(), "memory was used again");
}
