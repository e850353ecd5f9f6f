//! What became of each function while a program ran, for `lazywasm explain`.

use crate::units::{show_duration, show_size};
use lazywasm::{Event, EventFunc, LeftCallee, Module, TierName, shown_name};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is collected while the program runs.
pub struct Explanation {
    started: Instant,
    wanted: Mutex<Vec<Wanted>>,
    functions: Mutex<BTreeMap<(String, u32), Function>>,
}

/// A function that was asked for.
struct Wanted {
    /// What was written: a name, with the module's before it or not, or a number.
    text: String,
    /// Modules and indices of the functions that are meant.
    meant: HashSet<(String, u32)>,
}

#[derive(Default)]
struct Function {
    name: String,
    baseline: Option<Body>,
    promoted: Option<Duration>,
    optimised: Option<Body>,
    loops: BTreeMap<u32, (Body, u64)>,
    refused: Vec<String>,
    linked: Option<(usize, usize, usize)>,
    /// What is inlined in the body that is told of next.
    parts: Parts,
}

/// Inlined calls, and calls that were left: number, number of the part that calls, offset, and the line about it.
#[derive(Default)]
struct Parts(Vec<(Option<u32>, u32, u32, String)>);

struct Body {
    at: Duration,
    took: Duration,
    wasm_bytes: usize,
    code_bytes: usize,
    parts: Parts,
}

impl Explanation {
    pub fn new(started: Instant, wanted: &[String]) -> Explanation {
        let wanted = wanted.iter().map(|text| Wanted {
            text: text.clone(),
            meant: HashSet::new(),
        });
        Explanation {
            started,
            wanted: Mutex::new(wanted.collect()),
            functions: Mutex::default(),
        }
    }

    /// Looks for the functions that were asked for in a module.
    pub fn look_in(&self, module: &Module) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.is_empty() {
            return;
        }
        let label = module.display_name().unwrap_or_default();
        let exported = module
            .exports()
            .filter_map(|export| Some((export.func_index()?, export.name().to_string())));
        let mut names: HashMap<String, Vec<u32>> = HashMap::new();
        for (index, name) in module.functions() {
            names.entry(index.to_string()).or_default().push(index);
            names.entry(name).or_default().push(index);
        }
        for (index, name) in exported {
            names.entry(name).or_default().push(index);
        }
        for wanted in &mut *wanted {
            let qualified = wanted.text.strip_prefix(&*label);
            let qualified = qualified.and_then(|rest| rest.strip_prefix('!'));
            for name in [Some(&*wanted.text), qualified].into_iter().flatten() {
                let indices = names.get(name).into_iter().flatten();
                wanted
                    .meant
                    .extend(indices.map(|&index| (label.clone(), index)));
            }
        }
    }

    /// Takes note of an event.
    pub fn tell(&self, event: &Event<'_>) {
        let at = self.started.elapsed();
        let mut functions = self
            .functions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Compiled {
                func,
                tier,
                wasm_bytes,
                code_bytes,
                took,
                ..
            } => {
                let function = of(&mut functions, func);
                let body = Some(Body {
                    at,
                    took: *took,
                    wasm_bytes: *wasm_bytes,
                    code_bytes: *code_bytes,
                    parts: std::mem::take(&mut function.parts),
                });
                match tier {
                    TierName::Baseline => function.baseline = body,
                    TierName::Optimised => function.optimised = body,
                }
            }
            Event::LoopCompiled {
                func,
                offset,
                code_bytes,
                took,
            } => {
                let function = of(&mut functions, func);
                let body = Body {
                    at,
                    took: *took,
                    wasm_bytes: 0,
                    code_bytes: *code_bytes,
                    parts: std::mem::take(&mut function.parts),
                };
                function.loops.insert(*offset, (body, 0));
            }
            Event::LoopEntered { func, offset } => {
                if let Some((_, entered)) = of(&mut functions, func).loops.get_mut(offset) {
                    *entered += 1;
                }
            }
            Event::Inlined {
                func,
                part,
                parent,
                offset,
                callee,
                wasm_bytes,
                seen,
                ..
            } => {
                let seen = seen.map_or(String::new(), |seen| format!(", seen {seen} times"));
                let line = format!(
                    "inlined at {offset:#x}: {}, {wasm_bytes} bytes{seen}",
                    shown(callee, func)
                );
                of(&mut functions, func)
                    .parts
                    .0
                    .push((Some(*part), *parent, *offset, line));
            }
            Event::NotInlined {
                func,
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
                    } => format!("{}, {wasm_bytes} bytes", shown(callee, func)),
                    other => other.to_string(),
                };
                let line = format!("left at {offset:#x}: {callee}: {reason}");
                of(&mut functions, func)
                    .parts
                    .0
                    .push((None, *parent, *offset, line));
            }
            Event::Promoted { func } => of(&mut functions, func).promoted = Some(at),
            Event::Refused { func, tier, reason } => {
                of(&mut functions, func)
                    .refused
                    .push(format!("{tier} tier: {reason}"));
            }
            Event::Linked {
                func,
                callers,
                sites,
                direct,
                ..
            } => of(&mut functions, func).linked = Some((*callers, *sites, *direct)),
            Event::Reclaimed { .. } => {}
        }
    }

    /// The lives, in words.
    pub fn report(&self) -> String {
        let functions = self
            .functions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let asked = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        let mut quiet = 0;
        let mut in_order: Vec<_> = functions.iter().collect();
        // What became hot first stands first; what never did, by module and number.
        in_order.sort_by_key(|(_, function)| function.promoted.unwrap_or(Duration::MAX));
        for (key @ (module, index), function) in in_order {
            let wanted = match asked.is_empty() {
                true => {
                    function.promoted.is_some()
                        || function.optimised.is_some()
                        || !function.refused.is_empty()
                }
                false => asked.iter().any(|wanted| wanted.meant.contains(key)),
            };
            if !wanted {
                quiet += 1;
                continue;
            }
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "function {} (number {index} of {module})",
                function.name
            );
            let _ = function.write(&mut text);
        }
        for wanted in &*asked {
            let name = shown_name(&wanted.text);
            if wanted.meant.is_empty() {
                let _ = writeln!(text, "function {name}: no module has one of that name");
            } else if !wanted.meant.iter().any(|key| functions.contains_key(key)) {
                let _ = writeln!(text, "function {name}: never called");
            }
        }
        let took = |body: &dyn Fn(&Function) -> Duration| {
            show_duration(functions.values().map(body).sum())
        };
        let body_took =
            |body: &Option<Body>| body.as_ref().map_or(Duration::ZERO, |body| body.took);
        let baseline = took(&|function| body_took(&function.baseline));
        let optimised = took(&|function| {
            let loops = function.loops.values().map(|(body, _)| body.took);
            body_took(&function.optimised) + loops.sum::<Duration>()
        });
        let _ = writeln!(
            text,
            "{} called, of which {quiet} not told of here; compiled in {baseline} by the baseline tier, in {optimised} by the optimising tier (time that passed, other threads' work included)",
            number(functions.len() as u64, "function")
        );
        text
    }
}

/// What is known of a function.
fn of<'a>(
    functions: &'a mut BTreeMap<(String, u32), Function>,
    func: &EventFunc<'_>,
) -> &'a mut Function {
    let key = (func.module.to_string(), func.index);
    let function = functions.entry(key).or_default();
    function.name = func.name.to_string();
    function
}

/// So many of something.
fn number(count: u64, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

/// A callee's name, with its module's if that is another.
fn shown(callee: &EventFunc<'_>, func: &EventFunc<'_>) -> String {
    if callee.module == func.module {
        callee.name.to_string()
    } else {
        format!("{} of {}", callee.name, callee.module)
    }
}

impl Function {
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
            body.parts.write(text, 0, 2)?;
        }
        for (offset, (body, entered)) in &self.loops {
            writeln!(
                text,
                "  from its loop at {offset:#x} after {}: {} of code in {}; {} went on there",
                show_duration(body.at),
                show_size(body.code_bytes as u64),
                show_duration(body.took),
                number(*entered, "running frame")
            )?;
        }
        for reason in &self.refused {
            writeln!(text, "  refused by the {reason}")?;
        }
        if let Some((callers, sites, direct)) = self.linked.filter(|(_, sites, _)| *sites > 0) {
            writeln!(
                text,
                "  when it was last linked, {direct} of {} in {} led to it directly",
                number(sites as u64, "call site"),
                number(callers as u64, "piece") + " of code"
            )?;
        }
        Ok(())
    }
}

impl Parts {
    /// Writes what is inlined into a part, each with what is inlined into it.
    fn write(&self, text: &mut String, part: u32, depth: usize) -> std::fmt::Result {
        let mut inside: Vec<_> = self
            .0
            .iter()
            .filter(|(_, parent, ..)| *parent == part)
            .collect();
        inside.sort_by_key(|(_, _, offset, _)| *offset);
        for (number, _, _, line) in inside {
            writeln!(text, "{:width$}{line}", "", width = 2 * depth)?;
            if let Some(number) = number {
                self.write(text, *number, depth + 1)?;
            }
        }
        Ok(())
    }
}
