//! What an engine must be able to do to be compared, and the results that it may have.

use crate::value::{Kind, Sequence, Value, digest};
use std::fmt;

/// Why a call or an instantiation did not finish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Unreachable,
    MemoryOutOfBounds,
    /// Outside a table, by an access or an indirect call: not every engine distinguishes the two.
    TableOutOfBounds,
    IndirectCallToNull,
    BadSignature,
    DivisionByZero,
    IntegerOverflow,
    BadConversion,
    /// Engines have different stacks, so nothing after this is compared.
    StackOverflow,
    /// Any other error, which no engine should report for a generated module.
    Failed(String),
}

/// A function that a module exports.
pub(crate) struct ExportedFunc {
    /// The position of its module in the program.
    pub(crate) module: usize,
    pub(crate) name: String,
    pub(crate) params: Vec<Kind>,
}

/// What can be seen of a program's instances, in any order.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) globals: Vec<(String, Value)>,
    pub(crate) tables: Vec<(String, Vec<Value>)>,
    pub(crate) memories: Vec<(String, Vec<u8>)>,
    pub(crate) host_calls: Vec<HostCall>,
}

/// A call that the program made to the host: the imported function and the arguments. An engine may list
/// imports kind by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostCall {
    pub(crate) import: HostImport,
    pub(crate) arguments: Vec<Value>,
}

/// An imported function of the host: the position of the module, and the number among the functions that it
/// imports.
pub(crate) type HostImport = (usize, usize);

/// The host of all engines: it computes results from the arguments, and records the calls.
#[derive(Default)]
pub(crate) struct Host {
    calls: Vec<HostCall>,
}

/// Further calls are not recorded: a loop may make thousands.
const REMEMBERED_CALLS: usize = 500;

impl Host {
    /// Answers a call of an imported function.
    pub(crate) fn answer(
        &mut self,
        import: HostImport,
        arguments: Vec<Value>,
        results: &[Kind],
    ) -> Vec<Value> {
        let asked = format!("{import:?} {arguments:?}");
        if self.calls.len() < REMEMBERED_CALLS {
            self.calls.push(HostCall { import, arguments });
        }
        Sequence::new(digest(asked.as_bytes())).values(results)
    }

    pub(crate) fn calls(&self) -> &[HostCall] {
        &self.calls
    }
}

/// One engine with one program. Every method refers to the newest instances.
pub(crate) trait Subject {
    /// The functions that the modules export, in any order.
    fn functions(&self) -> Vec<ExportedFunc>;

    /// Makes a new instance of each module, in a new store. The older instances are dropped.
    fn instantiate(&mut self) -> Result<(), Stop>;

    /// The functions that were running when the last call trapped, innermost first, as text; `None` if the
    /// engine does not report them.
    fn frames(&self) -> Option<Vec<String>> {
        None
    }

    /// Calls an exported function.
    fn call(&mut self, function: &ExportedFunc, arguments: &[Value]) -> Result<Vec<Value>, Stop>;

    /// What can be seen of the instances now.
    fn state(&mut self) -> State;
}

/// The first position at which two memories differ.
pub(crate) fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    if a == b {
        return None;
    }
    let shared = a.iter().zip(b).position(|(a, b)| a != b);
    Some(shared.unwrap_or_else(|| a.len().min(b.len())))
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Failed(why) => write!(f, "failed: {why}"),
            trap => write!(f, "trapped: {trap:?}"),
        }
    }
}
