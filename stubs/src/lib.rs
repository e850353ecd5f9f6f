#![allow(missing_docs, unused)]
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u32);
#[derive(Clone, Copy, Debug)]
pub struct EntryBlock {
    pub first: EntryId,
    pub len: u32,
}
pub struct FirstCall {
    pub handler: extern "sysv64" fn(*const (), u32, *mut u8, *const u8) -> usize,
    pub data: *const (),
}
pub struct CodeSpaceConfig {
    pub reserve: usize,
    pub cap: usize,
    pub patch_sites: bool,
    pub first_call: FirstCall,
}
#[derive(Debug)]
pub struct CodeError;
impl std::fmt::Display for CodeError {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
impl std::error::Error for CodeError {}
pub struct CodeSpace {
    _x: *mut u8,
}
unsafe impl Send for CodeSpace {}
unsafe impl Sync for CodeSpace {}
pub struct Location {
    pub inline_node: u32,
    pub offset: u32,
}
pub struct SideTables;
impl SideTables {
    pub fn location(&self, _: u32) -> Option<Location> {
        None
    }
    pub fn trap(&self, _: u32) -> Option<u8> {
        None
    }
}
pub struct PublishedBody {
    side: SideTables,
}
impl PublishedBody {
    pub fn start(&self) -> usize {
        0
    }
    pub fn entry(&self) -> EntryId {
        EntryId(0)
    }
    pub fn side(&self) -> &SideTables {
        &self.side
    }
}
impl CodeSpace {
    pub fn new(_: CodeSpaceConfig) -> Result<CodeSpace, CodeError> {
        Err(CodeError)
    }
    pub fn alloc_entries(&self, _: u32) -> Result<EntryBlock, CodeError> {
        Err(CodeError)
    }
    pub fn release_entries(&self, _: EntryBlock) {}
    pub fn entry_word(&self, _: EntryId) -> *const AtomicUsize {
        std::ptr::null()
    }
    pub unsafe fn lookup(&self, _: usize) -> Option<&PublishedBody> {
        None
    }
}
pub mod stacks {
    #[derive(Clone, Copy)]
    pub struct StackState;
    pub struct Stack;
    impl Stack {
        pub fn low(&self) -> usize {
            0
        }
        pub fn enter_wasm(&self) -> StackState {
            StackState
        }
        pub fn leave_wasm(&self, _: StackState) {}
        pub fn enter_host(&self, _: usize) -> StackState {
            StackState
        }
        pub fn leave_host(&self, _: StackState) {}
    }
    pub fn current() -> &'static Stack {
        &Stack
    }
}
