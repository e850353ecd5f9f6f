//! Branches, calls, tables and padding.

use super::decode::{Checker, Expected, Operand, decode, fresh, mnemonic, operands, with};
use super::oracle::{TRAP, bytes, gpr, plain_bytes};
use crate::baseline::asm::code::Asm;
use crate::baseline::asm::general::Alu;
use crate::baseline::asm::regs::{Cond, Gpr, Mem, Scale, Size};
use iced_x86::Mnemonic;

#[test]
fn branches_back_are_short_if_they_fit() {
    for gap in 0..300u32 {
        for cond in Cond::ALL {
            let mut asm = fresh();
            asm.nop(7);
            let label = asm.label_here();
            asm.nop(gap);
            asm.reserve(64);
            asm.jcc(cond, label);
            let jump = asm.position();
            asm.jmp(label);
            let end = asm.position();
            let code = asm.finish(0);
            let branch = decode(code, 7 + gap as usize);
            let name = mnemonic(&format!("J{cond:?}"));
            assert_eq!((branch.mnemonic(), branch.near_branch_target()), (name, 7));
            assert_eq!(branch.len(), if gap + 2 <= 128 { 2 } else { 6 });
            assert_eq!(branch.next_ip(), u64::from(jump));
            let branch = decode(code, jump as usize);
            assert_eq!(
                (branch.mnemonic(), branch.near_branch_target()),
                (Mnemonic::Jmp, 7)
            );
            assert_eq!(branch.len(), if jump - 7 + 2 <= 128 { 2 } else { 5 });
            assert_eq!(branch.next_ip(), u64::from(end));
        }
    }
}

#[test]
fn short_jumps_forward() {
    for gap in 0..128 {
        for cond in Cond::ALL {
            let mut asm = fresh();
            let over = asm.jcc_over(cond);
            asm.nop(gap);
            asm.land(over);
            let name = mnemonic(&format!("J{cond:?}"));
            let found = decode(asm.finish(0), 0);
            assert_eq!((found.mnemonic(), found.len()), (name, 2));
            assert_eq!(found.near_branch_target(), u64::from(gap) + 2);
        }
        let mut asm = fresh();
        let over = asm.jmp_over();
        asm.nop(gap);
        asm.land(over);
        let found = decode(asm.finish(0), 0);
        assert_eq!((found.mnemonic(), found.len()), (Mnemonic::Jmp, 2));
        assert_eq!(found.near_branch_target(), u64::from(gap) + 2);
    }
}

#[test]
#[should_panic(expected = "a short jump over 128 bytes")]
fn a_short_jump_too_far_is_refused() {
    let mut asm = fresh();
    let over = asm.jmp_over();
    asm.nop(128);
    asm.land(over);
}

#[test]
fn jumps_and_calls_through_operands() {
    let mut checker = Checker::default();
    for rm in operands(Gpr::new) {
        let expected = [rm.sized(Size::S64)];
        let bytes = bytes!(jmpq_m, gpr(rm));
        checker.check(
            Mnemonic::Jmp,
            &expected,
            bytes,
            |asm| with!(rm, r => asm.jmp_to(r)),
        );
        let bytes = bytes!(callq_m, gpr(rm));
        checker.check(
            Mnemonic::Call,
            &expected,
            bytes,
            |asm| with!(rm, r => asm.call_to(r)),
        );
    }
    for pops in [0, 8, 16, 0x7FF0, 0xFFF0] {
        let expected = [Expected::Imm(i64::from(pops), 16)];
        checker.check(Mnemonic::Ret, &expected, None, |asm| asm.ret_pop(pops));
    }
    checker.check(Mnemonic::Ret, &[], plain_bytes!(retq_zo), Asm::ret);
    checker.check(Mnemonic::Leave, &[], None, Asm::leave);
    checker.check(Mnemonic::Ud2, &[], plain_bytes!(ud2_zo, TRAP), Asm::ud2);
}

#[test]
fn the_displacement_of_a_site_is_in_one_word() {
    let mut padding = 0;
    for at in 0..64 {
        for (emit, name) in [
            (Asm::call_site as fn(&mut Asm) -> u32, Mnemonic::Call),
            (Asm::jmp_site, Mnemonic::Jmp),
        ] {
            let mut asm = fresh();
            asm.nop(at);
            asm.reserve(64);
            let field = emit(&mut asm);
            assert!(field % 8 <= 4);
            assert_eq!(asm.position(), field + 4);
            padding += field - 1 - at;
            let code = asm.finish(0);
            if field - 1 > at {
                let nop = decode(code, at as usize);
                assert_eq!(
                    (nop.mnemonic(), nop.next_ip()),
                    (Mnemonic::Nop, u64::from(field) - 1)
                );
            }
            let found = decode(code, field as usize - 1);
            assert_eq!((found.mnemonic(), found.len()), (name, 5));
            assert_eq!(found.near_branch_target(), u64::from(field) + 4);
        }
    }
    // 3, 2 and 1 bytes at three of eight positions.
    assert_eq!(padding, 2 * 8 * (3 + 2 + 1));
}

#[test]
fn nops_and_alignment() {
    for len in 0..40u32 {
        let mut asm = fresh();
        asm.nop(len);
        let code = asm.finish(0);
        assert_eq!(code.len(), len as usize);
        let (mut at, mut count) = (0, 0);
        while at < code.len() {
            let found = decode(code, at);
            assert_eq!(found.mnemonic(), Mnemonic::Nop);
            (at, count) = (at + found.len(), count + 1);
        }
        assert_eq!((at, count), (code.len(), len.div_ceil(9)));
        for to in [1, 2, 8, 16, 32, 64] {
            let mut asm = fresh();
            asm.nop(len);
            asm.align(to);
            assert_eq!(asm.position(), len.next_multiple_of(to));
        }
    }
    let one_by_one = [
        plain_bytes!(nop_1b),
        plain_bytes!(nop_2b),
        plain_bytes!(nop_3b),
        plain_bytes!(nop_4b),
        plain_bytes!(nop_5b),
        plain_bytes!(nop_6b),
        plain_bytes!(nop_7b),
        plain_bytes!(nop_8b),
        plain_bytes!(nop_9b),
    ];
    for (len, bytes) in (1..).zip(one_by_one) {
        let mut asm = fresh();
        asm.nop(len);
        assert_eq!(asm.finish(0), bytes.unwrap());
    }
}

#[test]
fn a_switch() {
    let (mut asm, table_reg, target_reg) = (fresh(), Gpr::R11, Gpr::R10);
    let labels: Vec<_> = (0..1000).map(|_| asm.new_label()).collect();
    let table = asm.new_label();
    asm.bind(labels[0]);
    asm.lea_label(table_reg, table);
    let entry = Mem::indexed(table_reg, Gpr::RSI, Scale::Four, 0);
    asm.movsx(Size::S32, Size::S64, target_reg, entry);
    asm.alu(Alu::Add, Size::S64, target_reg, table_reg);
    asm.jmp_to(target_reg);
    for label in &labels[1..] {
        asm.reserve(64);
        asm.bind(*label);
        asm.ret();
    }
    asm.jump_table(table, &labels);
    let place = asm.place(table).unwrap();
    let code = asm.finish(0);
    let lea = decode(code, 0);
    assert_eq!(lea.ip_rel_memory_address(), u64::from(place));
    assert_eq!(place % 4, 0);
    let entries = code[place as usize..].chunks_exact(4);
    assert_eq!(entries.len(), labels.len());
    for (entry, label) in entries.zip(labels) {
        let distance = i32::from_le_bytes(entry.try_into().unwrap());
        let target = asm.place(label).unwrap();
        assert_eq!(place as i32 + distance, target as i32);
    }
}
