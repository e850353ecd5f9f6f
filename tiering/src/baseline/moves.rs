//! Moves of several values at once: arguments, results, and what a loop carries.
//!
//! Memory is written first, in the order of the list, while all registers still have their values; then
//! registers move among each other, each only when nobody needs what its target holds, cycles through a
//! scratch register; then come constants and loads. So nothing is overwritten before it is read.

use super::Compiler;
use super::asm::{Gpr, Mem, Reg, RegSet};
use super::machine::{SCRATCH, XSCRATCH};
use super::values::{At, Ty, Value};

/// A value and the register that it goes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub value: Value,
    pub to: Reg,
}

/// Moves into registers that have not been emitted yet.
#[derive(Default)]
pub(super) struct Moves {
    loads: Vec<Move>,
    /// The targets of moves from registers; by the target, the source and the type.
    targets: RegSet,
    sources: [Option<(Reg, Ty)>; 32],
}

impl Moves {
    pub(super) fn add(&mut self, value: Value, to: Reg) {
        match value.reg() {
            Some(from) => {
                self.targets |= RegSet::of(to);
                self.sources[to.index()] = Some((from, value.ty));
            }
            None => self.loads.push(Move { value, to }),
        }
    }

    /// The registers that pending moves read, except each by itself.
    fn needed(&self) -> RegSet {
        let mut needed = RegSet::EMPTY;
        for target in self.targets.regs() {
            if let Some((source, _)) = self.sources[target.index()]
                && source != target
            {
                needed |= RegSet::of(source);
            }
        }
        needed
    }
}

impl Compiler<'_> {
    /// Stores a value as part of moves, at once. The target must not be a slot that a later value of the
    /// moves is read from.
    pub(super) fn move_to_memory(&mut self, value: Value, to: Mem) {
        self.asm_reserve();
        self.store(value, to);
    }

    /// Emits the moves that were added. Only the registers that are their targets change, and r11 and xmm15.
    /// What the compiler knows about registers is left alone.
    pub(super) fn emit_moves(&mut self, moves: &mut Moves) {
        self.asm_reserve();
        let unknown = self.unknown;
        while !moves.targets.is_empty() {
            let ready = moves.targets - moves.needed();
            for target in ready.regs() {
                let (source, ty) = moves.sources[target.index()].expect("a pending move");
                if source != target {
                    self.move_reg(ty, target, source);
                }
            }
            moves.targets -= ready;
            if ready.is_empty()
                && let Some(target) = moves.targets.first()
            {
                self.break_cycle(moves, target);
            }
        }
        for Move { value, to } in moves.loads.drain(..) {
            self.asm_reserve();
            self.load_value(value, to);
        }
        self.unknown = unknown;
    }

    /// Frees the target of a move in a cycle: what is in it moves to a scratch register.
    fn break_cycle(&mut self, moves: &mut Moves, target: Reg) {
        let scratch = match target.is_xmm() {
            true => Reg::of_xmm(XSCRATCH),
            false => Reg::of_gpr(SCRATCH),
        };
        let whole = if target.is_xmm() { Ty::V128 } else { Ty::I64 };
        self.move_reg(whole, scratch, target);
        for other in moves.targets.regs() {
            if let Some((source, _)) = &mut moves.sources[other.index()]
                && *source == target
            {
                *source = scratch;
            }
        }
    }
}

/// Where parameters are passed (docs/calling-convention.md).
pub(super) struct ParamPlaces {
    integers: usize,
    vectors: usize,
    /// Bytes of stack that are taken.
    pub stack: u32,
}

const PARAM_GPRS: [Gpr; 6] = [Gpr::RDI, Gpr::RSI, Gpr::RDX, Gpr::RCX, Gpr::R8, Gpr::R9];
const RESULT_GPRS: [Gpr; 8] = [
    Gpr::RAX,
    Gpr::RCX,
    Gpr::RDX,
    Gpr::RSI,
    Gpr::RDI,
    Gpr::R8,
    Gpr::R9,
    Gpr::R10,
];
/// Vector registers for parameters, and for results.
const VECTOR_PLACES: usize = 8;

/// Bytes for each result that is not in a register.
pub(super) const OVERFLOW_SLOT: u32 = 16;

/// A place of a parameter or result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Reg(Reg),
    /// Bytes after the first stack argument, or after the results pointer.
    Memory(u32),
}

fn vector_reg(number: usize) -> Reg {
    Reg::of_xmm(super::asm::Xmm::new(number as u8))
}

impl ParamPlaces {
    /// The places of wasm's parameters: after the context and, if there is one, the results pointer.
    pub(super) fn after(results_pointer: bool) -> ParamPlaces {
        ParamPlaces {
            integers: 1 + usize::from(results_pointer),
            vectors: 0,
            stack: 0,
        }
    }

    pub(super) fn next(&mut self, ty: Ty) -> Place {
        if ty.is_vector() {
            if self.vectors < VECTOR_PLACES {
                self.vectors += 1;
                return Place::Reg(vector_reg(self.vectors - 1));
            }
        } else if self.integers < PARAM_GPRS.len() {
            self.integers += 1;
            return Place::Reg(Reg::of_gpr(PARAM_GPRS[self.integers - 1]));
        }
        let at = self.stack.next_multiple_of(ty.size());
        self.stack = at + ty.size();
        Place::Memory(at)
    }

    /// Bytes of all stack arguments.
    pub(super) fn stack_bytes(&self) -> u32 {
        self.stack.next_multiple_of(16)
    }
}

/// Where results are returned.
#[derive(Default)]
pub(super) struct ResultPlaces {
    integers: usize,
    vectors: usize,
    /// Bytes behind the results pointer that are taken.
    pub overflow: u32,
}

impl ResultPlaces {
    pub(super) fn next(&mut self, ty: Ty) -> Place {
        if ty.is_vector() {
            if self.vectors < VECTOR_PLACES {
                self.vectors += 1;
                return Place::Reg(vector_reg(self.vectors - 1));
            }
        } else if self.integers < RESULT_GPRS.len() {
            self.integers += 1;
            return Place::Reg(Reg::of_gpr(RESULT_GPRS[self.integers - 1]));
        }
        self.overflow += OVERFLOW_SLOT;
        Place::Memory(self.overflow - OVERFLOW_SLOT)
    }
}

/// The register of the only result of a block or function.
pub(super) fn result_reg(ty: Ty) -> Reg {
    match ty.is_vector() {
        true => vector_reg(0),
        false => Reg::of_gpr(Gpr::RAX),
    }
}

/// A value in a register that must not change.
pub(super) fn in_reg(ty: Ty, reg: Reg) -> Value {
    Value {
        ty,
        at: At::Shared(reg),
    }
}
