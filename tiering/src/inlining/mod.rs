//! Inlining: the linked call graph, and the decision which calls are inlined.

pub(crate) mod call_graph;
pub(crate) mod plan;
