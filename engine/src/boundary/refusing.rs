//! A code source without a compiler, for programs that only decode, link and instantiate, and for tests
//! that run no function.

use super::code_source::CodeSource;
use super::door::{EnterTrampoline, HostDoor};
use super::layout::Budget;
use crate::ids::DefinedFunc;
use crate::linkage::Linkage;
use crate::types::FuncType;
use anyhow::{Result, bail};
use std::any::Any;
use std::sync::Arc;
use stubs::CodeSpace;

/// Refuses every function: each call from the host is an error. Host functions can be made and imported.
#[derive(Debug)]
pub struct Refusing;

/// The code of all host functions. Only compiled code would call it, and there is none.
extern "sysv64" fn no_host_function() {
    std::process::abort()
}

// SAFETY: nothing is published, and without a trampoline from the host nothing is run.
unsafe impl CodeSource for Refusing {
    fn attach(&self, _: &Linkage, _: &Arc<CodeSpace>) -> Box<dyn Any + Send + Sync> {
        Box::new(())
    }

    fn detach(&self, _: &Linkage) {}

    fn first_call(&self, _: &Arc<Linkage>, _: DefinedFunc) -> Result<()> {
        bail!("nothing is compiled here")
    }

    fn redefine(&self, _: &Arc<Linkage>, _: DefinedFunc, change: &mut dyn FnMut()) {
        change();
    }

    fn remove(&self, _: &Arc<Linkage>) {}

    fn budget_spent(&self, _: &Arc<Linkage>, _: DefinedFunc, _: &mut Budget) {}

    fn host_called(&self) {}

    fn enter_trampoline(&self, _: &FuncType, _: &CodeSpace) -> Result<EnterTrampoline> {
        bail!("nothing is compiled here")
    }

    fn host_trampoline(&self, _: &FuncType, _: HostDoor, _: &CodeSpace) -> Result<usize> {
        Ok(no_host_function as *const () as usize)
    }

    fn shut_down(&self) {}
}
