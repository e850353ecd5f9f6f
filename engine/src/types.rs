//! The types of values, functions and other externals, as embedders and compilers see them.
//!
//! They are plain data, equal by structure. The names follow Wasmtime's API, so that programs can
//! move over. Absent: type indices (see `ids`) and engine-wide type ids (see `type_registry`).

use std::fmt;

/// What a reference points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeapType {
    /// Any function.
    Func,
    /// A value of the host.
    Extern,
}

/// The type of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefType {
    nullable: bool,
    heap: HeapType,
}

impl RefType {
    /// `funcref`.
    pub const FUNCREF: RefType = RefType {
        nullable: true,
        heap: HeapType::Func,
    };
    /// `externref`.
    pub const EXTERNREF: RefType = RefType {
        nullable: true,
        heap: HeapType::Extern,
    };

    /// A reference type from its two parts.
    pub fn new(nullable: bool, heap: HeapType) -> RefType {
        RefType { nullable, heap }
    }

    /// Whether null is one of its values.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// What it points to.
    pub fn heap_type(&self) -> &HeapType {
        &self.heap
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.heap {
            HeapType::Func => "funcref",
            HeapType::Extern => "externref",
        })
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// Reference.
    Ref(RefType),
}

impl ValType {
    /// `funcref`.
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    /// `externref`.
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);

    /// Whether this is a reference type.
    pub fn is_ref(&self) -> bool {
        matches!(self, ValType::Ref(_))
    }

    pub(crate) fn from_parser(ty: wasmparser::ValType) -> anyhow::Result<ValType> {
        Ok(match ty {
            wasmparser::ValType::I32 => ValType::I32,
            wasmparser::ValType::I64 => ValType::I64,
            wasmparser::ValType::F32 => ValType::F32,
            wasmparser::ValType::F64 => ValType::F64,
            wasmparser::ValType::V128 => ValType::V128,
            wasmparser::ValType::Ref(r) => ValType::Ref(RefType::from_parser(r)?),
        })
    }
}

impl RefType {
    pub(crate) fn from_parser(ty: wasmparser::RefType) -> anyhow::Result<RefType> {
        if ty == wasmparser::RefType::FUNCREF {
            Ok(RefType::FUNCREF)
        } else if ty == wasmparser::RefType::EXTERNREF {
            Ok(RefType::EXTERNREF)
        } else {
            anyhow::bail!("the reference type {ty} is not supported")
        }
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::Ref(r) => r.fmt(f),
        }
    }
}

/// The type of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FuncType {
    params: Box<[ValType]>,
    results: Box<[ValType]>,
}

/// Most parameters, and most results, of a function.
const MAX_VALUES: usize = 1000;

impl FuncType {
    /// A function type. The engine is a parameter because it is one in Wasmtime; function types are plain
    /// data and belong to no engine.
    ///
    /// # Panics
    /// If there are more than 1000 parameters or results, which modules cannot have either (WebAssembly
    /// JavaScript interface, "Implementation limits").
    pub fn new(
        _engine: &crate::Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        let ty = FuncType::of(params, results);
        assert!(
            ty.params.len() <= MAX_VALUES && ty.results.len() <= MAX_VALUES,
            "a function type has at most {MAX_VALUES} parameters and {MAX_VALUES} results"
        );
        ty
    }

    pub(crate) fn of(
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        FuncType {
            params: params.into_iter().collect(),
            results: results.into_iter().collect(),
        }
    }

    /// The types of the parameters, in order.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.params.iter().copied()
    }

    /// The types of the results, in order.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.results.iter().copied()
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, types: &[ValType]| -> fmt::Result {
            f.write_str("(")?;
            for (position, ty) in types.iter().enumerate() {
                if position > 0 {
                    f.write_str(", ")?;
                }
                ty.fmt(f)?;
            }
            f.write_str(")")
        };
        list(f, &self.params)?;
        f.write_str(" -> ")?;
        list(f, &self.results)
    }
}

/// Whether a global can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// Never written after its initialisation.
    Const,
    /// Can be written.
    Var,
}

/// The type of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// A global's type from its two parts.
    pub fn new(content: ValType, mutability: Mutability) -> GlobalType {
        GlobalType {
            content,
            mutability,
        }
    }

    /// The type of its value.
    pub fn content(&self) -> &ValType {
        &self.content
    }

    /// Whether it can be written.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }
}

impl fmt::Display for GlobalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mutability {
            Mutability::Const => write!(f, "global of {}", self.content),
            Mutability::Var => write!(f, "mutable global of {}", self.content),
        }
    }
}

/// The type of a table. Sizes are in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableType {
    element: RefType,
    minimum: u64,
    maximum: Option<u64>,
}

impl TableType {
    /// A table of `element` with at least `min` and at most `max` elements.
    pub fn new(element: RefType, min: u32, max: Option<u32>) -> TableType {
        TableType::of(element, u64::from(min), max.map(u64::from))
    }

    pub(crate) fn of(element: RefType, minimum: u64, maximum: Option<u64>) -> TableType {
        TableType {
            element,
            minimum,
            maximum,
        }
    }

    /// The type of its elements.
    pub fn element(&self) -> &RefType {
        &self.element
    }

    /// Its least size, in elements.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// Its greatest size, in elements, if it has one.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "table of {} with {}",
            self.element,
            Limits(self.minimum, self.maximum, "elements")
        )
    }
}

/// Bytes in a page of linear memory.
pub const PAGE_SIZE: u64 = 65_536;

/// The type of a linear memory. Sizes are in pages of 64 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryType {
    minimum: u64,
    maximum: Option<u64>,
}

impl MemoryType {
    /// A 32-bit memory with at least `minimum` and at most `maximum` pages of 64 KiB.
    pub fn new(minimum: u32, maximum: Option<u32>) -> MemoryType {
        MemoryType::of(u64::from(minimum), maximum.map(u64::from))
    }

    pub(crate) fn of(minimum: u64, maximum: Option<u64>) -> MemoryType {
        MemoryType { minimum, maximum }
    }

    /// Its least size, in pages.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// Its greatest size, in pages, if it has one.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "memory with {}",
            Limits(self.minimum, self.maximum, "pages")
        )
    }
}

struct Limits(u64, Option<u64>, &'static str);

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(max) => write!(f, "{} to {max} {}", self.0, self.2),
            None => write!(f, "{} or more {}", self.0, self.2),
        }
    }
}

/// The type of anything that can be imported or exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A global.
    Global(GlobalType),
    /// A table.
    Table(TableType),
    /// A linear memory.
    Memory(MemoryType),
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExternType::Func(ty) => write!(f, "function {ty}"),
            ExternType::Global(ty) => ty.fmt(f),
            ExternType::Table(ty) => ty.fmt(f),
            ExternType::Memory(ty) => ty.fmt(f),
        }
    }
}
