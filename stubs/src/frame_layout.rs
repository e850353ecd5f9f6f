//! How to unwind out of a piece of code: at each instruction, where the caller's registers are.
//!
//! ```text
//! offset      0         1         4            ...    p           p + 1
//!             push rbp  mov rbp, rsp   (body)         pop rbp     ret
//! return at   [rsp]     [rsp + 8] [rbp + 8]           [rbp + 8]   [rsp]
//! caller's rbp is in
//!             rbp       [rsp]     [rbp]               [rbp]       rbp
//! ```
//! A layout is a list of steps. Each holds from its offset up to the next step's, in the order of the code,
//! and says what is true before the instruction at an offset is executed.
//!
//! Layouts are made only for listeners: walks over stacks of this process use frame pointers alone.

use std::fmt;

/// A register of the processor, by its number in the debugging format DWARF (System V ABI for x86-64).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Register(pub u8);

impl Register {
    /// rax
    pub const RAX: Register = Register(0);
    /// rbx
    pub const RBX: Register = Register(3);
    /// The frame pointer, rbp.
    pub const RBP: Register = Register(6);
    /// The stack pointer, rsp.
    pub const RSP: Register = Register(7);
    /// r11
    pub const R11: Register = Register(11);
    /// How many general registers there are. Their numbers are below this.
    pub const COUNT: usize = 16;

    /// The general register that has this number in instructions, which is below 16.
    pub const fn of_instruction(number: u8) -> Register {
        const NUMBERS: [u8; Register::COUNT] =
            [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15];
        Register(NUMBERS[number as usize % Register::COUNT])
    }
}

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; Register::COUNT] = [
            "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11",
            "r12", "r13", "r14", "r15",
        ];
        f.write_str(NAMES.get(usize::from(self.0)).unwrap_or(&"?"))
    }
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this register.
    Register(Register),
    /// In the eight bytes at a register's value plus an offset.
    Memory {
        /// The register.
        base: Register,
        /// The offset.
        offset: i32,
    },
}

impl Place {
    /// In memory at the stack pointer plus `offset`.
    pub const fn stack(offset: i32) -> Place {
        let base = Register::RSP;
        Place::Memory { base, offset }
    }

    /// In memory at the frame pointer plus `offset`.
    pub const fn frame(offset: i32) -> Place {
        let base = Register::RBP;
        Place::Memory { base, offset }
    }
}

/// What is true from an offset in the code on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameStep {
    /// The offset of the first instruction before which it is true.
    pub offset: u32,
    /// Where the return address is.
    pub return_address: Place,
    /// Where the caller's frame pointer is.
    pub frame_pointer: Place,
    /// How many of [`FrameLayout::saved`], from the first on, are in their places. The others, and all
    /// registers that are not listed, still have or have again the value that they have in the caller, or are
    /// lost.
    pub saved: u8,
}

impl FrameStep {
    /// At an offset, the frame is as at the entry: nothing was pushed.
    pub const fn bare(offset: u32) -> FrameStep {
        FrameStep {
            offset,
            return_address: Place::stack(0),
            frame_pointer: Place::Register(Register::RBP),
            saved: 0,
        }
    }

    /// At an offset, the caller's frame pointer was pushed, and nothing after it.
    pub const fn pushed(offset: u32) -> FrameStep {
        FrameStep {
            offset,
            return_address: Place::stack(8),
            frame_pointer: Place::stack(0),
            saved: 0,
        }
    }

    /// At an offset, there is a frame, with so many saved registers.
    pub const fn framed(offset: u32, saved: u8) -> FrameStep {
        FrameStep {
            offset,
            return_address: Place::frame(8),
            frame_pointer: Place::frame(0),
            saved,
        }
    }
}

/// A register that a function saves for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedRegister {
    /// The register.
    pub register: Register,
    /// Where it is saved: this far from the frame pointer.
    pub offset: i32,
}

/// How to unwind out of a piece of code.
///
/// After a return, the stack pointer is above the return address and the arguments on the stack, which the
/// callee pops. It is not needed to unwind the caller, since code has a frame where it calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameLayout {
    /// Bytes between the frame pointer and the stack pointer in the body. Less or more while arguments are
    /// put on the stack.
    pub size: u32,
    /// The registers that it saves for its caller, in the order in which it does.
    pub saved: Box<[SavedRegister]>,
    /// What is true from which offset on, sorted; the first is of offset 0.
    pub steps: Box<[FrameStep]>,
}

impl FrameLayout {
    /// What is true before the instruction at an offset. `None` if nothing is known of the code.
    pub fn at(&self, offset: u32) -> Option<&FrameStep> {
        let after = self.steps.partition_point(|step| step.offset <= offset);
        self.steps[..after].last()
    }

    /// The places of the registers that are saved at an offset.
    pub fn saved_at(&self, offset: u32) -> &[SavedRegister] {
        let saved = self.at(offset).map_or(0, |step| usize::from(step.saved));
        &self.saved[..saved.min(self.saved.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_holds_up_to_the_next_one() {
        let layout = FrameLayout {
            size: 16,
            saved: Box::new([SavedRegister {
                register: Register::RBX,
                offset: -8,
            }]),
            steps: [
                FrameStep::bare(0),
                FrameStep::pushed(1),
                FrameStep::framed(4, 1),
            ]
            .into(),
        };
        let found = |offset| layout.at(offset).map(|step| step.offset);
        assert_eq!([0, 1, 3, 4, 900].map(found), [0, 1, 1, 4, 4].map(Some));
        assert_eq!(layout.saved_at(3).len(), 0);
        assert_eq!(layout.saved_at(4).len(), 1);
        assert_eq!(FrameLayout::default().at(7), None);
    }

    #[test]
    fn registers_have_their_names() {
        let names = [Register::RBX, Register::RBP, Register::R11, Register(200)];
        assert_eq!(
            names.map(|name| name.to_string()),
            ["rbx", "rbp", "r11", "?"]
        );
    }
}
