//! The smallest useful embedding: a module that calls a function of the host, and a host that
//! calls a function of the module.
//!
//! Run it with `cargo run --example embed`.

use lazywasm::{Caller, Config, Engine, Linker, Module, Result, Store};

/// What the host keeps beside the running program: the numbers it received.
#[derive(Default)]
struct Heard(Vec<i32>);

const PROGRAM: &str = r#"
    (module
      (import "host" "tell" (func $tell (param i32)))
      (func (export "countdown") (param $from i32) (result i32)
        (local $sum i32)
        (loop $again
          (call $tell (local.get $from))
          (local.set $sum (i32.add (local.get $sum) (local.get $from)))
          (local.set $from (i32.sub (local.get $from) (i32.const 1)))
          (br_if $again (i32.gt_s (local.get $from) (i32.const 0))))
        (local.get $sum)))
"#;

fn main() -> Result<()> {
    let engine = Engine::new(&Config::new())?;
    // Decodes and validates; nothing is compiled before it is called.
    let module = Module::new(&engine, PROGRAM)?;

    let mut linker = Linker::new(&engine);
    linker.func_wrap(
        "host",
        "tell",
        |mut caller: Caller<'_, Heard>, number: i32| {
            caller.data_mut().0.push(number);
        },
    )?;

    let mut store = Store::new(&engine, Heard::default());
    let instance = linker.instantiate(&mut store, &module)?;
    let countdown = instance.get_typed_func::<i32, i32>(&mut store, "countdown")?;

    let sum = countdown.call(&mut store, 4)?;
    println!("the module said {:?} and returned {sum}", store.data().0);
    Ok(())
}
