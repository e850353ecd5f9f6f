//! What listeners are told of the code: how to unwind out of it, and the operator of each instruction.
//!
//! It is noted while code is emitted, and only if the settings ask for it. Offsets count from the beginning
//! of the assembler's buffer until the code is finished.

use super::{BODY_AT, Compiler, place};
use crate::compiled::{Observed, Row};
use stubs::{FrameLayout, FrameStep, Place, Register, SavedRegister};

/// In a step: all registers that the function saves, whose number is known at the end.
pub(super) const ALL_SAVED: u8 = u8::MAX;

/// Notes of one function.
pub(super) struct Notes {
    asked_for: bool,
    rows: Vec<Row>,
    steps: Vec<FrameStep>,
}

impl Notes {
    pub(super) fn new(asked_for: bool) -> Notes {
        Notes {
            asked_for,
            rows: Vec::new(),
            steps: Vec::new(),
        }
    }
}

impl Compiler<'_> {
    /// Notes that the code from here on is that of the operator at an offset.
    #[cold]
    #[inline(never)]
    pub(super) fn note_row(&mut self, offset: u32) {
        if self.notes.asked_for {
            let row = Row {
                offset: self.asm.position(),
                location: place(offset),
            };
            match self.notes.rows.last_mut() {
                Some(last) if last.offset == row.offset => *last = row,
                Some(last) if last.location == row.location => {}
                _ => self.notes.rows.push(row),
            }
        }
    }

    /// Notes what the frame is from here on; `step` makes it of the offset.
    pub(super) fn note_step(&mut self, step: impl FnOnce(u32) -> FrameStep) {
        if self.notes.asked_for {
            self.notes.steps.push(step(self.asm.position()));
        }
    }

    /// Notes that from here on the frame is that of the body.
    pub(super) fn note_frame_of_body(&mut self) {
        self.note_step(|at| FrameStep::framed(at, ALL_SAVED));
    }

    /// Notes the steps of the prologue, which were found while it was emitted.
    pub(super) fn note_prologue(&mut self, steps: Vec<FrameStep>) {
        if self.notes.asked_for {
            self.notes.steps.extend(steps);
            self.notes.steps.push(FrameStep::framed(BODY_AT, ALL_SAVED));
        }
    }

    /// What was noted, for code that starts at `start`.
    pub(super) fn observed(&mut self, start: u32) -> Option<Box<Observed>> {
        if !self.notes.asked_for {
            return None;
        }
        let saved: Box<[SavedRegister]> = self
            .saved_slots()
            .map(|(reg, slot)| SavedRegister {
                register: Register::of_instruction(reg.number()),
                offset: slot.displacement(),
            })
            .collect();
        let mut steps = std::mem::take(&mut self.notes.steps);
        // Stable: of two steps at one offset, the later one was noted where code of its own begins.
        steps.sort_by_key(|step| step.offset);
        steps.reverse();
        steps.dedup_by_key(|step| step.offset);
        steps.reverse();
        for step in &mut steps {
            step.offset -= start;
            if step.saved == ALL_SAVED {
                step.saved = saved.len() as u8;
            }
        }
        let beginning = Row {
            offset: 0,
            location: place(0),
        };
        let rows = self.notes.rows.drain(..).map(|row| Row {
            offset: row.offset - start,
            ..row
        });
        Some(Box::new(Observed {
            rows: std::iter::once(beginning).chain(rows).collect(),
            frame: FrameLayout {
                size: self.frame_size(),
                saved,
                steps: steps.into(),
            },
        }))
    }
}

/// The frame while its return address is in rax and the caller's frame pointer in r11.
pub(super) fn in_registers(offset: u32) -> FrameStep {
    FrameStep {
        offset,
        return_address: Place::Register(Register::RAX),
        frame_pointer: Place::Register(Register::R11),
        saved: 0,
    }
}
