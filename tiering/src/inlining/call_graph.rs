//! The linked call graph: who calls whom, through direct calls, through imports bound to wasm functions of other
//! linkages, to any depth of modules, and through tables, as far as baseline code has seen it.
//!
//! It is not kept: a function's calls are read from its bytecode when the optimiser asks, which it does for few
//! functions and short ones. Absent: which calls matter (`inlining`).

use crate::bytecode::Outline;
use crate::state::LinkageCode;
use engine::ids::{DefinedFunc, FuncIndex, TypeIndex};
use engine::linkage::{Binding, Linkage};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A function of a linkage.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub linkage: Arc<Linkage>,
    pub func: DefinedFunc,
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
    /// Bytes of bytecode.
    pub(crate) fn size(&self) -> usize {
        self.linkage.definition(self.func).body().len()
    }

    /// Reads the bytecode.
    pub(crate) fn outline(&self) -> Outline {
        // Validated bytecode can be read; if it were not, the compiler would say so.
        Outline::of(self.linkage.definition(self.func).body()).unwrap_or_default()
    }

    /// Whom a direct call in this function calls; `None` if it is the host.
    pub(crate) fn callee(&self, func: FuncIndex) -> Option<Function> {
        match self.linkage.data().defined(func) {
            Some(func) => Some(Function {
                linkage: self.linkage.clone(),
                func,
            }),
            None => match self.linkage.binding(func) {
                Binding::Host => None,
                Binding::Wasm { linkage, func } => Some(Function {
                    linkage: linkage.clone(),
                    func: *func,
                }),
            },
        }
    }

    /// Whom the indirect call at an offset called, the most frequent first, as long as their linkages live; and how
    /// many calls were seen in all. Those whose type is not `ty`, at which the call trapped, are counted only.
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
            // What is gone will not be called again, however often it was.
            let Some((linkage, entry)) = linkage else {
                continue;
            };
            total = total.saturating_add(count);
            let Some(func) = linkage.func_of_entry(entry) else {
                continue;
            };
            let data = linkage.data();
            if linkage.type_id(data.type_of(data.func_index(func))) == type_id {
                let callee = Function { linkage, func };
                seen.push(Seen { callee, count });
            }
        }
        seen.sort_by_key(|seen| std::cmp::Reverse(seen.count));
        (seen, total)
    }
}
