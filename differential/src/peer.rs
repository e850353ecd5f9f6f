//! wasmi as a subject: an interpreter of other authors, which shares no code with this repository.

use crate::generate::{Program, module_name};
use crate::subject::{ExportedFunc, Host, HostImport, State, Stop, Subject};
use crate::value::{Kind, Value};
use wasmi::errors::{ErrorKind, InstantiationError};
use wasmi::{
    Config, Engine, Error, Extern, ExternRef, ExternType, F32, F64, Func, FuncType, Global,
    Instance, Memory, Module, Ref, Store, Table, TrapCode, V128, Val, ValType,
};

/// Deep enough that fuel ends every recursion first.
const RECURSION: usize = 100_000;

/// What an instance may use on an engine that counts fuel: a hundred times as much as generated programs do.
const FUEL: u64 = 100_000_000;

/// What the error of spent fuel is called here.
pub(crate) const OUT_OF_FUEL: &str = "out of fuel";

/// A program on an engine of wasmi.
pub(crate) struct Peer {
    engine: Engine,
    modules: Vec<Module>,
    current: Option<(Store<Host>, Vec<Instance>)>,
}

/// An engine with the features that are generated.
pub(crate) fn engine() -> Engine {
    Engine::new(&config())
}

fn config() -> Config {
    let mut config = Config::default();
    config.set_max_stack_height(64 << 20);
    config.set_max_recursion_depth(RECURSION);
    config.wasm_multi_memory(true);
    config.wasm_tail_call(true);
    config.wasm_simd(true);
    config
}

/// An engine that stops what runs for long.
pub(crate) fn limited_engine() -> Engine {
    let mut config = config();
    config.consume_fuel(true);
    Engine::new(&config)
}

impl Peer {
    /// Decodes, validates and translates.
    pub(crate) fn new(engine: &Engine, program: &Program) -> Result<Peer, Error> {
        let modules = program.iter().map(|wasm| Module::new(engine, wasm));
        Ok(Peer {
            engine: engine.clone(),
            modules: modules.collect::<Result<_, _>>()?,
            current: None,
        })
    }

    /// What the module at the position of the next instance imports.
    fn imports(
        &self,
        store: &mut Store<Host>,
        instances: &[Instance],
    ) -> Result<Vec<Extern>, Error> {
        let mut imports = Vec::new();
        let mut funcs = 0;
        for import in self.modules[instances.len()].imports() {
            let from = (0..instances.len()).find(|at| import.module() == module_name(*at));
            if let Some(from) = from {
                let export = instances[from].get_export(&*store, import.name());
                imports.push(export.expect("generated from the exports"));
                continue;
            }
            imports.push(match import.ty() {
                ExternType::Func(ty) => {
                    funcs += 1;
                    host_func(store, (instances.len(), funcs), ty.clone()).into()
                }
                ExternType::Global(ty) => {
                    let value = Val::default(ty.content());
                    Global::new(&mut *store, value, ty.mutability()).into()
                }
                ExternType::Table(ty) => {
                    let null = Val::default(ty.element());
                    Table::new(&mut *store, *ty, null)?.into()
                }
                ExternType::Memory(ty) => Memory::new(&mut *store, *ty)?.into(),
            });
        }
        Ok(imports)
    }

    fn current(&mut self) -> (&mut Store<Host>, &[Instance]) {
        let (store, instances) = self.current.as_mut().expect("instances were made");
        (store, instances)
    }
}

fn host_func(store: &mut Store<Host>, import: HostImport, ty: FuncType) -> Func {
    let kinds: Vec<Kind> = ty.results().iter().copied().map(kind).collect();
    Func::new(store, ty, move |mut caller, params, results| {
        let arguments = params.iter().map(|value| seen(&caller, value)).collect();
        let answers = caller.data_mut().answer(import, arguments, &kinds);
        for (result, answer) in results.iter_mut().zip(answers) {
            *result = given(&mut caller, answer);
        }
        Ok(())
    })
}

impl Subject for Peer {
    fn functions(&self) -> Vec<ExportedFunc> {
        let exports = self
            .modules
            .iter()
            .enumerate()
            .flat_map(|(module, defined)| defined.exports().map(move |export| (module, export)));
        exports
            .filter_map(|(module, export)| match export.ty() {
                ExternType::Func(ty) => Some(ExportedFunc {
                    module,
                    name: export.name().to_string(),
                    params: ty.params().iter().copied().map(kind).collect(),
                }),
                _ => None,
            })
            .collect()
    }

    fn instantiate(&mut self) -> Result<(), Stop> {
        let mut store = Store::new(&self.engine, Host::default());
        // Only an engine that counts fuel takes it.
        let _ = store.set_fuel(FUEL);
        let mut instances = Vec::new();
        for module in &self.modules {
            let instance = self
                .imports(&mut store, &instances)
                .and_then(|imports| Instance::new(&mut store, module, &imports))
                .map_err(|error| stop(&error))?;
            instances.push(instance);
        }
        self.current = Some((store, instances));
        Ok(())
    }

    fn call(&mut self, function: &ExportedFunc, arguments: &[Value]) -> Result<Vec<Value>, Stop> {
        let (store, instances) = self.current();
        let func = instances[function.module]
            .get_func(&*store, &function.name)
            .expect("the function is exported");
        let arguments: Vec<Val> = arguments
            .iter()
            .map(|value| given(&mut *store, *value))
            .collect();
        let ty = func.ty(&*store);
        let results = ty.results().iter().copied().map(Val::default);
        let mut results: Vec<Val> = results.collect();
        func.call(&mut *store, &arguments, &mut results)
            .map_err(|error| stop(&error))?;
        Ok(results.iter().map(|value| seen(&*store, value)).collect())
    }

    fn state(&mut self) -> State {
        let (store, instances) = self.current();
        let store = &*store;
        let mut state = State::default();
        let exports = instances.iter().enumerate().flat_map(|(module, instance)| {
            instance.exports(store).map(move |export| (module, export))
        });
        for (module, export) in exports {
            let name = format!("{} {:?}", module_name(module), export.name());
            match export.into_extern() {
                Extern::Global(global) => {
                    let value = seen(store, &global.get(store));
                    state.globals.push((name, value));
                }
                Extern::Table(table) => {
                    let values = (0..table.size(store)).map(|at| {
                        let element = table.get(store, at).expect("below the size");
                        seen(store, &element)
                    });
                    state.tables.push((name, values.collect()));
                }
                Extern::Memory(memory) => state.memories.push((name, memory.data(store).to_vec())),
                Extern::Func(_) => {}
            }
        }
        state.host_calls = store.data().calls().to_vec();
        state
    }
}

fn kind(ty: ValType) -> Kind {
    match ty {
        ValType::I32 => Kind::I32,
        ValType::I64 => Kind::I64,
        ValType::F32 => Kind::F32,
        ValType::F64 => Kind::F64,
        ValType::V128 => Kind::V128,
        ValType::FuncRef => Kind::FuncRef,
        ValType::ExternRef => Kind::ExternRef,
    }
}

fn seen(store: impl wasmi::AsContext, value: &Val) -> Value {
    match value {
        Val::I32(v) => Value::I32(*v as u32),
        Val::I64(v) => Value::I64(*v as u64),
        Val::F32(v) => Value::F32(v.to_bits()),
        Val::F64(v) => Value::F64(v.to_bits()),
        Val::V128(v) => Value::V128(v.as_u128()),
        Val::FuncRef(func) => Value::Func {
            null: func.is_null(),
        },
        Val::ExternRef(value) => Value::Extern(value.val().map(|value| {
            *value
                .data(store.as_context())
                .downcast_ref::<u32>()
                .expect("every host value is a number")
        })),
    }
}

fn given(store: impl wasmi::AsContextMut, value: Value) -> Val {
    match value {
        Value::I32(v) => Val::I32(v as i32),
        Value::I64(v) => Val::I64(v as i64),
        Value::F32(bits) => Val::F32(F32::from_bits(bits)),
        Value::F64(bits) => Val::F64(F64::from_bits(bits)),
        Value::V128(v) => Val::V128(V128::from(v)),
        Value::Func { .. } => Val::FuncRef(Ref::Null),
        Value::Extern(None) => Val::ExternRef(Ref::Null),
        Value::Extern(Some(number)) => Val::ExternRef(Ref::Val(ExternRef::new(store, number))),
    }
}

fn stop(error: &Error) -> Stop {
    if let ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. }) =
        error.kind()
    {
        return Stop::TableOutOfBounds;
    }
    let text = error.to_string();
    if text.starts_with("out of bounds table access") {
        // wasmi reports this trap of a copy between two tables only as text.
        return Stop::TableOutOfBounds;
    }
    match error.as_trap_code() {
        Some(TrapCode::UnreachableCodeReached) => Stop::Unreachable,
        Some(TrapCode::MemoryOutOfBounds) => Stop::MemoryOutOfBounds,
        Some(TrapCode::TableOutOfBounds) => Stop::TableOutOfBounds,
        Some(TrapCode::IndirectCallToNull) => Stop::IndirectCallToNull,
        Some(TrapCode::BadSignature) => Stop::BadSignature,
        Some(TrapCode::IntegerDivisionByZero) => Stop::DivisionByZero,
        Some(TrapCode::IntegerOverflow) => Stop::IntegerOverflow,
        Some(TrapCode::BadConversionToInteger) => Stop::BadConversion,
        Some(TrapCode::StackOverflow) => Stop::StackOverflow,
        Some(TrapCode::OutOfFuel) => Stop::Failed(OUT_OF_FUEL.to_string()),
        _ => Stop::Failed(text),
    }
}
