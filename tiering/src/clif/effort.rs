//! Estimates how long optimising will take, before it begins.
//!
//! Cranelift and its register allocator take time in proportion to the size of most functions. For some
//! shapes, the time is in proportion to a product of two sizes, and compilation cannot be stopped once it
//! has begun. So the factors are counted beforehand, in one walk over the instructions, and one walk
//! backwards over the blocks for each value that other blocks use. A function is not optimised if its
//! estimate is above the limit in policy. The counts are those of [`Effort`]; the cost of each was measured
//! (`policy::effort`). Counting itself stops when there is too much to count.
//!
//! The estimate is meant for refusing functions far larger than those of real programs; it is right within
//! a factor of about three for the shapes that were measured.

use crate::bytecode::Locals;
use crate::compiled::CompileInput;
use crate::policy::effort as limits;
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::entity::packed_option::PackedOption;
use cranelift_codegen::ir::{Block, Function, Inst, InstructionData, Opcode, Value, ValueDef};
use wasmparser::Operator;

/// The counts of one function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effort {
    /// Instructions, and destinations of branches.
    insts: u64,
    /// Arguments that branches pass to blocks.
    params: u64,
    /// Pairs of a block and a value that is live at its start.
    live: u64,
    /// Pairs of a call and a value that is live across it.
    across: u64,
    /// Values that are used in other blocks and live across a call. The allocator splits their live ranges.
    /// With split ranges it passes its lists quickly; without them it walks through a list for each live
    /// value.
    split: u64,
    /// The pairs in `live` whose value is counted in `split`.
    split_live: u64,
    /// For values that are merged as arguments of blocks: their uses, times the number of merges.
    merged: u64,
    /// For each branch, the number of its destinations times the number of different ones.
    jumps: u64,
    /// Operations with a constant. The optimiser may combine each with the one before it.
    constants: u64,
}

impl Effort {
    /// The estimated times in nanoseconds, each with its reason.
    fn times(&self) -> [(u64, &'static str); 5] {
        let time = |count: u64, each: u64| count.saturating_mul(each);
        // Values whose ranges are split but very short do not shorten the lists for other values.
        let split = self.split.saturating_mul(self.split_live) / self.live.max(1);
        let unsplit = |count: u64, each: u64| time(count, each) / (1 + split);
        let live = time(self.live, limits::PER_LIVE)
            .saturating_add(time(self.params, limits::PER_PARAM))
            .saturating_add(unsplit(
                self.params.saturating_mul(self.live),
                limits::PER_PARAM_AND_LIVE,
            ))
            .saturating_add(unsplit(self.merged, limits::PER_MERGED));
        [
            (time(self.insts, limits::PER_INST), "it is large"),
            (
                live,
                "it has many blocks with many values live between them",
            ),
            (
                time(self.across, limits::PER_ACROSS),
                "many values are live across its calls",
            ),
            (
                time(self.jumps, limits::PER_JUMP),
                "its jump tables have many different targets",
            ),
            (
                time(self.constants, limits::PER_CONSTANT),
                "it has many operations with constants",
            ),
        ]
    }
}

impl Effort {
    /// The reason with the longest time, if all times together are too long.
    fn is_too_long(&self) -> Option<&'static str> {
        let times = self.times();
        let all = times
            .iter()
            .fold(0, |sum: u64, (time, _)| sum.saturating_add(*time));
        let longest = times.iter().max_by_key(|(time, _)| *time);
        longest
            .filter(|_| all > limits::MAX_NS)
            .map(|(_, what)| *what)
    }
}

/// The reason why a function should not even be translated, if there is one: recording where each of its
/// locals is in each of its blocks would take too much memory.
pub(crate) fn reason_not_to_translate(input: &CompileInput<'_>) -> Option<&'static str> {
    let body = input.body;
    let too_many = |locals: u64, blocks: u64, back_edges: u64| {
        locals.saturating_mul(blocks) > limits::MAX_LOCALS_AND_BLOCKS
            || locals.saturating_mul(back_edges) > limits::MAX_LOCALS_AND_BACK_EDGES
    };
    let count = || -> wasmparser::Result<bool> {
        let mut locals = 0;
        let mut declared = Locals::of(body)?;
        for group in &mut declared {
            locals += u64::from(group?.0);
        }
        // Most functions need not be counted: each block and each back edge has at least one byte.
        let bytes = body.len() as u64;
        if !too_many(locals, bytes, bytes) {
            return Ok(false);
        }
        let (mut blocks, mut back_edges) = (0, 0);
        let mut walk = declared.walk()?;
        while let Some(instruction) = walk.next() {
            match instruction?.operator {
                Operator::Block { .. } | Operator::Loop { .. } => blocks += 1,
                Operator::If { .. } => blocks += 2,
                Operator::Br { relative_depth } => {
                    back_edges += u64::from(walk.is_back_edge(relative_depth));
                }
                Operator::BrIf { relative_depth } => {
                    blocks += 1;
                    back_edges += u64::from(walk.is_back_edge(relative_depth));
                }
                Operator::BrTable { targets } => {
                    blocks += u64::from(targets.len());
                    for depth in targets.targets() {
                        back_edges += u64::from(walk.is_back_edge(depth?));
                    }
                }
                _ => {}
            }
        }
        Ok(too_many(locals, blocks, back_edges))
    };
    // The body was validated, so it can be read.
    let refused = count().unwrap_or(true);
    refused.then_some("it has many locals and many blocks")
}

/// This many edges into a block count as one more block in which a value is live.
const EDGES_FOR_LIVE: u64 = 16;

/// Buffers for [`reason_not_to_optimise`].
#[derive(Default)]
pub(crate) struct Counting {
    effort: Effort,
    /// Edges of the control flow graph: target and source.
    edges: Vec<(Block, Block)>,
    /// Values, each with a block that uses it and does not define it.
    foreign_uses: Vec<(Value, Block)>,
    /// Calls in each block.
    calls: SecondaryMap<Block, u32>,
    /// For each value, how many calls of its block have already been counted as calls across which it is
    /// live.
    counted: SecondaryMap<Value, u32>,
    /// For each block, the value for which it was last visited.
    seen: SecondaryMap<Block, PackedOption<Value>>,
    pending: Vec<Block>,
    /// A value that is merged with this one, on the path to the representative (union-find).
    merged_with: SecondaryMap<Value, PackedOption<Value>>,
    /// Number of uses of a value and of blocks in which it is live; for a representative, the sum over all
    /// its values.
    weight: SecondaryMap<Value, u32>,
    /// For a representative, how often others were merged with it.
    merges: SecondaryMap<Value, u32>,
}

/// The reason why a function should not be optimised, if there is one: optimising would take too long.
pub(crate) fn reason_not_to_optimise(
    func: &Function,
    memory: &mut Counting,
) -> Option<&'static str> {
    // Small functions are not counted: no value is live in more than all blocks, and there are not many
    // more arguments of blocks than there are values and destinations of jump tables.
    let tables = func.dfg.jump_tables.values();
    let destinations: usize = tables.map(|table| table.all_branches().len()).sum();
    let size = (func.dfg.num_values() + destinations) as u64;
    let blocks = func.dfg.num_blocks() as u64;
    if size.saturating_mul(size).saturating_mul(blocks) < limits::NO_ESTIMATE_BELOW {
        return None;
    }
    let Counting {
        effort,
        edges,
        foreign_uses,
        calls,
        counted,
        seen,
        merged_with,
        weight,
        merges,
        ..
    } = memory;
    *effort = Effort::default();
    edges.clear();
    foreign_uses.clear();
    calls.clear();
    counted.clear();
    seen.clear();
    merged_with.clear();
    weight.clear();
    merges.clear();
    memory.count_insts(func);
    if let Some(reason) = memory.effort.is_too_long() {
        return Some(reason);
    }
    memory.count_live(func);
    memory.count_merged(func);
    memory.effort.is_too_long()
}

fn block_of(func: &Function, value: Value) -> Option<Block> {
    match func.dfg.value_def(value) {
        ValueDef::Result(inst, _) => func.layout.inst_block(inst),
        ValueDef::Param(block, _) => Some(block),
        ValueDef::Union(..) => None,
    }
}

fn is_constant(func: &Function, value: Value) -> bool {
    let def = func.dfg.value_def(value).inst();
    def.is_some_and(|def| func.dfg.insts[def].opcode() == Opcode::Iconst)
}

impl Counting {
    fn count_insts(&mut self, func: &Function) {
        for block in func.layout.blocks() {
            let mut calls = 0;
            for inst in func.layout.block_insts(block) {
                self.effort.insts += 1;
                let data = &func.dfg.insts[inst];
                for value in func.dfg.inst_values(inst) {
                    let value = func.dfg.resolve_aliases(value);
                    self.weight[value] = self.weight[value].saturating_add(1);
                    if block_of(func, value) == Some(block) {
                        self.effort.across += u64::from(calls - self.counted[value]);
                        self.counted[value] = calls;
                    } else {
                        self.foreign_uses.push((value, block));
                    }
                }
                calls += u32::from(data.opcode().is_call());
                for result in func.dfg.inst_results(inst) {
                    self.counted[*result] = calls;
                }
                if let InstructionData::Binary { args, .. } = data {
                    let constant = args.iter().any(|arg| is_constant(func, *arg));
                    self.effort.constants += u64::from(constant);
                }
                if data.opcode().is_branch() {
                    self.count_branch(func, block, inst);
                }
            }
            self.calls[block] = calls;
        }
    }

    fn count_branch(&mut self, func: &Function, block: Block, branch: Inst) {
        let dfg = &func.dfg;
        let to = dfg.insts[branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        let before = self.edges.len();
        // `seen` takes values only. A value made of the branch's number, which no other branch uses, marks
        // its targets.
        let mark = PackedOption::from(Value::from_u32(branch.as_u32()));
        for call in to {
            let target = call.block(&dfg.value_lists);
            if self.seen[target] != mark {
                self.seen[target] = mark;
                self.edges.push((target, block));
            }
            let params = dfg.block_params(target).iter();
            for (arg, param) in call.args(&dfg.value_lists).zip(params) {
                self.effort.params += 1;
                if let Some(arg) = arg.as_value() {
                    self.merge(dfg.resolve_aliases(arg), *param);
                }
            }
        }
        let targets = (self.edges.len() - before) as u64;
        self.effort.insts += to.len() as u64;
        self.effort.jumps += to.len() as u64 * targets;
    }

    fn representative(&mut self, mut value: Value) -> Value {
        while let Some(next) = self.merged_with[value].expand() {
            if let Some(after) = self.merged_with[next].expand() {
                self.merged_with[value] = after.into();
            }
            value = next;
        }
        value
    }

    fn merge(&mut self, one: Value, other: Value) {
        let (one, other) = (self.representative(one), self.representative(other));
        if one != other {
            self.merged_with[other] = one.into();
            self.merges[one] += self.merges[other] + 1;
        }
    }

    /// For each value, walks backwards from the blocks that use it to the block that defines it.
    fn count_live(&mut self, func: &Function) {
        self.edges.sort_unstable();
        self.foreign_uses.sort_unstable();
        self.seen.clear();
        let uses = std::mem::take(&mut self.foreign_uses);
        for of_value in uses.chunk_by(|one, other| one.0 == other.0) {
            let value = of_value[0].0;
            let own = block_of(func, value);
            let (before, live_before) = (self.effort.across, self.effort.live);
            if let Some(own) = own {
                self.effort.across += u64::from(self.calls[own] - self.counted[value]);
            }
            for (_, block) in of_value {
                self.visit(value, *block, own);
            }
            while let Some(block) = self.pending.pop() {
                self.effort.live += 1;
                self.effort.across += u64::from(self.calls[block]);
                self.weight[value] = self.weight[value].saturating_add(1);
                let first = self.edges.partition_point(|(to, _)| *to < block);
                for at in first..self.edges.len() {
                    let (to, from) = self.edges[at];
                    if to != block {
                        // Many edges into a block take as long to count as many blocks.
                        self.effort.live += (at - first) as u64 / EDGES_FOR_LIVE;
                        break;
                    }
                    self.visit(value, from, own);
                }
                if self.effort.live > limits::MAX_LIVE {
                    self.pending.clear();
                    break;
                }
            }
            if self.effort.across > before {
                self.effort.split += 1;
                self.effort.split_live += self.effort.live - live_before;
            }
            if self.effort.live > limits::MAX_LIVE {
                break;
            }
        }
        self.foreign_uses = uses;
    }

    fn visit(&mut self, value: Value, block: Block, own: Option<Block>) {
        if Some(block) != own && self.seen[block] != PackedOption::from(value) {
            self.seen[block] = value.into();
            self.pending.push(block);
        }
    }

    fn count_merged(&mut self, func: &Function) {
        for value in func.dfg.values() {
            let root = self.representative(value);
            if root != value {
                self.weight[root] = self.weight[root].saturating_add(self.weight[value]);
            }
        }
        for value in func.dfg.values() {
            if self.merged_with[value].is_none() {
                self.effort.merged += u64::from(self.merges[value]) * u64::from(self.weight[value]);
            }
        }
    }
}
