//! Functions that are replaced while a program runs: between calls, and by the host when the program calls
//! it.
//!
//! A sequence says when, which and by what, so the same happens in every mode. A function takes the place of
//! one of a later module, which it does not call, so that hardly any recursion comes of it.

use crate::lazy::kind;
use crate::subject::Host;
use crate::value::{Kind, Sequence};
use lazywasm::{AsContextMut, ExternType, Func, FuncType, Instance, Module};

/// An exported function that its module defines.
#[derive(Clone)]
struct Candidate {
    module: usize,
    name: String,
    ty: FuncType,
}

/// The functions of a program, and the choice among them.
#[derive(Clone)]
pub(crate) struct Changes {
    candidates: Vec<Candidate>,
    sequence: Sequence,
    /// How many functions were replaced.
    pub(crate) made: usize,
}

/// What a store of a program that changes has.
#[derive(Default)]
pub(crate) struct Data {
    pub(crate) host: Host,
    pub(crate) instances: Vec<Instance>,
    pub(crate) changes: Option<Changes>,
}

/// One in so many opportunities is used.
const ONE_IN: u64 = 3;

impl Changes {
    pub(crate) fn new(modules: &[Module], seed: u64) -> Changes {
        let mut candidates = Vec::new();
        for (at, module) in modules.iter().enumerate() {
            let imported = module
                .imports()
                .filter(|import| matches!(import.ty(), ExternType::Func(_)));
            let imported = imported.count() as u32;
            for export in module.exports() {
                if let (ExternType::Func(ty), Some(index)) = (export.ty(), export.func_index())
                    && index >= imported
                {
                    candidates.push(Candidate {
                        module: at,
                        name: export.name().to_string(),
                        ty,
                    });
                }
            }
        }
        Changes {
            candidates,
            sequence: Sequence::new(seed),
            made: 0,
        }
    }
}

/// An opportunity to replace a function.
pub(crate) fn opportunity(mut store: impl AsContextMut<Data = Data>) {
    let mut store = store.as_context_mut();
    let Some(mut changes) = store.data_mut().changes.take() else {
        return;
    };
    change(&mut store, &mut changes);
    store.data_mut().changes = Some(changes);
}

fn change(store: &mut lazywasm::StoreContextMut<'_, Data>, changes: &mut Changes) {
    if changes.candidates.is_empty() || !changes.sequence.number().is_multiple_of(ONE_IN) {
        return;
    }
    let count = changes.candidates.len() as u64;
    let old = changes.candidates[(changes.sequence.number() % count) as usize].clone();
    let earlier = changes.candidates.iter();
    let earlier = earlier.filter(|other| other.module < old.module && other.ty == old.ty);
    let earlier: Vec<&Candidate> = earlier.collect();
    // The first choice is a function of the host.
    let choice = (changes.sequence.number() % (earlier.len() as u64 + 1)) as usize;
    let instances = &store.data().instances;
    // A start function may call the host before all modules have instances.
    let Some(instance) = instances.get(old.module).copied() else {
        return;
    };
    let with = match choice.checked_sub(1) {
        Some(at) => {
            let new = earlier[at];
            let from = instances[new.module];
            from.get_func(&mut *store, &new.name)
                .expect("it is exported")
        }
        None => answering(store, (old.module, 1000), old.ty.clone()),
    };
    // What was replaced by the function already is refused, everywhere alike.
    if instance.replace_func(&mut *store, &old.name, with).is_ok() {
        changes.made += 1;
    }
}

fn answering(
    store: &mut lazywasm::StoreContextMut<'_, Data>,
    import: (usize, usize),
    ty: FuncType,
) -> Func {
    let kinds: Vec<Kind> = ty.results().map(kind).collect();
    crate::lazy::answer(store, import, ty, kinds)
}
