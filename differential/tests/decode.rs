//! Bytes that are nearly modules: decoding returns a module or an error, and never panics.
//!
//! What is mutated: the examples of this repository and generated modules. If a mutated module is still valid
//! and needs no host, it is also instantiated and run, because only this shows that a decoder accepts too
//! much.

use differential::generate;
use differential::value::Sequence;
use lazywasm::{Config, Engine, Instance, Mode, Module, Store, Val};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Mutations of each module.
const MUTATIONS: usize = 60;
/// Far more than any of these small inputs needs, far less than a hang.
const SLOW: Duration = Duration::from_secs(5);

fn examples(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            examples(&path, found);
        } else if path.extension().is_some_and(|end| end == "wat") {
            found.push(path);
        }
    }
}

fn mutate(bytes: &[u8], sequence: &mut Sequence) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut below = |limit: usize| sequence.number() as usize % limit.max(1);
    match below(5) {
        0 => bytes.truncate(below(bytes.len())),
        1 => {
            let at = below(bytes.len());
            bytes.insert(at, below(256) as u8);
        }
        2 => {
            let (from, len) = (below(bytes.len()), below(8));
            bytes.drain(from..(from + len).min(bytes.len()));
        }
        _ => {
            for _ in 0..=below(4) {
                let at = below(bytes.len());
                bytes[at] ^= 1 << below(8);
            }
        }
    }
    bytes
}

#[test]
fn damaged_modules_are_refused_or_run_but_never_panic() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    examples(&root.join("examples"), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "the examples are there");
    let mut inputs: Vec<Vec<u8>> = Vec::new();
    for path in &paths {
        inputs.push(fs::read(path).expect("an example can be read"));
        inputs.push(wat::parse_file(path).expect("an example is valid"));
    }
    let programs =
        (1000..1030).filter_map(|seed| generate::from_bytes(&generate::bytes_of_seed(seed)));
    inputs.extend(programs.flatten().filter(|wasm| wasm.len() < 40_000));

    let mut config = Config::new();
    config
        .mode(Mode::Optimise)
        .interruption(true)
        .max_memory(Some(64 << 20));
    let engine = Engine::new(&config).expect("memory for code");
    let mut sequence = Sequence::new(1);
    let (mut refused, mut accepted, mut called) = (0, 0, 0);
    for input in &inputs {
        for _ in 0..MUTATIONS {
            let bytes = mutate(input, &mut sequence);
            let start = Instant::now();
            let module = Module::new(&engine, &bytes);
            assert!(start.elapsed() < SLOW, "slow on {} bytes", bytes.len());
            match module {
                Err(error) => {
                    assert!(!format!("{error:#}").is_empty());
                    refused += 1;
                }
                Ok(module) => {
                    accepted += 1;
                    called += run(&engine, &module);
                }
            }
        }
    }
    println!("{refused} refused, {accepted} accepted, {called} calls made");
    assert!(refused > 100 && accepted > 100 && called > 100);
}

/// Calls the exported functions of a module that needs no host. The mutation may have removed its fuel, so
/// another thread stops it.
fn run(engine: &Engine, module: &Module) -> usize {
    if module.imports().len() > 0 {
        return 0;
    }
    let mut store = Store::new(engine, ());
    let handle = store.interrupt_handle();
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while let Err(std::sync::mpsc::RecvTimeoutError::Timeout) =
                waiting.recv_timeout(Duration::from_millis(100))
            {
                handle.interrupt();
            }
        });
        let mut called = 0;
        if let Ok(instance) = Instance::new(&mut store, module, &[]) {
            let exports: Vec<_> = instance
                .exports(&mut store)
                .filter_map(|export| export.into_extern().into_func())
                .collect();
            for func in exports {
                let ty = func.ty(&store);
                let zeros =
                    |types: Vec<_>| -> Vec<Val> { types.iter().map(Val::default_for_ty).collect() };
                let params = zeros(ty.params().collect());
                let mut results = zeros(ty.results().collect());
                // A trap is as good as a result here.
                let _ = func.call(&mut store, &params, &mut results);
                called += 1;
            }
        }
        drop(done);
        called
    })
}
