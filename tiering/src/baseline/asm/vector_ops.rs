//! A constant for each vector and float instruction, by the form of its operands.
//!
//! All operators of the SIMD proposal, and those of the scalar floats, are made of these. The type of a
//! constant says which method of `vector.rs` takes it, so an instruction cannot be emitted in a form that it
//! does not have. The name is Intel's, without the V of the AVX form, which has the same opcode and which
//! `v...` methods emit; instructions that have only an AVX form keep the V.

use super::form::Map::{M0F, M0F3A, M0F38};
use super::form::Opcode;

/// Mandatory prefixes: none, and three others.
const NP: u8 = 0;
const P66: u8 = 0x66;
const PF3: u8 = 0xF3;
const PF2: u8 = 0xF2;

/// A type, and its constants: the prefix, the map and the opcode of each, and `w1` where W is part of it. For
/// tests, all of them with their names.
macro_rules! family {
    (
        $(#[$doc:meta])*
        $family:ident:
        $($name:ident = $prefix:ident $map:ident $byte:literal $($wide:ident)?;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $family(pub(super) Opcode);

        impl $family {
            $(
                pub const $name: $family =
                    $family(Opcode::new($prefix, $map, $byte)$(.$wide())?);
            )*
            #[cfg(test)]
            pub const ALL: &[(&str, $family)] = &[$((stringify!($name), $family::$name)),*];
        }
    };
}

family! {
    /// `dst = dst op src`, with AVX `dst = a op b`. Comparisons, shifts by a vector, packing and shuffling
    /// are of this form too. Memory has 16 bytes, aligned without AVX; for scalars it has the scalar's size.
    Binary:
    ADDPS = NP M0F 0x58;
    MULPS = NP M0F 0x59;
    SUBPS = NP M0F 0x5C;
    MINPS = NP M0F 0x5D;
    DIVPS = NP M0F 0x5E;
    MAXPS = NP M0F 0x5F;
    ANDPS = NP M0F 0x54;
    ANDNPS = NP M0F 0x55;
    ORPS = NP M0F 0x56;
    XORPS = NP M0F 0x57;
    UNPCKLPS = NP M0F 0x14;
    UNPCKHPS = NP M0F 0x15;
    ADDPD = P66 M0F 0x58;
    MULPD = P66 M0F 0x59;
    SUBPD = P66 M0F 0x5C;
    MINPD = P66 M0F 0x5D;
    DIVPD = P66 M0F 0x5E;
    MAXPD = P66 M0F 0x5F;
    ANDPD = P66 M0F 0x54;
    ANDNPD = P66 M0F 0x55;
    ORPD = P66 M0F 0x56;
    XORPD = P66 M0F 0x57;
    UNPCKLPD = P66 M0F 0x14;
    UNPCKHPD = P66 M0F 0x15;
    ADDSS = PF3 M0F 0x58;
    MULSS = PF3 M0F 0x59;
    SUBSS = PF3 M0F 0x5C;
    MINSS = PF3 M0F 0x5D;
    DIVSS = PF3 M0F 0x5E;
    MAXSS = PF3 M0F 0x5F;
    SQRTSS = PF3 M0F 0x51;
    CVTSS2SD = PF3 M0F 0x5A;
    ADDSD = PF2 M0F 0x58;
    MULSD = PF2 M0F 0x59;
    SUBSD = PF2 M0F 0x5C;
    MINSD = PF2 M0F 0x5D;
    DIVSD = PF2 M0F 0x5E;
    MAXSD = PF2 M0F 0x5F;
    SQRTSD = PF2 M0F 0x51;
    CVTSD2SS = PF2 M0F 0x5A;
    HADDPS = PF2 M0F 0x7C;
    HADDPD = P66 M0F 0x7C;
    PUNPCKLBW = P66 M0F 0x60;
    PUNPCKLWD = P66 M0F 0x61;
    PUNPCKLDQ = P66 M0F 0x62;
    PACKSSWB = P66 M0F 0x63;
    PCMPGTB = P66 M0F 0x64;
    PCMPGTW = P66 M0F 0x65;
    PCMPGTD = P66 M0F 0x66;
    PACKUSWB = P66 M0F 0x67;
    PUNPCKHBW = P66 M0F 0x68;
    PUNPCKHWD = P66 M0F 0x69;
    PUNPCKHDQ = P66 M0F 0x6A;
    PACKSSDW = P66 M0F 0x6B;
    PUNPCKLQDQ = P66 M0F 0x6C;
    PUNPCKHQDQ = P66 M0F 0x6D;
    PCMPEQB = P66 M0F 0x74;
    PCMPEQW = P66 M0F 0x75;
    PCMPEQD = P66 M0F 0x76;
    PSRLW = P66 M0F 0xD1;
    PSRLD = P66 M0F 0xD2;
    PSRLQ = P66 M0F 0xD3;
    PADDQ = P66 M0F 0xD4;
    PMULLW = P66 M0F 0xD5;
    PSUBUSB = P66 M0F 0xD8;
    PSUBUSW = P66 M0F 0xD9;
    PMINUB = P66 M0F 0xDA;
    PAND = P66 M0F 0xDB;
    PADDUSB = P66 M0F 0xDC;
    PADDUSW = P66 M0F 0xDD;
    PMAXUB = P66 M0F 0xDE;
    PANDN = P66 M0F 0xDF;
    PAVGB = P66 M0F 0xE0;
    PSRAW = P66 M0F 0xE1;
    PSRAD = P66 M0F 0xE2;
    PAVGW = P66 M0F 0xE3;
    PMULHUW = P66 M0F 0xE4;
    PMULHW = P66 M0F 0xE5;
    PSUBSB = P66 M0F 0xE8;
    PSUBSW = P66 M0F 0xE9;
    PMINSW = P66 M0F 0xEA;
    POR = P66 M0F 0xEB;
    PADDSB = P66 M0F 0xEC;
    PADDSW = P66 M0F 0xED;
    PMAXSW = P66 M0F 0xEE;
    PXOR = P66 M0F 0xEF;
    PSLLW = P66 M0F 0xF1;
    PSLLD = P66 M0F 0xF2;
    PSLLQ = P66 M0F 0xF3;
    PMULUDQ = P66 M0F 0xF4;
    PMADDWD = P66 M0F 0xF5;
    PSADBW = P66 M0F 0xF6;
    PSUBB = P66 M0F 0xF8;
    PSUBW = P66 M0F 0xF9;
    PSUBD = P66 M0F 0xFA;
    PSUBQ = P66 M0F 0xFB;
    PADDB = P66 M0F 0xFC;
    PADDW = P66 M0F 0xFD;
    PADDD = P66 M0F 0xFE;
    PSHUFB = P66 M0F38 0x00;
    PHADDW = P66 M0F38 0x01;
    PHADDD = P66 M0F38 0x02;
    PMADDUBSW = P66 M0F38 0x04;
    PSIGNB = P66 M0F38 0x08;
    PSIGNW = P66 M0F38 0x09;
    PSIGND = P66 M0F38 0x0A;
    PMULHRSW = P66 M0F38 0x0B;
    PMULDQ = P66 M0F38 0x28;
    PCMPEQQ = P66 M0F38 0x29;
    PACKUSDW = P66 M0F38 0x2B;
    PCMPGTQ = P66 M0F38 0x37;
    PMINSB = P66 M0F38 0x38;
    PMINSD = P66 M0F38 0x39;
    PMINUW = P66 M0F38 0x3A;
    PMINUD = P66 M0F38 0x3B;
    PMAXSB = P66 M0F38 0x3C;
    PMAXSD = P66 M0F38 0x3D;
    PMAXUW = P66 M0F38 0x3E;
    PMAXUD = P66 M0F38 0x3F;
    PMULLD = P66 M0F38 0x40;
}

family! {
    /// As `Binary`, with an immediate that says what is done.
    BinaryImm:
    CMPPS = NP M0F 0xC2;
    SHUFPS = NP M0F 0xC6;
    CMPPD = P66 M0F 0xC2;
    SHUFPD = P66 M0F 0xC6;
    CMPSS = PF3 M0F 0xC2;
    CMPSD = PF2 M0F 0xC2;
    ROUNDSS = P66 M0F3A 0x0A;
    ROUNDSD = P66 M0F3A 0x0B;
    BLENDPS = P66 M0F3A 0x0C;
    BLENDPD = P66 M0F3A 0x0D;
    PBLENDW = P66 M0F3A 0x0E;
    PALIGNR = P66 M0F3A 0x0F;
    INSERTPS = P66 M0F3A 0x21;
}

family! {
    /// `dst` takes a part of a register and keeps, or with AVX takes from `a`, the rest. The same opcodes
    /// with memory are in `Load` and `LoadHalf`.
    Merge:
    MOVHLPS = NP M0F 0x12;
    MOVLHPS = NP M0F 0x16;
    MOVSS = PF3 M0F 0x10;
    MOVSD = PF2 M0F 0x10;
}

family! {
    /// `dst = op src`, or the flags of both. Memory is aligned without AVX, except for `MOVUPS`, `MOVDQU`,
    /// and what reads less than 16 bytes.
    Unary:
    MOVUPS = NP M0F 0x10;
    MOVAPS = NP M0F 0x28;
    UCOMISS = NP M0F 0x2E;
    SQRTPS = NP M0F 0x51;
    CVTPS2PD = NP M0F 0x5A;
    CVTDQ2PS = NP M0F 0x5B;
    UCOMISD = P66 M0F 0x2E;
    SQRTPD = P66 M0F 0x51;
    CVTPD2PS = P66 M0F 0x5A;
    CVTPS2DQ = P66 M0F 0x5B;
    MOVDQA = P66 M0F 0x6F;
    CVTTPD2DQ = P66 M0F 0xE6;
    MOVSLDUP = PF3 M0F 0x12;
    MOVSHDUP = PF3 M0F 0x16;
    CVTTPS2DQ = PF3 M0F 0x5B;
    MOVDQU = PF3 M0F 0x6F;
    MOVQ = PF3 M0F 0x7E;
    CVTDQ2PD = PF3 M0F 0xE6;
    MOVDDUP = PF2 M0F 0x12;
    PTEST = P66 M0F38 0x17;
    PABSB = P66 M0F38 0x1C;
    PABSW = P66 M0F38 0x1D;
    PABSD = P66 M0F38 0x1E;
    PMOVSXBW = P66 M0F38 0x20;
    PMOVSXBD = P66 M0F38 0x21;
    PMOVSXBQ = P66 M0F38 0x22;
    PMOVSXWD = P66 M0F38 0x23;
    PMOVSXWQ = P66 M0F38 0x24;
    PMOVSXDQ = P66 M0F38 0x25;
    PMOVZXBW = P66 M0F38 0x30;
    PMOVZXBD = P66 M0F38 0x31;
    PMOVZXBQ = P66 M0F38 0x32;
    PMOVZXWD = P66 M0F38 0x33;
    PMOVZXWQ = P66 M0F38 0x34;
    PMOVZXDQ = P66 M0F38 0x35;
}

family! {
    /// As `Unary`, with an immediate that says what is done.
    UnaryImm:
    PSHUFD = P66 M0F 0x70;
    PSHUFHW = PF3 M0F 0x70;
    PSHUFLW = PF2 M0F 0x70;
    ROUNDPS = P66 M0F3A 0x08;
    ROUNDPD = P66 M0F3A 0x09;
}

family! {
    /// `dst = [mem]`, the rest of `dst` becoming 0.
    Load:
    MOVSS = PF3 M0F 0x10;
    MOVSD = PF2 M0F 0x10;
}

family! {
    /// A half of `dst` is loaded, the other is kept, or with AVX taken from `a`.
    LoadHalf:
    MOVLPS = NP M0F 0x12;
    MOVHPS = NP M0F 0x16;
}

family! {
    /// `[mem] = src`
    Store:
    MOVUPS = NP M0F 0x11;
    MOVLPS = NP M0F 0x13;
    MOVHPS = NP M0F 0x17;
    MOVAPS = NP M0F 0x29;
    MOVDQA = P66 M0F 0x7F;
    MOVQ = P66 M0F 0xD6;
    MOVSS = PF3 M0F 0x11;
    MOVDQU = PF3 M0F 0x7F;
    MOVSD = PF2 M0F 0x11;
}

family! {
    /// `dst` takes the lanes of `src` whose highest bit is set in the mask: in xmm0, or with AVX in any
    /// register.
    Blend:
    BLENDVPS = P66 M0F38 0x14;
    BLENDVPD = P66 M0F38 0x15;
    PBLENDVB = P66 M0F38 0x10;
}

/// Shifts of all lanes, or of the whole register by bytes, by an immediate. The digit is part of the opcode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShiftImm(pub(super) Opcode, pub(super) u8);

impl ShiftImm {
    pub const PSRLW: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x71), 2);
    pub const PSRAW: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x71), 4);
    pub const PSLLW: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x71), 6);
    pub const PSRLD: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x72), 2);
    pub const PSRAD: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x72), 4);
    pub const PSLLD: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x72), 6);
    pub const PSRLQ: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x73), 2);
    pub const PSRLDQ: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x73), 3);
    pub const PSLLQ: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x73), 6);
    pub const PSLLDQ: ShiftImm = ShiftImm(Opcode::new(P66, M0F, 0x73), 7);

    #[cfg(test)]
    pub const ALL: &[(&str, ShiftImm)] = &[
        ("PSRLW", ShiftImm::PSRLW),
        ("PSRAW", ShiftImm::PSRAW),
        ("PSLLW", ShiftImm::PSLLW),
        ("PSRLD", ShiftImm::PSRLD),
        ("PSRAD", ShiftImm::PSRAD),
        ("PSLLD", ShiftImm::PSLLD),
        ("PSRLQ", ShiftImm::PSRLQ),
        ("PSRLDQ", ShiftImm::PSRLDQ),
        ("PSLLQ", ShiftImm::PSLLQ),
        ("PSLLDQ", ShiftImm::PSLLDQ),
    ];
}

family! {
    /// `dst = src`, a general-purpose register or memory, the rest becoming 0.
    FromGpr:
    MOVD = P66 M0F 0x6E;
    MOVQ = P66 M0F 0x6E w1;
}

family! {
    /// `dst = src`, where `dst` is a general-purpose register or memory.
    ToGpr:
    MOVD = P66 M0F 0x7E;
    MOVQ = P66 M0F 0x7E w1;
}

family! {
    /// The lane of `dst` that the immediate names becomes `src`, a general-purpose register or memory.
    Insert:
    PINSRW = P66 M0F 0xC4;
    PINSRB = P66 M0F3A 0x20;
    PINSRD = P66 M0F3A 0x22;
    PINSRQ = P66 M0F3A 0x22 w1;
}

family! {
    /// `dst`, a general-purpose register or memory, becomes the lane that the immediate names; in a register,
    /// extended by zeros.
    Extract:
    PEXTRB = P66 M0F3A 0x14;
    PEXTRW = P66 M0F3A 0x15;
    PEXTRD = P66 M0F3A 0x16;
    PEXTRQ = P66 M0F3A 0x16 w1;
    EXTRACTPS = P66 M0F3A 0x17;
}

family! {
    /// `dst`, a general-purpose register, gets the highest bit of each lane.
    Mask:
    MOVMSKPS = NP M0F 0x50;
    MOVMSKPD = P66 M0F 0x50;
    PMOVMSKB = P66 M0F 0xD7;
}

family! {
    /// Conversion of a signed integer of 32 or 64 bits. The rest of `dst` is kept, or with AVX taken from
    /// `a`.
    FloatFromInt:
    CVTSI2SS = PF3 M0F 0x2A;
    CVTSI2SD = PF2 M0F 0x2A;
}

family! {
    /// Conversion to a signed integer of 32 or 64 bits; what does not fit gives the lowest one.
    IntFromFloat:
    CVTTSS2SI = PF3 M0F 0x2C;
    CVTSS2SI = PF3 M0F 0x2D;
    CVTTSD2SI = PF2 M0F 0x2C;
    CVTSD2SI = PF2 M0F 0x2D;
}

family! {
    /// `dst += a * b`, or `-=`, rounded once. Needs FMA.
    Fma:
    VFMADD231PS = P66 M0F38 0xB8;
    VFMADD231PD = P66 M0F38 0xB8 w1;
    VFNMADD231PS = P66 M0F38 0xBC;
    VFNMADD231PD = P66 M0F38 0xBC w1;
}

family! {
    /// All lanes become the lowest one of a register, or what is in memory. Needs AVX2, `VBROADCASTSS` from
    /// memory only AVX.
    Broadcast:
    VBROADCASTSS = P66 M0F38 0x18;
    VPBROADCASTD = P66 M0F38 0x58;
    VPBROADCASTQ = P66 M0F38 0x59;
    VPBROADCASTB = P66 M0F38 0x78;
    VPBROADCASTW = P66 M0F38 0x79;
}
