//! Loading: the modules of a program, decoded and validated, and whether all that they import is there.

use crate::errors::{UsageError, shown_os};
use crate::options::{Options, split_once};
use anyhow::{Result, bail};
use lazywasm::{Engine, ExternType, Linker, Module, Store, shown_name};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use wasi_shim::WasiCtx;
use wasi_shim::types::Abi;

/// A module and what it is called: the name it is imported by, and the file it came from.
pub struct Loaded {
    pub name: Option<String>,
    pub file: PathBuf,
    pub module: Module,
}

impl Loaded {
    /// Whether it can ask for the arguments of the program.
    pub fn reads_arguments(&self) -> bool {
        let mut imports = self.module.imports();
        imports.any(|import| {
            let of_wasi = [Abi::Preview1, Abi::Unstable].map(Abi::module_name);
            of_wasi.contains(&import.module())
                && matches!(import.name(), "args_get" | "args_sizes_get")
        })
    }
}

/// Decodes and validates the preloaded modules, in order, and at last the program.
pub fn load(engine: &Engine, options: &Options, program: &Path) -> Result<Vec<Loaded>> {
    let mut loaded = Vec::new();
    for preload in &options.preloads {
        let (name, file) = split_once(preload, "=")
            .and_then(|(name, file)| Some((name.to_str()?, file)))
            .filter(|(name, file)| !name.is_empty() && !file.is_empty())
            .ok_or_else(|| {
                let found = shown_os(preload);
                UsageError(format!("--preload expects NAME=FILE, found `{found}`"))
            })?;
        if loaded
            .iter()
            .any(|loaded: &Loaded| loaded.name.as_deref() == Some(name))
        {
            let name = shown_name(name);
            return Err(UsageError(format!("--preload names two modules `{name}`")).into());
        }
        let file = PathBuf::from(file);
        let module = Module::from_file(engine, &file)?;
        loaded.push(Loaded {
            name: Some(name.to_string()),
            file,
            module,
        });
    }
    let module = Module::from_file(engine, program)?;
    loaded.push(Loaded {
        name: None,
        file: program.to_path_buf(),
        module,
    });
    Ok(loaded)
}

/// Checks that every import of every module has a definition: in WASI, or in a module preloaded
/// before it.
///
/// # Errors
/// One error that names everything that is missing.
pub fn check_imports(
    loaded: &[Loaded],
    linker: &Linker<WasiCtx>,
    store: &mut Store<WasiCtx>,
) -> Result<()> {
    let mut offered: HashMap<(String, String), ExternType> = HashMap::new();
    let (mut missing, mut unfit) = (Vec::new(), Vec::new());
    for Loaded { name, file, module } in loaded {
        for import in module.imports() {
            let key = (import.module().to_string(), import.name().to_string());
            let whose = match loaded.len() {
                1 => String::new(),
                _ => format!(", needed by {}", shown_os(file)),
            };
            let own = |store: &mut Store<WasiCtx>| {
                let found = linker.get(&mut *store, import.module(), import.name())?;
                Some(found.ty(&*store))
            };
            let found = offered.get(&key).cloned().or_else(|| own(store));
            let (from, what) = (shown_name(import.module()), shown_name(import.name()));
            let ty = import.ty();
            if let Some(found) = found {
                if !may_fit(&found, &ty) {
                    unfit.push(format!(
                        "\n  {from}.{what}: expected {ty}, found {found}{whose}"
                    ));
                }
            } else {
                missing.push(format!("\n  {from}.{what}: {ty}{whose}"));
            }
        }
        if let Some(name) = name {
            offered.extend(
                module
                    .exports()
                    .map(|item| ((name.clone(), item.name().to_string()), item.ty())),
            );
        }
    }
    if missing.is_empty() && unfit.is_empty() {
        return Ok(());
    }
    let program = loaded.last().expect("the program itself is loaded");
    let program = shown_os(&program.file);
    if missing.is_empty() {
        bail!(
            "cannot run {program}: incompatible import types:{}",
            told(&unfit)
        );
    }
    bail!(
        "cannot run {program}: {} {} not defined by WASI or by a module of --preload:{}",
        missing.len(),
        if missing.len() == 1 {
            "import is"
        } else {
            "imports are"
        },
        told(&missing)
    )
}

/// Whether what is given can be of use as what is wanted, as far as that can be told before anything runs: sizes of
/// memories and tables may still change.
fn may_fit(given: &ExternType, wanted: &ExternType) -> bool {
    match (given, wanted) {
        (ExternType::Func(given), ExternType::Func(wanted)) => given == wanted,
        (ExternType::Global(given), ExternType::Global(wanted)) => given == wanted,
        (ExternType::Table(given), ExternType::Table(wanted)) => {
            given.element() == wanted.element()
        }
        (ExternType::Memory(_), ExternType::Memory(_)) => true,
        _ => false,
    }
}

/// The first of many lines, and how many more there are.
fn told(lines: &[String]) -> String {
    /// A program built for another system misses dozens; nobody reads on after that.
    const TOLD: usize = 100;
    let mut text = lines[..lines.len().min(TOLD)].concat();
    if lines.len() > TOLD {
        text += &format!("\n  and {} more", lines.len() - TOLD);
    }
    text
}
