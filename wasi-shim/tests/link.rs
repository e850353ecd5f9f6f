//! The names, types and versions of everything that is registered in a linker, on an engine whose compiler
//! refuses every function.

use anyhow::Result;
use engine::code_source::Refusing;
use engine::{Config, Engine, Linker, Module, Store};
use lazywasm_wasi_shim::{I32Exit, WasiCtx, add_to_linker, exit_status};

/// Every function of preview 1 with its parameters (`i` of 32 bits, `I` of 64), written from the
/// specification's text and not from the table under test.
const SPECIFIED: &[(&str, &str)] = &[
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "iIi"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("fd_advise", "iIIi"),
    ("fd_allocate", "iII"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "iII"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "iI"),
    ("fd_filestat_set_times", "iIIi"),
    ("fd_pread", "iiiIi"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_prestat_get", "ii"),
    ("fd_pwrite", "iiiIi"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiiIi"),
    ("fd_renumber", "ii"),
    ("fd_seek", "iIii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiiIIi"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiiIIii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("proc_exit", "i"),
    ("proc_raise", "i"),
    ("random_get", "ii"),
    ("sched_yield", ""),
    ("sock_accept", "iii"),
    ("sock_recv", "iiiiii"),
    ("sock_send", "iiiii"),
    ("sock_shutdown", "ii"),
];

fn engine() -> Engine {
    Engine::with_code_source(&Config::new(), Box::new(Refusing)).unwrap()
}

/// A module that imports `functions` from `module`, with the types given.
fn importer(module: &str, functions: &[(&str, &str)]) -> String {
    let mut text = String::from("(module");
    for (name, params) in functions {
        let params: String = params
            .chars()
            .map(|param| if param == 'I' { " i64" } else { " i32" })
            .collect();
        let result = if *name == "proc_exit" {
            ""
        } else {
            "(result i32)"
        };
        text += &format!("\n  (import {module:?} {name:?} (func (param{params}) {result}))");
    }
    text + ")"
}

fn instantiate(module: &str, functions: &[(&str, &str)]) -> Result<()> {
    let engine = engine();
    let mut linker = Linker::<WasiCtx>::new(&engine);
    add_to_linker(&mut linker, |ctx| ctx)?;
    let module = Module::new(&engine, importer(module, functions))?;
    let mut store = Store::new(&engine, WasiCtx::builder().build()?);
    linker.instantiate(&mut store, &module).map(drop)
}

#[test]
fn every_function_of_preview_1_has_its_type() {
    assert_eq!(SPECIFIED.len(), 46);
    instantiate("wasi_snapshot_preview1", SPECIFIED).unwrap();
    // Shows that the test can fail.
    assert!(instantiate("wasi_snapshot_preview1", &[("fd_read", "iii")]).is_err());
    assert!(instantiate("wasi_snapshot_preview1", &[("fd_seek", "iiii")]).is_err());
}

#[test]
fn the_older_version_lacks_accepting_connections() {
    let older: Vec<_> = SPECIFIED
        .iter()
        .copied()
        .filter(|(name, _)| *name != "sock_accept")
        .collect();
    instantiate("wasi_unstable", &older).unwrap();
    let error = instantiate("wasi_unstable", SPECIFIED).unwrap_err();
    assert!(error.to_string().contains("sock_accept"), "{error}");
}

#[test]
fn names_are_defined_once() {
    let engine = engine();
    let mut linker = Linker::<WasiCtx>::new(&engine);
    add_to_linker(&mut linker, |ctx| ctx).unwrap();
    assert!(add_to_linker(&mut linker, |ctx| ctx).is_err());
}

#[test]
fn an_exit_is_found_in_an_error() {
    let error = anyhow::Error::from(I32Exit(3)).context("while running main");
    assert_eq!(exit_status(&error), Some(3));
    assert_eq!(exit_status(&anyhow::anyhow!("a trap")), None);
}
