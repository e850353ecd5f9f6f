//! The outline of a body, which is read without compiling it: the number of its locals, and its calls.

use super::walk::{Locals, Walk};
use engine::ids::{FuncIndex, TypeIndex};
use wasmparser::{Operator, Result};

/// A call instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Offset of the instruction in the body.
    pub offset: u32,
    /// Number of loops around it.
    pub loops: u32,
    pub target: Target,
    /// Whether it is a tail call.
    pub tail: bool,
}

/// What a call instruction names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Function(FuncIndex),
    /// A function of this type in a table.
    Table(TypeIndex),
}

/// The outline of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Number of locals, not counting the parameters.
    pub locals: u32,
    pub calls: Vec<Call>,
}

impl Outline {
    /// Reads a body.
    pub(crate) fn of(body: &[u8]) -> Result<Outline> {
        let mut outline = Outline::default();
        let mut locals = Locals::of(body)?;
        for group in &mut locals {
            outline.locals = outline.locals.saturating_add(group?.0);
        }
        let mut walk = locals.walk()?;
        while let Some((offset, target, tail)) = next_call(&mut walk)? {
            outline.calls.push(Call {
                offset,
                loops: walk.loops(),
                target,
                tail,
            });
        }
        Ok(outline)
    }
}

/// Whether a body calls wasm or host functions at all.
pub(crate) fn calls_functions(body: &[u8]) -> Result<bool> {
    Ok(next_call(&mut Locals::of(body)?.walk()?)?.is_some())
}

/// Walks to the next call, and returns its offset, its target, and whether it is in tail position.
fn next_call(walk: &mut Walk<'_>) -> Result<Option<(u32, Target, bool)>> {
    for instruction in walk {
        let instruction = instruction?;
        let (target, tail) = match instruction.operator {
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
        return Ok(Some((instruction.offset, target, tail)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytecode::walk::tests::body;

    #[test]
    fn calls_are_found_with_the_loops_around_them() {
        let body = body(
            r#"(module (table 1 funcref)
            (func $f (local i32 i64 i64)
              call $f
              (loop (block (loop call $f)) call $f)
              (call_indirect (i32.const 0))
              return_call $f))"#,
        );
        let outline = Outline::of(&body).unwrap();
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
        assert!(calls_functions(&body).unwrap());
    }

    #[test]
    fn a_body_without_calls() {
        let body = body("(module (func (loop (br_if 0 (i32.const 0)))))");
        assert_eq!(Outline::of(&body).unwrap(), Outline::default());
        assert!(!calls_functions(&body).unwrap());
    }
}
