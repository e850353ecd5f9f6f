//! Removes redundant block parameters (phis that always have the same value), if there are too many.
//!
//! Cranelift's frontend adds parameters to loops for locals that no trip through the loop writes, if code
//! after the loop reads the local. So each of many nested loops passes on the counters of all loops around
//! it, and the time of the register allocator grows with the cube of their number. In ordinary programs,
//! half of the parameters are redundant, and useful: they split live ranges at the start of a loop.
//! Cranelift's own pass finds only those whose value is not itself a parameter.

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::entity::packed_option::PackedOption;
use cranelift_codegen::ir::{Block, BlockArg, BlockCall, Function, Inst, Value};

/// A function with at most this many parameters is left unchanged. 100 nested loops make half as many and
/// are compiled in 0.1 s; 200 make twice as many, which took 1 s. If redundant parameters are always
/// removed, sha256 needs 1.06 times as long.
const MANY_PARAMS: usize = 10_000;

/// The largest number of passes over all parameters. Each finds parameters that the one before has made
/// redundant; few passes find any.
const MAX_PASSES: usize = 8;

/// A branch to a block that has parameters.
#[derive(Clone, Copy)]
struct Edge {
    to: Block,
    branch: Inst,
    /// Position among the branch's destinations.
    at: usize,
}

impl Edge {
    fn call(self, func: &Function) -> BlockCall {
        let dfg = &func.dfg;
        dfg.insts[self.branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables)[self.at]
    }
}

/// What the branches to a block pass for one of its parameters, other than the parameter itself.
#[derive(Clone, Copy)]
enum Passed {
    Nothing,
    One(Value),
    Several,
}

type Replacements = SecondaryMap<Value, PackedOption<Value>>;

/// Buffers for [`remove_redundant_if_many`].
#[derive(Default)]
pub(crate) struct Phis {
    edges: Vec<Edge>,
    /// For each parameter found redundant, the value that replaces it.
    replacements: Replacements,
    passed: Vec<Passed>,
    args: Vec<BlockArg>,
}

/// Removes redundant parameters of a function that has too many. This must be the first optimisation.
pub(crate) fn remove_redundant_if_many(func: &mut Function, phis: &mut Phis) {
    let blocks = func.layout.blocks();
    let params = blocks.map(|block| func.dfg.num_block_params(block));
    if params.sum::<usize>() > MANY_PARAMS {
        remove_redundant(func, phis);
    }
}

/// Removes the parameters for which all branches pass the same value or the parameter itself.
fn remove_redundant(func: &mut Function, phis: &mut Phis) {
    phis.find_edges(func);
    phis.replacements.clear();
    let any = (0..MAX_PASSES)
        .take_while(|_| phis.find_redundant(func))
        .count()
        > 0;
    if any {
        phis.rewrite(func);
    }
}

impl Phis {
    fn find_edges(&mut self, func: &Function) {
        self.edges.clear();
        let dfg = &func.dfg;
        for branch in func
            .layout
            .blocks()
            .filter_map(|block| func.layout.last_inst(block))
        {
            let calls =
                dfg.insts[branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
            for (at, call) in calls.iter().enumerate() {
                let to = call.block(&dfg.value_lists);
                if !dfg.block_params(to).is_empty() {
                    self.edges.push(Edge { to, branch, at });
                }
            }
        }
        self.edges.sort_by_key(|edge| edge.to);
    }

    /// Checks all parameters once, and returns whether any was found redundant.
    fn find_redundant(&mut self, func: &Function) -> bool {
        let mut any = false;
        // Inner loops come first: a value that passes through them is then known to be the one that the
        // outer loop passed.
        for edges in self.edges.chunk_by(|one, other| one.to == other.to).rev() {
            let params = func.dfg.block_params(edges[0].to);
            self.passed.clear();
            self.passed.resize(params.len(), Passed::Nothing);
            for edge in edges {
                let call = edge.call(func);
                let args = call.args(&func.dfg.value_lists);
                for ((arg, &param), passed) in args.zip(params).zip(&mut self.passed) {
                    let arg = match arg {
                        BlockArg::Value(arg) => replacement_of(&mut self.replacements, func, arg),
                        _ => {
                            *passed = Passed::Several;
                            continue;
                        }
                    };
                    *passed = match *passed {
                        same if arg == param => same,
                        Passed::Nothing => Passed::One(arg),
                        Passed::One(one) if one == arg => Passed::One(one),
                        _ => Passed::Several,
                    };
                }
            }
            for (&param, passed) in params.iter().zip(&self.passed) {
                if let Passed::One(value) = *passed
                    && self.replacements[param].is_none()
                {
                    self.replacements[param] = value.into();
                    any = true;
                }
            }
        }
        any
    }

    /// Removes the redundant parameters from the function.
    fn rewrite(&mut self, func: &mut Function) {
        for edges in self.edges.chunk_by(|one, other| one.to == other.to) {
            let block = edges[0].to;
            let params = func.dfg.block_params(block).to_vec();
            if params
                .iter()
                .all(|&param| self.replacements[param].is_none())
            {
                continue;
            }
            for &edge in edges {
                let args = edge.call(func).args(&func.dfg.value_lists).zip(&params);
                let kept = args.filter(|(_, param)| self.replacements[**param].is_none());
                self.args.clear();
                self.args.extend(kept.map(|(arg, _)| arg));
                let dfg = &mut func.dfg;
                let call = BlockCall::new(block, self.args.iter().copied(), &mut dfg.value_lists);
                dfg.insts[edge.branch]
                    .branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables)
                    [edge.at] = call;
            }
            func.dfg.detach_block_params(block);
            for param in params {
                if self.replacements[param].is_none() {
                    func.dfg.attach_block_param(block, param);
                } else {
                    let value = replacement_of(&mut self.replacements, func, param);
                    func.dfg.change_to_alias(param, value);
                }
            }
        }
    }
}

/// The value that finally replaces another one. All values on the path to it are then made to point to it
/// directly: parameters of nested loops make long chains.
fn replacement_of(replacements: &mut Replacements, func: &Function, value: Value) -> Value {
    let value = func.dfg.resolve_aliases(value);
    let next = |replacements: &Replacements, value: Value| {
        let other = replacements[value].expand()?;
        Some(func.dfg.resolve_aliases(other))
    };
    let mut end = value;
    while let Some(other) = next(replacements, end) {
        end = other;
    }
    let mut on_path = value;
    while let Some(other) = next(replacements, on_path) {
        replacements[on_path] = end.into();
        on_path = other;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use cranelift_codegen::ir::{AbiParam, InstBuilder, types};
    use cranelift_codegen::{settings, verify_function};
    use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

    /// A block with this many parameters.
    fn block(b: &mut FunctionBuilder<'_>, params: usize) -> (Block, Vec<Value>) {
        let block = b.create_block();
        let params = (0..params).map(|_| b.append_block_param(block, types::I32));
        (block, params.collect())
    }

    fn args(values: &[Value]) -> Vec<BlockArg> {
        values.iter().map(|&value| value.into()).collect()
    }

    #[test]
    fn what_passes_through_loops_is_no_parameter_of_them() {
        let mut func = Function::new();
        func.signature.params.push(AbiParam::new(types::I32));
        func.signature.returns.push(AbiParam::new(types::I32));
        let mut context = FunctionBuilderContext::new();
        let mut b = FunctionBuilder::new(&mut func, &mut context);
        // Two loops: the outer changes its first value and swaps two others; the inner passes all of them
        // on, and changes a value of its own.
        let (entry, given) = block(&mut b, 1);
        let (outer, of_outer) = block(&mut b, 4);
        let (inner, of_inner) = block(&mut b, 5);
        let (after, _) = block(&mut b, 0);
        let (end, of_end) = block(&mut b, 1);
        b.switch_to_block(entry);
        let zero = b.ins().iconst(types::I32, 0);
        b.ins()
            .jump(outer, &args(&[given[0], zero, given[0], given[0]]));
        b.switch_to_block(outer);
        b.ins()
            .jump(inner, &args(&[&of_outer[..], &[zero]].concat()));
        b.switch_to_block(inner);
        let next = b.ins().iadd_imm_s(of_inner[4], 1);
        b.ins().brif(
            next,
            inner,
            &args(&[&of_inner[..4], &[next]].concat()),
            after,
            &[],
        );
        b.switch_to_block(after);
        let next = b.ins().iadd_imm_s(of_inner[0], 1);
        let swapped = [next, of_inner[2], of_inner[1], of_inner[3]];
        b.ins()
            .brif(next, outer, &args(&swapped), end, &args(&[of_inner[3]]));
        b.switch_to_block(end);
        b.ins().return_(&[of_end[0]]);
        b.seal_all_blocks();
        b.finalize(
            crate::clif::isa::optimising(false)
                .unwrap()
                .frontend_config(),
        );

        let mut phis = Phis::default();
        remove_redundant(&mut func, &mut phis);
        verify_function(&func, &settings::Flags::new(settings::builder())).unwrap();
        assert_eq!(func.dfg.block_params(outer), &of_outer[..3]);
        assert_eq!(func.dfg.block_params(inner), &of_inner[4..]);
        assert!(func.dfg.block_params(end).is_empty());
        assert_eq!(func.dfg.resolve_aliases(of_inner[1]), of_outer[1]);
        assert_eq!(func.dfg.resolve_aliases(of_end[0]), given[0]);

        let text = func.display().to_string();
        remove_redundant(&mut func, &mut phis);
        assert_eq!(func.display().to_string(), text);
    }
}
