//! Bodies of callees in the place of calls: who calls whom, and which calls are inlined.

pub(crate) mod call_graph;
pub(crate) mod plan;
