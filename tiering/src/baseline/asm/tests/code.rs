//! Labels, growing, patches, code in front of the body, and sets of registers.

use super::decode::{decode, fresh};
use crate::baseline::asm::code::Asm;
use crate::baseline::asm::general::Alu;
use crate::baseline::asm::regs::{Cond, Gpr, Mem, Reg, RegSet, Size, Xmm};
use iced_x86::Mnemonic;

#[test]
fn a_chain_of_uses_is_resolved_when_its_label_is_bound() {
    let mut asm = fresh();
    let label = asm.new_label();
    assert!(asm.place(label).is_none());
    let mut uses = Vec::new();
    for at in 0..100u32 {
        asm.reserve(64);
        uses.push(asm.position());
        match at % 3 {
            0 => asm.jcc(Cond::ALL[at as usize % 16], label),
            1 => asm.jmp(label),
            _ => asm.lea_label(Gpr::new((at % 16) as u8), label),
        }
        asm.nop(at);
    }
    asm.bind(label);
    let target = u64::from(asm.position());
    assert_eq!(asm.place(label), Some(asm.position()));
    let code = asm.finish(0);
    for (at, use_) in uses.into_iter().enumerate() {
        let found = decode(code, use_ as usize);
        let leads = match at % 3 {
            2 => found.ip_rel_memory_address(),
            _ => found.near_branch_target(),
        };
        assert_eq!(leads, target, "use {at}");
    }
}

#[test]
fn code_grows_and_a_buffer_is_used_again() {
    let emit = |asm: &mut Asm| {
        asm.begin(128);
        let end = asm.new_label();
        for at in 0..5000 {
            asm.reserve(64);
            asm.alu_imm(Alu::Add, Size::S64, Mem::at(Gpr::R12, at), i32::MAX);
            asm.jcc(Cond::E, end);
        }
        asm.data(&[0xAB; 1000]);
        asm.bind(end);
        asm.finish(128).to_vec()
    };
    let mut asm = Asm::default();
    let first = emit(&mut asm);
    assert!(first.len() > 5000 * 16);
    assert_eq!(first, emit(&mut asm));
    assert_eq!(first, emit(&mut Asm::default()));
}

#[test]
fn bytes_can_be_patched() {
    let mut asm = fresh();
    asm.alu_imm(Alu::Sub, Size::S64, Gpr::RSP, i32::MAX);
    let size = asm.position() - 4;
    asm.patch(size, 0x1234);
    let found = decode(asm.finish(0), 0);
    assert_eq!(
        (found.mnemonic(), found.immediate(1)),
        (Mnemonic::Sub, 0x1234)
    );
}

#[test]
fn a_prologue_is_put_before_the_body() {
    // In the bigger room, a short jump reaches from the prologue's end to the body, but not from the room's
    // start.
    for (room, frame, align) in [(128, 8, 8), (128, 4096, 8), (256, 8, 1), (256, 4096, 16)] {
        let mut asm = Asm::default();
        asm.begin(room);
        asm.reserve(64);
        let body = asm.position();
        asm.mov(Size::S32, Gpr::RAX, Mem::at(Gpr::RBP, -8));
        let overflow = asm.new_label();
        asm.ret();
        asm.bind(overflow);
        let place = u64::from(asm.position());
        asm.ud2();
        let before = asm.finish(body).to_vec();
        let start = asm.emit_before(body, align, |asm| {
            asm.push(Gpr::RBP);
            asm.alu_imm(Alu::Sub, Size::S64, Gpr::RSP, frame);
            asm.jcc(Cond::B, overflow);
        });
        assert_eq!(asm.finish(body), before);
        assert_eq!(start % align, 0);
        let code = asm.finish(0);
        let push = decode(code, start as usize);
        let sub = decode(code, push.next_ip() as usize);
        let jump = decode(code, sub.next_ip() as usize);
        assert_eq!(push.mnemonic(), Mnemonic::Push);
        assert_eq!(sub.immediate(1), frame as u64);
        assert_eq!(jump.near_branch_target(), place);
        let mut at = jump.next_ip();
        while at < u64::from(body) {
            let nop = decode(code, at as usize);
            assert_eq!(nop.mnemonic(), Mnemonic::Nop);
            at = nop.next_ip();
        }
        assert_eq!(at, u64::from(body));
        assert!(body - start < jump.next_ip() as u32 - start + align);
    }
}

#[test]
#[should_panic(expected = "bytes are emitted before 2")]
fn a_prologue_without_room_is_refused() {
    let mut asm = Asm::default();
    asm.begin(2);
    asm.emit_before(2, 1, |asm| asm.nop(3));
}

#[test]
#[should_panic(expected = "every label that is used is bound")]
fn a_branch_to_nowhere_is_refused() {
    let mut asm = fresh();
    let label = asm.new_label();
    asm.jmp(label);
    asm.finish(0);
}

#[test]
#[should_panic(expected = "a label is bound once")]
fn a_label_is_not_bound_twice() {
    let mut asm = fresh();
    let label = asm.label_here();
    asm.bind(label);
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "room is reserved")]
fn emitting_without_room_is_noticed_before_memory_ends() {
    let mut asm = fresh();
    // What was reserved still is after a method that reserves less.
    asm.nop(1);
    for _ in 1..64 {
        asm.ret();
    }
    assert_eq!(asm.position(), 64);
    for _ in 0..2 {
        asm.ret();
    }
}

#[test]
fn sets_of_registers() {
    let set = RegSet::gpr(Gpr::RBX)
        .with(RegSet::gpr(Gpr::R15))
        .with(RegSet::xmm(Xmm::XMM2));
    assert_eq!(set.len(), 3);
    assert!(set.has(RegSet::gpr(Gpr::R15)) && !set.has(RegSet::gpr(Gpr::RAX)));
    assert_eq!(set.gprs().collect::<Vec<_>>(), [Gpr::RBX, Gpr::R15]);
    let regs = [Gpr::RBX, Gpr::R15].map(Reg::of_gpr);
    let xmm2 = Reg::of_xmm(Xmm::XMM2);
    assert_eq!(set.regs().collect::<Vec<_>>(), [regs[0], regs[1], xmm2]);
    assert_eq!(set.above(regs[0]).first(), Some(regs[1]));
    assert_eq!(set.above(xmm2).first(), None);
    assert_eq!(RegSet::of(xmm2).minus(set), RegSet::EMPTY);
    assert_eq!((set - RegSet::ALL_GPR).first_gpr(), None);
    assert_eq!(set - RegSet::ALL_GPR, RegSet::xmm(Xmm::XMM2));
    assert_eq!(
        RegSet::ALL_GPR | RegSet::ALL_XMM,
        RegSet::ALL_XMM.with(RegSet::ALL_GPR)
    );
    assert!((set - RegSet::ALL_GPR - RegSet::ALL_XMM).is_empty() && RegSet::EMPTY.is_empty());
    assert_eq!(RegSet::default(), RegSet::EMPTY);
    let named = [
        Gpr::RAX,
        Gpr::RCX,
        Gpr::RDX,
        Gpr::RBX,
        Gpr::RSP,
        Gpr::RBP,
        Gpr::RSI,
        Gpr::RDI,
        Gpr::R8,
        Gpr::R9,
        Gpr::R10,
        Gpr::R11,
        Gpr::R12,
        Gpr::R13,
        Gpr::R14,
        Gpr::R15,
    ];
    assert!(named.into_iter().eq(super::decode::gprs()));
    let named = [
        Xmm::XMM0,
        Xmm::XMM1,
        Xmm::XMM2,
        Xmm::XMM3,
        Xmm::XMM4,
        Xmm::XMM5,
        Xmm::XMM6,
        Xmm::XMM7,
        Xmm::XMM8,
        Xmm::XMM9,
        Xmm::XMM10,
        Xmm::XMM11,
        Xmm::XMM12,
        Xmm::XMM13,
        Xmm::XMM14,
        Xmm::XMM15,
    ];
    assert!(named.into_iter().eq(super::decode::xmms()));
}
