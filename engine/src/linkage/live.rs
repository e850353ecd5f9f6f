//! What the functions of a live linkage are, while the program runs.
//!
//! A function begins as the body in its module. It can be replaced by another body, or by another function of
//! the store; each replacement begins a new generation of its definition. The generations are words that
//! compiled code tests before it runs a copy of a function, so they are at one place as long as the linkage.
//!
//! A definition is changed before its generation. Who reads the generation first and then the definition may
//! find a definition that is newer than the generation, which is harmless: what is made of it is never run.

use super::Linkage;
use crate::ids::DefinedFunc;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

/// The definitions of a live linkage's functions that have changed.
#[derive(Debug)]
pub(super) struct Definitions {
    changed: RwLock<HashMap<DefinedFunc, Changed>>,
    /// Of the functions that may be replaced, if the linkage is live.
    generations: Option<Box<[AtomicU32]>>,
    /// Whether all functions were removed.
    removed: AtomicBool,
    /// The deferred imports that are being resolved.
    resolving: Mutex<HashSet<DefinedFunc>>,
}

/// What a function is now.
#[derive(Clone, Debug)]
pub(crate) enum Changed {
    /// This body, validated in the place of the function's own.
    Body(Arc<[u8]>),
    Forward(Forward),
}

/// The function that a function was replaced by.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The record of that function, which its store keeps.
    record: usize,
    target: ForwardTarget,
}

/// Where the function of a [`Forward`] is defined.
#[derive(Clone, Debug)]
pub enum ForwardTarget {
    /// By the host.
    Host,
    /// By a linkage. Linkages whose functions were replaced by each other's form circles, so none keeps
    /// another one; the store keeps the instances.
    Wasm(Weak<Linkage>, DefinedFunc),
}

impl Forward {
    /// `record` is the address of the function's record.
    pub(crate) fn new(record: usize, target: ForwardTarget) -> Forward {
        Forward { record, target }
    }

    /// The address of the function's record, for code.
    pub fn record(&self) -> usize {
        self.record
    }

    /// Where the function is defined.
    pub fn target(&self) -> &ForwardTarget {
        &self.target
    }
}

/// A deferred import that is being resolved.
#[derive(Debug)]
pub(crate) struct Resolving<'a> {
    all: &'a Mutex<HashSet<DefinedFunc>>,
    func: DefinedFunc,
}

impl Drop for Resolving<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.func);
    }
}

impl Definitions {
    /// The definitions in the module. If functions may be replaced, `live` is their number.
    pub(super) fn of_module(live: Option<u32>) -> Definitions {
        let generations = |functions: u32| {
            let words = std::iter::repeat_with(AtomicU32::default);
            words.take(functions as usize).collect()
        };
        Definitions {
            changed: RwLock::default(),
            generations: live.map(generations),
            removed: AtomicBool::new(false),
            resolving: Mutex::default(),
        }
    }

    pub(super) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::SeqCst)
    }

    pub(super) fn remove(&self) {
        self.removed.store(true, Ordering::SeqCst);
        for generation in self.generations().unwrap_or_default() {
            generation.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub(super) fn begin_resolving(&self, func: DefinedFunc) -> Option<Resolving<'_>> {
        let mut resolving = self
            .resolving
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let all = &self.resolving;
        resolving.insert(func).then(|| Resolving { all, func })
    }

    pub(super) fn generations(&self) -> Option<&[AtomicU32]> {
        self.generations.as_deref()
    }

    /// What a function is now, if it is not the body in its module.
    pub(super) fn changed(&self, func: DefinedFunc) -> Option<Changed> {
        let changed = self.changed.read().unwrap_or_else(PoisonError::into_inner);
        changed.get(&func).cloned()
    }

    pub(super) fn change(&self, func: DefinedFunc, to: Changed) {
        let mut changed = self.changed.write().unwrap_or_else(PoisonError::into_inner);
        let before = changed.insert(func, to);
        drop(changed);
        let generations = self.generations().unwrap_or_default();
        if let Some(generation) = generations.get(func.index()) {
            generation.fetch_add(1, Ordering::SeqCst);
        }
        drop(before);
    }
}
