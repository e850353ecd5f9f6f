//! Modules that are loaded when one of their functions is first called: those of `--lazy`, and those that
//! `--resolve` finds in a directory.

use crate::errors::{UsageError, shown_os};
use crate::explanation::Explanation;
use crate::options::{Options, STANDARD_INPUT, named_file};
use crate::reactor;
use anyhow::{Context, Result, anyhow, bail, ensure};
use lazywasm::{Caller, ExternType, Func, ImportType, Instance, Linker, Module, shown_name};
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use wasi_shim::WasiCtx;

/// Where the modules are, and those that were loaded.
pub struct LazyModules {
    named: Vec<(String, PathBuf)>,
    directory: Option<PathBuf>,
    loaded: Mutex<HashMap<String, State>>,
    /// With everything that modules may import: WASI, and what was preloaded so far.
    linker: Mutex<Option<Linker<WasiCtx>>>,
    explanation: Option<Arc<Explanation>>,
}

/// What a module is after it was asked for.
#[derive(Clone, Copy)]
enum State {
    /// It is being instantiated.
    Loading,
    Loaded(Instance),
}

impl LazyModules {
    /// The modules of the options; `None` if there are none.
    ///
    /// # Errors
    /// If an option is malformed or a name is used twice.
    pub fn of(
        options: &Options,
        explanation: Option<Arc<Explanation>>,
    ) -> Result<Option<Arc<LazyModules>>> {
        let mut named: Vec<(String, PathBuf)> = Vec::new();
        for lazy in &options.lazies {
            let (name, file) = named_file("--lazy", lazy)?;
            if named.iter().any(|(other, _)| other == name) {
                let name = shown_name(name);
                return Err(UsageError(format!("--lazy names two modules `{name}`")).into());
            }
            if file == STANDARD_INPUT {
                let what = format!(
                    "--lazy {name}=-: only the program can be read from the standard input"
                );
                return Err(UsageError(what).into());
            }
            named.push((name.to_string(), PathBuf::from(file)));
        }
        if let Some(directory) = &options.resolve
            && !directory.is_dir()
        {
            bail!("--resolve: {} is not a directory", shown_os(directory));
        }
        let any = !named.is_empty() || options.resolve.is_some();
        Ok(any.then(|| {
            Arc::new(LazyModules {
                named,
                directory: options.resolve.clone(),
                loaded: Mutex::default(),
                linker: Mutex::default(),
                explanation,
            })
        }))
    }

    /// Whether an import that nothing else defines is resolved when it is called.
    pub fn defers(&self, import: &ImportType<'_>) -> bool {
        let named = || self.named.iter().any(|(name, _)| name == import.module());
        matches!(import.ty(), ExternType::Func(_)) && (self.directory.is_some() || named())
    }

    /// Makes a linker resolve by these modules what it does not define.
    pub fn add_to(self: &Arc<Self>, linker: &mut Linker<WasiCtx>) {
        let lazy = self.clone();
        linker.resolve_on_call(move |caller, import| lazy.resolve(caller, import));
    }

    /// From now on, the modules may import what `linker` has.
    pub fn offer(&self, linker: &Linker<WasiCtx>) {
        let mut offered = self.linker.lock().unwrap_or_else(PoisonError::into_inner);
        *offered = Some(linker.clone());
    }

    fn resolve(&self, mut caller: Caller<'_, WasiCtx>, import: &ImportType<'_>) -> Result<Func> {
        let name = import.module();
        let file = self.file_of(name)?;
        let known = self.states().get(name).copied();
        let instance = match known {
            Some(State::Loaded(instance)) => instance,
            Some(State::Loading) => bail!(
                "{} needs it to be instantiated, and it is one of its own functions",
                shown_os(&file)
            ),
            None => {
                self.states().insert(name.to_string(), State::Loading);
                let loaded = self.load(&mut caller, &file);
                match &loaded {
                    Ok(instance) => {
                        let loaded = State::Loaded(*instance);
                        self.states().insert(name.to_string(), loaded)
                    }
                    // The next call tries again.
                    Err(_) => self.states().remove(name),
                };
                loaded?
            }
        };
        let func = instance.get_func(&mut caller, import.name());
        func.ok_or_else(|| {
            anyhow!(
                "{} exports no function `{}`",
                shown_os(&file),
                shown_name(import.name())
            )
        })
    }

    fn states(&self) -> std::sync::MutexGuard<'_, HashMap<String, State>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self, caller: &mut Caller<'_, WasiCtx>, file: &Path) -> Result<Instance> {
        let linker = self
            .linker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let linker = linker.expect("it is offered before anything runs");
        let module = Module::from_file(caller.engine(), file)?;
        if let Some(explanation) = &self.explanation {
            explanation.look_in(&module);
        }
        reactor::check_initializer(&module, file)?;
        let instance = linker.instantiate(&mut *caller, &module)?;
        reactor::initialize(&instance, &module, caller)?;
        Ok(instance)
    }

    /// The file of a module.
    ///
    /// # Errors
    /// If none is named or found.
    fn file_of(&self, name: &str) -> Result<PathBuf> {
        if let Some((_, file)) = self.named.iter().find(|(named, _)| named == name) {
            return Ok(file.clone());
        }
        let directory = self.directory.as_ref();
        let directory =
            directory.with_context(|| format!("no --lazy names {}", shown_name(name)))?;
        // A name must not lead out of the directory.
        let mut parts = Path::new(name).components();
        let is_plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(only)), None) if only == name);
        ensure!(
            is_plain,
            "`{}` cannot be the name of a file in {}",
            shown_name(name),
            shown_os(directory)
        );
        let files = ["wasm", "wat"].map(|ending| directory.join(format!("{name}.{ending}")));
        let found = files.iter().find(|file| file.exists());
        found.cloned().with_context(|| {
            let [binary, text] = files.each_ref().map(shown_os);
            format!("there is no file {binary} or {text}")
        })
    }
}
