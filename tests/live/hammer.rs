//! Many threads, each with a store of its own, replace hot functions of live instances of one module.

use lazywasm::{Config, Engine, Func, Linker, Mode, Module, Store};

const PROGRAM: &str = r#"(module
    (type $fun (func (param i32) (result i32)))
    (table 2 funcref)
    (elem (i32.const 1) $f)
    (func $f (export "f") (type $fun) (i32.add (local.get 0) (i32.const 1)))
    (func (export "run") (type $fun) (local $n i32)
      (loop $l
        (local.set 0 (call $f (local.get 0)))
        (local.set 0 (call_indirect (type $fun) (local.get 0) (i32.const 1)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 5))))
      (local.get 0)))"#;

/// Modules whose function adds 0, 1, 2, ...
const ADDING: usize = 5;

fn hammer(mode: Mode, threads: usize, rounds: usize) {
    let mut config = Config::new();
    config.mode(mode).threshold(2);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, PROGRAM).unwrap();
    let adding: Vec<Module> = (0..ADDING)
        .map(|adds| {
            let text = format!(
                "(module (func (export \"f\") (param i32) (result i32) (i32.add (local.get 0) (i32.const {adds}))))"
            );
            Module::new(&engine, text).unwrap()
        })
        .collect();
    std::thread::scope(|scope| {
        for number in 0..threads {
            let (engine, module, adding) = (&engine, &module, &adding);
            scope.spawn(move || {
                let mut store = Store::new(engine, ());
                let linker = Linker::new(engine);
                let live = linker.instantiate_live(&mut store, module).unwrap();
                let run = live.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
                let mut with: Vec<(i32, Func)> = Vec::new();
                for (adds, module) in adding.iter().enumerate() {
                    let instance = linker.instantiate_live(&mut store, module).unwrap();
                    with.push((adds as i32, instance.get_func(&mut store, "f").unwrap()));
                }
                with.push((100, Func::wrap(&mut store, |x: i32| x + 100)));
                for round in 0..rounds {
                    let (adds, func) = with[(round * 7 + number) % with.len()];
                    live.replace_func(&mut store, "f", func).unwrap();
                    for _ in 0..1 + round % 4 {
                        assert_eq!(
                            run.call(&mut store, 5).unwrap(),
                            5 + 10 * adds,
                            "round {round}"
                        );
                    }
                }
            });
        }
    });
    engine.verify_links().unwrap();
    assert_eq!(engine.stats().failures, 0);
}

#[test]
fn eight_threads_replace_functions() {
    for mode in [Mode::Tiered, Mode::RelinkStorm, Mode::Optimise] {
        hammer(mode, 8, 300);
    }
}
