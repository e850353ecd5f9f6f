//! Bodies at the limits of the format: each is compiled in every mode, within Rust's stack, and its results
//! are right.

use lazywasm::{Config, Engine, Event, Instance, Mode, Module, Store, Trap, Val};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs the export `f` in each mode with an argument and compares its results, or the text of its trap.
/// Returns the size in bytes of the largest body.
fn runs(text: &str, argument: i32, expected: &str) -> usize {
    let largest = Arc::new(AtomicUsize::new(0));
    for mode in [
        Mode::Baseline,
        Mode::Reference,
        Mode::Optimise,
        Mode::Tiered,
    ] {
        let refused = Arc::new(AtomicUsize::new(0));
        let (seen, count) = (Arc::clone(&largest), Arc::clone(&refused));
        let mut config = Config::new();
        config.mode(mode).threshold(1).parallel_compilation(false);
        config.on_event(move |event: &Event<'_>| {
            if let Event::Compiled { code_bytes, .. } = event {
                seen.fetch_max(*code_bytes, Ordering::Relaxed);
            }
            if let Event::Refused { .. } = event {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, text).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let f = instance.get_func(&mut store, "f").unwrap();
        let mut results = vec![Val::I32(-1); f.ty(&store).results().len()];
        // The second and third calls run promoted code, if there is any.
        for _ in 0..3 {
            let outcome = match f.call(&mut store, &[Val::I32(argument)], &mut results) {
                Ok(()) => results
                    .iter()
                    .map(|value| value.unwrap_i32().to_string())
                    .collect::<Vec<_>>()
                    .join(" "),
                Err(error) => error.downcast_ref::<Trap>().unwrap().to_string(),
            };
            assert_eq!(outcome, expected, "{mode:?}");
        }
        // A function that the optimiser refuses would run in baseline code.
        assert_eq!(refused.load(Ordering::Relaxed), 0, "{mode:?}");
    }
    largest.load(Ordering::Relaxed)
}

#[test]
fn fifty_thousand_locals() {
    let locals = "(local i32 i64 f64 f32 funcref)".repeat(9_999);
    let text = format!(
        r#"(module (func (export "f") (param i32) (result i32) {locals}
             (local.set 49991 (local.get 0)) (i32.add (local.get 49991) (local.get 49986))))"#
    );
    runs(&text, 7, "7");
}

#[test]
fn blocks_nested_ten_thousand_deep() {
    let open = "block ".repeat(10_000);
    let close = "end ".repeat(10_000);
    let text = format!(
        r#"(module (func (export "f") (param i32) (result i32)
             {open} local.get 0 br_if 9999 i32.const 5 return {close} i32.const 6))"#
    );
    runs(&text, 0, "5");
    runs(&text, 1, "6");
}

#[test]
fn conditionals_nested_with_operands_below() {
    let open = "i32.const 1 local.get 0 if (result i32) ".repeat(500);
    let close = "else i32.const 3 end i32.add ".repeat(500);
    let text = format!(
        r#"(module (func (export "f") (param i32) (result i32) {open} i32.const 2 {close}))"#
    );
    runs(&text, 1, "502");
    runs(&text, 0, "4");
}

#[test]
fn a_branch_table_of_fifty_thousand_labels() {
    let mut labels = String::new();
    for at in 0..50_000 {
        write!(labels, "{} ", at % 3).unwrap();
    }
    let text = format!(
        r#"(module (func (export "f") (param i32) (result i32)
             block block block local.get 0 br_table {labels} end i32.const 10 return end i32.const 11 return end
             i32.const 12))"#
    );
    runs(&text, 49_998, "10");
    runs(&text, 49_999, "11");
    // The default is the last of the labels.
    runs(&text, -1, "11");
}

/// The operands that a branch carries are written down once for each label, not for each entry of the table.
#[test]
fn a_branch_table_with_many_operands() {
    let results = "i32 ".repeat(500);
    let values = "i32.const 1 ".repeat(500);
    let labels = "0 1 ".repeat(10_000);
    let text = format!(
        r#"(module (type $many (func (result {results})))
           (func (export "f") (param i32) (result {results})
             (block (type $many) (block (type $many) {values} local.get 0 br_table {labels} 0))))"#
    );
    let largest = runs(&text, 3, &["1"; 500].join(" "));
    assert!(largest < 1 << 18, "{largest} bytes");
}

#[test]
fn a_deep_stack_over_many_calls() {
    let push = "i32.const 1 ".repeat(5_000);
    let calls = "local.get 0 call 0 ".repeat(2_000);
    let add = "i32.add ".repeat(4_999);
    let text = format!(
        r#"(module (func (export "f") (param i32) (result i32)
             {push} local.get 0 i32.eqz if i32.const 9 return end
             i32.const 0 local.set 0 {calls} {drop} {add}))"#,
        drop = "drop ".repeat(2_000)
    );
    runs(&text, 0, "9");
    runs(&text, 1, "5000");
}

#[test]
fn endless_recursion_with_a_large_frame() {
    let push = "local.get 0 ".repeat(5_000);
    let text = format!(
        r#"(module (func $f (export "f") (param i32) (result i32)
             {push} (drop (call $f (local.get 0))) {}))"#,
        "i32.xor ".repeat(4_999)
    );
    runs(&text, 1, "call stack exhausted");
}
