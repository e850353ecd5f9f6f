//! On-stack replacement: optimised code that starts at a loop that is already running (OSR code).
//!
//! ```text
//! baseline frame            store's buffer           OSR code
//!   frame area  --copy-->     frame area  --loads-->   locals, operands --> landing --> loop header
//! ```
//! `find_start` walks through the bytecode up to the loop. It finds which blocks are open there, and where
//! each value is in the frame area. `enter_at_loop` opens these blocks and loads the values.
//!
//! If the loop is nested in other loops, translation begins at the outermost one, since all its code can
//! still be reached by its back edge. Its header has no other predecessor. Operands that were pushed inside
//! the outermost loop may differ from trip to trip, and come from two sources: the buffer, and the code of
//! that loop. So they are carried as variables, into all blocks around the start and into the *landing*, a
//! block before the loop at which the code starts. Where paths meet, they are read from the variables.

use super::access::Access;
use super::control::{Kind, Shape};
use super::{Translator, unreadable};
use crate::bytecode::frame_area::{self, Slot};
use crate::bytecode::{BlockKind, Locals, Operands, Walk};
use crate::clif::signature::clif_type;
use crate::compiled::{CompileError, CompileInput};
use cranelift_codegen::ir::{Block, InstBuilder, types};
use engine::layout::offsets;
use stubs::InlineNode;

/// A block that is open at the start of the loop.
struct Open {
    kind: BlockKind,
    shape: Shape,
    start: u32,
    height: usize,
}

/// The loop at which OSR code starts, and the state of the baseline frame there.
pub(super) struct Start {
    /// Offset of the `loop` instruction.
    offset: u32,
    /// Blocks around it, starting with the function's.
    around: Vec<Open>,
    locals: Vec<Slot>,
    /// The operands, including the parameters of the loop.
    operands: Vec<Slot>,
    /// Bytes of the frame area.
    area: u32,
    /// The block from which the loop is entered, once it has been created.
    landing: Option<Block>,
}

impl Start {
    /// Offset of the outermost loop around the start, or of the start itself.
    fn first(&self) -> u32 {
        self.outermost().map_or(self.offset, |open| open.start)
    }

    fn outermost(&self) -> Option<&Open> {
        self.around.iter().find(|open| open.kind == BlockKind::Loop)
    }

    /// Where the slot of a value is in the buffer.
    fn place(&self, (ty, offset): Slot) -> i32 {
        frame_area::from_lower_end(self.area, offset, frame_area::size_of(ty)) as i32
    }

    /// Operands below this height never change while the code runs.
    fn fixed(&self) -> usize {
        self.outermost()
            .map_or(self.operands.len(), |open| open.height)
    }
}

/// The state of the baseline frame at the `loop` instruction at `offset`.
///
/// # Errors
/// If no loop begins there, which is a bug.
pub(super) fn find_start(input: &CompileInput<'_>, offset: u32) -> Result<Start, CompileError> {
    let module = input.module();
    let ty = module.type_of(module.func_index(input.func));
    let mut declared = Locals::of(input.body).map_err(unreadable)?;
    let mut operands = Operands::at_start(module, ty, &mut declared).map_err(unreadable)?;
    let mut walk = declared.walk().map_err(unreadable)?;
    while walk.offset() != offset || !operands.reachable() {
        let Some(instruction) = walk.next() else {
            let none = format!("no loop begins at offset {offset}");
            return Err(CompileError::Internal(none));
        };
        operands.step(&instruction.map_err(unreadable)?);
    }
    let around = walk.blocks().iter().zip(operands.blocks());
    let around = around.map(|(block, (ty, height))| Open {
        kind: block.kind,
        shape: Translator::shape(ty),
        start: block.start,
        height,
    });
    let around = around.collect();
    Ok(Start {
        offset,
        around,
        locals: operands.local_slots(),
        operands: operands.operand_slots(),
        area: frame_area::area_size(operands.end()),
        landing: None,
    })
}

impl Translator<'_, '_> {
    /// Called before each instruction until the start has been passed.
    pub(super) fn land_if_here(&mut self) {
        let start = self.start.as_ref();
        if start.is_some_and(|start| start.offset == self.unit.offset) {
            self.land();
        }
    }

    /// Fills the entry block: opens the blocks around the loop, loads the values of the frame area, and
    /// jumps to the landing. On return, the next instruction of `walk` is the first to be translated.
    pub(super) fn enter_at_loop(&mut self, walk: &mut Walk<'_>) -> Result<(), CompileError> {
        let mut start = self
            .start
            .take()
            .expect("called only if the code starts at a loop");
        let ctx = self.unit.ctx;
        let store = self.load_at(Access::Fixed, types::I64, ctx, offsets::CTX_STORE);
        let buffer = self.load_at(
            Access::Mutable,
            types::I64,
            store,
            offsets::STORE_OSR_BUFFER,
        );
        for (index, slot) in start.locals.iter().enumerate() {
            let ty = clif_type(slot.0);
            self.values.declare_local(&mut self.builder, ty);
            let value = self.load_at(Access::Frame, ty, buffer, start.place(*slot));
            self.values
                .set_local(&mut self.builder, &mut self.flags, index as u32, value);
        }
        let fixed = start.fixed();
        self.carried.0 = fixed;
        for (at, slot) in start.operands.iter().enumerate() {
            let ty = clif_type(slot.0);
            let value = self.load_at(Access::Frame, ty, buffer, start.place(*slot));
            if at < fixed {
                self.values.push(value, ty);
            } else {
                let variable = self.builder.declare_var(ty);
                self.builder.def_var(variable, value);
                self.carried.1.push(variable);
            }
        }
        let landing = self.builder.create_block();
        start.landing = Some(landing);
        self.builder.ins().jump(landing, &[]);

        let first = start.first();
        for open in &start.around {
            if open.start == first && open.kind == BlockKind::Loop {
                break;
            }
            let kind = match open.kind {
                BlockKind::Function => Kind::Function,
                BlockKind::Block => Kind::Block,
                BlockKind::If => Kind::EnteredIf,
                BlockKind::Loop => unreachable!("the outermost loop is the first"),
            };
            self.open_around_start(kind, open.shape, open.height);
        }
        let outermost = start.outermost().map(|open| (open.shape, open.height));
        self.start = Some(start);
        self.unit.offset = first;
        while walk.offset() < first
            && let Some(instruction) = walk.next()
        {
            instruction.map_err(unreadable)?;
        }
        if let Some((shape, height)) = outermost {
            // The header is reached only by the back edge.
            let header = self.block_for(shape, true);
            self.open_loop(header, shape, height, false);
            // Skip the `loop` instruction itself.
            let _ = walk.next();
        }
        self.unit.reachable = outermost.is_some();
        Ok(())
    }

    /// Continues in the landing, with operands from the preceding code and from the frame area.
    fn land(&mut self) {
        let start = self.start.take().expect("the start is passed once");
        let landing = start
            .landing
            .expect("the landing was created with the entry block");
        let fixed = start.fixed();
        if self.unit.reachable {
            self.carry(self.values.height());
            self.builder.ins().jump(landing, &[]);
            self.values.truncate(fixed);
        }
        self.continue_in(landing);
        let operands = start.operands[fixed..].iter();
        for ((ty, _), variable) in operands.zip(&self.carried.1) {
            let value = self.builder.use_var(*variable);
            self.values.push(value, clif_type(*ty));
        }
        self.unit.reachable = true;
    }

    /// Called when a block is opened: carries the operands below it if OSR code starts inside it. Returns
    /// whether it does.
    pub(super) fn carry_into(&mut self, height: usize) -> bool {
        let around = |start: &Start| {
            start
                .around
                .iter()
                .any(|open| open.start == self.unit.offset)
        };
        let around = self.input.start_at.is_some()
            && self.unit.node == InlineNode::FUNCTION
            && self.start.as_ref().is_some_and(around);
        if around {
            self.carry(height);
        }
        around
    }

    fn carry(&mut self, end: usize) {
        let (first, variables) = &self.carried;
        self.values
            .carry(&mut self.builder, &mut self.flags, variables, *first, end);
    }

    /// Reads the operands below a block around the start from their variables.
    pub(super) fn take_carried(&mut self, end: usize) {
        let (first, variables) = &self.carried;
        self.values
            .take_carried(&mut self.builder, variables, *first, end);
    }
}
