//! Loading: decodes and validates the modules of a program, and checks that everything they import exists.

use crate::errors::{UsageError, shown_os};
use crate::lazy::LazyModules;
use crate::options::{Options, STANDARD_INPUT, named_file};
use anyhow::{Context, Result, bail};
use lazywasm::{Engine, ExternType, Linker, Module, Store, shown_name};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use wasi_shim::WasiCtx;
use wasi_shim::types::Abi;

/// A decoded and validated module.
pub struct Loaded {
    /// The name under which later modules import from it; `None` for the program itself.
    pub name: Option<String>,
    /// The file as messages name it.
    pub file: PathBuf,
    pub module: Module,
}

impl Loaded {
    /// Whether the module imports what it needs to read the program's arguments.
    pub fn reads_arguments(&self) -> bool {
        let mut imports = self.module.imports();
        imports.any(|import| {
            let of_wasi = [Abi::Preview1, Abi::Unstable].map(Abi::module_name);
            of_wasi.contains(&import.module())
                && matches!(import.name(), "args_get" | "args_sizes_get")
        })
    }
}

/// Decodes and validates the preloaded modules, in order, and then the program, which is the last of the
/// list.
///
/// # Errors
/// If `--preload` is malformed, or a file cannot be read or is invalid.
pub fn load(engine: &Engine, options: &Options, program: &Path) -> Result<Vec<Loaded>> {
    let mut loaded = Vec::new();
    for preload in &options.preloads {
        let (name, file) = named_file("--preload", preload)?;
        if loaded
            .iter()
            .any(|loaded: &Loaded| loaded.name.as_deref() == Some(name))
        {
            let name = shown_name(name);
            return Err(UsageError(format!("--preload names two modules `{name}`")).into());
        }
        if file == STANDARD_INPUT {
            let what = "only the program can be read from the standard input; `./-` is a file with the name `-`";
            return Err(UsageError(format!("--preload {name}=-: {what}")).into());
        }
        let file = PathBuf::from(file);
        let module = Module::from_file(engine, &file)?;
        loaded.push(Loaded {
            name: Some(name.to_string()),
            file,
            module,
        });
    }
    let (file, module) = if program.as_os_str() == STANDARD_INPUT {
        ("the standard input".into(), from_standard_input(engine)?)
    } else {
        (program.to_path_buf(), Module::from_file(engine, program)?)
    };
    loaded.push(Loaded {
        name: None,
        file,
        module,
    });
    Ok(loaded)
}

/// Decodes and validates what is read from the standard input, to its end.
fn from_standard_input(engine: &Engine) -> Result<Module> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .context("cannot read the program from the standard input")?;
    Module::new(engine, bytes).context("cannot load the standard input")
}

/// Checks that every import of every module has a definition of the right kind: in WASI, in a module
/// preloaded before it, or in one that is loaded when it is called.
///
/// # Errors
/// One error that lists everything that is missing, or else everything whose type is wrong.
pub fn check_imports(
    loaded: &[Loaded],
    linker: &Linker<WasiCtx>,
    lazy: Option<&LazyModules>,
    store: &mut Store<WasiCtx>,
) -> Result<()> {
    let mut offered: HashMap<&str, HashMap<&str, ExternType>> = HashMap::new();
    let (mut missing, mut unfit) = (Vec::new(), Vec::new());
    for (at, Loaded { name, file, module }) in loaded.iter().enumerate() {
        let importer = match loaded.len() {
            1 => String::new(),
            _ => format!(", needed by {}", shown_os(file)),
        };
        for import in module.imports() {
            let preloaded = offered.get(import.module());
            let preloaded = preloaded.and_then(|exports| exports.get(import.name()).cloned());
            let found = preloaded.or_else(|| {
                let of_wasi = linker.get(&mut *store, import.module(), import.name())?;
                Some(of_wasi.ty(&*store))
            });
            let shown = || {
                let (from, what) = (shown_name(import.module()), shown_name(import.name()));
                format!("\n  {from}.{what}")
            };
            let ty = import.ty();
            match found {
                None if lazy.is_some_and(|lazy| lazy.defers(&import)) => (),
                None => {
                    let later = |other: &&Loaded| other.name.as_deref() == Some(import.module());
                    let order = match loaded[at..].iter().find(later) {
                        Some(_) => "; that module is preloaded, but not before this one",
                        None => "",
                    };
                    missing.push(format!("{}: {ty}{importer}{order}", shown()));
                }
                Some(found) if !may_fit(&found, &ty) => unfit.push(format!(
                    "{}: expected {ty}, found {found}{importer}",
                    shown()
                )),
                Some(_) => (),
            }
        }
        if let Some(name) = name {
            let exports = module.exports();
            let exports = exports.map(|export| (export.name(), export.ty()));
            offered.entry(name).or_default().extend(exports);
        }
    }
    let program = loaded.last().expect("the program itself is loaded");
    import_errors(&shown_os(&program.file), &missing, &unfit)
}

/// The error of [`check_imports`], if there is one, from its lines.
fn import_errors(program: &str, missing: &[String], unfit: &[String]) -> Result<()> {
    match missing.len() {
        0 if unfit.is_empty() => Ok(()),
        0 => bail!(
            "cannot run {program}: incompatible import types:{}",
            first_lines(unfit)
        ),
        count => bail!(
            "cannot run {program}: {count} {} not defined by WASI or by a module of --preload:{}",
            if count == 1 {
                "import is"
            } else {
                "imports are"
            },
            first_lines(missing)
        ),
    }
}

/// Whether `given` may be able to satisfy an import of type `wanted`. This is as much as can be known before
/// anything runs: the sizes of memories and tables may still change.
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
fn first_lines(lines: &[String]) -> String {
    /// A program built for another system misses dozens of imports; more lines than this help nobody.
    const SHOWN: usize = 100;
    let mut text = lines[..lines.len().min(SHOWN)].concat();
    if lines.len() > SHOWN {
        text += &format!("\n  and {} more", lines.len() - SHOWN);
    }
    text
}
