//! All forms of `general.rs`, and the addressing of memory in full.

use super::decode::{
    Checker, DISPLACEMENTS, Expected, Operand, SIZES, WIDE, all_places, bits, gprs, mnemonic,
    operands, pairs, some_places, with,
};
use super::oracle::{
    self, Imm8, Imm16, Imm32, Imm64, Simm8, Simm32, TRAP, by_size, bytes, gpr, plain_bytes,
};
use crate::baseline::asm::general::{Alu, Alu1, Bits, Shift, ShiftX};
use crate::baseline::asm::regs::{Cond, Gpr, Size};
use iced_x86::Mnemonic;

/// Immediates at the edges of what a byte and a word hold.
const IMMEDIATES: [i32; 9] = DISPLACEMENTS;

fn imm(value: i32, size: Size) -> Expected {
    Expected::Imm(i64::from(value), bits(size))
}

#[test]
fn memory_operands() {
    let mut checker = Checker::default();
    for (at, place) in all_places().into_iter().enumerate() {
        let reg = Gpr::new((at * 11 % 16) as u8);
        let expected = [Expected::Gpr(reg, Size::S32), Expected::Mem(place, 4)];
        let bytes = bytes!(movl_rm, reg.number(), gpr(Operand::Mem(place)));
        checker.check(Mnemonic::Mov, &expected, bytes, |asm| {
            asm.mov(Size::S32, reg, place.mem());
        });
        let further = super::decode::Place {
            disp: place.disp.wrapping_add(8),
            ..place
        };
        if further.disp > place.disp {
            assert_eq!(place.mem().plus(8), further.mem());
        }
    }
    assert_eq!(checker.checked, 16 * 9 * 61);
}

/// All forms of an operation: its names in the other encoder for each size, as `rm`, `mr`, with an immediate,
/// and with one of a byte.
macro_rules! alu {
    ($($op:ident: $rm:tt $mr:tt $mi:tt $b:tt)*) => {
        let mut checker = Checker::default();
        $(alu!(@one checker $op $rm $mr $mi $b);)*
        // The other encoder has no immediates of a byte for 16 bits.
        let bytes = IMMEDIATES.iter().filter(|value| i8::try_from(**value).is_ok()).count();
        let missing = 8 * operands(Gpr::new).len() * bytes;
        assert_eq!(checker.checked - checker.compared, missing);
    };
    (@one $checker:ident $op:ident
        [$($rm:ident)*] [$($mr:ident)*] [$mib:ident $miw:ident $mil:ident $miq:ident] [$bl:ident $bq:ident]
    ) => {{
        let (op, name) = (Alu::$op, mnemonic(stringify!($op)));
        for size in SIZES {
            for (reg, rm) in pairs(Gpr::new) {
                let bytes = by_size!(size, $($rm)*, reg.number(), gpr(rm));
                let expected = [Expected::Gpr(reg, size), rm.sized(size)];
                $checker.check(name, &expected, bytes, |asm| with!(rm, s => asm.alu(op, size, reg, s)));
                let Operand::Mem(place) = rm else { continue };
                let bytes = by_size!(size, $($mr)*, gpr(rm), reg.number());
                let expected = [rm.sized(size), Expected::Gpr(reg, size)];
                $checker.check(name, &expected, bytes, |asm| {
                    asm.alu_store(op, size, place.mem(), reg);
                });
            }
            for rm in operands(Gpr::new) {
                for value in IMMEDIATES {
                    let bytes = match (size, i8::try_from(value)) {
                        (Size::S8, _) => bytes!($mib, gpr(rm), Imm8::new(value as u8)),
                        (Size::S16, Ok(_)) => None,
                        (Size::S16, _) => bytes!($miw, gpr(rm), Imm16::new(value as u16)),
                        (Size::S32, Ok(byte)) => bytes!($bl, gpr(rm), Simm8::new(byte)),
                        (Size::S32, _) => bytes!($mil, gpr(rm), Imm32::new(value as u32)),
                        (Size::S64, Ok(byte)) => bytes!($bq, gpr(rm), Simm8::new(byte)),
                        (Size::S64, _) => bytes!($miq, gpr(rm), Simm32::new(value)),
                    };
                    let expected = [rm.sized(size), imm(value, size)];
                    $checker.check(name, &expected, bytes, |asm| {
                        with!(rm, d => asm.alu_imm(op, size, d, value));
                    });
                }
            }
        }
    }};
}

#[test]
fn arithmetic() {
    alu! {
        Add: [addb_rm addw_rm addl_rm addq_rm] [addb_mr addw_mr addl_mr addq_mr]
            [addb_mi addw_mi addl_mi addq_mi_sxl] [addl_mi_sxb addq_mi_sxb]
        Or: [orb_rm orw_rm orl_rm orq_rm] [orb_mr orw_mr orl_mr orq_mr]
            [orb_mi orw_mi orl_mi orq_mi_sxl] [orl_mi_sxb orq_mi_sxb]
        Adc: [adcb_rm adcw_rm adcl_rm adcq_rm] [adcb_mr adcw_mr adcl_mr adcq_mr]
            [adcb_mi adcw_mi adcl_mi adcq_mi_sxl] [adcl_mi_sxb adcq_mi_sxb]
        Sbb: [sbbb_rm sbbw_rm sbbl_rm sbbq_rm] [sbbb_mr sbbw_mr sbbl_mr sbbq_mr]
            [sbbb_mi sbbw_mi sbbl_mi sbbq_mi_sxl] [sbbl_mi_sxb sbbq_mi_sxb]
        And: [andb_rm andw_rm andl_rm andq_rm] [andb_mr andw_mr andl_mr andq_mr]
            [andb_mi andw_mi andl_mi andq_mi_sxl] [andl_mi_sxb andq_mi_sxb]
        Sub: [subb_rm subw_rm subl_rm subq_rm] [subb_mr subw_mr subl_mr subq_mr]
            [subb_mi subw_mi subl_mi subq_mi_sxl] [subl_mi_sxb subq_mi_sxb]
        Xor: [xorb_rm xorw_rm xorl_rm xorq_rm] [xorb_mr xorw_mr xorl_mr xorq_mr]
            [xorb_mi xorw_mi xorl_mi xorq_mi_sxl] [xorl_mi_sxb xorq_mi_sxb]
        Cmp: [cmpb_rm cmpw_rm cmpl_rm cmpq_rm] [cmpb_mr cmpw_mr cmpl_mr cmpq_mr]
            [cmpb_mi cmpw_mi cmpl_mi cmpq_mi] [cmpl_mi_sxb cmpq_mi_sxb]
    }
}

#[test]
fn moves_and_tests() {
    let mut checker = Checker::default();
    for size in SIZES {
        for (reg, rm) in pairs(Gpr::new) {
            let (number, other) = (reg.number(), gpr(rm));
            let (reg_first, rm_first) = (
                [Expected::Gpr(reg, size), rm.sized(size)],
                [rm.sized(size), Expected::Gpr(reg, size)],
            );
            let bytes = by_size!(size, movb_rm movw_rm movl_rm movq_rm, number, other);
            checker.check(Mnemonic::Mov, &reg_first, bytes, |asm| {
                with!(rm, s => asm.mov(size, reg, s));
            });
            let bytes = by_size!(size, testb_mr testw_mr testl_mr testq_mr, other, number);
            checker.check(Mnemonic::Test, &rm_first, bytes, |asm| {
                with!(rm, a => asm.test(size, a, reg));
            });
            // The other encoder exchanges with memory only.
            let bytes = match rm {
                Operand::Reg(_) => None,
                Operand::Mem(place) => {
                    let other = oracle::amode(place);
                    by_size!(size, xchgb_rm xchgw_rm xchgl_rm xchgq_rm, number, other)
                }
            };
            checker.check(Mnemonic::Xchg, &rm_first, bytes, |asm| {
                with!(rm, a => asm.xchg(size, a, reg));
            });
            let Operand::Mem(place) = rm else { continue };
            let bytes = by_size!(size, movb_mr movw_mr movl_mr movq_mr, other, number);
            checker.check(Mnemonic::Mov, &rm_first, bytes, |asm| {
                asm.mov_store(size, place.mem(), reg);
            });
        }
        for rm in operands(Gpr::new) {
            for value in IMMEDIATES {
                let expected = [rm.sized(size), imm(value, size)];
                let (byte, word, long) = (
                    Imm8::new(value as u8),
                    Imm16::new(value as u16),
                    Imm32::new(value as u32),
                );
                let bytes = match size {
                    Size::S8 => bytes!(testb_mi, gpr(rm), byte),
                    Size::S16 => bytes!(testw_mi, gpr(rm), word),
                    Size::S32 => bytes!(testl_mi, gpr(rm), long),
                    Size::S64 => bytes!(testq_mi, gpr(rm), Simm32::new(value)),
                };
                checker.check(Mnemonic::Test, &expected, bytes, |asm| {
                    with!(rm, a => asm.test_imm(size, a, value));
                });
                let Operand::Mem(place) = rm else { continue };
                let bytes = match size {
                    Size::S8 => bytes!(movb_mi, gpr(rm), Imm8::new(value as u8)),
                    Size::S16 => bytes!(movw_mi, gpr(rm), Imm16::new(value as u16)),
                    Size::S32 => bytes!(movl_mi, gpr(rm), Imm32::new(value as u32)),
                    Size::S64 => bytes!(movq_mi_sxl, gpr(rm), Simm32::new(value)),
                };
                checker.check(Mnemonic::Mov, &expected, bytes, |asm| {
                    asm.mov_store_imm(size, place.mem(), value);
                });
            }
        }
    }
    assert_eq!(checker.checked - checker.compared, 4 * 256);
}

#[test]
fn constants_take_the_shortest_move_that_keeps_the_flags() {
    let mut checker = Checker::default();
    let signed = IMMEDIATES.map(|value| value as i64 as u64);
    let others = [
        0xFFFF_FFFF,
        0x1_0000_0000,
        0x8000_0000,
        0x7FFF_FFFF,
        u64::MAX >> 1,
    ];
    for reg in gprs() {
        for value in signed
            .into_iter()
            .chain(others)
            .chain([!0 << 31, (!0 << 31) - 1])
        {
            let number = reg.number();
            let (size, bytes) = if value <= 0xFFFF_FFFF {
                (Size::S32, bytes!(movl_oi, number, Imm32::new(value as u32)))
            } else if value as i64 == i64::from(value as i32) {
                let register = gpr(Operand::Reg(reg));
                let low = Simm32::new(value as i32);
                (Size::S64, bytes!(movq_mi_sxl, register, low))
            } else {
                (Size::S64, bytes!(movabsq_oi, number, Imm64::new(value)))
            };
            let expected = [
                Expected::Gpr(reg, size),
                Expected::Imm(value as i64, bits(size)),
            ];
            checker.check(Mnemonic::Mov, &expected, bytes, |asm| {
                asm.mov_imm(reg, value)
            });
        }
    }
    assert_eq!(checker.compared, checker.checked);
}

#[test]
fn extensions_and_addresses() {
    let mut checker = Checker::default();
    for (reg, rm) in pairs(Gpr::new) {
        let number = reg.number();
        for from in [Size::S8, Size::S16] {
            let bytes = by_size!(from, movzbl_rm movzwl_rm none none, number, gpr(rm));
            let expected = [Expected::Gpr(reg, Size::S32), rm.sized(from)];
            checker.check(Mnemonic::Movzx, &expected, bytes, |asm| {
                with!(rm, s => asm.movzx(from, reg, s));
            });
        }
        for (from, to) in [Size::S8, Size::S16, Size::S32]
            .into_iter()
            .flat_map(|from| WIDE.map(|to| (from, to)))
            .filter(|(from, to)| from != to)
        {
            let bytes = match to {
                Size::S32 => by_size!(from, movsbl_rm movswl_rm none none, number, gpr(rm)),
                _ => by_size!(from, movsbq_rm movswq_rm movslq_rm none, number, gpr(rm)),
            };
            let name = if from == Size::S32 {
                Mnemonic::Movsxd
            } else {
                Mnemonic::Movsx
            };
            let expected = [Expected::Gpr(reg, to), rm.sized(from)];
            checker.check(name, &expected, bytes, |asm| {
                with!(rm, s => asm.movsx(from, to, reg, s));
            });
        }
        let Operand::Mem(place) = rm else { continue };
        for size in WIDE {
            let bytes = by_size!(size, none none leal_rm leaq_rm, number, oracle::amode(place));
            let expected = [Expected::Gpr(reg, size), Expected::Mem(place, 0)];
            checker.check(Mnemonic::Lea, &expected, bytes, |asm| {
                asm.lea(size, reg, place.mem())
            });
        }
    }
    assert_eq!(checker.compared, checker.checked);
}

#[test]
fn multiplication_and_division() {
    let mut checker = Checker::default();
    for size in SIZES {
        for rm in operands(Gpr::new) {
            let one = [rm.sized(size)];
            let other = || gpr(rm);
            let byte = size == Size::S8;
            let all = [
                (
                    Alu1::Not,
                    by_size!(size, notb_m notw_m notl_m notq_m, other()),
                ),
                (
                    Alu1::Neg,
                    by_size!(size, negb_m negw_m negl_m negq_m, other()),
                ),
                (
                    Alu1::Mul,
                    if byte {
                        bytes!(mulb_m, 0, other())
                    } else {
                        by_size!(size, none mulw_m mull_m mulq_m, 0, 2, other())
                    },
                ),
                (
                    Alu1::Imul,
                    if byte {
                        bytes!(imulb_m, 0, other())
                    } else {
                        by_size!(size, none imulw_m imull_m imulq_m, 0, 2, other())
                    },
                ),
                (
                    Alu1::Div,
                    if byte {
                        bytes!(divb_m, 0, other(), TRAP)
                    } else {
                        by_size!(size, none divw_m divl_m divq_m, 0, 2, other(), TRAP)
                    },
                ),
                (
                    Alu1::Idiv,
                    if byte {
                        bytes!(idivb_m, 0, other(), TRAP)
                    } else {
                        by_size!(size, none idivw_m idivl_m idivq_m, 0, 2, other(), TRAP)
                    },
                ),
            ];
            for (op, bytes) in all {
                let name = mnemonic(&format!("{op:?}"));
                checker.check(
                    name,
                    &one,
                    bytes,
                    |asm| with!(rm, r => asm.alu1(op, size, r)),
                );
            }
            checker.check(
                Mnemonic::Inc,
                &one,
                None,
                |asm| with!(rm, r => asm.inc(size, r)),
            );
            checker.check(
                Mnemonic::Dec,
                &one,
                None,
                |asm| with!(rm, r => asm.dec(size, r)),
            );
        }
    }
    for size in [Size::S16, Size::S32, Size::S64] {
        for (reg, rm) in pairs(Gpr::new) {
            let number = reg.number();
            let expected = [Expected::Gpr(reg, size), rm.sized(size)];
            let bytes = by_size!(size, none imulw_rm imull_rm imulq_rm, number, gpr(rm));
            checker.check(Mnemonic::Imul, &expected, bytes, |asm| {
                with!(rm, s => asm.imul(size, reg, s));
            });
            for value in IMMEDIATES {
                let bytes = match (size, i8::try_from(value)) {
                    (_, Ok(byte)) => {
                        let byte = Simm8::new(byte);
                        by_size!(
                            size,
                            none imulw_rmi_sxb imull_rmi_sxb imulq_rmi_sxb,
                            number, gpr(rm), byte
                        )
                    }
                    (Size::S16, _) => {
                        bytes!(imulw_rmi, number, gpr(rm), Imm16::new(value as u16))
                    }
                    (Size::S64, _) => {
                        bytes!(imulq_rmi_sxl, number, gpr(rm), Simm32::new(value))
                    }
                    _ => bytes!(imull_rmi, number, gpr(rm), Imm32::new(value as u32)),
                };
                let expected = [expected[0], expected[1], imm(value, size)];
                checker.check(Mnemonic::Imul, &expected, bytes, |asm| {
                    with!(rm, s => asm.imul_imm(size, reg, s, value));
                });
            }
        }
    }
}

/// All forms of a shift: its names in the other encoder for each size, by 1, by an immediate and by cl.
macro_rules! shifts {
    ($checker:ident $($op:ident: [$($one:ident)*] [$($mi:ident)*] [$($mc:ident)*])*) => {
        $(
            let (op, name) = (Shift::$op, mnemonic(stringify!($op)));
            for size in SIZES {
                for rm in operands(Gpr::new) {
                    for count in [0, 1, 2, 31, 63, 255] {
                        let bytes = match count {
                            1 => by_size!(size, $($one)*, gpr(rm)),
                            _ => by_size!(size, $($mi)*, gpr(rm), count),
                        };
                        let expected = [rm.sized(size), Expected::Imm(i64::from(count), 8)];
                        $checker.check(name, &expected, bytes, |asm| {
                            with!(rm, r => asm.shift_imm(op, size, r, count));
                        });
                    }
                    let bytes = by_size!(size, $($mc)*, gpr(rm), 1);
                    let expected = [rm.sized(size), Expected::Gpr(Gpr::RCX, Size::S8)];
                    $checker.check(name, &expected, bytes, |asm| {
                        with!(rm, r => asm.shift_cl(op, size, r));
                    });
                }
            }
        )*
    };
}

#[test]
fn shifts() {
    let mut checker = Checker::default();
    shifts! { checker
        Rol: [rolb_m1 rolw_m1 roll_m1 rolq_m1] [rolb_mi rolw_mi roll_mi rolq_mi]
            [rolb_mc rolw_mc roll_mc rolq_mc]
        Ror: [rorb_m1 rorw_m1 rorl_m1 rorq_m1] [rorb_mi rorw_mi rorl_mi rorq_mi]
            [rorb_mc rorw_mc rorl_mc rorq_mc]
        Shl: [shlb_m1 shlw_m1 shll_m1 shlq_m1] [shlb_mi shlw_mi shll_mi shlq_mi]
            [shlb_mc shlw_mc shll_mc shlq_mc]
        Shr: [shrb_m1 shrw_m1 shrl_m1 shrq_m1] [shrb_mi shrw_mi shrl_mi shrq_mi]
            [shrb_mc shrw_mc shrl_mc shrq_mc]
        Sar: [sarb_m1 sarw_m1 sarl_m1 sarq_m1] [sarb_mi sarw_mi sarl_mi sarq_mi]
            [sarb_mc sarw_mc sarl_mc sarq_mc]
    }
    for size in WIDE {
        for (at, (reg, rm)) in pairs(Gpr::new).into_iter().enumerate() {
            let count = Gpr::new((at * 3 % 16) as u8);
            let (number, by) = (reg.number(), count.number());
            let expected = [
                Expected::Gpr(reg, size),
                rm.sized(size),
                Expected::Gpr(count, size),
            ];
            let all = [
                (
                    ShiftX::Shlx,
                    by_size!(size, none none shlxl_rmv shlxq_rmv, number, gpr(rm), by),
                ),
                (
                    ShiftX::Shrx,
                    by_size!(size, none none shrxl_rmv shrxq_rmv, number, gpr(rm), by),
                ),
                (
                    ShiftX::Sarx,
                    by_size!(size, none none sarxl_rmv sarxq_rmv, number, gpr(rm), by),
                ),
            ];
            for (op, bytes) in all {
                let name = mnemonic(&format!("{op:?}"));
                checker.check(name, &expected, bytes, |asm| {
                    with!(rm, s => asm.shift_x(op, size, reg, s, count));
                });
            }
            let by = (at % 64) as u8;
            let bytes = by_size!(size, none none rorxl_rmi rorxq_rmi, number, gpr(rm), by);
            let expected = [expected[0], expected[1], Expected::Imm(i64::from(by), 8)];
            checker.check(Mnemonic::Rorx, &expected, bytes, |asm| {
                with!(rm, s => asm.rorx(size, reg, s, by));
            });
        }
    }
    assert_eq!(checker.compared, checker.checked);
}

#[test]
fn counts_of_bits() {
    let mut checker = Checker::default();
    let names = [
        (Bits::Bsf, Mnemonic::Bsf),
        (Bits::Bsr, Mnemonic::Bsr),
        (Bits::Popcnt, Mnemonic::Popcnt),
        (Bits::Tzcnt, Mnemonic::Tzcnt),
        (Bits::Lzcnt, Mnemonic::Lzcnt),
    ];
    for size in WIDE {
        for (reg, rm) in pairs(Gpr::new) {
            let (number, other) = (reg.number(), gpr(rm));
            for (op, name) in names {
                let bytes = match op {
                    Bits::Bsf => by_size!(size, none none bsfl_rm bsfq_rm, number, other),
                    Bits::Bsr => by_size!(size, none none bsrl_rm bsrq_rm, number, other),
                    Bits::Popcnt => {
                        by_size!(size, none none popcntl_rm popcntq_rm, number, other)
                    }
                    Bits::Tzcnt => by_size!(size, none none tzcntl_a tzcntq_a, number, other),
                    Bits::Lzcnt => by_size!(size, none none lzcntl_rm lzcntq_rm, number, other),
                };
                let expected = [Expected::Gpr(reg, size), rm.sized(size)];
                checker.check(name, &expected, bytes, |asm| {
                    with!(rm, s => asm.bits(op, size, reg, s));
                });
            }
        }
    }
    assert_eq!(checker.compared, checker.checked);
}

/// Both families of instructions with a condition, and its names in the other encoder.
macro_rules! conditions {
    ($checker:ident $($cond:ident: $set:ident $word:ident $long:ident $quad:ident)*) => {
        $(
            let cond = Cond::$cond;
            let name = mnemonic(concat!("set", stringify!($cond)));
            for rm in operands(Gpr::new) {
                let bytes = bytes!($set, gpr(rm));
                $checker.check(name, &[rm.sized(Size::S8)], bytes, |asm| {
                    with!(rm, d => asm.setcc(cond, d));
                });
            }
            let name = mnemonic(concat!("cmov", stringify!($cond)));
            for size in [Size::S16, Size::S32, Size::S64] {
                for (reg, rm) in pairs(Gpr::new) {
                    let names = by_size!(size, none $word $long $quad, reg.number(), gpr(rm));
                    let expected = [Expected::Gpr(reg, size), rm.sized(size)];
                    $checker.check(name, &expected, names, |asm| {
                        with!(rm, s => asm.cmovcc(cond, size, reg, s));
                    });
                }
            }
        )*
    };
}

#[test]
fn conditions() {
    let mut checker = Checker::default();
    conditions! { checker
        O: seto_m cmovow_rm cmovol_rm cmovoq_rm
        No: setno_m cmovnow_rm cmovnol_rm cmovnoq_rm
        B: setb_m cmovbw_rm cmovbl_rm cmovbq_rm
        Ae: setae_m cmovaew_rm cmovael_rm cmovaeq_rm
        E: sete_m cmovew_rm cmovel_rm cmoveq_rm
        Ne: setne_m cmovnew_rm cmovnel_rm cmovneq_rm
        Be: setbe_m cmovbew_rm cmovbel_rm cmovbeq_rm
        A: seta_m cmovaw_rm cmoval_rm cmovaq_rm
        S: sets_m cmovsw_rm cmovsl_rm cmovsq_rm
        Ns: setns_m cmovnsw_rm cmovnsl_rm cmovnsq_rm
        P: setp_m cmovpw_rm cmovpl_rm cmovpq_rm
        Np: setnp_m cmovnpw_rm cmovnpl_rm cmovnpq_rm
        L: setl_m cmovlw_rm cmovll_rm cmovlq_rm
        Ge: setge_m cmovgew_rm cmovgel_rm cmovgeq_rm
        Le: setle_m cmovlew_rm cmovlel_rm cmovleq_rm
        G: setg_m cmovgw_rm cmovgl_rm cmovgq_rm
    }
    assert_eq!(checker.compared, checker.checked);
    for cond in Cond::ALL {
        assert_eq!(cond.negated().negated(), cond);
    }
    assert_eq!(Cond::E.negated(), Cond::Ne);
    assert_eq!(Cond::L.negated(), Cond::Ge);
}

#[test]
fn the_stack_and_instructions_without_operands() {
    let mut checker = Checker::default();
    for reg in gprs() {
        let (expected, number) = ([Expected::Gpr(reg, Size::S64)], reg.number());
        let bytes = bytes!(pushq_o, number);
        checker.check(Mnemonic::Push, &expected, bytes, |asm| asm.push(reg));
        let bytes = bytes!(popq_o, number);
        checker.check(Mnemonic::Pop, &expected, bytes, |asm| asm.pop(reg));
    }
    for place in some_places() {
        let rm = Operand::Mem(place);
        let expected = [rm.sized(Size::S64)];
        let bytes = bytes!(pushq_m, gpr(rm));
        checker.check(Mnemonic::Push, &expected, bytes, |asm| {
            asm.push_mem(place.mem())
        });
        let bytes = bytes!(popq_m, gpr(rm));
        checker.check(Mnemonic::Pop, &expected, bytes, |asm| {
            asm.pop_mem(place.mem())
        });
    }
    for value in IMMEDIATES {
        let bytes = match i8::try_from(value) {
            Ok(byte) => plain_bytes!(pushq_i8, Simm8::new(byte)),
            Err(_) => plain_bytes!(pushq_i32, Simm32::new(value)),
        };
        let expected = [imm(value, Size::S64)];
        checker.check(Mnemonic::Push, &expected, bytes, |asm| asm.push_imm(value));
    }
    checker.check(Mnemonic::Cdq, &[], bytes!(cltd_zo, 2, 0), |asm| asm.cdq());
    checker.check(Mnemonic::Cqo, &[], bytes!(cqto_zo, 2, 0), |asm| asm.cqo());
    assert_eq!(checker.compared, checker.checked);

    let mut asm = super::decode::fresh();
    asm.rep_stosq();
    let found = super::decode::decode(asm.finish(0), 0);
    assert_eq!((found.mnemonic(), found.len()), (Mnemonic::Stosq, 3));
    assert!(found.has_rep_prefix());
}
