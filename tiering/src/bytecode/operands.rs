//! The types of the operand stack, from the start of a body to any place in it.
//!
//! Unreachable code is skipped, as compilers skip it. Apart from an instruction's effect on control flow,
//! this file knows how many operands it pops and pushes (from wasmparser's table), and the type of the
//! result where that is not the type of its first operand ([`result_type`]).

use super::frame_area::{self, Slot};
use super::walk::{BlockKind, Instruction, Locals};
use engine::ids::{FuncIndex, GlobalIndex, TableIndex, TypeIndex};
use engine::{FuncType, ModuleData, ValType};
use wasmparser::{BlockType, Operator, Result};

/// A block that is open.
#[derive(Debug)]
struct Open {
    kind: BlockKind,
    ty: BlockType,
    /// Operands below its parameters.
    height: usize,
}

/// Types of a body's locals, and of its operands at a place that moves through the body.
#[derive(Debug)]
pub(crate) struct Operands<'a> {
    module: &'a ModuleData,
    locals: Vec<ValType>,
    /// Where the locals end in the frame area.
    locals_end: u32,
    stack: Vec<ValType>,
    open: Vec<Open>,
    reachable: bool,
}

/// How many operands an instruction pops and pushes, if that is the same wherever it is.
fn fixed_arity(operator: &Operator<'_>) -> Option<(usize, usize)> {
    macro_rules! arity {
        (arity custom) => {
            None
        };
        (arity $pops:tt -> $pushes:tt) => {
            Some(($pops, $pushes))
        };
    }
    macro_rules! table {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            match operator {
                $(Operator::$op $({ $($arg: _),* })? => arity!($($arity)*),)*
                _ => None,
            }
        };
    }
    wasmparser::for_each_operator!(table)
}

/// The type of an instruction's one result, if it may differ from the type of the lowest operand it pops.
fn result_type(operator: &Operator<'_>) -> Option<ValType> {
    use Operator as O;
    Some(match operator {
        O::I32Const { .. }
        | O::MemorySize { .. }
        | O::MemoryGrow { .. }
        | O::TableSize { .. }
        | O::TableGrow { .. }
        | O::RefIsNull
        | O::I64Eqz
        | O::I64Eq
        | O::I64Ne
        | O::I64LtS
        | O::I64LtU
        | O::I64GtS
        | O::I64GtU
        | O::I64LeS
        | O::I64LeU
        | O::I64GeS
        | O::I64GeU
        | O::F32Eq
        | O::F32Ne
        | O::F32Lt
        | O::F32Gt
        | O::F32Le
        | O::F32Ge
        | O::F64Eq
        | O::F64Ne
        | O::F64Lt
        | O::F64Gt
        | O::F64Le
        | O::F64Ge
        | O::I32WrapI64
        | O::I32TruncF32S
        | O::I32TruncF32U
        | O::I32TruncF64S
        | O::I32TruncF64U
        | O::I32TruncSatF32S
        | O::I32TruncSatF32U
        | O::I32TruncSatF64S
        | O::I32TruncSatF64U
        | O::I32ReinterpretF32
        | O::V128AnyTrue
        | O::I8x16AllTrue
        | O::I16x8AllTrue
        | O::I32x4AllTrue
        | O::I64x2AllTrue
        | O::I8x16Bitmask
        | O::I16x8Bitmask
        | O::I32x4Bitmask
        | O::I64x2Bitmask
        | O::I8x16ExtractLaneS { .. }
        | O::I8x16ExtractLaneU { .. }
        | O::I16x8ExtractLaneS { .. }
        | O::I16x8ExtractLaneU { .. }
        | O::I32x4ExtractLane { .. } => ValType::I32,

        O::I64Const { .. }
        | O::I64Load { .. }
        | O::I64Load8S { .. }
        | O::I64Load8U { .. }
        | O::I64Load16S { .. }
        | O::I64Load16U { .. }
        | O::I64Load32S { .. }
        | O::I64Load32U { .. }
        | O::I64ExtendI32S
        | O::I64ExtendI32U
        | O::I64TruncF32S
        | O::I64TruncF32U
        | O::I64TruncF64S
        | O::I64TruncF64U
        | O::I64TruncSatF32S
        | O::I64TruncSatF32U
        | O::I64TruncSatF64S
        | O::I64TruncSatF64U
        | O::I64ReinterpretF64
        | O::I64x2ExtractLane { .. } => ValType::I64,

        O::F32Const { .. }
        | O::F32Load { .. }
        | O::F32ConvertI32S
        | O::F32ConvertI32U
        | O::F32ConvertI64S
        | O::F32ConvertI64U
        | O::F32DemoteF64
        | O::F32ReinterpretI32
        | O::F32x4ExtractLane { .. } => ValType::F32,

        O::F64Const { .. }
        | O::F64Load { .. }
        | O::F64ConvertI32S
        | O::F64ConvertI32U
        | O::F64ConvertI64S
        | O::F64ConvertI64U
        | O::F64PromoteF32
        | O::F64ReinterpretI64
        | O::F64x2ExtractLane { .. } => ValType::F64,

        O::V128Const { .. }
        | O::V128Load { .. }
        | O::V128Load8x8S { .. }
        | O::V128Load8x8U { .. }
        | O::V128Load16x4S { .. }
        | O::V128Load16x4U { .. }
        | O::V128Load32x2S { .. }
        | O::V128Load32x2U { .. }
        | O::V128Load8Splat { .. }
        | O::V128Load16Splat { .. }
        | O::V128Load32Splat { .. }
        | O::V128Load64Splat { .. }
        | O::V128Load32Zero { .. }
        | O::V128Load64Zero { .. }
        | O::V128Load8Lane { .. }
        | O::V128Load16Lane { .. }
        | O::V128Load32Lane { .. }
        | O::V128Load64Lane { .. }
        | O::I8x16Splat
        | O::I16x8Splat
        | O::I32x4Splat
        | O::I64x2Splat
        | O::F32x4Splat
        | O::F64x2Splat => ValType::V128,

        _ => return None,
    })
}

impl<'a> Operands<'a> {
    /// Starts at the beginning of a function's body, after reading the declarations of its locals.
    pub(crate) fn at_start(
        module: &'a ModuleData,
        ty: TypeIndex,
        declared: &mut Locals<'_>,
    ) -> Result<Operands<'a>> {
        let mut locals: Vec<ValType> = module.func_type(ty).params().collect();
        for group in declared {
            let (count, ty) = group?;
            let many = std::iter::repeat_n(value_type(ty), count as usize);
            locals.extend(many);
        }
        let (_, locals_end) = frame_area::slots(0, &locals);
        Ok(Operands {
            module,
            locals,
            locals_end,
            stack: Vec::new(),
            open: vec![Open {
                kind: BlockKind::Function,
                ty: BlockType::FuncType(ty.0),
                height: 0,
            }],
            reachable: true,
        })
    }

    /// Whether the next instruction is reachable.
    pub(crate) fn reachable(&self) -> bool {
        self.reachable
    }

    /// The type of each open block and the number of operands below its parameters, starting with the
    /// function's block.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (BlockType, usize)> {
        self.open.iter().map(|open| (open.ty, open.height))
    }

    /// The slots of the locals in the frame area.
    pub(crate) fn local_slots(&self) -> Vec<Slot> {
        frame_area::slots(0, &self.locals).0
    }

    /// The slots of the operands in the frame area, lowest first.
    pub(crate) fn operand_slots(&self) -> Vec<Slot> {
        frame_area::slots(self.locals_end, &self.stack).0
    }

    /// Where the slots of the operands end in the frame area.
    pub(crate) fn end(&self) -> u32 {
        frame_area::slots(self.locals_end, &self.stack).1
    }

    /// Moves past an instruction.
    pub(crate) fn step(&mut self, instruction: &Instruction<'_>) {
        use Operator as O;
        let operator = &instruction.operator;
        if !self.reachable && instruction.depth > self.open.len() {
            return;
        }
        match *operator {
            O::Else => {
                let open = self.open.last().expect("an else has its if");
                let (height, ty) = (open.height, open.ty);
                self.stack.truncate(height);
                self.push_block_types(ty, true);
                self.reachable = true;
            }
            O::End => {
                let open = self.open.pop().expect("every end has its block");
                if self.reachable && matches!(open.kind, BlockKind::Loop) {
                    return;
                }
                let by_branch = !matches!(open.kind, BlockKind::Loop);
                self.stack.truncate(open.height);
                self.push_block_types(open.ty, false);
                self.reachable |= by_branch;
            }
            _ if !self.reachable => {}
            O::Block { blockty } => self.open(BlockKind::Block, blockty),
            O::Loop { blockty } => self.open(BlockKind::Loop, blockty),
            O::If { blockty } => {
                self.pop(1);
                self.open(BlockKind::If, blockty);
            }
            O::Unreachable
            | O::Br { .. }
            | O::BrTable { .. }
            | O::Return
            | O::ReturnCall { .. }
            | O::ReturnCallIndirect { .. } => self.reachable = false,
            O::BrIf { .. } => self.pop(1),
            O::Call { function_index } => {
                let ty = self.module.type_of(FuncIndex(function_index));
                self.call(self.module.func_type(ty));
            }
            O::CallIndirect { type_index, .. } => {
                self.pop(1);
                self.call(self.module.func_type(TypeIndex(type_index)));
            }
            O::LocalGet { local_index } => self.stack.push(self.locals[local_index as usize]),
            O::GlobalGet { global_index } => {
                let global = self.module.global(GlobalIndex(global_index));
                self.stack.push(*global.content());
            }
            O::TableGet { table } => {
                self.pop(1);
                let element = *self.module.table(TableIndex(table)).element();
                self.stack.push(ValType::Ref(element));
            }
            O::RefFunc { .. } => self.stack.push(ValType::FUNCREF),
            O::RefNull { hty } => {
                let ty = wasmparser::RefType::new(true, hty).map(wasmparser::ValType::Ref);
                self.stack
                    .push(value_type(ty.expect("the heap type was validated")));
            }
            _ => {
                let (pops, pushes) =
                    fixed_arity(operator).expect("all other operators have a fixed arity");
                let first = self.stack.len() - pops;
                let result = result_type(operator).or(self.stack.get(first).copied());
                self.stack.truncate(first);
                if pushes == 1 {
                    self.stack.push(result.expect("a result has a type"));
                }
            }
        }
    }

    fn pop(&mut self, count: usize) {
        self.stack.truncate(self.stack.len() - count);
    }

    fn call(&mut self, ty: &FuncType) {
        self.pop(ty.params().len());
        self.stack.extend(ty.results());
    }

    fn open(&mut self, kind: BlockKind, ty: BlockType) {
        let params = match ty {
            BlockType::Empty | BlockType::Type(_) => 0,
            BlockType::FuncType(ty) => self.module.func_type(TypeIndex(ty)).params().len(),
        };
        let height = self.stack.len() - params;
        self.open.push(Open { kind, ty, height });
    }

    fn push_block_types(&mut self, ty: BlockType, params: bool) {
        match ty {
            BlockType::Empty => {}
            BlockType::Type(ty) if !params => self.stack.push(value_type(ty)),
            BlockType::Type(_) => {}
            BlockType::FuncType(ty) => {
                let ty = self.module.func_type(TypeIndex(ty));
                match params {
                    true => self.stack.extend(ty.params()),
                    false => self.stack.extend(ty.results()),
                }
            }
        }
    }
}

/// Converts wasmparser's type to the engine's.
pub(crate) fn value_type(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(wasmparser::RefType::EXTERNREF) => ValType::EXTERNREF,
        wasmparser::ValType::Ref(wasmparser::RefType::FUNCREF) => ValType::FUNCREF,
        wasmparser::ValType::Ref(other) => unreachable!("a validated body has no {other}"),
    }
}
