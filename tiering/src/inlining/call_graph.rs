//! The linked call graph: which functions call which, by direct calls, through imports bound to wasm
//! functions of other linkages, across any number of modules, and through tables, as far as baseline code
//! has recorded the callees.
//!
//! It is not stored: a function's calls are read from its bytecode when the optimiser asks for them, which
//! it does for few and short functions. Absent: which calls matter (`plan`).

use crate::bytecode::Outline;
use crate::state::LinkageCode;
use engine::ids::{DefinedFunc, FuncIndex, TypeIndex};
use engine::linkage::{Binding, ForwardTarget, Linkage};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A function of a linkage, with the body that it had when it was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub linkage: Arc<Linkage>,
    pub func: DefinedFunc,
    /// The generation of its definition, if it may be replaced. It was read before the body.
    pub generation: Option<u32>,
    /// The body by which its own was replaced.
    given: Option<Arc<[u8]>>,
}

impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        Arc::ptr_eq(&self.linkage, &other.linkage) && self.func == other.func
    }
}

/// A callee seen at an indirect call, and how often.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub callee: Function,
    pub count: u32,
}

impl Function {
    pub(crate) fn new(linkage: Arc<Linkage>, func: DefinedFunc) -> Function {
        let generation = linkage.generation(func);
        Function {
            generation,
            given: generation.and_then(|_| linkage.given_body(func)),
            linkage,
            func,
        }
    }

    /// The function of a linkage that has taken its place, if there is one.
    pub(crate) fn replacement(&self) -> Option<Function> {
        match self.linkage.forward(self.func)?.target() {
            ForwardTarget::Wasm(linkage, func) => Some(Function::new(linkage.upgrade()?, *func)),
            ForwardTarget::Host => None,
        }
    }

    /// Its bytecode.
    pub(crate) fn body(&self) -> &[u8] {
        let given = self.given.as_deref();
        given.unwrap_or_else(|| self.linkage.data().body(self.func))
    }

    /// Whether its instance was removed.
    pub(crate) fn is_removed(&self) -> bool {
        self.linkage.is_removed()
    }

    /// Why it has no body, or none that is ever called, if that is so.
    pub(crate) fn reason_without_body(&self) -> Option<&'static str> {
        if self.is_removed() {
            return Some("it was removed");
        }
        if self.linkage.forward(self.func).is_some() {
            return Some("another function takes its place");
        }
        let unresolved = self.linkage.is_unresolved(self.func);
        unresolved.then_some("it is resolved when it is called")
    }

    /// Bytes of bytecode.
    pub(crate) fn size(&self) -> usize {
        self.body().len()
    }

    /// Reads the bytecode.
    pub(crate) fn outline(&self) -> Outline {
        // Validated bytecode can always be read; if it could not, the compiler would report it.
        Outline::of(self.body()).unwrap_or_default()
    }

    /// The callee of a direct call in this function; `None` if it is a host function.
    pub(crate) fn callee(&self, func: FuncIndex) -> Option<Function> {
        match self.linkage.own_func(func) {
            Some(func) => Some(Function::new(self.linkage.clone(), func)),
            None => match self.linkage.binding(func) {
                Binding::Wasm { linkage, func } => Some(Function::new(linkage.clone(), *func)),
                Binding::Host | Binding::Deferred(_) => None,
            },
        }
    }

    /// The recorded callees of the indirect call at an offset whose linkages are alive, the most frequent
    /// first, and the total number of recorded calls. Callees whose type is not `ty` made the call trap;
    /// they are only counted.
    pub(crate) fn seen_at(&self, offset: u32, ty: TypeIndex) -> (Vec<Seen>, u32) {
        let engine = self.linkage.engine();
        let code = LinkageCode::of(&self.linkage);
        let feedback = code.profile.feedback(self.func);
        let Some(calls) = feedback.as_ref().and_then(|feedback| feedback.at(offset)) else {
            return (Vec::new(), 0);
        };
        let type_id = self.linkage.type_id(ty);
        let mut total = calls.others.load(Ordering::Relaxed);
        let mut seen = Vec::new();
        for place in &calls.seen {
            let (word, count) = (
                place.entry.load(Ordering::Relaxed),
                place.count.load(Ordering::Relaxed),
            );
            let entry = code.space().entry_of_word(word).filter(|_| word != 0);
            let linkage = entry.and_then(|entry| Some((engine.linkage_of_entry(entry)?, entry)));
            // A dropped function will not be called again, however often it was called before.
            let Some((linkage, entry)) = linkage else {
                continue;
            };
            total = total.saturating_add(count);
            let Some(func) = linkage.func_of_entry(entry) else {
                continue;
            };
            let data = linkage.data();
            let index = linkage.definition(func).func_index();
            if linkage.type_id(data.type_of(index)) == type_id {
                let callee = Function::new(linkage, func);
                seen.push(Seen { callee, count });
            }
        }
        seen.sort_by_key(|seen| std::cmp::Reverse(seen.count));
        (seen, total)
    }
}
