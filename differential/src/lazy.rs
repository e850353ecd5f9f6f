//! lazywasm as a subject.

use crate::changes::{self, Changes, Data};
use crate::generate::{Program, module_name};
use crate::subject::{ExportedFunc, HostImport, State, Stop, Subject};
use crate::value::{Kind, Value};
use lazywasm::{
    AsContextMut, Engine, Error, Extern, ExternRef, ExternType, FrameInfo, Func, FuncType, Global,
    HeapType, Instance, Memory, Module, Result, Store, Table, Trap, V128, Val, ValType,
    WasmBacktrace,
};

/// A program on an engine of lazywasm.
pub(crate) struct Lazy {
    engine: Engine,
    modules: Vec<Module>,
    /// The newest instances. Older ones are dropped only after the new ones are made, so that they share
    /// linkages, and with them code.
    current: Option<Store<Data>>,
    /// The frames of the last trap.
    frames: Vec<String>,
    /// The seed of what is replaced while the program runs, and how much was.
    changing: Option<u64>,
    pub(crate) replaced: usize,
}

impl Lazy {
    /// Decodes and validates the program.
    pub(crate) fn new(engine: &Engine, program: &Program) -> Result<Lazy> {
        let modules = program.iter().map(|wasm| Module::new(engine, wasm));
        Ok(Lazy {
            engine: engine.clone(),
            modules: modules.collect::<Result<_>>()?,
            current: None,
            frames: Vec::new(),
            changing: None,
            replaced: 0,
        })
    }

    /// The same, with functions that are replaced while it runs.
    pub(crate) fn changing(engine: &Engine, program: &Program, seed: u64) -> Result<Lazy> {
        let mut lazy = Lazy::new(engine, program)?;
        lazy.changing = Some(seed);
        Ok(lazy)
    }

    /// What the module at the position of the next instance imports.
    fn imports(&self, store: &mut Store<Data>) -> Result<Vec<Extern>> {
        let instances = store.data().instances.clone();
        let mut imports = Vec::new();
        let mut funcs = 0;
        for import in self.modules[instances.len()].imports() {
            let from = (0..instances.len()).find(|at| import.module() == module_name(*at));
            if let Some(from) = from {
                let export = instances[from].get_export(&mut *store, import.name());
                imports.push(export.expect("generated from the exports"));
                continue;
            }
            imports.push(match import.ty() {
                ExternType::Func(ty) => {
                    funcs += 1;
                    host_func(store, (instances.len(), funcs), ty).into()
                }
                ExternType::Global(ty) => {
                    let value = Val::default_for_ty(ty.content());
                    Global::new(&mut *store, ty, value)?.into()
                }
                ExternType::Table(ty) => {
                    let null = Val::default_for_ty(&ValType::Ref(*ty.element()));
                    let null = null.to_ref().expect("the value of a reference type");
                    Table::new(&mut *store, ty, null)?.into()
                }
                ExternType::Memory(ty) => Memory::new(&mut *store, ty)?.into(),
            });
        }
        Ok(imports)
    }

    fn current(&mut self) -> (&mut Store<Data>, Vec<Instance>) {
        let store = self.current.as_mut().expect("instances were made");
        let instances = store.data().instances.clone();
        (store, instances)
    }
}

fn host_func(store: &mut Store<Data>, import: HostImport, ty: FuncType) -> Func {
    let kinds: Vec<Kind> = ty.results().map(kind).collect();
    answer(store, import, ty, kinds)
}

/// A function of the host, which answers and may replace a function of the program.
pub(crate) fn answer(
    store: impl AsContextMut<Data = Data>,
    import: HostImport,
    ty: FuncType,
    kinds: Vec<Kind>,
) -> Func {
    Func::new(store, ty, move |mut caller, params, results| {
        changes::opportunity(&mut caller);
        let arguments = params.iter().map(seen).collect();
        let answers = caller.data_mut().host.answer(import, arguments, &kinds);
        for (result, answer) in results.iter_mut().zip(answers) {
            *result = given(answer);
        }
        Ok(())
    })
}

impl Subject for Lazy {
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
                    params: ty.params().map(kind).collect(),
                }),
                _ => None,
            })
            .collect()
    }

    fn instantiate(&mut self) -> Result<(), Stop> {
        let mut store = Store::new(&self.engine, Data::default());
        let changing = self.changing.map(|seed| Changes::new(&self.modules, seed));
        store.data_mut().changes = changing;
        for module in &self.modules {
            let instance = self
                .imports(&mut store)
                .and_then(|imports| match self.changing {
                    Some(_) => Instance::new_live(&mut store, module, &imports),
                    None => Instance::new(&mut store, module, &imports),
                });
            match instance {
                Ok(instance) => store.data_mut().instances.push(instance),
                Err(error) => {
                    self.frames = frames_of(&error);
                    return Err(stop(&error));
                }
            }
        }
        self.current = Some(store);
        Ok(())
    }

    fn frames(&self) -> Option<Vec<String>> {
        Some(self.frames.clone())
    }

    fn call(&mut self, function: &ExportedFunc, arguments: &[Value]) -> Result<Vec<Value>, Stop> {
        let (store, instances) = self.current();
        changes::opportunity(&mut *store);
        let func = instances[function.module]
            .get_func(&mut *store, &function.name)
            .expect("the function is exported");
        let arguments: Vec<Val> = arguments.iter().copied().map(given).collect();
        let ty = func.ty(&*store);
        let mut results: Vec<Val> = ty.results().map(|ty| Val::default_for_ty(&ty)).collect();
        let outcome = func.call(&mut *store, &arguments, &mut results);
        let made = store.data_mut().changes.as_mut();
        let made = made.map_or(0, |changes| std::mem::take(&mut changes.made));
        self.replaced += made;
        if let Err(error) = outcome {
            self.frames = frames_of(&error);
            return Err(stop(&error));
        }
        Ok(results.iter().map(seen).collect())
    }

    fn state(&mut self) -> State {
        let (store, instances) = self.current();
        let mut state = State::default();
        let mut exports: Vec<(String, Extern)> = Vec::new();
        for (module, instance) in instances.iter().enumerate() {
            let named = instance.exports(&mut *store).map(|export| {
                let name = format!("{} {:?}", module_name(module), export.name());
                (name, export.into_extern())
            });
            exports.extend(named);
        }
        for (name, export) in exports {
            match export {
                Extern::Global(global) => {
                    let value = seen(&global.get(&mut *store));
                    state.globals.push((name, value));
                }
                Extern::Table(table) => {
                    let len = table.size(&*store);
                    let values = (0..len).map(|at| {
                        let element = table.get(&mut *store, at).expect("below the size");
                        seen(&element.into())
                    });
                    let values = values.collect();
                    state.tables.push((name, values));
                }
                Extern::Memory(memory) => {
                    state.memories.push((name, memory.data(&*store).to_vec()));
                }
                Extern::Func(_) => {}
            }
        }
        state.host_calls = store.data().host.calls().to_vec();
        state
    }
}

pub(crate) fn kind(ty: ValType) -> Kind {
    match ty {
        ValType::I32 => Kind::I32,
        ValType::I64 => Kind::I64,
        ValType::F32 => Kind::F32,
        ValType::F64 => Kind::F64,
        ValType::V128 => Kind::V128,
        ValType::Ref(reference) => match reference.heap_type() {
            HeapType::Func => Kind::FuncRef,
            HeapType::Extern => Kind::ExternRef,
            other => unreachable!("{other:?} is not generated"),
        },
    }
}

fn seen(value: &Val) -> Value {
    match value {
        Val::I32(v) => Value::I32(*v as u32),
        Val::I64(v) => Value::I64(*v as u64),
        Val::F32(bits) => Value::F32(*bits),
        Val::F64(bits) => Value::F64(*bits),
        Val::V128(v) => Value::V128(v.as_u128()),
        Val::FuncRef(func) => Value::Func {
            null: func.is_none(),
        },
        Val::ExternRef(value) => Value::Extern(value.as_ref().map(|value| {
            *value
                .data()
                .downcast_ref::<u32>()
                .expect("every host value is a number")
        })),
    }
}

fn given(value: Value) -> Val {
    match value {
        Value::I32(v) => Val::I32(v as i32),
        Value::I64(v) => Val::I64(v as i64),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
        Value::V128(v) => Val::V128(V128::from(v)),
        Value::Func { .. } => Val::FuncRef(None),
        Value::Extern(number) => Val::ExternRef(number.map(ExternRef::new)),
    }
}

fn frames_of(error: &Error) -> Vec<String> {
    let trace = error.downcast_ref::<WasmBacktrace>();
    let frames = trace.map_or(&[][..], WasmBacktrace::frames);
    let frame = |frame: &FrameInfo| {
        let name = frame.func_name().unwrap_or("?");
        format!("{name} at {:x?}", frame.module_offset())
    };
    frames.iter().map(frame).collect()
}

fn stop(error: &Error) -> Stop {
    match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) => Stop::Unreachable,
        Some(Trap::MemoryOutOfBounds) => Stop::MemoryOutOfBounds,
        Some(Trap::TableOutOfBounds | Trap::UndefinedElement) => Stop::TableOutOfBounds,
        Some(Trap::IndirectCallToNull) => Stop::IndirectCallToNull,
        Some(Trap::BadSignature) => Stop::BadSignature,
        Some(Trap::IntegerDivisionByZero) => Stop::DivisionByZero,
        Some(Trap::IntegerOverflow) => Stop::IntegerOverflow,
        Some(Trap::BadConversionToInteger) => Stop::BadConversion,
        Some(Trap::StackOverflow) => Stop::StackOverflow,
        _ => Stop::Failed(format!("{error:#}")),
    }
}
