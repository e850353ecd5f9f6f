//! All constants of `vector_ops.rs` in all forms of `vector.rs`.

use super::decode::{
    Checker, Expected, Operand, WIDE, decode, fresh, mixed_pairs, mnemonic, pairs, some_places,
    with,
};
use super::oracle::{self, amode, by_size, gpr, xmm};
use crate::baseline::asm::code::Asm;
use crate::baseline::asm::regs::{Gpr, Size, Xmm};
use crate::baseline::asm::vector_ops::{
    Binary, BinaryImm, Blend, Broadcast, Extract, FloatFromInt, Fma, FromGpr, Insert, IntFromFloat,
    Load, LoadHalf, Mask, Merge, ShiftImm, Store, ToGpr, Unary, UnaryImm,
};
use iced_x86::{Mnemonic, Register};

/// A second source that takes all values while another operand counts.
fn other(at: usize) -> Xmm {
    Xmm::new((at * 5 % 16) as u8)
}

/// Immediates that take all values.
fn byte(at: usize) -> u8 {
    (at * 37) as u8
}

fn imm(byte: u8) -> Expected {
    Expected::Imm(i64::from(byte), 8)
}

/// The mnemonics and names of a constant, without and with AVX.
fn names(name: &str) -> (Mnemonic, Mnemonic, String, String) {
    let (plain, avx) = (name.to_lowercase(), format!("v{}", name.to_lowercase()));
    (mnemonic(&plain), mnemonic(&avx), plain, avx)
}

#[test]
fn two_sources() {
    let mut checker = Checker::default();
    for (name, op) in Binary::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::binary(&plain_name), oracle::vbinary(&avx_name));
        for (at, (dst, src)) in pairs(Xmm::new).into_iter().enumerate() {
            let (d, a, s) = (dst.number(), other(at), xmm(src));
            let bytes = asked.and_then(|form| form(d, s));
            checker.check(plain, &[Expected::Xmm(dst), src.any()], bytes, |asm| {
                with!(src, s => asm.binary(*op, dst, s));
            });
            let bytes = asked_avx.and_then(|form| form(d, a.number(), s));
            let expected = [Expected::Xmm(dst), Expected::Xmm(a), src.any()];
            checker.check(avx, &expected, bytes, |asm| {
                with!(src, s => asm.vbinary(*op, dst, a, s));
            });
        }
    }
    assert!(checker.compared * 10 > checker.checked * 9);
}

#[test]
fn two_sources_and_an_immediate() {
    let mut checker = Checker::default();
    for (name, op) in BinaryImm::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (
            oracle::binary_imm(&plain_name),
            oracle::vbinary_imm(&avx_name),
        );
        for (at, (dst, src)) in pairs(Xmm::new).into_iter().enumerate() {
            let (d, a, s, i) = (dst.number(), other(at), xmm(src), byte(at));
            let bytes = asked.and_then(|form| form(d, s, i));
            checker.check(
                plain,
                &[Expected::Xmm(dst), src.any(), imm(i)],
                bytes,
                |asm| {
                    with!(src, s => asm.binary_imm(*op, dst, s, i));
                },
            );
            let bytes = asked_avx.and_then(|form| form(d, a.number(), s, i));
            let expected = [Expected::Xmm(dst), Expected::Xmm(a), src.any(), imm(i)];
            checker.check(avx, &expected, bytes, |asm| {
                with!(src, s => asm.vbinary_imm(*op, dst, a, s, i));
            });
        }
    }
    assert!(checker.compared * 4 > checker.checked * 3);
}

#[test]
fn one_source() {
    let mut checker = Checker::default();
    for (name, op) in Unary::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::unary(&plain_name), oracle::vunary(&avx_name));
        for (dst, src) in pairs(Xmm::new) {
            let (d, s) = (dst.number(), xmm(src));
            let expected = [Expected::Xmm(dst), src.any()];
            let bytes = asked.and_then(|form| form(d, s));
            checker.check(plain, &expected, bytes, |asm| {
                with!(src, s => asm.unary(*op, dst, s));
            });
            let bytes = asked_avx.and_then(|form| form(d, s));
            checker.check(avx, &expected, bytes, |asm| {
                with!(src, s => asm.vunary(*op, dst, s));
            });
        }
    }
    for (name, op) in UnaryImm::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (
            oracle::unary_imm(&plain_name),
            oracle::vunary_imm(&avx_name),
        );
        for (at, (dst, src)) in pairs(Xmm::new).into_iter().enumerate() {
            let (d, s, i) = (dst.number(), xmm(src), byte(at));
            let expected = [Expected::Xmm(dst), src.any(), imm(i)];
            let bytes = asked.and_then(|form| form(d, s, i));
            checker.check(plain, &expected, bytes, |asm| {
                with!(src, s => asm.unary_imm(*op, dst, s, i));
            });
            let bytes = asked_avx.and_then(|form| form(d, s, i));
            checker.check(avx, &expected, bytes, |asm| {
                with!(src, s => asm.vunary_imm(*op, dst, s, i));
            });
        }
    }
    for (name, op) in Broadcast::ALL {
        let expected_name = mnemonic(name);
        for (dst, src) in pairs(Xmm::new) {
            let expected = [Expected::Xmm(dst), src.any()];
            checker.check(expected_name, &expected, None, |asm| {
                with!(src, s => asm.broadcast(*op, dst, s));
            });
        }
    }
    assert!(checker.compared * 4 > checker.checked * 3);
}

#[test]
fn registers_only() {
    let mut checker = Checker::default();
    for (name, op) in Merge::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::merge(&plain_name), oracle::vmerge(&avx_name));
        for (dst, a, b) in triples() {
            let (d, n, s) = (dst.number(), a.number(), b.number());
            let bytes = asked.and_then(|form| form(d, s));
            checker.check(
                plain,
                &[Expected::Xmm(dst), Expected::Xmm(b)],
                bytes,
                |asm| {
                    asm.merge(*op, dst, b);
                },
            );
            let bytes = asked_avx.and_then(|form| form(d, n, s));
            let expected = [dst, a, b].map(Expected::Xmm);
            checker.check(avx, &expected, bytes, |asm| asm.vmerge(*op, dst, a, b));
        }
    }
    for (name, op) in Mask::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::mask(&plain_name), oracle::vmask(&avx_name));
        for (dst, src) in mixed_pairs(Gpr::new, Xmm::new) {
            let Operand::Reg(src) = src else { continue };
            let (d, s) = (dst.number(), src.number());
            let expected = [Expected::Gpr(dst, Size::S32), Expected::Xmm(src)];
            let bytes = asked.and_then(|form| form(d, s));
            checker.check(plain, &expected, bytes, |asm| asm.mask(*op, dst, src));
            let bytes = asked_avx.and_then(|form| form(d, s));
            checker.check(avx, &expected, bytes, |asm| asm.vmask(*op, dst, src));
        }
    }
    for (name, op) in ShiftImm::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let asked = oracle::shift_lanes(&plain_name);
        let asked_avx = oracle::vshift_lanes(&avx_name);
        for (at, (dst, src)) in pairs(Xmm::new).into_iter().enumerate() {
            let Operand::Reg(src) = src else { continue };
            let (d, s, i) = (dst.number(), src.number(), byte(at));
            let bytes = asked.and_then(|form| form(d, i));
            checker.check(plain, &[Expected::Xmm(dst), imm(i)], bytes, |asm| {
                asm.shift_lanes(*op, dst, i);
            });
            let bytes = asked_avx.and_then(|form| form(d, s, i));
            let expected = [Expected::Xmm(dst), Expected::Xmm(src), imm(i)];
            checker.check(avx, &expected, bytes, |asm| {
                asm.vshift_lanes(*op, dst, src, i)
            });
        }
    }
}

/// All combinations of three registers.
fn triples() -> impl Iterator<Item = (Xmm, Xmm, Xmm)> {
    (0..1 << 12).map(|at| {
        let reg = |shift: u32| Xmm::new((at >> shift & 15) as u8);
        (reg(0), reg(4), reg(8))
    })
}

#[test]
fn three_sources() {
    let mut checker = Checker::default();
    for (dst, a, b) in triples() {
        let expected = [dst, a, b].map(Expected::Xmm);
        checker.check(Mnemonic::Vpaddb, &expected, None, |asm| {
            asm.vbinary(Binary::PADDB, dst, a, b);
        });
    }
    for (name, op) in Blend::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::blend(&plain_name), oracle::vblend(&avx_name));
        for (at, (dst, src)) in pairs(Xmm::new).into_iter().enumerate() {
            let (d, s) = (dst.number(), xmm(src));
            let (a, mask) = (other(at), Xmm::new((at * 11 % 16) as u8));
            let bytes = asked.and_then(|form| form(d, s, 0));
            checker.check(plain, &[Expected::Xmm(dst), src.any()], bytes, |asm| {
                with!(src, s => asm.blend(*op, dst, s));
            });
            let bytes = asked_avx.and_then(|form| form(d, a.number(), s, mask.number()));
            let expected = [
                Expected::Xmm(dst),
                Expected::Xmm(a),
                src.any(),
                Expected::Xmm(mask),
            ];
            checker.check(avx, &expected, bytes, |asm| {
                with!(src, s => asm.vblend(*op, dst, a, s, mask));
            });
        }
    }
    for (name, op) in Fma::ALL {
        let expected_name = mnemonic(name);
        let asked = oracle::fma(&name.to_lowercase());
        for (at, (dst, src)) in pairs(Xmm::new).into_iter().enumerate() {
            let a = other(at);
            let bytes = asked.and_then(|form| form(dst.number(), a.number(), xmm(src)));
            let expected = [Expected::Xmm(dst), Expected::Xmm(a), src.any()];
            checker.check(expected_name, &expected, bytes, |asm| {
                with!(src, s => asm.fma(*op, dst, a, s));
            });
        }
    }
}

#[test]
fn memory_only() {
    let mut checker = Checker::default();
    let places = || {
        let places = some_places().into_iter().enumerate();
        places.map(|(at, place)| (Xmm::new((at * 7 % 16) as u8), other(at), place))
    };
    for (name, op) in Load::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::load(&plain_name), oracle::vload(&avx_name));
        for (reg, _, place) in places() {
            let expected = [Expected::Xmm(reg), Expected::Mem(place, 0)];
            let bytes = asked.and_then(|form| form(reg.number(), amode(place)));
            checker.check(plain, &expected, bytes, |asm| {
                asm.load(*op, reg, place.mem())
            });
            let bytes = asked_avx.and_then(|form| form(reg.number(), amode(place)));
            checker.check(avx, &expected, bytes, |asm| {
                asm.vload(*op, reg, place.mem())
            });
        }
    }
    for (name, op) in LoadHalf::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (
            oracle::load_half(&plain_name),
            oracle::vload_half(&avx_name),
        );
        for (reg, a, place) in places() {
            let expected = [Expected::Xmm(reg), Expected::Mem(place, 8)];
            let bytes = asked.and_then(|form| form(reg.number(), amode(place)));
            checker.check(plain, &expected, bytes, |asm| {
                asm.load_half(*op, reg, place.mem())
            });
            let expected = [Expected::Xmm(reg), Expected::Xmm(a), expected[1]];
            let bytes = asked_avx.and_then(|form| form(reg.number(), a.number(), amode(place)));
            checker.check(avx, &expected, bytes, |asm| {
                asm.vload_half(*op, reg, a, place.mem())
            });
        }
    }
    for (name, op) in Store::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::store(&plain_name), oracle::vstore(&avx_name));
        for (reg, _, place) in places() {
            let expected = [Expected::Mem(place, 0), Expected::Xmm(reg)];
            let bytes = asked.and_then(|form| form(amode(place), reg.number()));
            checker.check(plain, &expected, bytes, |asm| {
                asm.store(*op, place.mem(), reg)
            });
            let bytes = asked_avx.and_then(|form| form(amode(place), reg.number()));
            checker.check(avx, &expected, bytes, |asm| {
                asm.vstore(*op, place.mem(), reg)
            });
        }
    }
}

/// The size of a lane's operand in a register and, in bytes, in memory.
fn lane(name: &str) -> (Size, usize) {
    match name {
        "PINSRB" | "PEXTRB" => (Size::S32, 1),
        "PINSRW" | "PEXTRW" => (Size::S32, 2),
        "PINSRQ" | "PEXTRQ" | "MOVQ" => (Size::S64, 8),
        _ => (Size::S32, 4),
    }
}

#[test]
fn general_purpose_registers() {
    let mut checker = Checker::default();
    for (name, op) in FromGpr::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (
            oracle::move_from_gpr(&plain_name),
            oracle::vmove_from_gpr(&avx_name),
        );
        let (size, width) = lane(name);
        for (dst, src) in mixed_pairs(Xmm::new, Gpr::new) {
            let expected = [Expected::Xmm(dst), src.sized_or(size, width)];
            let bytes = asked.and_then(|form| form(dst.number(), gpr(src)));
            checker.check(plain, &expected, bytes, |asm| {
                with!(src, s => asm.move_from_gpr(*op, dst, s));
            });
            let bytes = asked_avx.and_then(|form| form(dst.number(), gpr(src)));
            checker.check(avx, &expected, bytes, |asm| {
                with!(src, s => asm.vmove_from_gpr(*op, dst, s));
            });
        }
    }
    for (name, op) in ToGpr::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (
            oracle::move_to_gpr(&plain_name),
            oracle::vmove_to_gpr(&avx_name),
        );
        let (size, width) = lane(name);
        for (src, dst) in mixed_pairs(Xmm::new, Gpr::new) {
            let expected = [dst.sized_or(size, width), Expected::Xmm(src)];
            let bytes = asked.and_then(|form| form(gpr(dst), src.number()));
            checker.check(plain, &expected, bytes, |asm| {
                with!(dst, d => asm.move_to_gpr(*op, d, src));
            });
            let bytes = asked_avx.and_then(|form| form(gpr(dst), src.number()));
            checker.check(avx, &expected, bytes, |asm| {
                with!(dst, d => asm.vmove_to_gpr(*op, d, src));
            });
        }
    }
    for (name, op) in Insert::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::insert(&plain_name), oracle::vinsert(&avx_name));
        let (size, width) = lane(name);
        for (at, (dst, src)) in mixed_pairs(Xmm::new, Gpr::new).into_iter().enumerate() {
            let (d, a, i) = (dst.number(), other(at), byte(at));
            let operand = src.sized_or(size, width);
            let bytes = asked.and_then(|form| form(d, gpr(src), i));
            checker.check(
                plain,
                &[Expected::Xmm(dst), operand, imm(i)],
                bytes,
                |asm| {
                    with!(src, s => asm.insert(*op, dst, s, i));
                },
            );
            let bytes = asked_avx.and_then(|form| form(d, a.number(), gpr(src), i));
            let expected = [Expected::Xmm(dst), Expected::Xmm(a), operand, imm(i)];
            checker.check(avx, &expected, bytes, |asm| {
                with!(src, s => asm.vinsert(*op, dst, a, s, i));
            });
        }
    }
    for (name, op) in Extract::ALL {
        let (plain, avx, plain_name, avx_name) = names(name);
        let (asked, asked_avx) = (oracle::extract(&plain_name), oracle::vextract(&avx_name));
        let (size, width) = lane(name);
        for (at, (src, dst)) in mixed_pairs(Xmm::new, Gpr::new).into_iter().enumerate() {
            let i = byte(at);
            let expected = [dst.sized_or(size, width), Expected::Xmm(src), imm(i)];
            let bytes = asked.and_then(|form| form(gpr(dst), src.number(), i));
            checker.check(plain, &expected, bytes, |asm| {
                with!(dst, d => asm.extract(*op, d, src, i));
            });
            let bytes = asked_avx.and_then(|form| form(gpr(dst), src.number(), i));
            checker.check(avx, &expected, bytes, |asm| {
                with!(dst, d => asm.vextract(*op, d, src, i));
            });
        }
    }
    assert_eq!(checker.compared, checker.checked);
}

#[test]
fn conversions() {
    let mut checker = Checker::default();
    for size in WIDE {
        for (name, op) in FloatFromInt::ALL {
            let (plain, avx, ..) = names(name);
            for (at, (dst, src)) in mixed_pairs(Xmm::new, Gpr::new).into_iter().enumerate() {
                let (d, a) = (dst.number(), other(at));
                let single = *op == FloatFromInt::CVTSI2SS;
                let bytes = if single {
                    by_size!(size, none none cvtsi2ssl_a cvtsi2ssq_a, d, gpr(src))
                } else {
                    by_size!(size, none none cvtsi2sdl_a cvtsi2sdq_a, d, gpr(src))
                };
                checker.check(
                    plain,
                    &[Expected::Xmm(dst), src.sized(size)],
                    bytes,
                    |asm| {
                        with!(src, s => asm.float_from_int(*op, size, dst, s));
                    },
                );
                let n = a.number();
                let bytes = if single {
                    by_size!(size, none none vcvtsi2ssl_b vcvtsi2ssq_b, d, n, gpr(src))
                } else {
                    by_size!(size, none none vcvtsi2sdl_b vcvtsi2sdq_b, d, n, gpr(src))
                };
                let expected = [Expected::Xmm(dst), Expected::Xmm(a), src.sized(size)];
                checker.check(avx, &expected, bytes, |asm| {
                    with!(src, s => asm.vfloat_from_int(*op, size, dst, a, s));
                });
            }
        }
        for (name, op) in IntFromFloat::ALL {
            let (plain, avx, ..) = names(name);
            for (dst, src) in mixed_pairs(Gpr::new, Xmm::new) {
                let (d, s) = (dst.number(), xmm(src));
                let expected = [Expected::Gpr(dst, size), src.any()];
                let bytes = match *op {
                    IntFromFloat::CVTTSS2SI => {
                        by_size!(size, none none cvttss2si_a cvttss2si_aq, d, s)
                    }
                    IntFromFloat::CVTTSD2SI => {
                        by_size!(size, none none cvttsd2si_a cvttsd2si_aq, d, s)
                    }
                    IntFromFloat::CVTSS2SI => {
                        by_size!(size, none none cvtss2si_a cvtss2si_aq, d, s)
                    }
                    _ => by_size!(size, none none cvtsd2si_a cvtsd2si_aq, d, s),
                };
                checker.check(plain, &expected, bytes, |asm| {
                    with!(src, s => asm.int_from_float(*op, size, dst, s));
                });
                let bytes = match *op {
                    IntFromFloat::CVTTSS2SI => {
                        by_size!(size, none none vcvttss2si_a vcvttss2si_aq, d, s)
                    }
                    IntFromFloat::CVTTSD2SI => {
                        by_size!(size, none none vcvttsd2si_a vcvttsd2si_aq, d, s)
                    }
                    IntFromFloat::CVTSS2SI => {
                        by_size!(size, none none vcvtss2si_a vcvtss2si_aq, d, s)
                    }
                    _ => by_size!(size, none none vcvtsd2si_a vcvtsd2si_aq, d, s),
                };
                checker.check(avx, &expected, bytes, |asm| {
                    with!(src, s => asm.vint_from_float(*op, size, dst, s));
                });
            }
        }
    }
    assert_eq!(checker.compared, checker.checked);
}

#[test]
fn constants_behind_the_code() {
    let (dst, a) = (Xmm::new(9), Xmm::new(3));
    type Emit = fn(&mut Asm, Xmm, Xmm, crate::baseline::asm::code::Label);
    let forms: [(Emit, Mnemonic); 6] = [
        (
            |asm, dst, _, label| asm.binary_label(Binary::PAND, dst, label),
            Mnemonic::Pand,
        ),
        (
            |asm, dst, _, label| asm.unary_label(Unary::MOVAPS, dst, label),
            Mnemonic::Movaps,
        ),
        (
            |asm, dst, _, label| asm.load_label(Load::MOVSD, dst, label),
            Mnemonic::Movsd,
        ),
        (
            |asm, dst, a, label| asm.vbinary_label(Binary::PAND, dst, a, label),
            Mnemonic::Vpand,
        ),
        (
            |asm, dst, _, label| asm.vunary_label(Unary::MOVAPS, dst, label),
            Mnemonic::Vmovaps,
        ),
        (
            |asm, dst, _, label| asm.vload_label(Load::MOVSD, dst, label),
            Mnemonic::Vmovsd,
        ),
    ];
    for (emit, name) in forms {
        let mut asm = fresh();
        let (before, behind) = (asm.new_label(), asm.new_label());
        asm.bind(before);
        asm.data(&[1; 16]);
        for label in [before, behind] {
            asm.reserve(64);
            emit(&mut asm, dst, a, label);
        }
        asm.align(16);
        asm.bind(behind);
        let place = u64::from(asm.position());
        asm.data(&[2; 16]);
        let code = asm.finish(0);
        let first = decode(code, 16);
        let second = decode(code, 16 + first.len());
        for (found, at) in [(first, 0), (second, place)] {
            assert_eq!(
                (found.mnemonic(), found.op0_register()),
                (name, Register::XMM9)
            );
            assert!(found.is_ip_rel_memory_operand());
            assert_eq!(found.ip_rel_memory_address(), at);
        }
    }
}
