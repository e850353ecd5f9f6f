//! The linked call graph: who calls whom, through direct calls, through imports bound to wasm functions of other
//! linkages, to any depth of modules, and through tables, as far as baseline code has seen it.
//!
//! It is not kept: a function's calls are read from its bytecode when the optimiser asks, which it does for few
//! functions and short ones. Absent: which calls matter (`inlining`).

use crate::life::LinkageCode;
use engine::ids::{DefinedFunc, FuncIndex, TypeIndex};
use engine::linkage::{Binding, Linkage};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmparser::{BinaryReader, Operator, OperatorsReader};

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

/// A call instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Offset of the instruction in the body.
    pub offset: u32,
    /// Number of loops around it.
    pub loops: u32,
    pub target: Target,
    /// Whether nothing of the caller is left when the callee runs.
    pub tail: bool,
}

/// What a call instruction names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Function(FuncIndex),
    /// Whatever a table holds that has this type.
    Table(TypeIndex),
}

/// What bytecode says of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Locals beside the parameters.
    pub locals: u32,
    pub calls: Vec<Call>,
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
        self.linkage.data().body(self.func).len()
    }

    /// Reads the bytecode.
    pub(crate) fn outline(&self) -> Outline {
        // Validated bytecode can be read; if it were not, the compiler would say so.
        read_outline(self.linkage.data().body(self.func)).unwrap_or_default()
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
        let feedback = code.feedback(self.func);
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

/// Makes room for callees to come where the indirect calls of a function have seen some whose linkages are gone. A count that
/// another thread adds meanwhile may be lost.
///
/// Gives the linkages that were found alive: the last reference may have become one of these, and whoever has claimed the
/// function must not drop it before the claim is over, since a linkage that goes wants the claim itself.
#[must_use]
pub(crate) fn forget_gone(linkage: &Linkage, func: DefinedFunc) -> Vec<Arc<Linkage>> {
    let (engine, code) = (linkage.engine(), LinkageCode::of(linkage));
    let mut alive = Vec::new();
    let Some(feedback) = code.feedback(func) else {
        return alive;
    };
    for calls in &feedback.calls {
        for place in &calls.seen {
            let entry = code
                .space()
                .entry_of_word(place.entry.load(Ordering::Relaxed));
            match entry.and_then(|entry| engine.linkage_of_entry(entry)) {
                Some(linkage) => alive.push(linkage),
                None => {
                    place.entry.store(0, Ordering::Relaxed);
                    place.count.store(0, Ordering::Relaxed);
                }
            }
        }
        calls.others.store(0, Ordering::Relaxed);
    }
    alive
}

fn read_outline(body: &[u8]) -> wasmparser::Result<Outline> {
    let mut outline = Outline::default();
    let mut reader = BinaryReader::new(body, 0);
    for _ in 0..reader.read_var_u32()? {
        outline.locals = outline.locals.saturating_add(reader.read_var_u32()?);
        reader.read::<wasmparser::ValType>()?;
    }
    let mut reader = OperatorsReader::new(reader);
    let (mut loops, mut open) = (0, Vec::new());
    while !reader.eof() {
        let offset = reader.original_position() as u32;
        let (target, tail) = match reader.read()? {
            Operator::Block { .. } | Operator::If { .. } => {
                open.push(false);
                continue;
            }
            Operator::Loop { .. } => {
                open.push(true);
                loops += 1;
                continue;
            }
            Operator::End => {
                loops -= u32::from(open.pop().unwrap_or(false));
                continue;
            }
            Operator::Call { function_index } => {
                (Target::Function(FuncIndex(function_index)), false)
            }
            Operator::ReturnCall { function_index } => {
                (Target::Function(FuncIndex(function_index)), true)
            }
            Operator::CallIndirect { type_index, .. } => {
                (Target::Table(TypeIndex(type_index)), false)
            }
            Operator::ReturnCallIndirect { type_index, .. } => {
                (Target::Table(TypeIndex(type_index)), true)
            }
            _ => continue,
        };
        outline.calls.push(Call {
            offset,
            loops,
            target,
            tail,
        });
    }
    Ok(outline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_with_the_loops_around_them() {
        let wat = r#"(module (table 1 funcref)
            (func $f (local i32 i64 i64)
              call $f
              (loop (block (loop call $f)) call $f)
              (call_indirect (i32.const 0))
              return_call $f))"#;
        let bytes = wat::parse_str(wat).unwrap();
        let body = wasmparser::Parser::new(0)
            .parse_all(&bytes)
            .find_map(|payload| match payload.unwrap() {
                wasmparser::Payload::CodeSectionEntry(body) => Some(body),
                _ => None,
            })
            .unwrap();
        let outline = read_outline(body.as_bytes()).unwrap();
        assert_eq!(outline.locals, 3);
        let through_a_table = |call: &Call| matches!(call.target, Target::Table(_));
        let loops: Vec<(u32, bool, bool)> = outline
            .calls
            .iter()
            .map(|call| (call.loops, through_a_table(call), call.tail))
            .collect();
        let plain = |loops| (loops, false, false);
        assert_eq!(
            loops,
            [
                plain(0),
                plain(2),
                plain(1),
                (0, true, false),
                (0, false, true)
            ]
        );
    }
}
