//! What the functions of a live linkage are, while the program runs.
//!
//! A function begins as the body in its module. It can be replaced by another function of the store; each
//! replacement begins a new generation of its definition. The generations are words that compiled code tests
//! before it runs a copy of a function, so they are at one place as long as the linkage.
//!
//! A definition is changed before its generation. Who reads the generation first and then the definition may
//! find a definition that is newer than the generation, which is harmless: what is made of it is never run.

use super::Linkage;
use crate::ids::DefinedFunc;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, Weak};

/// The definitions of a live linkage's functions that have changed.
#[derive(Debug)]
pub(super) struct Definitions {
    forwards: RwLock<HashMap<DefinedFunc, Forward>>,
    generations: Box<[AtomicU32]>,
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

impl Definitions {
    /// The definitions in the module, of so many functions.
    pub(super) fn of_module(functions: u32) -> Definitions {
        let generations = std::iter::repeat_with(AtomicU32::default);
        let generations = generations.take(functions as usize).collect();
        Definitions {
            forwards: RwLock::default(),
            generations,
        }
    }

    pub(super) fn generations(&self) -> &[AtomicU32] {
        &self.generations
    }

    pub(super) fn forward(&self, func: DefinedFunc) -> Option<Forward> {
        let forwards = self.forwards.read().unwrap_or_else(PoisonError::into_inner);
        forwards.get(&func).cloned()
    }

    pub(super) fn set_forward(&self, func: DefinedFunc, forward: Forward) {
        let mut forwards = self
            .forwards
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        forwards.insert(func, forward);
        drop(forwards);
        self.generations[func.index()].fetch_add(1, Ordering::SeqCst);
    }
}
