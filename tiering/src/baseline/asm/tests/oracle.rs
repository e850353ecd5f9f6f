//! What another encoder makes of an instruction: the assembler of Cranelift, which shares no code with ours.
//!
//! It is asked by the names that it has, which are AT&T's with a suffix for the form of the operands. For
//! general instructions a test names them where it checks them (`bytes!`, `by_size!`); for vector
//! instructions there is a table for each form, in which an instruction is found by its mnemonic. What is in
//! no table, it does not have. Its branches and calls are not compared: it leaves their targets to the
//! caller.

use super::decode::{Operand, Place};
use crate::baseline::asm::regs::{Gpr, Scale, Xmm};
use cranelift_assembler_x64::{
    Amode, AmodeOffset, AmodeOffsetPlusKnownOffset, GprMem, NonRspGpr, Registers, TrapCode, XmmMem,
};
pub use cranelift_assembler_x64::{Imm8, Imm16, Imm32, Imm64, Simm8, Simm32, inst};

/// Registers are their numbers.
pub struct Numbers;
impl Registers for Numbers {
    type ReadGpr = u8;
    type ReadWriteGpr = u8;
    type WriteGpr = u8;
    type ReadXmm = u8;
    type ReadWriteXmm = u8;
    type WriteXmm = u8;
}

/// A trap, which makes no difference to the bytes.
pub const TRAP: TrapCode = TrapCode(std::num::NonZeroU8::MIN);

pub type RmGpr = GprMem<u8, u8>;
pub type RmXmm = XmmMem<u8, u8>;

/// The bytes of an instruction, or `None` for the name `none`.
macro_rules! bytes {
    (none $(, $arg:expr)*) => {{
        $(let _ = $arg;)*
        None::<Vec<u8>>
    }};
    ($name:ident $(, $arg:expr)*) => {{
        let mut bytes = Vec::new();
        $crate::baseline::asm::tests::oracle::inst::$name::<
            $crate::baseline::asm::tests::oracle::Numbers,
        >::new($($arg),*)
        .encode(&mut bytes);
        Some(bytes)
    }};
}
pub(super) use bytes;

/// The bytes of an instruction that names no register.
macro_rules! plain_bytes {
    ($name:ident $(, $arg:expr)*) => {{
        let mut bytes = Vec::new();
        $crate::baseline::asm::tests::oracle::inst::$name::new($($arg),*).encode(&mut bytes);
        Some(bytes)
    }};
}
pub(super) use plain_bytes;

/// The bytes of the instruction for a size, of four names for 8 to 64 bits.
macro_rules! by_size {
    ($size:expr, $b:ident $w:ident $l:ident $q:ident $(, $arg:expr)*) => {
        match $size {
            Size::S8 => oracle::bytes!($b $(, $arg)*),
            Size::S16 => oracle::bytes!($w $(, $arg)*),
            Size::S32 => oracle::bytes!($l $(, $arg)*),
            Size::S64 => oracle::bytes!($q $(, $arg)*),
        }
    };
}
pub(super) use by_size;

pub fn amode(place: Place) -> Amode<u8> {
    let disp = AmodeOffset::new(place.disp);
    match place.index {
        None => Amode::ImmReg {
            base: place.base.number(),
            simm32: AmodeOffsetPlusKnownOffset {
                simm32: disp,
                offset: None,
            },
            trap: None,
        },
        Some((index, scale)) => Amode::ImmRegRegShift {
            base: place.base.number(),
            index: NonRspGpr::new(index.number()),
            scale: match scale {
                Scale::One => cranelift_assembler_x64::Scale::One,
                Scale::Two => cranelift_assembler_x64::Scale::Two,
                Scale::Four => cranelift_assembler_x64::Scale::Four,
                Scale::Eight => cranelift_assembler_x64::Scale::Eight,
            },
            simm32: disp,
            trap: None,
        },
    }
}

pub fn gpr(operand: Operand<Gpr>) -> RmGpr {
    match operand {
        Operand::Reg(reg) => GprMem::Gpr(reg.number()),
        Operand::Mem(place) => GprMem::Mem(amode(place)),
    }
}

pub fn xmm(operand: Operand<Xmm>) -> RmXmm {
    match operand {
        Operand::Reg(reg) => XmmMem::Xmm(reg.number()),
        Operand::Mem(place) => XmmMem::Mem(amode(place)),
    }
}

/// A function that looks an instruction of one form up by its mnemonic.
macro_rules! forms {
    ($(fn $form:ident $args:tt { $($name:ident)* })*) => {
        $(forms!(@function $form $args [$($name)*]);)*
    };
    (@function $form:ident ($($arg:ident: $type:ty),*) $names:tt) => {
        pub fn $form(mnemonic: &str) -> Option<fn($($type),*) -> Option<Vec<u8>>> {
            forms!(@find mnemonic ($($arg),*) $names)
        }
    };
    (@find $mnemonic:ident $args:tt [$($name:ident)*]) => {{
        $(
            if stringify!($name).split('_').next() == Some($mnemonic) {
                return Some(forms!(@closure $name $args));
            }
        )*
        None
    }};
    (@closure $name:ident ($($arg:ident),*)) => {
        |$($arg),*| bytes!($name, $($arg),*)
    };
}

forms! {
    fn binary(dst: u8, src: RmXmm) {
        addps_a mulps_a subps_a minps_a divps_a maxps_a andps_a andnps_a orps_a xorps_a
        unpcklps_a unpckhps_a addpd_a mulpd_a subpd_a minpd_a divpd_a maxpd_a andpd_a
        andnpd_a orpd_a xorpd_a unpcklpd_a addss_a mulss_a subss_a minss_a divss_a maxss_a
        sqrtss_a cvtss2sd_a addsd_a mulsd_a subsd_a minsd_a divsd_a maxsd_a sqrtsd_a
        cvtsd2ss_a punpcklbw_a punpcklwd_a punpckldq_a packsswb_a pcmpgtb_a pcmpgtw_a
        pcmpgtd_a packuswb_a punpckhbw_a punpckhwd_a punpckhdq_a packssdw_a punpcklqdq_a
        punpckhqdq_a pcmpeqb_a pcmpeqw_a pcmpeqd_a psrlw_a psrld_a psrlq_a paddq_a pmullw_a
        psubusb_a psubusw_a pminub_a pand_a paddusb_a paddusw_a pmaxub_a pandn_a pavgb_a
        psraw_a psrad_a pavgw_a pmulhuw_a pmulhw_a psubsb_a psubsw_a pminsw_a por_a paddsb_a
        paddsw_a pmaxsw_a pxor_a psllw_a pslld_a psllq_a pmuludq_a pmaddwd_a psubb_a psubw_a
        psubd_a psubq_a paddb_a paddw_a paddd_a pshufb_a phaddw_a phaddd_a pmaddubsw_a
        pmulhrsw_a pmuldq_a pcmpeqq_a packusdw_a pcmpgtq_a pminsb_a pminsd_a pminuw_a
        pminud_a pmaxsb_a pmaxsd_a pmaxuw_a pmaxud_a pmulld_a
    }

    fn vbinary(dst: u8, a: u8, b: RmXmm) {
        vaddps_b vmulps_b vsubps_b vminps_b vdivps_b vmaxps_b vandps_b vandnps_b vorps_b
        vxorps_b vunpcklps_b vunpckhps_b vaddpd_b vmulpd_b vsubpd_b vminpd_b vdivpd_b
        vmaxpd_b vandpd_b vandnpd_b vorpd_b vxorpd_b vunpcklpd_b vaddss_b vmulss_b vsubss_b
        vminss_b vdivss_b vmaxss_b vsqrtss_b vcvtss2sd_b vaddsd_b vmulsd_b vsubsd_b vminsd_b
        vdivsd_b vmaxsd_b vsqrtsd_b vcvtsd2ss_b vpunpcklbw_b vpunpcklwd_b vpunpckldq_b
        vpacksswb_b vpcmpgtb_b vpcmpgtw_b vpcmpgtd_b vpackuswb_b vpunpckhbw_b vpunpckhwd_b
        vpunpckhdq_b vpackssdw_b vpunpcklqdq_b vpunpckhqdq_b vpcmpeqb_b vpcmpeqw_b
        vpcmpeqd_b vpsrlw_c vpsrld_c vpsrlq_c vpaddq_b vpmullw_b vpsubusb_b vpsubusw_b
        vpminub_b vpand_b vpaddusb_b vpaddusw_b vpmaxub_b vpandn_b vpavgb_b vpsraw_c
        vpsrad_c vpavgw_b vpmulhuw_b vpmulhw_b vpsubsb_b vpsubsw_b vpminsw_b vpor_b
        vpaddsb_b vpaddsw_b vpmaxsw_b vpxor_b vpsllw_c vpslld_c vpsllq_c vpmuludq_b
        vpmaddwd_b vpsubb_b vpsubw_b vpsubd_b vpsubq_b vpaddb_b vpaddw_b vpaddd_b vpshufb_b
        vphaddw_b vphaddd_b vpmaddubsw_b vpmulhrsw_b vpmuldq_b vpcmpeqq_b vpackusdw_b
        vpcmpgtq_b vpminsb_b vpminsd_b vpminuw_b vpminud_b vpmaxsb_b vpmaxsd_b vpmaxuw_b
        vpmaxud_b vpmulld_b
    }

    fn binary_imm(dst: u8, src: RmXmm, imm: u8) {
        cmpps_a shufps_a cmppd_a shufpd_a cmpss_a cmpsd_a roundss_rmi roundsd_rmi
        pblendw_rmi palignr_a insertps_a
    }

    fn vbinary_imm(dst: u8, a: u8, b: RmXmm, imm: u8) {
        vcmpps_b vshufps_b vcmppd_b vshufpd_b vcmpss_b vcmpsd_b vroundss_rvmi vroundsd_rvmi
        vpblendw_rvmi vpalignr_b vinsertps_b
    }

    fn merge(dst: u8, src: u8) {
        movlhps_rm movss_a_r movsd_a_r
    }

    fn vmerge(dst: u8, a: u8, b: u8) {
        vmovlhps_rvm vmovss_b vmovsd_b
    }

    fn unary(dst: u8, src: RmXmm) {
        movups_a movaps_a ucomiss_a sqrtps_a cvtps2pd_a cvtdq2ps_a ucomisd_a sqrtpd_a
        cvtpd2ps_a movdqa_a cvttpd2dq_a cvttps2dq_a movdqu_a cvtdq2pd_a movddup_a ptest_rm
        pabsb_a pabsw_a pabsd_a pmovsxbw_a pmovsxbd_a pmovsxbq_a pmovsxwd_a pmovsxwq_a
        pmovsxdq_a pmovzxbw_a pmovzxbd_a pmovzxbq_a pmovzxwd_a pmovzxwq_a pmovzxdq_a
    }

    fn vunary(dst: u8, src: RmXmm) {
        vmovups_a vmovaps_a vucomiss_a vsqrtps_b vcvtps2pd_a vcvtdq2ps_a vucomisd_a
        vsqrtpd_b vcvtpd2ps_a vmovdqa_a vcvttpd2dq_a vcvttps2dq_a vmovdqu_a vcvtdq2pd_a
        vmovddup_a vptest_rm vpabsb_a vpabsw_a vpabsd_a vpmovsxbw_a vpmovsxbd_a vpmovsxbq_a
        vpmovsxwd_a vpmovsxwq_a vpmovsxdq_a vpmovzxbw_a vpmovzxbd_a vpmovzxbq_a vpmovzxwd_a
        vpmovzxwq_a vpmovzxdq_a
    }

    fn unary_imm(dst: u8, src: RmXmm, imm: u8) {
        pshufd_a pshufhw_a pshuflw_a roundps_rmi roundpd_rmi
    }

    fn vunary_imm(dst: u8, src: RmXmm, imm: u8) {
        vpshufd_a vpshufhw_a vpshuflw_a vroundps_rmi vroundpd_rmi
    }

    fn load(dst: u8, src: Amode<u8>) {
        movss_a_m movsd_a_m
    }

    fn vload(dst: u8, src: Amode<u8>) {
        vmovss_d vmovsd_d
    }

    fn load_half(dst: u8, src: Amode<u8>) {
        movhps_a
    }

    fn vload_half(dst: u8, a: u8, src: Amode<u8>) {
        vmovhps_b
    }

    fn store(dst: Amode<u8>, src: u8) {
        movups_b movaps_b movdqa_b movdqu_b movss_c_m movsd_c_m
    }

    fn vstore(dst: Amode<u8>, src: u8) {
        vmovups_b vmovaps_b vmovdqa_b vmovdqu_b vmovss_c_m vmovsd_c_m
    }

    fn blend(dst: u8, src: RmXmm, mask: u8) {
        blendvps_rm0 blendvpd_rm0 pblendvb_rm
    }

    fn vblend(dst: u8, a: u8, b: RmXmm, mask: u8) {
        vblendvps_rvmr vblendvpd_rvmr vpblendvb_rvmr
    }

    fn shift_lanes(dst: u8, imm: u8) {
        psrlw_b psraw_b psllw_b psrld_b psrad_b pslld_b psrlq_b psllq_b
    }

    fn vshift_lanes(dst: u8, src: u8, imm: u8) {
        vpsrlw_d vpsraw_d vpsllw_d vpsrld_d vpsrad_d vpslld_d vpsrlq_d vpsllq_d
    }

    fn move_from_gpr(dst: u8, src: RmGpr) {
        movd_a movq_a
    }

    fn vmove_from_gpr(dst: u8, src: RmGpr) {
        vmovd_a vmovq_a
    }

    fn move_to_gpr(dst: RmGpr, src: u8) {
        movd_b movq_b
    }

    fn vmove_to_gpr(dst: RmGpr, src: u8) {
        vmovd_b vmovq_b
    }

    fn insert(dst: u8, src: RmGpr, imm: u8) {
        pinsrw_a pinsrb_a pinsrd_a pinsrq_a
    }

    fn vinsert(dst: u8, a: u8, src: RmGpr, imm: u8) {
        vpinsrw_b vpinsrb_b vpinsrd_b vpinsrq_b
    }

    fn extract(dst: RmGpr, src: u8, imm: u8) {
        pextrb_a pextrw_b pextrd_a pextrq_a extractps_a
    }

    fn vextract(dst: RmGpr, src: u8, imm: u8) {
        vpextrb_a vpextrw_b vpextrd_a vpextrq_a vextractps_b
    }

    fn mask(dst: u8, src: u8) {
        movmskps_rm movmskpd_rm pmovmskb_rm
    }

    fn vmask(dst: u8, src: u8) {
        vmovmskps_rm vmovmskpd_rm vpmovmskb_rm
    }

    fn fma(dst: u8, a: u8, b: RmXmm) {
        vfmadd231ps_a vfmadd231pd_a vfnmadd231ps_a vfnmadd231pd_a
    }
}
