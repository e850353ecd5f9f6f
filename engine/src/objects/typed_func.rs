//! Rust types for parameters and results.

use super::func::{Func, call_raw};
use crate::boundary::door::ValRaw;
use crate::objects::store::{AsContextMut, StoreOpaque};
use crate::objects::value::{ExternRef, V128};
use crate::types::{FuncType, ValType};
use anyhow::{Result, bail};
use std::marker::PhantomData;

mod sealed {
    pub trait Sealed {}
}

/// A Rust type that represents one WebAssembly value.
pub trait WasmTy: sealed::Sealed + Send + Sized + 'static {
    /// The type of the value.
    #[doc(hidden)]
    fn valtype() -> ValType;
    #[doc(hidden)]
    fn into_raw(self, store: &mut Raw<'_>) -> Result<ValRaw>;
    #[doc(hidden)]
    fn from_raw(store: &mut Raw<'_>, raw: &ValRaw) -> Self;
}

/// A store, opaque to users of the sealed traits.
#[doc(hidden)]
pub struct Raw<'a>(pub(crate) &'a mut StoreOpaque);

macro_rules! numbers {
    ($($ty:ident $valtype:ident;)*) => {$(
        impl sealed::Sealed for $ty {}
        impl WasmTy for $ty {
            fn valtype() -> ValType { ValType::$valtype }
            fn into_raw(self, _: &mut Raw<'_>) -> Result<ValRaw> {
                let mut raw = ValRaw::default();
                raw.0[..size_of::<$ty>()].copy_from_slice(&self.to_le_bytes());
                Ok(raw)
            }
            fn from_raw(_: &mut Raw<'_>, raw: &ValRaw) -> $ty {
                $ty::from_le_bytes(raw.0[..size_of::<$ty>()].try_into().expect("a word holds it"))
            }
        }
    )*};
}

numbers! {
    i32 I32;
    u32 I32;
    i64 I64;
    u64 I64;
    f32 F32;
    f64 F64;
}

impl sealed::Sealed for V128 {}
impl WasmTy for V128 {
    fn valtype() -> ValType {
        ValType::V128
    }
    fn into_raw(self, _: &mut Raw<'_>) -> Result<ValRaw> {
        Ok(ValRaw(self.as_u128().to_le_bytes()))
    }
    fn from_raw(_: &mut Raw<'_>, raw: &ValRaw) -> V128 {
        V128::from(u128::from_le_bytes(raw.0))
    }
}

fn word(value: u64) -> ValRaw {
    let mut raw = ValRaw::default();
    raw.0[..8].copy_from_slice(&value.to_le_bytes());
    raw
}

fn low(raw: &ValRaw) -> u64 {
    u64::from_le_bytes(raw.0[..8].try_into().expect("eight bytes"))
}

impl sealed::Sealed for Option<Func> {}
impl WasmTy for Option<Func> {
    fn valtype() -> ValType {
        ValType::FUNCREF
    }
    fn into_raw(self, store: &mut Raw<'_>) -> Result<ValRaw> {
        match self {
            None => Ok(word(0)),
            Some(func) if func.comes_from(store.0) => Ok(word(func.data(store.0).record as u64)),
            Some(_) => bail!("a function reference of another store was passed"),
        }
    }
    fn from_raw(store: &mut Raw<'_>, raw: &ValRaw) -> Option<Func> {
        store.0.func_of_record(low(raw) as usize)
    }
}

impl sealed::Sealed for Option<ExternRef> {}
impl WasmTy for Option<ExternRef> {
    fn valtype() -> ValType {
        ValType::EXTERNREF
    }
    fn into_raw(self, store: &mut Raw<'_>) -> Result<ValRaw> {
        Ok(word(store.0.extern_word(self.as_ref())))
    }
    fn from_raw(store: &mut Raw<'_>, raw: &ValRaw) -> Option<ExternRef> {
        store.0.extern_of_word(low(raw))
    }
}

/// Parameters of a function as a Rust type: one value or a tuple of up to 16.
pub trait WasmParams: Send {
    #[doc(hidden)]
    const COUNT: usize;
    #[doc(hidden)]
    fn types() -> Vec<ValType>;
    #[doc(hidden)]
    fn store_raw(self, store: &mut Raw<'_>, raw: &mut [ValRaw]) -> Result<()>;
    #[doc(hidden)]
    fn matches_params(ty: &FuncType) -> bool {
        ty.params().eq(Self::types())
    }
}

/// Results of a function as a Rust type: one value or a tuple of up to 16.
pub trait WasmResults: WasmParams + Sized {
    #[doc(hidden)]
    fn load_raw(store: &mut Raw<'_>, raw: &[ValRaw]) -> Self;
    #[doc(hidden)]
    fn matches_results(ty: &FuncType) -> bool {
        ty.results().eq(Self::types())
    }
}

impl<T: WasmTy> WasmParams for T {
    const COUNT: usize = 1;
    fn types() -> Vec<ValType> {
        vec![T::valtype()]
    }
    fn store_raw(self, store: &mut Raw<'_>, raw: &mut [ValRaw]) -> Result<()> {
        raw[0] = self.into_raw(store)?;
        Ok(())
    }
}

impl<T: WasmTy> WasmResults for T {
    fn load_raw(store: &mut Raw<'_>, raw: &[ValRaw]) -> T {
        T::from_raw(store, &raw[0])
    }
}

macro_rules! tuples {
    ($count:literal: $($name:ident $at:tt),*) => {
        impl<$($name: WasmTy),*> WasmParams for ($($name,)*) {
            const COUNT: usize = $count;
            fn types() -> Vec<ValType> { vec![$($name::valtype()),*] }
            #[allow(unused_variables, reason = "the empty tuple has nothing to store")]
            fn store_raw(self, store: &mut Raw<'_>, raw: &mut [ValRaw]) -> Result<()> {
                $(raw[$at] = self.$at.into_raw(store)?;)*
                Ok(())
            }
        }
        impl<$($name: WasmTy),*> WasmResults for ($($name,)*) {
            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple has nothing to load")]
            fn load_raw(store: &mut Raw<'_>, raw: &[ValRaw]) -> Self {
                ($($name::from_raw(store, &raw[$at]),)*)
            }
        }
    };
}

tuples!(0:);
tuples!(1: A 0);
tuples!(2: A 0, B 1);
tuples!(3: A 0, B 1, C 2);
tuples!(4: A 0, B 1, C 2, D 3);
tuples!(5: A 0, B 1, C 2, D 3, E 4);
tuples!(6: A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuples!(9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuples!(10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuples!(11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuples!(12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
tuples!(13: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12);
tuples!(14: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13);
tuples!(15: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14);
tuples!(16: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15);

/// The type that was asked for, as errors show it.
pub(super) fn describe<Params: WasmParams, Results: WasmResults>() -> FuncType {
    FuncType::of(Params::types(), Results::types())
}

/// A function whose type was checked once, so that calls need no check.
pub struct TypedFunc<Params, Results> {
    func: Func,
    _types: PhantomData<fn(Params) -> Results>,
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Params, Results> Copy for TypedFunc<Params, Results> {}

/// Most values that a call passes; they are on the stack, so that a call allocates nothing.
const INLINE_VALUES: usize = 16;

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    pub(super) fn of(func: Func) -> Self {
        TypedFunc {
            func,
            _types: PhantomData,
        }
    }

    /// The function without Rust types.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls it.
    ///
    /// # Errors
    /// If it traps (the error then holds a [`crate::Trap`] and a [`crate::WasmBacktrace`]), or what
    /// a host function returned.
    ///
    /// # Panics
    /// If it belongs to another store, and with the panic of a host function that it calls.
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results> {
        const { assert!(Params::COUNT <= INLINE_VALUES && Results::COUNT <= INLINE_VALUES) };
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let mut values = [ValRaw::default(); INLINE_VALUES];
        params.store_raw(&mut Raw(store), &mut values)?;
        // SAFETY: the store is used exclusively, there is room for all values, and they are of the
        // function's types, which were compared when this was made.
        unsafe { call_raw(store, self.func, &mut values)? };
        Ok(Results::load_raw(&mut Raw(store), &values))
    }
}
