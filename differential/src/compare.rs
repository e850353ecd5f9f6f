//! The first thing in which two subjects differ.

use crate::script::Notes;
use crate::subject::{State, Stop, first_difference};
use std::fmt;

/// Two subjects that do not agree.
#[derive(Debug)]
pub struct Difference {
    /// What each of the two did, in one or more lines.
    pub text: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Difference {}

/// Compares what two subjects did, up to the first exhausted stack.
pub(crate) fn compare(
    (name_a, a): (&str, &Notes),
    (name_b, b): (&str, &Notes),
) -> Result<(), Difference> {
    for (number, (step_a, step_b)) in a.steps.iter().zip(&b.steps).enumerate() {
        let overflowed = |outcome: &Result<_, Stop>| matches!(outcome, Err(Stop::StackOverflow));
        if overflowed(&step_a.outcome) || overflowed(&step_b.outcome) {
            return Ok(());
        }
        let mut faults = Vec::new();
        if step_a.outcome != step_b.outcome {
            let say = |outcome: &Result<_, Stop>| match outcome {
                Ok(values) => format!("returned {values:?}"),
                Err(stop) => stop.to_string(),
            };
            faults.push(format!("{name_a} {}", say(&step_a.outcome)));
            faults.push(format!("{name_b} {}", say(&step_b.outcome)));
        }
        if let (Some(frames_a), Some(frames_b)) = (&step_a.frames, &step_b.frames)
            && frames_a != frames_b
        {
            faults.push(format!("{name_a} trapped in {frames_a:?}"));
            faults.push(format!("{name_b} trapped in {frames_b:?}"));
        }
        if let (Some(state_a), Some(state_b)) = (&step_a.state, &step_b.state) {
            compare_states((name_a, state_a), (name_b, state_b), &mut faults);
        }
        if !faults.is_empty() {
            return Err(Difference {
                text: format!("step {number}, {}:\n  {}", step_a.what, faults.join("\n  ")),
            });
        }
    }
    if a.steps.len() != b.steps.len() {
        let text = format!(
            "{name_a} made {} steps, {name_b} made {}",
            a.steps.len(),
            b.steps.len()
        );
        return Err(Difference { text });
    }
    Ok(())
}

fn compare_states(
    (name_a, a): (&str, &State),
    (name_b, b): (&str, &State),
    faults: &mut Vec<String>,
) {
    for (call_a, call_b) in a.host_calls.iter().zip(&b.host_calls) {
        if call_a != call_b {
            faults.push(format!("{name_a} called the host: {call_a:?}"));
            faults.push(format!("{name_b} called the host: {call_b:?}"));
            break;
        }
    }
    if a.host_calls.len() != b.host_calls.len() {
        faults.push(format!(
            "calls of the host: {name_a} {}, {name_b} {}",
            a.host_calls.len(),
            b.host_calls.len()
        ));
    }
    for ((name, value_a), (_, value_b)) in a.globals.iter().zip(&b.globals) {
        if value_a != value_b {
            faults.push(format!(
                "global {name:?}: {name_a} {value_a:?}, {name_b} {value_b:?}"
            ));
        }
    }
    for ((name, values_a), (_, values_b)) in a.tables.iter().zip(&b.tables) {
        if values_a != values_b {
            faults.push(format!(
                "table {name:?}: {name_a} {values_a:?}\n  {name_b} {values_b:?}"
            ));
        }
    }
    for ((name, bytes_a), (_, bytes_b)) in a.memories.iter().zip(&b.memories) {
        if let Some(at) = first_difference(bytes_a, bytes_b) {
            let near = |bytes: &[u8]| {
                let end = bytes.len().min(at + 16);
                format!("{:02x?} of {} bytes", &bytes[at.min(end)..end], bytes.len())
            };
            faults.push(format!(
                "memory {name:?} at {at:#x}: {name_a} {}, {name_b} {}",
                near(bytes_a),
                near(bytes_b)
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Step;
    use crate::subject::HostCall;
    use crate::value::Value;

    fn notes(outcome: Result<Vec<Value>, Stop>, state: State) -> Notes {
        Notes {
            steps: vec![Step {
                what: "f".to_string(),
                frames: outcome.as_ref().err().map(|_| vec!["f".to_string()]),
                outcome,
                state: Some(state),
            }],
            ..Notes::default()
        }
    }

    fn state() -> State {
        State {
            globals: vec![("g".to_string(), Value::I32(1))],
            tables: vec![("t".to_string(), vec![Value::Func { null: true }])],
            memories: vec![("m".to_string(), vec![0; 100])],
            host_calls: vec![HostCall {
                import: (0, 0),
                arguments: vec![Value::I64(3)],
            }],
        }
    }

    fn text_of(a: &Notes, b: &Notes) -> String {
        compare(("a", a), ("b", b)).expect_err("they differ").text
    }

    #[test]
    fn every_part_is_compared() {
        let returned = |value| Ok(vec![Value::F32(value)]);
        let base = notes(returned(5), state());
        assert!(compare(("a", &base), ("b", &notes(returned(5), state()))).is_ok());
        assert!(text_of(&base, &notes(returned(6), state())).contains("returned"));
        let trapped = notes(Err(Stop::Unreachable), state());
        assert!(text_of(&base, &trapped).contains("trapped: Unreachable"));

        let mut elsewhere = notes(Err(Stop::Unreachable), state());
        elsewhere.steps[0].frames = Some(vec!["g".to_string()]);
        let trapped = notes(Err(Stop::Unreachable), state());
        assert!(text_of(&trapped, &elsewhere).contains("trapped in"));

        type Change = fn(&mut State);
        let changes: [(&str, Change); 5] = [
            ("global", |state| state.globals[0].1 = Value::I32(2)),
            ("table", |state| state.tables[0].1.clear()),
            ("0x50", |state| state.memories[0].1[0x50] = 1),
            ("of 101 bytes", |state| state.memories[0].1.push(0)),
            ("calls of the host", |state| state.host_calls.clear()),
        ];
        for (wanted, change) in changes {
            let mut changed = state();
            change(&mut changed);
            let text = text_of(&base, &notes(returned(5), changed));
            assert!(text.contains(wanted), "{text}");
        }
    }

    #[test]
    fn nothing_is_compared_after_an_exhausted_stack() {
        let overflowed = notes(Err(Stop::StackOverflow), State::default());
        let other = notes(Ok(Vec::new()), state());
        assert!(compare(("a", &overflowed), ("b", &other)).is_ok());
    }
}
