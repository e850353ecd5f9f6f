//! Registers of x86-64 by their use, what the processor has, and moves between registers, constants and
//! memory.
//!
//! ```text
//! rbp       frame            rsp     stack, constant in a body except around calls
//! r14       context          r15     base of memory 0; both kept by calls
//! r11       scratch          xmm15   scratch
//! rbx r12 r13                values that survive calls
//! rax rcx rdx rsi rdi r8 r9 r10, xmm0 to xmm14    values
//! ```
//! A function without calls of any kind (a leaf) leaves the context in rdi and has the base in r10, so that
//! it saves and restores nothing. Scratch registers hold values only inside one operator, and any method
//! of `values` may change them.

use super::Compiler;
use super::asm::{Alu, Asm, Binary, FromGpr, Gpr, Load, Mem, Reg, RegSet, Size, Store, Unary, Xmm};
use super::values::{At, Ty, Value};
use crate::compiled::{CompileError, CompileSettings};
use std::sync::OnceLock;

const fn gprs(regs: &[Gpr]) -> RegSet {
    let mut set = RegSet::EMPTY;
    let mut at = 0;
    while at < regs.len() {
        set = set.with(RegSet::gpr(regs[at]));
        at += 1;
    }
    set
}

/// Registers for values that a call leaves as they are.
pub(super) const CALLEE_SAVED: RegSet = gprs(&[Gpr::RBX, Gpr::R12, Gpr::R13]);

/// Vector registers for values. No call leaves any as it was.
pub(super) const VECTORS: RegSet = RegSet::ALL_XMM.minus(RegSet::xmm(XSCRATCH));

pub(super) const SCRATCH: Gpr = Gpr::R11;
pub(super) const XSCRATCH: Xmm = Xmm::XMM15;

/// Where a function keeps its context and the base of memory 0, and which registers it has for values.
#[derive(Clone, Copy)]
pub(super) struct Roles {
    pub ctx: Gpr,
    pub base: Gpr,
    pub gprs: RegSet,
}

const NON_LEAF: RegSet = gprs(&[
    Gpr::RAX,
    Gpr::RCX,
    Gpr::RDX,
    Gpr::RSI,
    Gpr::RDI,
    Gpr::R8,
    Gpr::R9,
    Gpr::R10,
    Gpr::RBX,
    Gpr::R12,
    Gpr::R13,
]);

impl Roles {
    pub(super) const CALLING: Roles = Roles {
        ctx: Gpr::R14,
        base: Gpr::R15,
        gprs: NON_LEAF,
    };
    pub(super) const LEAF: Roles = Roles {
        ctx: Gpr::RDI,
        base: Gpr::R10,
        gprs: NON_LEAF.minus(gprs(&[Gpr::RDI, Gpr::R10])),
    };
}

/// What a processor has beyond SSE4.2 and POPCNT, which the compiler needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cpu {
    pub avx: bool,
    pub bmi1: bool,
    pub bmi2: bool,
    pub lzcnt: bool,
}

impl Cpu {
    const OLDEST: Cpu = Cpu {
        avx: false,
        bmi1: false,
        bmi2: false,
        lzcnt: false,
    };

    /// # Errors
    /// If this processor lacks what the compiler needs.
    pub(super) fn of(settings: &CompileSettings) -> Result<Cpu, CompileError> {
        let this = Cpu::this()?;
        Ok(match settings.oldest_processor {
            true => Cpu::OLDEST,
            false => this,
        })
    }

    fn this() -> Result<Cpu, CompileError> {
        static CPU: OnceLock<Option<Cpu>> = OnceLock::new();
        let cpu = CPU.get_or_init(|| {
            let needed = is_x86_feature_detected!("sse4.2")
                && is_x86_feature_detected!("ssse3")
                && is_x86_feature_detected!("popcnt");
            needed.then(|| Cpu {
                avx: is_x86_feature_detected!("avx"),
                bmi1: is_x86_feature_detected!("bmi1"),
                bmi2: is_x86_feature_detected!("bmi2"),
                lzcnt: is_x86_feature_detected!("lzcnt"),
            })
        });
        cpu.ok_or_else(|| {
            let what = "processors without SSE4.2 and POPCNT (x86-64-v2)";
            CompileError::Unsupported(what.to_string())
        })
    }
}

/// Stores a register of a value of this type.
#[inline]
pub(super) fn store_reg(asm: &mut Asm, avx: bool, ty: Ty, to: Mem, reg: Reg) {
    let op = match ty {
        Ty::I32 => return asm.mov_store(Size::S32, to, reg.gpr()),
        Ty::I64 | Ty::Ref => return asm.mov_store(Size::S64, to, reg.gpr()),
        Ty::F32 => Store::MOVSS,
        Ty::F64 => Store::MOVSD,
        Ty::V128 => Store::MOVUPS,
    };
    if avx {
        asm.vstore(op, to, reg.xmm());
    } else {
        asm.store(op, to, reg.xmm());
    }
}

/// Loads a value of this type into a register. The upper half of an i32 becomes zero.
#[inline]
pub(super) fn load_reg(asm: &mut Asm, avx: bool, ty: Ty, reg: Reg, from: Mem) {
    let op = match ty {
        Ty::I32 => return asm.mov(Size::S32, reg.gpr(), from),
        Ty::I64 | Ty::Ref => return asm.mov(Size::S64, reg.gpr(), from),
        Ty::F32 => Load::MOVSS,
        Ty::F64 => Load::MOVSD,
        Ty::V128 if avx => return asm.vunary(Unary::MOVUPS, reg.xmm(), from),
        Ty::V128 => return asm.unary(Unary::MOVUPS, reg.xmm(), from),
    };
    if avx {
        asm.vload(op, reg.xmm(), from);
    } else {
        asm.load(op, reg.xmm(), from);
    }
}

pub(super) fn zero_vector(asm: &mut Asm, avx: bool, reg: Xmm) {
    if avx {
        asm.vbinary(Binary::XORPS, reg, reg, reg);
    } else {
        asm.binary(Binary::XORPS, reg, reg);
    }
}

impl Compiler<'_> {
    /// Makes room again, between operands of which an operator has any number. What comes after the last one
    /// has all of it, too.
    #[inline]
    pub(super) fn asm_reserve(&mut self) {
        self.asm.reserve(super::ROOM);
    }

    #[inline]
    pub(super) fn store_reg(&mut self, ty: Ty, to: Mem, reg: Reg) {
        store_reg(&mut self.asm, self.cpu.avx, ty, to, reg);
    }

    #[inline]
    pub(super) fn load_reg(&mut self, ty: Ty, reg: Reg, from: Mem) {
        load_reg(&mut self.asm, self.cpu.avx, ty, reg, from);
        self.unknown -= RegSet::of(reg);
    }

    /// Copies a register. The upper half of an i32 becomes zero.
    #[inline]
    pub(super) fn move_reg(&mut self, ty: Ty, to: Reg, from: Reg) {
        match ty {
            Ty::I32 => self.asm.mov(Size::S32, to.gpr(), from.gpr()),
            Ty::I64 | Ty::Ref => self.asm.mov(Size::S64, to.gpr(), from.gpr()),
            Ty::F32 | Ty::F64 | Ty::V128 if self.cpu.avx => {
                self.asm.vunary(Unary::MOVAPS, to.xmm(), from.xmm());
            }
            Ty::F32 | Ty::F64 | Ty::V128 => self.asm.unary(Unary::MOVAPS, to.xmm(), from.xmm()),
        }
        self.unknown -= RegSet::of(to);
    }

    /// Puts a constant into a register. Flags change. For vectors, only zero. r11 may change.
    pub(super) fn load_const(&mut self, ty: Ty, to: Reg, bits: u64) {
        match ty {
            Ty::I32 | Ty::I64 | Ty::Ref if bits == 0 => {
                self.asm.alu(Alu::Xor, Size::S32, to.gpr(), to.gpr());
            }
            Ty::I32 | Ty::I64 | Ty::Ref => self.asm.mov_imm(to.gpr(), bits),
            Ty::F32 | Ty::F64 | Ty::V128 if bits == 0 => {
                zero_vector(&mut self.asm, self.cpu.avx, to.xmm());
            }
            Ty::F32 | Ty::F64 | Ty::V128 => {
                debug_assert_ne!(ty, Ty::V128, "other vectors are in registers");
                self.asm.mov_imm(SCRATCH, bits);
                let op = if ty == Ty::F32 {
                    FromGpr::MOVD
                } else {
                    FromGpr::MOVQ
                };
                if self.cpu.avx {
                    self.asm.vmove_from_gpr(op, to.xmm(), SCRATCH);
                } else {
                    self.asm.move_from_gpr(op, to.xmm(), SCRATCH);
                }
            }
        }
        self.unknown -= RegSet::of(to);
    }

    /// Puts a value into a register. Flags and r11 may change.
    #[inline]
    pub(super) fn load_value(&mut self, value: Value, to: Reg) {
        match value.at {
            At::Const(bits) => self.load_const(value.ty, to, bits),
            At::Own(reg) | At::Shared(reg) => {
                if reg != to || value.ty == Ty::I32 && self.unknown.has(RegSet::of(reg)) {
                    self.move_reg(value.ty, to, reg);
                }
            }
            At::Slot(offset) => self.load_reg(value.ty, to, self.slot(offset, value.ty)),
        }
    }

    /// Stores a value. r11 and xmm15 may change.
    pub(super) fn store(&mut self, value: Value, to: Mem) {
        let reg = match value.at {
            At::Own(reg) | At::Shared(reg) => reg,
            At::Const(bits) => match value.ty {
                Ty::I32 | Ty::F32 => return self.asm.mov_store_imm(Size::S32, to, bits as i32),
                Ty::V128 => {
                    self.load_const(Ty::V128, Reg::of_xmm(XSCRATCH), 0);
                    Reg::of_xmm(XSCRATCH)
                }
                Ty::I64 | Ty::F64 | Ty::Ref => {
                    if let Ok(imm) = i32::try_from(bits as i64) {
                        return self.asm.mov_store_imm(Size::S64, to, imm);
                    }
                    self.asm.mov_imm(SCRATCH, bits);
                    return self.asm.mov_store(Size::S64, to, SCRATCH);
                }
            },
            At::Slot(offset) => {
                let from = self.slot(offset, value.ty);
                if from == to {
                    return;
                }
                match value.ty {
                    Ty::V128 => {
                        let reg = Reg::of_xmm(XSCRATCH);
                        self.load_reg(Ty::V128, reg, from);
                        reg
                    }
                    Ty::I32 | Ty::F32 => {
                        self.asm.mov(Size::S32, SCRATCH, from);
                        return self.asm.mov_store(Size::S32, to, SCRATCH);
                    }
                    Ty::I64 | Ty::F64 | Ty::Ref => {
                        self.asm.mov(Size::S64, SCRATCH, from);
                        return self.asm.mov_store(Size::S64, to, SCRATCH);
                    }
                }
            }
        };
        self.store_reg(value.ty, to, reg);
    }
}
