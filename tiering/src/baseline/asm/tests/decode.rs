//! Operands for tests, and a check that an instruction is what it should be.
//!
//! A decoder reads the bytes back: the instruction must fill them, have the mnemonic and exactly the operands
//! that are expected, each with its size. Where the other encoder has the instruction too, the bytes must be
//! the same, so ours are no longer than they need to be.

use crate::baseline::asm::code::Asm;
use crate::baseline::asm::regs::{Gpr, Mem, Scale, Size, Xmm};
use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register};

/// A memory operand, in parts that a test can compare.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub base: Gpr,
    pub index: Option<(Gpr, Scale)>,
    pub disp: i32,
}

impl Place {
    pub fn mem(self) -> Mem {
        match self.index {
            None => Mem::at(self.base, self.disp),
            Some((index, scale)) => Mem::indexed(self.base, index, scale, self.disp),
        }
    }
}

/// A register or memory.
#[derive(Clone, Copy, Debug)]
pub enum Operand<R> {
    Reg(R),
    Mem(Place),
}

/// Emits with an operand of either kind.
macro_rules! with {
    ($operand:expr, $name:ident => $call:expr) => {
        match $operand {
            Operand::Reg($name) => $call,
            Operand::Mem(place) => {
                let $name = place.mem();
                $call
            }
        }
    };
}
pub(super) use with;

pub const SIZES: [Size; 4] = [Size::S8, Size::S16, Size::S32, Size::S64];
pub const WIDE: [Size; 2] = [Size::S32, Size::S64];
pub const DISPLACEMENTS: [i32; 9] = [0, 1, -1, 127, -128, 128, -129, i32::MIN, i32::MAX];
const SCALES: [Scale; 4] = [Scale::One, Scale::Two, Scale::Four, Scale::Eight];

pub fn gprs() -> impl Iterator<Item = Gpr> + Clone {
    (0..16).map(Gpr::new)
}

pub fn xmms() -> impl Iterator<Item = Xmm> + Clone {
    (0..16).map(Xmm::new)
}

fn indices() -> impl Iterator<Item = (Gpr, Scale)> {
    let all = gprs().filter(|index| *index != Gpr::RSP);
    all.flat_map(|index| SCALES.map(|scale| (index, scale)))
}

/// All memory operands with some displacements.
pub fn all_places() -> Vec<Place> {
    let mut places = Vec::new();
    for base in gprs() {
        for disp in DISPLACEMENTS {
            let place = |index| Place { base, index, disp };
            places.push(place(None));
            places.extend(indices().map(|index| place(Some(index))));
        }
    }
    places
}

/// Memory operands with every base, every displacement and every index, but not all of their combinations.
pub fn some_places() -> Vec<Place> {
    let mut places = Vec::new();
    for base in gprs() {
        for disp in DISPLACEMENTS {
            let index = None;
            places.push(Place { base, index, disp });
        }
    }
    for (at, index) in indices().enumerate() {
        let (base, disp) = (Gpr::new((at * 5 % 16) as u8), DISPLACEMENTS[at % 9]);
        let index = Some(index);
        places.push(Place { base, index, disp });
    }
    places
}

/// Every register with every register, and registers with memory.
pub fn pairs<R: Copy>(of: fn(u8) -> R) -> Vec<(R, Operand<R>)> {
    mixed_pairs(of, of)
}

/// The same for registers of two kinds.
pub fn mixed_pairs<A, R: Copy>(first: fn(u8) -> A, of: fn(u8) -> R) -> Vec<(A, Operand<R>)> {
    let registers = (0..16).flat_map(|a| (0..16).map(move |b| (first(a), Operand::Reg(of(b)))));
    let places = some_places().into_iter().enumerate();
    let memory = places.map(|(at, place)| (first((at * 7 % 16) as u8), Operand::Mem(place)));
    registers.chain(memory).collect()
}

/// Every register and some memory.
pub fn operands<R>(of: fn(u8) -> R) -> Vec<Operand<R>> {
    let memory = some_places().into_iter().map(Operand::Mem);
    (0..16)
        .map(|reg| Operand::Reg(of(reg)))
        .chain(memory)
        .collect()
}

/// What an operand of a decoded instruction must be.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    Gpr(Gpr, Size),
    Xmm(Xmm),
    /// Memory of so many bytes, or of any number if that is 0.
    Mem(Place, usize),
    /// An immediate, of which so many bits count.
    Imm(i64, u32),
}

pub fn bits(size: Size) -> u32 {
    8 << size as u32
}

impl Operand<Gpr> {
    pub fn sized(self, size: Size) -> Expected {
        match self {
            Operand::Reg(reg) => Expected::Gpr(reg, size),
            Operand::Mem(place) => Expected::Mem(place, bits(size) as usize / 8),
        }
    }

    /// The same, with a size in memory that differs from that in a register.
    pub fn sized_or(self, size: Size, bytes: usize) -> Expected {
        match self {
            Operand::Reg(reg) => Expected::Gpr(reg, size),
            Operand::Mem(place) => Expected::Mem(place, bytes),
        }
    }
}

impl Operand<Xmm> {
    pub fn any(self) -> Expected {
        match self {
            Operand::Reg(reg) => Expected::Xmm(reg),
            Operand::Mem(place) => Expected::Mem(place, 0),
        }
    }
}

/// The decoder's name of a register.
fn register(reg: Gpr, size: Size) -> Register {
    let number = u32::from(reg.number());
    match size {
        Size::S8 if number < 4 => Register::AL + number,
        Size::S8 => Register::SPL + (number - 4),
        Size::S16 => Register::AX + number,
        Size::S32 => Register::EAX + number,
        Size::S64 => Register::RAX + number,
    }
}

fn is_operand(found: &Instruction, at: u32, expected: Expected) -> bool {
    let kind = found.op_kind(at);
    match expected {
        Expected::Gpr(reg, size) => {
            kind == OpKind::Register && found.op_register(at) == register(reg, size)
        }
        Expected::Xmm(reg) => {
            let name = Register::XMM0 + u32::from(reg.number());
            kind == OpKind::Register && found.op_register(at) == name
        }
        Expected::Mem(place, bytes) => {
            let (index, scale) = match place.index {
                None => (Register::None, 1),
                Some((index, scale)) => (register(index, Size::S64), 1 << scale as u32),
            };
            kind == OpKind::Memory
                && found.memory_base() == register(place.base, Size::S64)
                && (found.memory_index(), found.memory_index_scale()) == (index, scale)
                && found.memory_displacement64() == place.disp as i64 as u64
                && (bytes == 0 || found.memory_size().size() == bytes)
        }
        Expected::Imm(value, bits) => {
            let is_immediate = !matches!(kind, OpKind::Register | OpKind::Memory);
            is_immediate && (found.immediate(at) ^ value as u64) << (64 - bits) == 0
        }
    }
}

/// Decodes the instruction at `at` in code.
pub fn decode(code: &[u8], at: usize) -> Instruction {
    Decoder::with_ip(64, &code[at..], at as u64, DecoderOptions::NONE).decode()
}

/// The mnemonic of a name in any case.
pub fn mnemonic(name: &str) -> Mnemonic {
    Mnemonic::values()
        .find(|mnemonic| format!("{mnemonic:?}").eq_ignore_ascii_case(name))
        .unwrap_or_else(|| panic!("{name} is a mnemonic"))
}

/// An empty function with room for what a test emits at once.
pub fn fresh() -> Asm {
    let mut asm = Asm::default();
    asm.begin(0);
    asm.reserve(64);
    asm
}

/// Emits instructions one by one and checks them.
#[derive(Default)]
pub struct Checker {
    asm: Asm,
    pub checked: usize,
    /// How many of them the other encoder has too.
    pub compared: usize,
}

impl Checker {
    /// Checks that `emit` emits this instruction, with these bytes if they are given.
    pub fn check(
        &mut self,
        mnemonic: Mnemonic,
        expected: &[Expected],
        bytes: Option<Vec<u8>>,
        emit: impl FnOnce(&mut Asm),
    ) {
        self.asm.begin(0);
        self.asm.reserve(16);
        emit(&mut self.asm);
        let code = self.asm.finish(0);
        let found = decode(code, 0);
        let same = found.mnemonic() == mnemonic
            && found.len() == code.len()
            && found.op_count() as usize == expected.len()
            && (0..)
                .zip(expected)
                .all(|(at, one)| is_operand(&found, at, *one));
        assert!(
            same,
            "{mnemonic:?} {expected:?} is encoded as {code:02x?}, which is {:?} {:?}",
            found.code(),
            (0..found.op_count())
                .map(|at| found.op_kind(at))
                .collect::<Vec<_>>(),
        );
        if let Some(bytes) = bytes {
            // On bytes, the other encoder takes a digit from 4 to 7, or a wider destination, for spl to dil,
            // and adds a REX prefix that says nothing.
            let bytes = match bytes.strip_prefix(&[0x40]) {
                Some(rest) if code.first() != Some(&0x40) => rest,
                _ => &bytes,
            };
            assert_eq!(
                code, bytes,
                "{mnemonic:?} {expected:?}: ours, and the other encoder's"
            );
            self.compared += 1;
        }
        self.checked += 1;
    }
}
