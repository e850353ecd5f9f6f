//! Branches, calls and jump tables.
//!
//! A branch to a label that is bound takes two bytes if it can; to one that is not, always the long form,
//! since its distance is not known. A compiler that emits both ends of a short jump itself uses `jcc_over`.
//!
//! A call of another function is emitted with a displacement of 0; whoever publishes the code fills it in and
//! may change it while the code runs. That change is one store of four bytes, which other cores see whole
//! only inside an aligned word of 8 bytes, so nops are emitted before a call whose displacement would cross
//! one. This presumes that the position of the code that `finish` returns, as well as its address, is a
//! multiple of 8.
//!
//! A switch is a table of distances from its own beginning, placed behind the code:
//!
//! ```text
//!        lea    base, [table]
//!        movsxd r11, [base + index * 4]
//!        add    r11, base
//!        jmp    r11
//! table: dd     target 0 - table, target 1 - table, ...
//! ```

use super::code::{Asm, Label};
use super::form::{GprOrMem, Imm, Map, Opcode, Rex, is_byte};
use super::regs::Cond;

/// A jump forward of two bytes whose target is not yet emitted.
#[must_use = "a jump that does not land leads to the next instruction"]
pub struct Over(u32);

impl Asm {
    /// Jumps to the label if the condition holds.
    #[inline]
    pub fn jcc(&mut self, cond: Cond, label: Label) {
        let cond = cond as u64;
        if let Some(back) = self.back(label) {
            self.word(0x70 | cond | u64::from(back) << 8, 2);
        } else {
            let displacement = self.displacement(label, self.position() + 2);
            self.word(0x800F | cond << 8 | u64::from(displacement) << 16, 6);
        }
    }

    #[inline]
    pub fn jmp(&mut self, label: Label) {
        if let Some(back) = self.back(label) {
            self.word(0xEB | u64::from(back) << 8, 2);
        } else {
            let displacement = self.displacement(label, self.position() + 1);
            self.word(0xE9 | u64::from(displacement) << 8, 5);
        }
    }

    /// The displacement of a branch of two bytes to a label that is bound before it, if it fits. A label
    /// bound behind the position, which only code in front of the body meets, has a length that does not
    /// depend on the distance: see `emit_before`.
    #[inline(always)]
    fn back(&self, label: Label) -> Option<u8> {
        let distance = self.place(label)? as i32 - (self.position() as i32 + 2);
        (distance < 0 && is_byte(distance)).then_some(distance as u8)
    }

    /// Resolves the displacement that ends the instruction before the present position.
    #[inline]
    pub(super) fn refer_before(&mut self, label: Label) {
        let field = self.position() - 4;
        let displacement = self.displacement(label, field);
        self.patch(field, displacement as i32);
    }

    /// Jumps forward over at most 127 bytes if the condition holds.
    #[inline]
    pub fn jcc_over(&mut self, cond: Cond) -> Over {
        self.word(0x70 | cond as u64, 2);
        Over(self.position())
    }

    /// Jumps back to a position at most 126 bytes before, if the condition holds.
    ///
    /// # Panics
    /// If that is too far.
    pub fn jcc_back(&mut self, cond: Cond, to: u32) {
        let distance = to as i32 - (self.position() as i32 + 2);
        assert!(distance < 0 && is_byte(distance), "a short jump back");
        self.word(0x70 | cond as u64 | u64::from(distance as u8) << 8, 2);
    }

    /// Jumps forward over at most 127 bytes.
    #[inline]
    pub fn jmp_over(&mut self) -> Over {
        self.word(0xEB, 2);
        Over(self.position())
    }

    /// The present position is where a short jump leads.
    ///
    /// # Panics
    /// If that is too far.
    #[inline]
    pub fn land(&mut self, over: Over) {
        let distance = self.position() - over.0;
        assert!(distance < 128, "a short jump over {distance} bytes");
        self.patch_byte(over.0 - 1, distance as u8);
    }

    /// Jumps to the address in a register or in memory.
    #[inline]
    pub fn jmp_to<R: GprOrMem>(&mut self, target: R) {
        let opcode = Opcode::new(0, Map::Primary, 0xFF);
        self.legacy(opcode, Rex::NARROW, 4, target, Imm::NONE);
    }

    /// Calls the address in a register or in memory.
    #[inline]
    pub fn call_to<R: GprOrMem>(&mut self, target: R) {
        let opcode = Opcode::new(0, Map::Primary, 0xFF);
        self.legacy(opcode, Rex::NARROW, 2, target, Imm::NONE);
    }

    /// A call that can be patched while the code runs; returns where its displacement is.
    #[inline]
    pub fn call_site(&mut self) -> u32 {
        self.site(0xE8)
    }

    /// A jump to another function, a tail call, that can be patched while the code runs; returns where its
    /// displacement is.
    #[inline]
    pub fn jmp_site(&mut self) -> u32 {
        self.site(0xE9)
    }

    #[inline(always)]
    fn site(&mut self, opcode: u64) -> u32 {
        // The displacement's first byte is one further on; the last position in a word is 4.
        let behind = (self.position() + 1) & 7;
        if behind > 4 {
            self.one_nop(8 - behind as usize);
        }
        self.word(opcode, 5);
        self.position() - 4
    }

    /// Returns; the caller pops its arguments, if there are any.
    #[inline]
    pub fn ret(&mut self) {
        self.word(0xC3, 1);
    }

    /// Returns and pops `bytes` of arguments.
    #[inline]
    pub fn ret_pop(&mut self, bytes: u16) {
        self.word(0xC2 | u64::from(bytes) << 8, 3);
    }

    /// rsp = rbp, and pops rbp.
    #[inline]
    pub fn leave(&mut self) {
        self.word(0xC9, 1);
    }

    /// Faults: an invalid instruction.
    #[inline]
    pub fn ud2(&mut self) {
        self.word(0x0B0F, 2);
    }

    /// Binds `table` and emits a jump table at it. All targets are bound: tables come behind the code.
    pub fn jump_table(&mut self, table: Label, targets: &[Label]) {
        self.align(4);
        self.bind(table);
        let start = self.position();
        self.reserve(4 * targets.len());
        for &target in targets {
            let place = self.place(target).expect("targets are bound before tables");
            self.word(u64::from(place.wrapping_sub(start)), 4);
        }
    }
}
