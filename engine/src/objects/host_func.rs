//! Functions of the host, as compiled code calls them.
//!
//! ```text
//! compiled code --[record]--> host trampoline (by type) --> host_door --> HostBody (a closure)
//! ```
//! At the door a thread leaves compiled code. The door notes the frame for backtraces and the state of the
//! stack ([OUTLIVE]: while the host runs, the reclaimer may scan it), catches panics and errors, and raises
//! them on the other side of compiled code.

use super::func::Func;
use super::typed_func::{Raw, WasmParams, WasmResults, WasmTy};
use crate::Engine;
use crate::boundary::activation::{self, Outcome};
use crate::boundary::door::ValRaw;
use crate::boundary::layout::FuncRecord;
use crate::boundary::vmctx;
use crate::objects::externs::Extern;
use crate::objects::ids::InstanceId;
use crate::objects::store::{AsContext, AsContextMut, StoreContext, StoreContextMut, StoreOpaque};
use crate::objects::value::Val;
use crate::types::FuncType;
use anyhow::Result;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// What a host function does: the store, the calling instance, and the values.
pub(crate) type HostBody =
    dyn Fn(*mut StoreOpaque, Option<InstanceId>, *mut ValRaw) -> Result<()> + Send + Sync;

/// A host function before it is part of a store.
#[derive(Clone)]
pub struct HostDefinition {
    ty: FuncType,
    body: Arc<HostBody>,
}

/// A host function in a store. Its address is the context that is passed to its code.
#[repr(C)]
pub(crate) struct HostFunc {
    record: UnsafeCell<FuncRecord>,
    /// The word that `record.entry` points to.
    code: AtomicUsize,
    store: *mut StoreOpaque,
    body: Arc<HostBody>,
}

impl HostFunc {
    pub(crate) fn record(&self) -> *mut FuncRecord {
        self.record.get()
    }
}

impl HostDefinition {
    pub(crate) fn new<T: 'static>(
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> HostDefinition {
        let body_type = ty.clone();
        let body = move |store: *mut StoreOpaque,
                         caller: Option<InstanceId>,
                         values: *mut ValRaw|
              -> Result<()> {
            let ty = &body_type;
            // SAFETY: the door passes the store that runs on this thread, whose data is a `T`, and an
            // array with room for all arguments and results.
            let (mut caller, raw) = unsafe {
                let count = ty.params().len().max(ty.results().len());
                (
                    Caller::<T>::new(store, caller),
                    std::slice::from_raw_parts_mut(values, count),
                )
            };
            let store = caller.store.opaque_mut();
            let params: Vec<Val> = ty
                .params()
                .enumerate()
                .map(|(at, ty)| Val::from_raw(store, &raw[at], ty))
                .collect();
            let mut results: Vec<Val> = ty.results().map(|ty| Val::default_for_ty(&ty)).collect();
            func(caller.reborrow(), &params, &mut results)?;
            let store = caller.store.opaque_mut();
            for (position, (result, ty)) in results.iter().zip(ty.results()).enumerate() {
                result.ensure_type(ty, || format!("result {position} of a host function"))?;
                raw[position] = result.to_raw(store)?;
            }
            Ok(())
        };
        HostDefinition {
            ty,
            body: Arc::new(body),
        }
    }

    /// Makes it a function of a store, whose data must be of the type it was written for.
    pub(crate) fn make(&self, store: &mut StoreOpaque) -> Result<Func> {
        let engine: Engine = store.engine().clone();
        engine.code().check_process()?;
        let ty = engine.types().intern(&self.ty);
        let code = ty.host(&engine, host_door)?;
        let host = Box::new(HostFunc {
            record: UnsafeCell::new(FuncRecord {
                entry: std::ptr::null(),
                ctx: std::ptr::null_mut(),
                type_id: ty.id(),
                reserved: 0,
            }),
            code: AtomicUsize::new(code),
            store,
            body: self.body.clone(),
        });
        let address = std::ptr::from_ref(&*host).cast::<u8>().cast_mut();
        // SAFETY: the new function is not known anywhere else yet, and it is boxed, so it never moves.
        unsafe {
            (*host.record.get()).entry = std::ptr::addr_of!(host.code);
            (*host.record.get()).ctx = address;
        }
        Ok(Func::add_host(store, host, ty))
    }
}

/// The door, see [`crate::boundary::door::HostDoor`].
///
/// # Safety
/// Called by host trampolines only: `host` is a [`HostFunc`] of the store that runs on this thread.
pub(crate) unsafe extern "sysv64" fn host_door(host: *mut u8, values: *mut ValRaw, frame: usize) {
    // SAFETY: a trampoline passes what the store's record of the function holds ([IDS]). The borrow is of the
    // function's own box, which the store keeps until it is dropped.
    let failure = unsafe {
        let host = &*host.cast::<HostFunc>();
        let ctx = (*(*host.store).block()).ctx();
        (*ctx).exit_fp = frame;
        (*ctx).exit_pc = 0;
        let calling = (*ctx).caller;
        let instance = (!calling.is_null()).then(|| vmctx::locate(calling).instance);
        let outside = activation::in_host();
        let result = catch_unwind(AssertUnwindSafe(|| {
            (host.body)(host.store, instance, values)
        }));
        // A coroutine of the host may have run compiled code of this store and be suspended now. A trap
        // belongs to this place.
        (*ctx).exit_fp = frame;
        (*ctx).exit_pc = 0;
        drop(outside);
        let engine = (*host.store).engine();
        engine.source().host_called();
        match result {
            // A forked child has no compiled code to return to.
            Ok(Ok(())) => match engine.code().check_process() {
                Ok(()) => return,
                Err(forked) => Outcome::Error(forked.into()),
            },
            Ok(Err(error)) => Outcome::Error(error),
            Err(panic) => Outcome::Panic(panic),
        }
    };
    // SAFETY: nothing in this frame needs dropping any more, and compiled code is on the stack above it.
    unsafe { activation::raise(failure) }
}

/// The store as a host function sees it, and the instance that called.
pub struct Caller<'a, T> {
    store: StoreContextMut<'a, T>,
    instance: Option<InstanceId>,
}

impl<'a, T> Caller<'a, T> {
    /// # Safety
    /// As for [`StoreContextMut::from_raw`].
    pub(crate) unsafe fn new(
        store: *mut StoreOpaque,
        instance: Option<InstanceId>,
    ) -> Caller<'a, T> {
        // SAFETY: promised by the caller.
        let store = unsafe { StoreContextMut::from_raw(store) };
        Caller { store, instance }
    }

    pub(crate) fn reborrow(&mut self) -> Caller<'_, T> {
        Caller {
            store: self.store.as_context_mut(),
            instance: self.instance,
        }
    }

    /// The export of the calling instance with this name; `None` also if the host called.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        let instance = self.instance?;
        self.store.opaque_mut().export_of(instance, name)
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }
}

impl<T> AsContext for Caller<'_, T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        self.store.as_context()
    }
}

impl<T> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.store.as_context_mut()
    }
}

/// What a host closure may return: a value, a tuple, nothing, or a `Result` of these.
pub trait WasmRet {
    #[doc(hidden)]
    type Values: WasmResults;
    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Values>;
}

impl<R: WasmResults> WasmRet for R {
    type Values = R;
    fn into_result(self) -> Result<R> {
        Ok(self)
    }
}

impl<R: WasmResults> WasmRet for Result<R> {
    type Values = R;
    fn into_result(self) -> Result<R> {
        self
    }
}

/// A closure that can be a host function: up to 16 parameters, with or without a leading [`Caller`].
pub trait IntoFunc<T, Params, Results>: Send + Sync + 'static {
    #[doc(hidden)]
    fn into_definition(self) -> HostDefinition;
}

macro_rules! into_func {
    ($($name:ident $at:tt),*) => {
        impl<T: 'static, F, R, $($name: WasmTy),*> IntoFunc<T, ($($name,)*), R> for F
        where
            F: Fn($($name),*) -> R + Send + Sync + 'static,
            R: WasmRet,
        {
            fn into_definition(self) -> HostDefinition {
                IntoFunc::<T, (Caller<'_, T>, $($name,)*), R>::into_definition(
                    #[allow(non_snake_case, reason = "each parameter is named after its type")]
                    move |_: Caller<'_, T>, $($name: $name),*| self($($name),*)
                )
            }
        }

        impl<T: 'static, F, R, $($name: WasmTy),*> IntoFunc<T, (Caller<'_, T>, $($name,)*), R> for F
        where
            F: Fn(Caller<'_, T>, $($name),*) -> R + Send + Sync + 'static,
            R: WasmRet,
        {
            #[allow(unused_variables, non_snake_case, reason = "each parameter is named after its type; there may be none")]
            fn into_definition(self) -> HostDefinition {
                let ty = FuncType::of([$($name::valtype()),*], <R::Values as WasmParams>::types());
                let body = move |store: *mut StoreOpaque, caller: Option<InstanceId>, values: *mut ValRaw| -> Result<()> {
                    let count = <($($name,)*) as WasmParams>::COUNT
                        .max(<R::Values as WasmParams>::COUNT);
                    // SAFETY: the door passes the store that runs on this thread, whose data is a
                    // `T`, and an array with room for all arguments and results.
                    let (mut caller, raw) = unsafe {
                        (Caller::<T>::new(store, caller), std::slice::from_raw_parts_mut(values, count))
                    };
                    $(let $name = <$name as WasmTy>::from_raw(&mut Raw(caller.store.opaque_mut()), &raw[$at]);)*
                    let results = self(caller.reborrow(), $($name),*).into_result()?;
                    WasmParams::store_raw(results, &mut Raw(caller.store.opaque_mut()), raw)
                };
                HostDefinition { ty, body: Arc::new(body) }
            }
        }
    };
}

into_func!();
into_func!(A 0);
into_func!(A 0, B 1);
into_func!(A 0, B 1, C 2);
into_func!(A 0, B 1, C 2, D 3);
into_func!(A 0, B 1, C 2, D 3, E 4);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8, K 9);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8, K 9, L 10);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11, N 12);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11, N 12, O 13);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11, N 12, O 13, P 14);
into_func!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11, N 12, O 13, P 14, Q 15);
