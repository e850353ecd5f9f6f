//! On-stack replacement: loops that run in baseline code enter optimised code, and the program cannot notice.
//!
//! Every function takes a number of trips. It is called once, in tiered mode, with more and more trips until
//! a frame enters optimised code; its results must be those of the other modes.

use lazywasm::{Config, Engine, Instance, Mode, Module, Store, Trap, Val, WasmBacktrace};

struct Program {
    engine: Engine,
    store: Store<()>,
    instance: Instance,
}

fn program(mode: Mode, wat: &str) -> Program {
    let mut config = Config::new();
    config
        .mode(mode)
        .threshold(1)
        .interruption(mode == Mode::Tiered);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    Program {
        engine,
        store,
        instance,
    }
}

impl Program {
    fn call(&mut self, name: &str, trips: i32) -> lazywasm::Result<String> {
        let func = self.instance.get_func(&mut self.store, name).unwrap();
        let count = func.ty(&self.store).results().len();
        let mut results = vec![Val::I32(0); count];
        func.call(&mut self.store, &[Val::I32(trips)], &mut results)?;
        Ok(format!("{results:?}"))
    }
}

/// The first and the last number of trips to try. It is doubled until the loop lasts long enough for the
/// optimiser.
const FIRST: i32 = 1 << 16;
const LAST: i32 = 1 << 27;

/// Calls a function in a new tiered program until a frame of it enters optimised code. Returns the trips and
/// the result of the call.
fn until_entered(wat: &str, name: &str) -> (i32, lazywasm::Result<String>) {
    let mut trips = FIRST;
    loop {
        let mut tiered = program(Mode::Tiered, wat);
        let result = tiered.call(name, trips);
        tiered.engine.verify_links().unwrap();
        let stats = tiered.engine.stats();
        assert_eq!(stats.failures, 0, "{name}: the optimiser refused something");
        if stats.loops_entered > 0 {
            return (trips, result);
        }
        assert!(trips < LAST, "{name}: no loop entered optimised code");
        trips *= 2;
    }
}

fn check(wat: &str, name: &str) {
    // Which loop asks first depends on timing.
    for _ in 0..6 {
        check_once(wat, name);
    }
}

fn check_once(wat: &str, name: &str) {
    let (trips, result) = until_entered(wat, name);
    let result = result.unwrap();
    for mode in [Mode::Baseline, Mode::Reference, Mode::Optimise] {
        let expected = program(mode, wat).call(name, trips).unwrap();
        assert_eq!(result, expected, "{name}, {trips} trips, as {mode:?}");
    }
}

#[test]
fn one_loop() {
    check(
        r#"(module (func (export "f") (param $n i32) (result i32) (local $x i32)
          (loop $l
            (local.set $x (i32.add (i32.rotl (local.get $x) (i32.const 3)) (local.get $n)))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $x)))"#,
        "f",
    );
}

/// Nothing sets two locals, and baseline code knows that they are zero after the loop. Optimised code that
/// takes over in the loop reads their slots, where another function has left something else.
#[test]
fn locals_that_nothing_sets() {
    check(
        r#"(module
          (func $dirt (param $depth i32) (result i64)
            (local $a i64) (local $b i64) (local $c i64) (local $d i64)
            (local $e i64) (local $f i64) (local $g i64) (local $h i64)
            (local.set $a (i64.or (i64.const 0x5a5a5a5a0000) (i64.extend_i32_u (local.get $depth))))
            (local.set $b (local.get $a)) (local.set $c (local.get $a)) (local.set $d (local.get $a))
            (local.set $e (local.get $a)) (local.set $f (local.get $a)) (local.set $g (local.get $a))
            (local.set $h (local.get $a))
            (if (local.get $depth)
              (then (local.set $a (call $dirt (i32.sub (local.get $depth) (i32.const 1))))))
            (i64.add (local.get $a) (i64.add (local.get $b) (i64.add (local.get $c) (i64.add (local.get $d)
              (i64.add (local.get $e) (i64.add (local.get $f) (i64.add (local.get $g) (local.get $h)))))))))
          (func $unset (param $n i32) (result i64) (local $a i64) (local $b i64)
            (loop $l
              (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i64.add (local.get $a) (local.get $b)))
          (func (export "f") (param $n i32) (result i64)
            (drop (call $dirt (i32.const 3)))
            (call $unset (local.get $n))))"#,
        "f",
    );
}

/// The inner loop asks first; the outer ones continue after it, with operands below each.
#[test]
fn nested_loops_with_operands_below_them() {
    check(
        r#"(module (func (export "f") (param $n i32) (result i64)
          (local $i i32) (local $j i32) (local $x i64)
          i64.const 1000003
          loop $outer (result i64)
            (local.set $i (i32.const 7))
            local.get $x
            loop $middle
              (local.set $j (i32.const 9))
              (i64.extend_i32_s (local.get $i))
              loop $inner
                (local.set $x (i64.add
                  (i64.mul (local.get $x) (i64.const 31)) (i64.extend_i32_u (local.get $j))))
                (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1))))
              end
              local.get $x
              i64.xor
              local.set $x
              (br_if $middle (local.tee $i (i32.sub (local.get $i) (i32.const 1))))
            end
            local.get $x
            i64.add
            local.set $x
            (br_if $outer
              (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 60))) (i32.const 0)))
            local.get $x
          end
          i64.add))"#,
        "f",
    );
}

/// Paths around the inner loop, by branches and by the other part of an `if`, join those through it, with
/// operands on the stack that were pushed before.
#[test]
fn paths_around_the_loop() {
    check(
        r#"(module (func (export "f") (param $n i32) (result i64)
          (local $i i32) (local $x i64) (local $y i32)
          loop $outer
            local.get $x
            (local.set $y (i32.and (local.get $n) (i32.const 7)))
            (i64.extend_i32_u (local.get $n))
            block $past
              (br_if $past (i32.eqz (local.get $y)))
              local.get $y
              (if (i32.lt_u (local.get $y) (i32.const 5))
                (then
                  (local.set $i (i32.const 20))
                  (loop $inner
                    (local.set $x (i64.add (i64.rotl (local.get $x) (i64.const 5)) (i64.const 77)))
                    (br_if $past (i64.eqz (i64.and (local.get $x) (i64.const 0xffff))))
                    (br_if $inner (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
                (else
                  (local.set $x (i64.xor (local.get $x) (i64.const 12345)))
                  (br_if $past (i32.eq (local.get $y) (i32.const 6)))))
              i64.extend_i32_u
              local.get $x
              i64.sub
              local.set $x
            end
            i64.mul
            local.get $x
            i64.add
            local.set $x
            (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
          end
          local.get $x))"#,
        "f",
    );
}

/// Loops that take parameters, have several results, and are in both parts of an `if`; the constants below
/// them are only in the frame area.
#[test]
fn loops_with_parameters_in_conditionals() {
    let wat = r#"(module
        (func $f (param $n i32) (param $first i32) (result i32 i64 f32)
          (local $c f32)
          i32.const 77
          (if (result i32 i64) (local.get $first)
            (then
              i32.const 5
              i64.const 9
              loop $l (param i32 i64) (result i32 i64)
                i64.const 3
                i64.mul
                (local.set $c (f32.add (local.get $c) (f32.const 0.25)))
                (i64.extend_i32_u (local.get $n))
                i64.add
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
              end)
            (else
              i32.const 6
              i64.const 1
              loop $l (param i32 i64) (result i32 i64)
                i64.const 7
                i64.mul
                (i64.extend_i32_u (local.get $n))
                i64.sub
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
              end))
          (local.get $c)
          (call $fold))
        (func $fold (param i32 i32 i64 f32) (result i32 i64 f32)
          (i32.add (local.get 0) (local.get 1)) (local.get 2) (local.get 3))
        (func (export "then") (param i32) (result i32 i64 f32)
          (call $f (local.get 0) (i32.const 1)))
        (func (export "else") (param i32) (result i32 i64 f32)
          (call $f (local.get 0) (i32.const 0))))"#;
    check(wat, "then");
    check(wat, "else");
}

/// Vectors, floats and references as locals and operands; more results than registers exist for.
#[test]
fn values_of_all_kinds_and_results_in_memory() {
    let many = "i64 ".repeat(12);
    let gets = "(local.get $x) ".repeat(12);
    let wat = format!(
        r#"(module
          (func $self (export "f") (param $n i32) (result {many} v128 f64 i32)
            (local $x i64) (local $v v128) (local $d f64) (local $r funcref)
            (local.set $d (f64.const 1.5))
            (local.set $r (ref.func $self))
            f64.const 0.5
            (v128.const i32x4 1 2 3 4)
            f32.const 2.5
            loop $l
              (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get $n))))
              (local.set $d (f64.sub (f64.mul (local.get $d) (f64.const 0.999)) (f64.const 0.125)))
              (local.set $x (i64.add (i64.rotl (local.get $x) (i64.const 7)) (i64.extend_i32_s (local.get $n))))
              (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
            end
            drop
            local.get $v
            i32x4.add
            local.set $v
            local.get $d
            f64.add
            local.set $d
            {gets}
            (local.get $v)
            (local.get $d)
            (ref.is_null (local.get $r))))"#
    );
    check(&wat, "f");
}

/// Calls, tables of branches and returns inside the loop; globals and memory used before and after the change
/// of code.
/// Their slots are aligned, with a gap before them.
#[test]
fn vectors_between_words() {
    check(
        r#"(module (func (export "run") (param $n i32) (result i32)
             (local $a i32) (local $wide i64) (local $b i32) (local $v v128) (local $c i32)
             (local.set $v (v128.const i32x4 1 2 3 4))
             (i32.const 5) (v128.const i32x4 5 6 7 8) (i32.const 9)
             (loop $l (param i32 v128 i32) (result i32 v128 i32)
               (local.set $c (i32.add (local.get $c) (i32.const 3)))
               (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get $c))))
               (local.set $wide (i64.add (local.get $wide) (i64.extend_i32_u (local.get $c))))
               (local.set $b (i32.xor (local.get $b) (local.get $c)))
               (br_if $l (i32.lt_u
                 (local.tee $a (i32.add (local.get $a) (i32.const 1))) (local.get $n))))
             (i32x4.splat) (i32x4.add) (i32x4.extract_lane 2) (i32.add)
             (i32.add (i32x4.extract_lane 1 (local.get $v)))
             (i32.add (i32.wrap_i64 (local.get $wide)))
             (i32.add (local.get $b))))"#,
        "run",
    );
}

#[test]
fn loops_that_call_and_branch() {
    check(
        r#"(module
          (memory 1)
          (global $g (mut i32) (i32.const 3))
          (table funcref (elem $one $two))
          (type $t (func (param i32) (result i32)))
          (func $one (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func $two (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
          (func (export "f") (param $n i32) (result i32)
            (local $x i32)
            (loop $again
              (block $c (block $b (block $a
                (br_table $a $b $c (i32.and (local.get $n) (i32.const 3))))
                (local.set $x (call $one (local.get $x))))
                (local.set $x (call_indirect (type $t) (local.get $x) (i32.and (local.get $x) (i32.const 1)))))
              (global.set $g (i32.xor (global.get $g) (local.get $x)))
              (i32.store offset=8 (i32.and (local.get $n) (i32.const 0xfff0)) (local.get $x))
              (if (i32.eqz (local.get $n))
                (then (return (i32.add (global.get $g) (i32.load offset=8 (i32.const 16))))))
              (local.set $n (i32.sub (local.get $n) (i32.const 1)))
              (br $again))
            (unreachable)))"#,
        "f",
    );
}

/// A trap in code that starts at a loop names the same function and instruction as in baseline code.
#[test]
fn traps_are_where_they_are() {
    let wat = r#"(module
      (func $divide (param $n i32) (result i32) (local $x i32)
        (loop $l
          (local.set $x (i32.add (local.get $x) (i32.div_s (i32.const 1000) (local.get $n))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $l))
        (local.get $x))
      (func (export "f") (param i32) (result i32) (call $divide (local.get 0))))"#;
    let frames = |error: &lazywasm::Error| {
        assert_eq!(
            error.downcast_ref::<Trap>(),
            Some(&Trap::IntegerDivisionByZero)
        );
        let trace = error.downcast_ref::<WasmBacktrace>().unwrap();
        let frames = trace.frames().iter();
        frames
            .map(|frame| (frame.func_index(), frame.module_offset()))
            .collect::<Vec<_>>()
    };
    let (_, result) = until_entered(wat, "f");
    let expected = program(Mode::Baseline, wat).call("f", 5).unwrap_err();
    assert_eq!(frames(&result.unwrap_err()), frames(&expected));
}

/// The program can be stopped before and after it enters optimised code.
#[test]
fn endless_loops_stop_in_optimised_code_too() {
    let wat =
        r#"(module (func (export "f") (param i32) (result i32) (loop (br 0)) (i32.const 0)))"#;
    let mut endless = program(Mode::Tiered, wat);
    let (handle, engine) = (endless.store.interrupt_handle(), endless.engine.clone());
    let stopper = std::thread::spawn(move || {
        while engine.stats().loops_entered == 0 {
            std::thread::yield_now();
        }
        handle.interrupt();
    });
    let error = endless.call("f", 0).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    stopper.join().unwrap();
}
