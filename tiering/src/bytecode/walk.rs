//! A walk over a body: the declarations of its locals, then one instruction after the other with the blocks
//! around it.
//!
//! Only this file knows which instructions open and close blocks, and how locals are declared.

use wasmparser::{
    BinaryReader, BlockType, Operator, OperatorsReader, OperatorsReaderAllocations, Result, ValType,
};

/// The declarations of the locals of a body, without its parameters. Each item is a number of locals and
/// their type.
#[derive(Clone, Debug)]
pub(crate) struct Locals<'a> {
    reader: BinaryReader<'a>,
    groups_left: u32,
}

impl<'a> Locals<'a> {
    /// The declarations of a body as `ModuleData::body` returns it.
    pub(crate) fn of(body: &'a [u8]) -> Result<Locals<'a>> {
        let mut reader = BinaryReader::new(body, 0);
        let groups_left = reader.read_var_u32()?;
        Ok(Locals {
            reader,
            groups_left,
        })
    }

    /// The instructions, which follow the declarations.
    pub(crate) fn walk(self) -> Result<Walk<'a>> {
        self.walk_in(&mut WalkBuffers::default())
    }

    /// Like `walk`, with buffers that are reused. [`Walk::return_buffers`] returns them.
    pub(crate) fn walk_in(mut self, buffers: &mut WalkBuffers) -> Result<Walk<'a>> {
        for group in self.by_ref() {
            group?;
        }
        let WalkBuffers {
            operators,
            mut blocks,
        } = std::mem::take(buffers);
        blocks.clear();
        blocks.push(Block {
            kind: BlockKind::Function,
            ty: BlockType::Empty,
            start: 0,
            loops: 0,
            parent_loop: None,
        });
        Ok(Walk {
            operators: OperatorsReader::new_with_allocs(self.reader, operators),
            blocks,
        })
    }

    fn read_group(&mut self) -> Result<(u32, ValType)> {
        Ok((self.reader.read_var_u32()?, self.reader.read()?))
    }
}

impl Iterator for Locals<'_> {
    type Item = Result<(u32, ValType)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.groups_left = self.groups_left.checked_sub(1)?;
        let group = self.read_group();
        if group.is_err() {
            self.groups_left = 0;
        }
        Some(group)
    }
}

/// What opened a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// The body itself.
    Function,
    Block,
    Loop,
    /// An `if`, or its `else`.
    If,
}

/// An open block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub kind: BlockKind,
    /// Empty for the function, whose type is not in its body.
    pub ty: BlockType,
    /// Offset of the instruction that opened it.
    pub start: u32,
    /// Number of loops among this block and the blocks around it.
    pub loops: u32,
    /// Offset of the innermost loop around it.
    pub parent_loop: Option<u32>,
}

impl Block {
    fn inner(&self, kind: BlockKind, ty: BlockType, start: u32) -> Block {
        Block {
            kind,
            ty,
            start,
            loops: self.loops + u32::from(kind == BlockKind::Loop),
            parent_loop: match self.kind {
                BlockKind::Loop => Some(self.start),
                _ => self.parent_loop,
            },
        }
    }
}

/// An instruction and its place.
#[derive(Debug)]
pub(crate) struct Instruction<'a> {
    /// Offset in the body.
    pub offset: u32,
    pub operator: Operator<'a>,
    /// Number of open blocks around it, including the function's; an `else` or `end` is in the block that
    /// it ends.
    pub depth: usize,
}

/// Buffers of a walk, which are reused.
#[derive(Default)]
pub(crate) struct WalkBuffers {
    operators: OperatorsReaderAllocations,
    blocks: Vec<Block>,
}

/// The instructions of a body, in order.
#[derive(Clone)]
pub(crate) struct Walk<'a> {
    operators: OperatorsReader<'a>,
    blocks: Vec<Block>,
}

impl<'a> Walk<'a> {
    /// Offset of the next instruction.
    pub(crate) fn offset(&self) -> u32 {
        self.operators.original_position() as u32
    }

    /// The blocks that are open after the last instruction read, starting with the function's.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Number of loops around the next instruction.
    pub(crate) fn loops(&self) -> u32 {
        self.blocks.last().map_or(0, |block| block.loops)
    }

    /// Whether a branch to this label is a back edge.
    pub(crate) fn is_back_edge(&self, depth: u32) -> bool {
        let at = self.blocks.len().checked_sub(depth as usize + 1);
        at.is_some_and(|at| self.blocks[at].kind == BlockKind::Loop)
    }

    /// Returns the buffers of [`Locals::walk_in`].
    pub(crate) fn return_buffers(self, buffers: &mut WalkBuffers) {
        *buffers = WalkBuffers {
            operators: self.operators.into_allocations(),
            blocks: self.blocks,
        };
    }

    fn read(&mut self) -> Result<Instruction<'a>> {
        let offset = self.offset();
        let operator = self.operators.read()?;
        let depth = self.blocks.len();
        let opened = match operator {
            Operator::Block { blockty } => Some((BlockKind::Block, blockty)),
            Operator::Loop { blockty } => Some((BlockKind::Loop, blockty)),
            Operator::If { blockty } => Some((BlockKind::If, blockty)),
            _ => None,
        };
        if let Some((kind, ty)) = opened
            && let Some(outer) = self.blocks.last()
        {
            self.blocks.push(outer.inner(kind, ty, offset));
        }
        if let Operator::End = operator {
            self.blocks.pop();
        }
        Ok(Instruction {
            offset,
            operator,
            depth,
        })
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<Instruction<'a>>;

    /// The next instruction. After an error there is none.
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.blocks.is_empty() || self.operators.eof() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.blocks.clear();
        }
        Some(read)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The body of the first function of a module in text form.
    pub(crate) fn body(text: &str) -> Vec<u8> {
        let wasm = wat::parse_str(text).expect("valid text");
        for payload in wasmparser::Parser::new(0).parse_all(&wasm) {
            if let Ok(wasmparser::Payload::CodeSectionEntry(body)) = payload {
                return wasm[body.range()].to_vec();
            }
        }
        unreachable!("there is a function")
    }

    #[test]
    fn blocks_are_seen_around_their_instructions() {
        let body = body(
            "(module (func (local i32 i64 i64)
               (block (loop nop (if (i32.const 0) (then (loop nop)) (else nop)) (br 1)))
               nop))",
        );
        let locals = Locals::of(&body).unwrap();
        let counts: Vec<u32> = locals.clone().map(|group| group.unwrap().0).collect();
        assert_eq!(counts, [1, 2]);
        let mut walk = locals.walk().unwrap();
        let mut seen = Vec::new();
        while let Some(instruction) = walk.next() {
            let Instruction {
                operator, depth, ..
            } = instruction.unwrap();
            match operator {
                Operator::Nop => seen.push((depth, walk.loops())),
                Operator::Br { relative_depth } => assert!(!walk.is_back_edge(relative_depth)),
                Operator::Else => assert_eq!((depth, walk.blocks().len()), (4, 4)),
                _ => {}
            }
        }
        assert_eq!(seen, [(3, 1), (5, 2), (4, 1), (1, 0)]);
    }

    #[test]
    fn what_cannot_be_read_ends_the_walk() {
        // No locals, then an instruction that does not exist.
        let mut walk = Locals::of(&[0, 0xFF, 0x0B]).unwrap().walk().unwrap();
        assert!(walk.next().is_some_and(|read| read.is_err()));
        assert!(walk.next().is_none());
        assert!(Locals::of(&[]).is_err());
        assert!(Locals::of(&[9, 1]).unwrap().walk().is_err());
    }
}
