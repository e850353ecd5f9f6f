//! The history of each function while a program runs, collected from events, and its text for
//! `lazywasm explain`.

use crate::units::{show_duration, show_size};
use lazywasm::{Event, EventFunc, LeftCallee, Module, TierName, shown_name};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The histories of all functions that were called, and which of them the user asked for.
pub struct Explanation {
    started: Instant,
    selected: Mutex<Vec<Selected>>,
    functions: Mutex<BTreeMap<FuncKey, History>>,
}

/// A function's module, by name, and its index in it.
type FuncKey = (String, u32);

/// A function that the user asked for.
struct Selected {
    /// The name as given: with or without the module's name before it, or a number.
    text: String,
    /// The functions that have this name.
    found: HashSet<FuncKey>,
}

/// What happened to a function.
#[derive(Default)]
struct History {
    name: String,
    baseline: Option<Body>,
    promoted: Option<Duration>,
    optimised: Option<Body>,
    /// Code that starts at a loop, by the loop's offset, and how many running frames entered it.
    loops: BTreeMap<u32, (Body, u64)>,
    refused: Vec<String>,
    linked: Option<Links>,
    /// Decisions about calls in the body whose event comes next.
    decisions: Decisions,
}

/// A body of machine code.
struct Body {
    /// When it was ready, counted from the start of the process.
    at: Duration,
    took: Duration,
    wasm_bytes: usize,
    code_bytes: usize,
    decisions: Decisions,
}

/// Recorded call sites of a function, when it was last linked.
struct Links {
    callers: usize,
    sites: usize,
    /// Of these sites, those that call the function's code directly.
    direct: usize,
}

/// The calls in a body that were inlined, and those that were not.
#[derive(Default)]
struct Decisions(Vec<Decision>);

struct Decision {
    /// The number of the inlined part; `None` for a call that was not inlined.
    part: Option<u32>,
    /// The part that the call is in; 0 is the function itself.
    parent: u32,
    offset: u32,
    line: String,
}

impl Explanation {
    /// `selected` are the functions that the user asked for; if there are none, every hot function is
    /// explained. Times count from `started`.
    pub fn new(started: Instant, selected: &[String]) -> Explanation {
        let selected = selected.iter().map(|text| Selected {
            text: text.clone(),
            found: HashSet::new(),
        });
        Explanation {
            started,
            selected: Mutex::new(selected.collect()),
            functions: Mutex::default(),
        }
    }

    /// Looks in a module for the functions that the user asked for.
    pub fn look_in(&self, module: &Module) {
        let mut selected = self.selected.lock().unwrap_or_else(PoisonError::into_inner);
        if selected.is_empty() {
            return;
        }
        let label = module.display_name().unwrap_or_default();
        let names = names_of_functions(module);
        for selected in &mut *selected {
            let qualified = selected.text.strip_prefix(&*label);
            let qualified = qualified.and_then(|rest| rest.strip_prefix('!'));
            for name in [Some(&*selected.text), qualified].into_iter().flatten() {
                let indices = names.get(name).into_iter().flatten();
                let keys = indices.map(|&index| (label.clone(), index));
                selected.found.extend(keys);
            }
        }
    }

    /// Adds an event to the history of its function.
    pub fn add(&self, event: &Event<'_>) {
        let at = self.started.elapsed();
        let Some(func) = subject_of(event) else {
            return;
        };
        let mut functions = self
            .functions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let key = (func.module.to_string(), func.index);
        let history = functions.entry(key).or_default();
        history.name = func.name.to_string();
        history.add(at, func, event);
    }

    /// The histories as text.
    pub fn report(&self) -> String {
        let functions = self
            .functions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let selected = self.selected.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        let mut left_out = 0;
        let mut in_order: Vec<_> = functions.iter().collect();
        // Functions that became hot come first, in the order in which they did; the others by module and
        // number.
        in_order.sort_by_key(|(_, history)| history.promoted.unwrap_or(Duration::MAX));
        for (key @ (module, index), history) in in_order {
            let is_selected = match selected.is_empty() {
                true => history.has_more_than_baseline(),
                false => selected.iter().any(|selected| selected.found.contains(key)),
            };
            if !is_selected {
                left_out += 1;
                continue;
            }
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "function {} (number {index} of {module})",
                history.name
            );
            let _ = history.write(&mut text);
        }
        for selected in &*selected {
            let name = shown_name(&selected.text);
            if selected.found.is_empty() {
                let _ = writeln!(text, "function {name}: no module has one of that name");
            } else if !selected.found.iter().any(|key| functions.contains_key(key)) {
                let _ = writeln!(text, "function {name}: never called");
            }
        }
        let total =
            |took: fn(&History) -> Duration| show_duration(functions.values().map(took).sum());
        let _ = writeln!(
            text,
            "{} called, {left_out} of them not listed here; compiled in {} by the baseline tier, in {} by the optimising tier (elapsed time, including other threads' work)",
            counted(functions.len() as u64, "function"),
            total(History::baseline_took),
            total(History::optimised_took)
        );
        if left_out > 0 && selected.is_empty() {
            let _ = writeln!(
                text,
                "listed are functions that became hot or were refused; --function NAME tells of any other, by name or number"
            );
        }
        text
    }
}

/// Every name of a module's functions, and the functions that have it: numbers, their own names and names of
/// exports.
fn names_of_functions(module: &Module) -> HashMap<String, Vec<u32>> {
    let mut names: HashMap<String, Vec<u32>> = HashMap::new();
    for (index, name) in module.functions() {
        names.entry(index.to_string()).or_default().push(index);
        names.entry(name).or_default().push(index);
    }
    for export in module.exports() {
        if let Some(index) = export.func_index() {
            let name = export.name().to_string();
            names.entry(name).or_default().push(index);
        }
    }
    names
}

/// The function in whose history an event belongs.
fn subject_of<'a>(event: &Event<'a>) -> Option<EventFunc<'a>> {
    match event {
        Event::Compiled { func, .. }
        | Event::LoopCompiled { func, .. }
        | Event::LoopEntered { func, .. }
        | Event::Inlined { func, .. }
        | Event::NotInlined { func, .. }
        | Event::Promoted { func }
        | Event::Refused { func, .. }
        | Event::Linked { func, .. } => Some(*func),
        Event::Reclaimed { .. } => None,
    }
}

/// A number of things: "1 function", "2 functions".
fn counted(count: u64, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

/// A callee's name, with its module's name if that is not the caller's.
fn callee_name(callee: &EventFunc<'_>, caller: &EventFunc<'_>) -> String {
    if callee.module == caller.module {
        callee.name.to_string()
    } else {
        format!("{} of {}", callee.name, callee.module)
    }
}

impl History {
    fn add(&mut self, at: Duration, func: EventFunc<'_>, event: &Event<'_>) {
        match event {
            Event::Compiled {
                tier,
                wasm_bytes,
                code_bytes,
                took,
                ..
            } => {
                let body = Some(self.body(at, *took, *wasm_bytes, *code_bytes));
                match tier {
                    TierName::Baseline => self.baseline = body,
                    TierName::Optimised => self.optimised = body,
                }
            }
            Event::LoopCompiled {
                offset,
                code_bytes,
                took,
                ..
            } => {
                let body = self.body(at, *took, 0, *code_bytes);
                self.loops.insert(*offset, (body, 0));
            }
            Event::LoopEntered { offset, .. } => {
                if let Some((_, entered)) = self.loops.get_mut(offset) {
                    *entered += 1;
                }
            }
            Event::Promoted { .. } => self.promoted = Some(at),
            Event::Refused { tier, reason, .. } => {
                self.refused.push(format!("{tier} tier: {reason}"));
            }
            Event::Linked {
                callers,
                sites,
                direct,
                ..
            } => {
                self.linked = Some(Links {
                    callers: *callers,
                    sites: *sites,
                    direct: *direct,
                });
            }
            Event::Inlined { .. } | Event::NotInlined { .. } => {
                self.decisions.0.extend(Decision::of(func, event));
            }
            Event::Reclaimed { .. } => {}
        }
    }

    /// A body that was just compiled, with the decisions that were reported before it.
    fn body(&mut self, at: Duration, took: Duration, wasm_bytes: usize, code_bytes: usize) -> Body {
        Body {
            at,
            took,
            wasm_bytes,
            code_bytes,
            decisions: std::mem::take(&mut self.decisions),
        }
    }

    /// Whether the function is worth explaining unasked.
    fn has_more_than_baseline(&self) -> bool {
        self.promoted.is_some() || self.optimised.is_some() || !self.refused.is_empty()
    }

    fn baseline_took(&self) -> Duration {
        self.baseline
            .as_ref()
            .map_or(Duration::ZERO, |body| body.took)
    }

    fn optimised_took(&self) -> Duration {
        let bodies = self.optimised.iter();
        let loops = self.loops.values().map(|(body, _)| body);
        bodies.chain(loops).map(|body| body.took).sum()
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        if let Some(body) = &self.baseline {
            writeln!(
                text,
                "  first called after {}: {} of bytecode, {} of baseline code in {}",
                show_duration(body.at),
                show_size(body.wasm_bytes as u64),
                show_size(body.code_bytes as u64),
                show_duration(body.took)
            )?;
        }
        if let Some(at) = self.promoted {
            writeln!(text, "  promoted after {}", show_duration(at))?;
            if self.optimised.is_none() && self.refused.is_empty() {
                writeln!(text, "  not optimised: the program ended first")?;
            }
        }
        if let Some(body) = &self.optimised {
            writeln!(
                text,
                "  optimised after {}: {} of bytecode with what is inlined, {} of code in {}",
                show_duration(body.at),
                show_size(body.wasm_bytes as u64),
                show_size(body.code_bytes as u64),
                show_duration(body.took)
            )?;
            body.decisions.write(text, 0, 2)?;
        }
        for (offset, (body, entered)) in &self.loops {
            writeln!(
                text,
                "  from its loop at {offset:#x} after {}: {} of code in {}; {} entered it",
                show_duration(body.at),
                show_size(body.code_bytes as u64),
                show_duration(body.took),
                counted(*entered, "running frame")
            )?;
        }
        for reason in &self.refused {
            writeln!(text, "  refused by the {reason}")?;
        }
        if let Some(links) = self.linked.as_ref().filter(|links| links.sites > 0) {
            writeln!(
                text,
                "  when it was last linked, {} of {} in {} called it directly",
                links.direct,
                counted(links.sites as u64, "call site"),
                counted(links.callers as u64, "piece") + " of code"
            )?;
        }
        Ok(())
    }
}

impl Decision {
    /// The decision about a call in `func` that an event reports.
    fn of(func: EventFunc<'_>, event: &Event<'_>) -> Option<Decision> {
        match event {
            Event::Inlined {
                part,
                parent,
                offset,
                callee,
                wasm_bytes,
                seen,
                ..
            } => {
                let seen = seen.map_or(String::new(), |seen| format!(", seen {seen} times"));
                let callee = callee_name(callee, &func);
                Some(Decision {
                    part: Some(*part),
                    parent: *parent,
                    offset: *offset,
                    line: format!("inlined at {offset:#x}: {callee}, {wasm_bytes} bytes{seen}"),
                })
            }
            Event::NotInlined {
                parent,
                offset,
                callee,
                reason,
                ..
            } => {
                let callee = match callee {
                    LeftCallee::Function {
                        func: callee,
                        wasm_bytes,
                    } => format!("{}, {wasm_bytes} bytes", callee_name(callee, &func)),
                    other => other.to_string(),
                };
                Some(Decision {
                    part: None,
                    parent: *parent,
                    offset: *offset,
                    line: format!("left at {offset:#x}: {callee}: {reason}"),
                })
            }
            _ => None,
        }
    }
}

impl Decisions {
    /// Writes the decisions about the calls in a part, each followed by those about the calls in the inlined
    /// body.
    fn write(&self, text: &mut String, part: u32, depth: usize) -> std::fmt::Result {
        let mut inside: Vec<_> = self
            .0
            .iter()
            .filter(|decision| decision.parent == part)
            .collect();
        inside.sort_by_key(|decision| decision.offset);
        for Decision { part, line, .. } in inside {
            writeln!(text, "{:width$}{line}", "", width = 2 * depth)?;
            if let Some(part) = part {
                self.write(text, *part, depth + 1)?;
            }
        }
        Ok(())
    }
}
