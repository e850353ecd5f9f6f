//! Decides which calls are inlined. No other file does.
//!
//! The plan is a tree of bodies. The root is the function to be optimised. The candidates are the calls in
//! the bodies that are in the tree so far; the next one to be added is the one with the highest frequency
//! for its size. How often a call is executed is estimated from the loops around it and from what baseline
//! code recorded: a callee that never spent its budget was seldom called, an indirect call has counts. The
//! tree is finished when there are no more candidates or a limit in `policy` is reached.
//!
//! ```text
//! tiny                          always
//! recursive                     up to the depth in policy
//! never called, or seldom       no (without a profile of baseline code: only if it is small)
//! else                          if it is small for how often it is called, and within the budget
//! ```
//! Nothing here can make a program's result wrong.

use super::call_graph::{Function, Seen};
use crate::bytecode::{Call, Outline, Target};
use crate::compiled::{InlinedCall, ScopeId, Through};
use crate::policy::inlining as limits;
use crate::state::{LinkageCode, State};
use engine::ids::{DefinedFunc, FuncIndex, TypeIndex};
use engine::linkage::Linkage;
use std::collections::BinaryHeap;
use std::sync::Arc;
use stubs::InlineNode;

/// What is inlined into a function.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The function itself.
    pub root: Function,
    /// The linkages of the function and of the inlined bodies. They are kept alive until the code is
    /// published.
    pub scopes: Vec<Arc<Linkage>>,
    /// As `CompileInput::inlined`.
    pub calls: Vec<InlinedCall>,
    /// The callee of each call.
    pub callees: Vec<Function>,
    /// For each call, how often baseline code recorded this callee, if the body is behind a guard.
    pub seen: Vec<Option<u32>>,
    /// Calls that are not inlined, if they are to be reported.
    pub not_inlined: Vec<NotInlined>,
}

/// A call that is not inlined.
#[derive(Debug)]
pub(crate) struct NotInlined {
    /// The body that calls, as `InlinedCall::parent`.
    pub parent: InlineNode,
    pub offset: u32,
    pub callee: Callee,
    pub reason: &'static str,
}

/// The callee of a call that is not inlined.
#[derive(Debug)]
pub(crate) enum Callee {
    Function(Function),
    /// An import of the caller.
    Host(FuncIndex),
    /// Functions in a table other than the recorded callees, and how often they were called.
    Table(u32),
}

impl Plan {
    /// A plan that inlines nothing.
    pub(crate) fn empty(root: Function) -> Plan {
        Plan {
            scopes: vec![root.linkage.clone()],
            root,
            calls: Vec::new(),
            callees: Vec::new(),
            seen: Vec::new(),
            not_inlined: Vec::new(),
        }
    }

    /// Whether the inlined functions still have the definitions that were inlined.
    pub(crate) fn is_current(&self) -> bool {
        let is_same = |scope: ScopeId, func: DefinedFunc, generation: Option<u32>| {
            generation.is_none() || self.scopes[scope.index()].generation(func) == generation
        };
        self.calls.iter().all(|call| {
            let through = call.through.iter();
            let mut through = through.map(|by| is_same(by.scope, by.func, by.generation));
            is_same(call.scope, call.func, call.generation) && through.all(|same| same)
        })
    }

    /// The number of inlined calls behind a guard.
    pub(crate) fn guarded(&self) -> usize {
        self.seen.iter().flatten().count()
    }

    /// The number of inlined calls of functions of other linkages.
    pub(crate) fn foreign(&self) -> usize {
        self.calls
            .iter()
            .filter(|call| call.scope != ScopeId::OWN)
            .count()
    }
}

/// A body in the tree.
struct Node {
    function: Function,
    /// The function that the call names, if the other one has taken its place.
    through: Option<Function>,
    /// Position of the body that contains the call, and the call's offset in it.
    parent: usize,
    offset: u32,
    /// At an indirect call, how often baseline code recorded it there.
    seen: Option<u32>,
    /// Executions of the body for each execution of the root, as a power of two.
    frequency: u32,
    depth: u32,
}

/// A call that could be inlined.
struct Candidate {
    /// Frequency divided by size, scaled to an integer.
    priority: u64,
    /// Among candidates of equal priority, the one that was found first wins.
    age: std::cmp::Reverse<usize>,
    size: usize,
    node: Node,
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Candidate) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Candidate) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Candidate) -> std::cmp::Ordering {
        (self.priority, self.age).cmp(&(other.priority, other.age))
    }
}

struct Tree {
    nodes: Vec<Node>,
    candidates: BinaryHeap<Candidate>,
    found: usize,
    /// Whether baseline code has run for some time, so that calls that it did not record are cold.
    profiled: bool,
    /// Calls that are not inlined, each with the position of the body that contains it, if they are to be
    /// reported.
    not_inlined: Option<Vec<(usize, u32, Callee, &'static str)>>,
}

/// Decides what is inlined into a function. `profiled`: baseline code of the program has run for some time.
/// `report`: calls that are not inlined are to be reported.
pub(crate) fn plan(root: Function, profiled: bool, report: bool) -> Plan {
    let budget = limits::budget(root.size());
    let mut tree = Tree {
        nodes: Vec::new(),
        candidates: BinaryHeap::new(),
        found: 0,
        profiled,
        not_inlined: report.then(Vec::new),
    };
    let outline = root.outline();
    tree.nodes.push(Node {
        function: root,
        through: None,
        parent: 0,
        offset: 0,
        seen: None,
        frequency: 0,
        depth: 0,
    });
    tree.add_candidates(0, &outline);
    let mut spent = 0;
    while let Some(Candidate { size, node, .. }) = tree.candidates.pop() {
        let outline = node.function.outline();
        let reason = if spent + size > budget || tree.nodes.len() > limits::MAX_BODIES {
            "the function is large enough"
        } else if outline.locals > limits::MAX_LOCALS {
            "it has many locals"
        } else {
            spent += size;
            let at = tree.nodes.len();
            tree.nodes.push(node);
            tree.add_candidates(at, &outline);
            continue;
        };
        tree.reject(
            node.parent,
            node.offset,
            Callee::Function(node.function),
            reason,
        );
    }
    tree.into_plan()
}

impl Tree {
    fn add_candidates(&mut self, at: usize, outline: &Outline) {
        const TAIL: &str = "it is called in tail position";
        for call in &outline.calls {
            match call.target {
                Target::Function(func) => match self.nodes[at].function.callee(func) {
                    None => self.reject(
                        at,
                        call.offset,
                        Callee::Host(func),
                        "a function of the host",
                    ),
                    Some(callee) if call.tail => {
                        self.reject(at, call.offset, Callee::Function(callee), TAIL);
                    }
                    Some(callee) => self.consider(at, call, callee, None),
                },
                Target::Table(_) if call.tail => {
                    self.reject(at, call.offset, Callee::Table(0), TAIL);
                }
                Target::Table(ty) => self.consider_seen(at, call, ty),
            }
        }
    }

    /// Like `consider`, for an indirect call.
    fn consider_seen(&mut self, at: usize, call: &Call, ty: TypeIndex) {
        let (seen, total) = self.nodes[at].function.seen_at(call.offset, ty);
        if seen.is_empty() {
            let reason = match total {
                0 => "no callee was seen",
                _ => "the callees seen were dropped, or the calls trapped",
            };
            return self.reject(at, call.offset, Callee::Table(total), reason);
        }
        let least = (u64::from(total) * limits::MIN_SHARE_PERCENT).div_ceil(100);
        let mut others = total;
        for Seen { callee, count } in seen {
            others = others.saturating_sub(count);
            if u64::from(count) >= least {
                self.consider(at, call, callee, Some(count));
            } else {
                let callee = Callee::Function(callee);
                self.reject(at, call.offset, callee, "it is seldom called here");
            }
        }
        if others > 0 {
            let reason = "only the first callees of a call are recorded";
            self.reject(at, call.offset, Callee::Table(others), reason);
        }
    }

    fn consider(&mut self, at: usize, call: &Call, callee: Function, seen: Option<u32>) {
        // Behind a guard, it is the callee itself that is compared.
        let replacement = match seen {
            None if !callee.is_removed() => callee.replacement(),
            _ => None,
        };
        let (callee, through) = match replacement {
            Some(replacement) => (replacement, Some(callee)),
            None => (callee, None),
        };
        if let Some(reason) = callee.reason_without_body() {
            return self.reject(at, call.offset, Callee::Function(callee), reason);
        }
        let parent = &self.nodes[at];
        let size = callee.size();
        let frequency =
            (parent.frequency + call.loops * limits::LOOP_WEIGHT_LOG2).min(limits::MAX_FREQUENCY);
        let depth = parent.depth + 1;
        let most = match self.profiled {
            true => limits::size_for(frequency, seen.is_some()),
            false => limits::SMALL,
        };
        let reason = if depth > limits::MAX_DEPTH {
            Some("it is nested too deeply")
        } else if self.recursions(at, &callee) > limits::MAX_RECURSION {
            Some("it is recursive")
        } else if size <= limits::TINY {
            None
        } else if self.profiled && seen.is_none() && !is_warm(&callee) {
            Some("it was seldom called")
        } else if size > most {
            Some("it is large for how often it is called")
        } else {
            None
        };
        if let Some(reason) = reason {
            return self.reject(at, call.offset, Callee::Function(callee), reason);
        }
        self.found += 1;
        self.candidates.push(Candidate {
            priority: (1 << (frequency + 16)) / size as u64,
            age: std::cmp::Reverse(self.found),
            size,
            node: Node {
                function: callee,
                through,
                parent: at,
                offset: call.offset,
                seen,
                frequency,
                depth,
            },
        });
    }

    fn reject(&mut self, at: usize, offset: u32, callee: Callee, reason: &'static str) {
        if let Some(not_inlined) = &mut self.not_inlined {
            not_inlined.push((at, offset, callee, reason));
        }
    }

    /// How often a function occurs on the path from a body up to the root.
    fn recursions(&self, mut at: usize, function: &Function) -> usize {
        let mut count = 0;
        loop {
            count += usize::from(self.nodes[at].function == *function);
            if at == 0 {
                return count;
            }
            at = self.nodes[at].parent;
        }
    }

    /// Numbers the bodies so that the calls are sorted by parent and offset.
    fn into_plan(self) -> Plan {
        // The node of the body with this number: the root is the function itself.
        let node_at = |number: usize| match number.checked_sub(1) {
            None => InlineNode::FUNCTION,
            Some(at) => InlineNode::inlined(at),
        };
        let root = self.nodes[0].function.clone();
        let mut scopes = vec![root.linkage.clone()];
        let mut calls: Vec<InlinedCall> = Vec::new();
        let mut callees = Vec::new();
        let mut all_seen = Vec::new();
        // The positions in the tree, in the order of the new numbers.
        let mut order = vec![0];
        let mut next = 0;
        while next < order.len() {
            let parent = order[next];
            let children = (1..self.nodes.len()).filter(|&at| self.nodes[at].parent == parent);
            let mut children: Vec<usize> = children.collect();
            // Of the callees of one call, the most frequent one is guarded first.
            children.sort_by_key(|&at| {
                let node = &self.nodes[at];
                (node.offset, std::cmp::Reverse(node.seen))
            });
            for at in children {
                let node = &self.nodes[at];
                let scope = scope_of(&mut scopes, &node.function);
                let through = node.through.as_ref().map(|through| Through {
                    scope: scope_of(&mut scopes, through),
                    func: through.func,
                    generation: through.generation,
                });
                calls.push(InlinedCall {
                    parent: node_at(next),
                    offset: node.offset,
                    scope,
                    func: node.function.func,
                    generation: node.function.generation,
                    through,
                });
                callees.push(node.function.clone());
                all_seen.push(node.seen);
                order.push(at);
            }
            next += 1;
        }
        let mut numbers = vec![InlineNode::FUNCTION; order.len()];
        for (number, &at) in order.iter().enumerate() {
            numbers[at] = node_at(number);
        }
        let not_inlined = self.not_inlined.into_iter().flatten();
        let not_inlined = not_inlined.map(|(at, offset, callee, reason)| NotInlined {
            parent: numbers[at],
            offset,
            callee,
            reason,
        });
        Plan {
            root,
            scopes,
            calls,
            callees,
            seen: all_seen,
            not_inlined: not_inlined.collect(),
        }
    }
}

/// The scope of a function, which is added if there is none.
fn scope_of(scopes: &mut Vec<Arc<Linkage>>, function: &Function) -> ScopeId {
    let same = |scope: &Arc<Linkage>| Arc::ptr_eq(scope, &function.linkage);
    ScopeId::new(scopes.iter().position(same).unwrap_or_else(|| {
        scopes.push(function.linkage.clone());
        scopes.len() - 1
    }))
}

/// Whether a function was called often: it has spent its budget at least once.
fn is_warm(function: &Function) -> bool {
    let code = LinkageCode::of(&function.linkage);
    match code.states.of(function.func).state {
        State::Queued | State::Optimising | State::Optimised | State::Kept => true,
        State::Baseline => code.profile.spent(function.func) > 0,
        State::Cold | State::Claimed | State::Refused => false,
    }
}
