//! The calls that are made on every subject, and the notes about them.
//!
//! Each exported function is called several times, so that counters run out and the later calls find
//! other code than the first ones. A trap ends an instance: its fuel may be spent, and a fresh one, which
//! shares the code, lets the remaining functions run.

use crate::generate::module_name;
use crate::subject::{State, Stop, Subject};
use crate::value::{Sequence, Value};

/// Calls of each function with different arguments.
const CALLS: usize = 4;

/// Functions whose names begin so are for other modules only: they would find no fuel.
pub(crate) const NOT_CALLED: &str = "inner ";

/// Traps after which a function is not called again: the next call would most likely trap too, and each takes
/// new instances.
const TRAPS: usize = 2;

/// The result of one step.
pub(crate) struct Step {
    /// The step as text.
    pub(crate) what: String,
    pub(crate) outcome: Result<Vec<Value>, Stop>,
    /// The backtrace, if it trapped.
    pub(crate) frames: Option<Vec<String>>,
    /// The state afterwards, if the instance ended.
    pub(crate) state: Option<State>,
}

/// All that was seen of one subject.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) steps: Vec<Step>,
    /// Calls that returned.
    pub(crate) returned: usize,
    /// Calls that trapped.
    pub(crate) trapped: usize,
}

/// Makes the calls with the arguments of a seed.
pub(crate) fn run(subject: &mut dyn Subject, seed: u64) -> Notes {
    let mut notes = Notes::default();
    let mut arguments = Sequence::new(seed);
    let mut alive = false;
    // Each engine lists exports in its own order.
    let mut functions = subject.functions();
    functions.retain(|function| !function.name.starts_with(NOT_CALLED));
    functions.sort_by(|a, b| (a.module, &a.name).cmp(&(b.module, &b.name)));
    for function in functions {
        let mut traps = 0;
        for _ in 0..CALLS {
            // Drawn even if the function is not called, so that the arguments of later calls stay the same.
            let values = arguments.values(&function.params);
            if !alive {
                let outcome = subject.instantiate().map(|()| Vec::new());
                alive = outcome.is_ok();
                notes.steps.push(Step {
                    what: "instantiation".to_string(),
                    frames: outcome.as_ref().err().and_then(|_| subject.frames()),
                    outcome,
                    state: None,
                });
                if !alive {
                    return notes;
                }
            }
            let outcome = subject.call(&function, &values);
            match &outcome {
                Ok(_) => notes.returned += 1,
                Err(_) => notes.trapped += 1,
            }
            alive = outcome.is_ok();
            traps += usize::from(!alive);
            let state = (!alive).then(|| sorted(subject.state()));
            notes.steps.push(Step {
                what: format!(
                    "{} {:?}({values:?})",
                    module_name(function.module),
                    function.name
                ),
                frames: outcome.as_ref().err().and_then(|_| subject.frames()),
                outcome,
                state,
            });
            if traps == TRAPS {
                break;
            }
        }
    }
    if alive {
        notes.steps.push(Step {
            what: "the end".to_string(),
            outcome: Ok(Vec::new()),
            frames: None,
            state: Some(sorted(subject.state())),
        });
    }
    notes
}

fn sorted(mut state: State) -> State {
    state.globals.sort_by(|a, b| a.0.cmp(&b.0));
    state.tables.sort_by(|a, b| a.0.cmp(&b.0));
    state.memories.sort_by(|a, b| a.0.cmp(&b.0));
    state
}
