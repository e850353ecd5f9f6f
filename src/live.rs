//! Live programs: functions that are replaced while they run.
//!
//! [`Linker::instantiate_live`](crate::Linker::instantiate_live) makes an instance whose functions
//! [`Instance::replace_func`](crate::Instance::replace_func) replaces. When that returns, every call that
//! begins later reaches the new function, wherever it comes from; calls that are running end in the old one.
//! docs/live.md says how it works.
//!
//! ```
//! use lazywasm::{Engine, Func, Linker, Module, Store};
//!
//! # fn main() -> lazywasm::Result<()> {
//! let engine = Engine::default();
//! let module = Module::new(
//!     &engine,
//!     r#"(module
//!         (func $price (export "price") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
//!         (func (export "total") (param i32) (result i32)
//!             (i32.add (call $price (local.get 0)) (i32.const 1))))"#,
//! )?;
//! let mut store = Store::new(&engine, ());
//! let shop = Linker::new(&engine).instantiate_live(&mut store, &module)?;
//! let total = shop.get_typed_func::<i32, i32>(&mut store, "total")?;
//! assert_eq!(total.call(&mut store, 20)?, 41);
//!
//! let sale = Func::wrap(&mut store, |x: i32| x);
//! shop.replace_func(&mut store, "price", sale)?;
//! assert_eq!(total.call(&mut store, 20)?, 21);
//! assert_eq!(shop.func_state(&store, "price")?.defined_in, "host");
//! # Ok(())
//! # }
//! ```

pub use engine::{CallSite, FuncState, FuncTier};
