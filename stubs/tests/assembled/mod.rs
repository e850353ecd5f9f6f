//! Bodies assembled by hand, and how to publish and call them. Each test file uses a part of this.
#![allow(dead_code, reason = "each test file uses a part")]

use lazywasm_stubs::stacks;
use lazywasm_stubs::{
    CodeSpace, CodeSpaceConfig, EntryBlock, EntryId, FirstCall, GroupId, NewBody, PlacedReloc,
    PublishedBody, RelocKind, RelocValue, SideTables, Tier,
};
use std::sync::Arc;

extern "sysv64" fn refuse(_: *const (), entry: u32, _: *mut u8, _: *const u8) {
    eprintln!("entry {entry} was called before it was published");
    std::process::abort();
}

/// First calls end the process.
pub const NO_FIRST_CALL: FirstCall = FirstCall {
    handler: refuse,
    data: std::ptr::null(),
};

pub fn config(first_call: FirstCall) -> CodeSpaceConfig {
    CodeSpaceConfig {
        reserve: 128 << 20,
        cap: 64 << 20,
        patch_sites: true,
        first_call,
        listener: None,
    }
}

pub fn space() -> CodeSpace {
    CodeSpace::new(config(NO_FIRST_CALL)).expect("memory for code")
}

/// The entry at a position of a block.
pub fn nth(block: EntryBlock, at: u32) -> EntryId {
    assert!(at < block.len);
    EntryId(block.first.0 + at)
}

/// Code with its relocations.
#[derive(Clone, Debug, Default)]
pub struct Assembled {
    pub code: Vec<u8>,
    pub relocs: Vec<PlacedReloc>,
}

impl Assembled {
    pub fn bytes(mut self, bytes: &[u8]) -> Assembled {
        self.code.extend_from_slice(bytes);
        self
    }

    /// Four or eight bytes to be filled in.
    pub fn reloc(mut self, kind: RelocKind, value: RelocValue) -> Assembled {
        let (len, addend) = match kind {
            RelocKind::Abs8 => (8, 0),
            RelocKind::CallRel4 | RelocKind::PcRel4 => (4, -4),
        };
        self.relocs.push(PlacedReloc {
            offset: self.code.len() as u32,
            kind,
            value,
            addend,
            weight: 0,
        });
        self.code.extend(std::iter::repeat_n(0, len));
        self
    }

    /// `call callee`, the stack aligned for it if it was at entry.
    pub fn call(self, callee: EntryId) -> Assembled {
        self.bytes(&[0x48, 0x83, 0xEC, 8, 0xE8]) // sub rsp, 8; call
            .reloc(RelocKind::CallRel4, RelocValue::Entry(callee))
            .bytes(&[0x48, 0x83, 0xC4, 8]) // add rsp, 8
    }

    /// `jmp callee`
    pub fn jump(self, callee: EntryId) -> Assembled {
        self.bytes(&[0xE9])
            .reloc(RelocKind::CallRel4, RelocValue::Entry(callee))
    }

    /// Calls a function of the host.
    pub fn host(self, function: usize) -> Assembled {
        self.bytes(&[0x48, 0x83, 0xEC, 8, 0x48, 0xB8]) // sub rsp, 8; mov rax, imm64
            .reloc(RelocKind::Abs8, RelocValue::Address(function as u64))
            .bytes(&[0xFF, 0xD0, 0x48, 0x83, 0xC4, 8]) // call rax; add rsp, 8
    }

    /// `add eax, more`
    pub fn add(self, more: u8) -> Assembled {
        self.bytes(&[0x83, 0xC0, more])
    }

    pub fn ret(self) -> Assembled {
        self.bytes(&[0xC3])
    }

    pub fn nops(self, count: usize) -> Assembled {
        self.bytes(&vec![0x90; count])
    }
}

/// A function that returns a number.
pub fn constant(value: u32) -> Assembled {
    let bytes = value.to_le_bytes();
    Assembled::default().bytes(&[0xB8]).bytes(&bytes).ret() // mov eax, value
}

/// A function that returns what `callee` returns and `more`; `nops` bytes in front move its site.
pub fn calling(callee: EntryId, nops: usize, more: u8) -> Assembled {
    Assembled::default().nops(nops).call(callee).add(more).ret()
}

pub fn new_body(entry: EntryId, group: GroupId, assembled: &Assembled) -> NewBody<'_> {
    NewBody {
        entry,
        group,
        tier: Tier::BASELINE,
        generation: 0,
        code: &assembled.code,
        align: 1,
        relocs: &assembled.relocs,
        side: SideTables::default(),
        keeps: None,
    }
}

pub fn publish(
    space: &CodeSpace,
    entry: EntryId,
    group: GroupId,
    assembled: &Assembled,
) -> Arc<PublishedBody> {
    space
        .publish(new_body(entry, group, assembled))
        .expect("room for code")
}

/// The stack of the calling thread.
pub fn stack() -> &'static stacks::Stack {
    let stack = stacks::here().expect("the thread lives on");
    stack.expect("the bounds of the thread's stack are known")
}

/// Calls a function through its stub, as the host does.
pub fn call(space: &CodeSpace, entry: EntryId) -> u32 {
    let stack = stack();
    let before = stack.enter_wasm();
    // SAFETY: the stub jumps to assembled code, which follows the C convention.
    let result = unsafe {
        let code: extern "sysv64" fn() -> u32 = std::mem::transmute(space.stub_address(entry));
        code()
    };
    stack.leave_wasm(before);
    result
}

/// Does something as a function of the host that assembled code has called.
pub fn in_host<R>(body: impl FnOnce() -> R) -> R {
    let marker = 0u8;
    let stack = stack();
    let before = stack.enter_host((&raw const marker) as usize);
    let result = body();
    stack.leave_host(before);
    result
}
