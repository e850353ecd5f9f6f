//! Blocks, loops, branches and calls.
//!
//! Every loop ends: only [`Body::next_trip`] branches back, and it counts down a local that nothing else
//! writes. Every recursion ends by its fuel.

use super::Feature;
use super::body::{Body, Label};
use super::plan::Run;
use wasm_encoder::ValType::{F32, F64, I32, I64, V128};
use wasm_encoder::{BlockType, Instruction, ValType};

/// A way to call a function.
#[derive(Clone, Copy)]
enum Call {
    Direct(u32),
    Indirect(Run),
}

impl Body<'_> {
    fn enter(&mut self, types: &[ValType], counter: Option<u32>, is_loop: bool) {
        self.labels.push(Label {
            types: types.to_vec(),
            counter,
            is_loop,
            clean: false,
        });
    }

    fn leave(&mut self) {
        self.labels.pop();
        self.op(&Instruction::End);
    }

    /// The parameters of a block: often none.
    fn params(&mut self, limit: u64, depth: u32) -> Vec<ValType> {
        let params = if self.one_in(2) {
            Vec::new()
        } else {
            self.some_types(limit)
        };
        self.values(&params, depth.min(2), false);
        params
    }

    /// From parameters on the stack to results on the stack.
    fn arm(&mut self, params: &[ValType], results: &[ValType], depth: u32) {
        let statements = self.below(3) as usize;
        if results.starts_with(params) && self.one_in(2) {
            // They stay where they are below everything that the statements do.
            self.statements(statements, depth);
            self.values(&results[params.len()..], depth, false);
        } else {
            self.sink(params);
            self.statements(statements, depth);
            self.values(results, depth, false);
        }
    }

    /// Pushes the results of a block.
    pub(super) fn block(&mut self, results: &[ValType], depth: u32) {
        let params = self.params(4, depth);
        let ty = self.block_type(&params, results);
        self.op(&Instruction::Block(ty));
        self.enter(results, None, false);
        self.arm(&params, results, depth);
        if self.one_in(3) {
            self.condition(depth);
            self.op(&Instruction::BrIf(0));
            self.sink(results);
            self.values(results, depth, false);
        }
        if self.one_in(6) {
            self.op(&Instruction::Br(0));
            self.junk();
        }
        self.leave();
    }

    /// Pushes the results of an if.
    pub(super) fn if_else(&mut self, results: &[ValType], depth: u32) {
        let params = self.params(4, depth);
        self.condition(depth);
        let ty = self.block_type(&params, results);
        self.op(&Instruction::If(ty));
        self.enter(results, None, false);
        self.arm(&params, results, depth);
        if params != results || !self.one_in(4) {
            self.op(&Instruction::Else);
            self.arm(&params, results, depth);
        }
        self.leave();
    }

    /// Pushes the results of a loop.
    pub(super) fn counted_loop(&mut self, results: &[ValType], depth: u32) {
        self.plan.note(Feature::Loop);
        let counter = self.new_local(I32);
        if self.one_in(3) {
            self.masked(depth.min(1), 3);
        } else {
            let trips = 1 + self.below(if self.loops == 0 { 6 } else { 3 }) as i32;
            self.op(&Instruction::I32Const(trips));
        }
        self.op(&Instruction::LocalSet(counter));
        self.readable.push(counter);
        let params = self.params(6, depth);
        let ty = self.block_type(&params, results);
        self.op(&Instruction::Loop(ty));
        self.enter(&params, Some(counter), true);
        self.loops += 1;
        self.sink(&params);
        let statements = 1 + self.below(4) as usize;
        self.statements(statements, depth);
        self.next_trip(0, depth);
        self.values(results, depth, false);
        self.loops -= 1;
        self.leave();
    }

    /// Branches back to a loop if it has trips left.
    fn next_trip(&mut self, label: u32, depth: u32) {
        let Label { types, counter, .. } = self.label(label);
        let counter = counter.expect("every loop counts");
        let carried = types.clone();
        self.values(&carried, depth, false);
        let order = self.below(4);
        if order == 0 {
            self.op(&Instruction::I32Const(0));
        }
        self.op(&Instruction::LocalGet(counter));
        self.op(&Instruction::I32Const(1));
        self.op(&Instruction::I32Sub);
        self.op(&Instruction::LocalTee(counter));
        match order {
            0 => self.op(&Instruction::I32LtS),
            1 => {
                self.op(&Instruction::I32Const(0));
                self.op(&Instruction::I32LeS);
                self.op(&Instruction::I32Eqz);
            }
            2 => {
                self.op(&Instruction::I32Const(1));
                self.op(&Instruction::I32GeS);
            }
            _ => {
                self.op(&Instruction::I32Const(0));
                self.op(&Instruction::I32GtS);
            }
        }
        self.op(&Instruction::BrIf(label));
        self.sink(&carried);
    }

    fn label(&self, label: u32) -> &Label {
        &self.labels[self.labels.len() - 1 - label as usize]
    }

    /// Pushes what nested blocks left by a `br_table` that carries values.
    pub(super) fn switch(&mut self, results: &[ValType], depth: u32) {
        self.plan.note(Feature::Switch);
        if results.len() > 1 {
            self.plan.note(Feature::SwitchValues);
        }
        let arms = 2 + self.below(4) as u32;
        let ty = self.block_type(&[], results);
        for _ in 0..arms {
            self.op(&Instruction::Block(ty));
            self.enter(results, None, false);
        }
        self.values(results, depth, false);
        let mut targets: Vec<u32> = (0..self.labels.len() as u32)
            .filter(|label| {
                let Label {
                    types,
                    clean,
                    is_loop,
                    ..
                } = self.label(*label);
                types == results && !clean && !is_loop
            })
            .collect();
        targets.retain(|label| *label < arms + 2);
        self.masked_or_any(depth);
        let entries = self.below(7) as usize;
        let table: Vec<u32> = (0..entries).map(|_| self.pick(&targets)).collect();
        let default = self.pick(&targets);
        self.op(&Instruction::BrTable(table.into(), default));
        if self.one_in(4) {
            self.junk();
        }
        self.leave();
        for _ in 1..arms {
            if self.one_in(3) {
                self.sink(results);
                self.values(results, depth, false);
            } else {
                self.statement(depth);
            }
            if self.one_in(4) {
                self.op(&Instruction::Br(0));
            }
            self.leave();
        }
    }

    /// An index for a `br_table`: most often one that selects something.
    fn masked_or_any(&mut self, depth: u32) {
        if self.one_in(5) {
            self.value(I32, depth.min(2), false);
        } else {
            self.masked(depth.min(2), 7);
        }
    }

    /// Leaves a block, the function or a trip early, if a condition holds.
    pub(super) fn exit(&mut self, depth: u32) {
        let label = self.below(self.labels.len() as u64) as u32;
        let Label {
            types,
            is_loop,
            clean,
            ..
        } = self.label(label).clone();
        if is_loop {
            self.next_trip(label, depth);
            return;
        }
        let is_function = label as usize == self.labels.len() - 1;
        if self.one_in(2) {
            self.values(&types, depth, clean);
            self.condition(depth);
            self.op(&Instruction::BrIf(label));
            self.sink(&types);
            return;
        }
        self.condition(depth);
        self.op(&Instruction::If(BlockType::Empty));
        self.enter(&[], None, false);
        let has_floats = types.iter().any(|ty| matches!(ty, F32 | F64));
        let may_call = is_function && self.plan.tail_calls && !(clean && has_floats);
        if may_call && self.one_in(2) && self.tail_call(&types, depth) {
            self.leave();
            return;
        }
        self.values(&types, depth, clean);
        match self.below(3) {
            0 if is_function => self.op(&Instruction::Return),
            1 => {
                self.value(I32, depth, false);
                let label = label + 1;
                self.op(&Instruction::BrTable(vec![label; 2].into(), label));
            }
            _ => self.op(&Instruction::Br(label + 1)),
        }
        if self.one_in(3) {
            self.junk();
        }
        self.leave();
    }

    /// Removes values from the stack, the last one first, and uses most of them.
    pub(super) fn sink(&mut self, types: &[ValType]) {
        let mut left = types.to_vec();
        while let Some(ty) = left.pop() {
            let below = left.last().copied();
            match self.below(6) {
                0 => self.op(&Instruction::Drop),
                1 | 2 if below == Some(ty) && matches!(ty, I32 | I64 | F32 | F64) => {
                    let binary = self.pick(super::operators::numeric(ty).binary);
                    self.raw(&[binary]);
                    continue;
                }
                3 => match self.global_of(ty, true) {
                    Some(global) => {
                        self.clean(ty);
                        self.op(&Instruction::GlobalSet(global));
                    }
                    None => self.op(&Instruction::Drop),
                },
                4 if below == Some(ty) && matches!(ty, I32 | I64 | F32 | F64 | V128) => {
                    self.condition(1);
                    self.op(&Instruction::Select);
                    continue;
                }
                _ => match self.writable_local(ty) {
                    Some(local) => self.op(&Instruction::LocalSet(local)),
                    None => self.op(&Instruction::Drop),
                },
            }
        }
    }

    // Calls.

    /// The ways to call something with these results, or with any.
    fn callees(&self, results: Option<&[ValType]>) -> Vec<Call> {
        let plan = &*self.plan;
        let fits = |ty: u32| results.is_none_or(|wanted| plan.types[ty as usize].results == wanted);
        let direct = (0..plan.callable).filter(|func| fits(plan.funcs[*func as usize].ty));
        let runs = plan.runs.iter().filter(|run| fits(run.ty));
        let runs = runs.map(|run| Call::Indirect(*run));
        direct.map(Call::Direct).chain(runs).collect()
    }

    /// Pushes the operands of a call.
    fn operands(&mut self, call: Call, depth: u32) {
        let (ty, host) = match call {
            Call::Direct(func) => {
                let callee = &self.plan.funcs[func as usize];
                (callee.ty, callee.host)
            }
            // The table may have functions of the host.
            Call::Indirect(run) => (run.ty, true),
        };
        let params = self.plan.types[ty as usize].params.clone();
        if params.len() > 8 {
            self.plan.note(Feature::StackParams);
        }
        self.values(&params, depth.min(2), host);
        let Call::Indirect(run) = call else { return };
        self.plan.note(Feature::CallIndirect);
        if self.hazard() {
            self.value(I32, depth.min(2), false);
        } else if self.one_in(3) || run.len == 1 {
            let index = run.first + self.below(u64::from(run.len)) as u32;
            self.op(&Instruction::I32Const(index.cast_signed()));
        } else {
            self.value(I32, depth.min(2), false);
            self.op(&Instruction::I32Const(run.len.cast_signed()));
            self.op(&Instruction::I32RemU);
            self.op(&Instruction::I32Const(run.first.cast_signed()));
            self.op(&Instruction::I32Add);
        }
    }

    fn call(&mut self, call: Call, depth: u32) {
        self.operands(call, depth);
        match call {
            Call::Direct(func) => {
                let feature = if self.plan.funcs[func as usize].host {
                    Feature::CallHost
                } else if func < self.plan.imported {
                    Feature::CallForeign
                } else if func == self.index {
                    Feature::Recursion
                } else {
                    Feature::Call
                };
                self.plan.note(feature);
                self.op(&Instruction::Call(func));
            }
            Call::Indirect(run) => self.op(&Instruction::CallIndirect {
                type_index: run.ty,
                table_index: 0,
            }),
        }
    }

    /// Calls something with exactly these results, if there is something.
    pub(super) fn call_returning(&mut self, results: &[ValType], depth: u32) -> bool {
        let callees = self.callees(Some(results));
        if callees.is_empty() {
            return false;
        }
        let callee = self.pick(&callees);
        self.call(callee, depth);
        true
    }

    /// Returns the results of something with a tail call, if there is something.
    pub(super) fn tail_call(&mut self, results: &[ValType], depth: u32) -> bool {
        let callees = self.callees(Some(results));
        if callees.is_empty() {
            return false;
        }
        let callee = self.pick(&callees);
        self.plan.note(Feature::TailCall);
        self.operands(callee, depth);
        match callee {
            Call::Direct(func) => self.op(&Instruction::ReturnCall(func)),
            Call::Indirect(run) => self.op(&Instruction::ReturnCallIndirect {
                type_index: run.ty,
                table_index: 0,
            }),
        }
        true
    }

    /// Calls anything, and uses its results.
    pub(super) fn call_statement(&mut self, depth: u32) {
        let callees = self.callees(None);
        let callee = self.pick(&callees);
        let ty = match callee {
            Call::Direct(func) => self.plan.funcs[func as usize].ty,
            Call::Indirect(run) => run.ty,
        };
        self.call(callee, depth);
        let results = self.plan.types[ty as usize].results.clone();
        if results.len() > 2 {
            self.plan.note(Feature::ManyResults);
        }
        self.sink(&results);
    }
}
