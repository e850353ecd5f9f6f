//! Values as embedders handle them.
//!
//! Compiled code and the host exchange [`ValRaw`] words; [`Val`] is such a word with its type. A
//! reference inside a `ValRaw` is only meaningful in the store it came from.

use super::func::Func;
use super::store::StoreOpaque;
use crate::boundary::door::ValRaw;
use crate::types::{HeapType, RefType, ValType};
use anyhow::{Result, bail, ensure};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A 128-bit vector value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct V128(u128);

impl V128 {
    /// The value as a little-endian integer: lane 0 is in the low bits.
    pub fn as_u128(&self) -> u128 {
        self.0
    }
}

impl From<u128> for V128 {
    fn from(value: u128) -> V128 {
        V128(value)
    }
}

impl From<V128> for u128 {
    fn from(value: V128) -> u128 {
        value.0
    }
}

/// A value of the host that a program can hold and pass on, but cannot inspect.
///
/// A store keeps every value that was handed to its programs until the store itself is dropped.
#[derive(Clone)]
pub struct ExternRef {
    value: Arc<dyn Any + Send + Sync>,
}

impl ExternRef {
    /// Wraps a value.
    pub fn new(value: impl Any + Send + Sync) -> ExternRef {
        ExternRef {
            value: Arc::new(value),
        }
    }

    /// The wrapped value.
    pub fn data(&self) -> &(dyn Any + Send + Sync) {
        &*self.value
    }

    /// Whether two references are to the same wrapped value.
    pub fn ptr_eq(a: &ExternRef, b: &ExternRef) -> bool {
        Arc::ptr_eq(&a.value, &b.value)
    }
}

impl fmt::Debug for ExternRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternRef")
    }
}

/// A reference with its type.
#[derive(Clone, Debug)]
pub enum Ref {
    /// `funcref`.
    Func(Option<Func>),
    /// `externref`.
    Extern(Option<ExternRef>),
}

/// A value with its type.
#[derive(Clone, Debug)]
pub enum Val {
    /// 32-bit integer.
    I32(i32),
    /// 64-bit integer.
    I64(i64),
    /// 32-bit float, as its bits.
    F32(u32),
    /// 64-bit float, as its bits.
    F64(u64),
    /// 128-bit vector.
    V128(V128),
    /// Reference to a function, or null.
    FuncRef(Option<Func>),
    /// Reference to a value of the host, or null.
    ExternRef(Option<ExternRef>),
}

macro_rules! accessors {
    ($($(#[$doc:meta])* $get:ident $unwrap:ident $variant:ident $ty:ty, $value:ident => $read:expr;)*) => {$(
        $(#[$doc])*
        pub fn $get(&self) -> Option<$ty> {
            match self { Val::$variant($value) => Some($read), _ => None }
        }

        $(#[$doc])*
        ///
        /// # Panics
        /// If the value is of another type.
        pub fn $unwrap(&self) -> $ty {
            self.$get().unwrap_or_else(|| panic!("expected {}, found {}", stringify!($ty), self.ty()))
        }
    )*};
}

impl Val {
    /// The type of the value.
    pub fn ty(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(_) => ValType::FUNCREF,
            Val::ExternRef(_) => ValType::EXTERNREF,
        }
    }

    /// The default value of a type: zero or null.
    pub fn default_for_ty(ty: &ValType) -> Val {
        match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(V128(0)),
            ValType::Ref(r) => match r.heap_type() {
                HeapType::Func => Val::FuncRef(None),
                HeapType::Extern => Val::ExternRef(None),
            },
        }
    }

    accessors! {
        /// The value of an `i32`.
        i32 unwrap_i32 I32 i32, value => *value;
        /// The value of an `i64`.
        i64 unwrap_i64 I64 i64, value => *value;
        /// The value of an `f32`.
        f32 unwrap_f32 F32 f32, value => f32::from_bits(*value);
        /// The value of an `f64`.
        f64 unwrap_f64 F64 f64, value => f64::from_bits(*value);
        /// The value of a `v128`.
        v128 unwrap_v128 V128 V128, value => *value;
    }

    /// The function of a non-null `funcref`.
    pub fn funcref(&self) -> Option<&Func> {
        match self {
            Val::FuncRef(func) => func.as_ref(),
            _ => None,
        }
    }

    /// As a word for compiled code of `store`.
    ///
    /// # Errors
    /// If it is a function of another store.
    pub(crate) fn to_raw(&self, store: &mut StoreOpaque) -> Result<ValRaw> {
        Ok(match self {
            Val::I32(v) => raw(&v.to_le_bytes()),
            Val::I64(v) => raw(&v.to_le_bytes()),
            Val::F32(v) => raw(&v.to_le_bytes()),
            Val::F64(v) => raw(&v.to_le_bytes()),
            Val::V128(v) => raw(&v.0.to_le_bytes()),
            Val::FuncRef(func) => raw(&func_word(store, func.as_ref())?.to_le_bytes()),
            Val::ExternRef(value) => raw(&store.extern_word(value.as_ref()).to_le_bytes()),
        })
    }

    /// From a word of compiled code of `store`.
    pub(crate) fn from_raw(store: &mut StoreOpaque, word: &ValRaw, ty: ValType) -> Val {
        let low = u64::from_le_bytes(word.0[..8].try_into().expect("eight bytes"));
        match ty {
            ValType::I32 => Val::I32(low as i32),
            ValType::I64 => Val::I64(low as i64),
            ValType::F32 => Val::F32(low as u32),
            ValType::F64 => Val::F64(low),
            ValType::V128 => Val::V128(V128(u128::from_le_bytes(word.0))),
            ValType::Ref(r) => Ref::from_word(store, low, r).into(),
        }
    }

    /// Checks that the value is of type `ty`.
    pub(crate) fn ensure_type(&self, ty: ValType, what: impl FnOnce() -> String) -> Result<()> {
        ensure!(
            self.ty() == ty,
            "{}: expected {ty}, found {}",
            what(),
            self.ty()
        );
        Ok(())
    }
}

fn raw(bytes: &[u8]) -> ValRaw {
    let mut word = ValRaw::default();
    word.0[..bytes.len()].copy_from_slice(bytes);
    word
}

fn func_word(store: &mut StoreOpaque, func: Option<&Func>) -> Result<u64> {
    match func {
        None => Ok(0),
        Some(func) => {
            if !func.comes_from(store) {
                bail!("a function reference of another store was passed");
            }
            Ok(func.data(store).record as u64)
        }
    }
}

impl Ref {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Ref::Func(None) | Ref::Extern(None))
    }

    pub(crate) fn ty(&self) -> RefType {
        match self {
            Ref::Func(_) => RefType::FUNCREF,
            Ref::Extern(_) => RefType::EXTERNREF,
        }
    }

    /// As a table element of `store`.
    pub(crate) fn to_word(&self, store: &mut StoreOpaque) -> Result<u64> {
        match self {
            Ref::Func(func) => func_word(store, func.as_ref()),
            Ref::Extern(value) => Ok(store.extern_word(value.as_ref())),
        }
    }

    /// From a table element of `store`.
    pub(crate) fn from_word(store: &mut StoreOpaque, word: u64, ty: RefType) -> Ref {
        match ty.heap_type() {
            HeapType::Func => Ref::Func(store.func_of_record(word as usize)),
            HeapType::Extern => Ref::Extern(store.extern_of_word(word)),
        }
    }
}

impl From<Ref> for Val {
    fn from(value: Ref) -> Val {
        match value {
            Ref::Func(func) => Val::FuncRef(func),
            Ref::Extern(value) => Val::ExternRef(value),
        }
    }
}

impl From<i32> for Val {
    fn from(value: i32) -> Val {
        Val::I32(value)
    }
}
impl From<i64> for Val {
    fn from(value: i64) -> Val {
        Val::I64(value)
    }
}
impl From<f32> for Val {
    fn from(value: f32) -> Val {
        Val::F32(value.to_bits())
    }
}
impl From<f64> for Val {
    fn from(value: f64) -> Val {
        Val::F64(value.to_bits())
    }
}
impl From<Func> for Val {
    fn from(value: Func) -> Val {
        Val::FuncRef(Some(value))
    }
}

impl Val {
    /// The value as a reference, if it is one.
    pub fn to_ref(&self) -> Option<Ref> {
        match self {
            Val::FuncRef(func) => Some(Ref::Func(*func)),
            Val::ExternRef(value) => Some(Ref::Extern(value.clone())),
            _ => None,
        }
    }
}
