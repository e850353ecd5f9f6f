//! The operations that differ only in what is computed, by family.
//!
//! A type and an operation together (`I32` and `DivS`) are the specification's name without its dots. Most
//! vector operations are named as a whole, because few exist for all shapes of vectors.

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident { $($operation:ident)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($operation),* }
    )*};
}

operations! {
    /// Types of integers.
    Int { I32 I64 }

    /// Types of floats.
    Float { F32 F64 }

    /// How an integer is read or extended. Where that does not matter, it is unsigned.
    Sign { Signed Unsigned }

    /// Integer operations with one operand of the same type.
    IntUnary { Clz Ctz Popcnt Extend8S Extend16S Extend32S }

    /// Integer operations with two operands that never trap, except shifts.
    IntBinary { Add Sub Mul And Or Xor }

    /// Shifts and rotations.
    IntShift { Shl ShrS ShrU Rotl Rotr }

    /// Integer operations that trap.
    IntDivide { DivS DivU RemS RemU }

    /// Comparisons of integers.
    IntCompare { Eq Ne LtS LtU GtS GtU LeS LeU GeS GeU }

    /// Float operations with one operand.
    FloatUnary { Abs Neg Ceil Floor Trunc Nearest Sqrt }

    /// Float operations with two operands.
    FloatBinary { Add Sub Mul Div Min Max Copysign }

    /// Comparisons of floats.
    FloatCompare { Eq Ne Lt Gt Le Ge }

    /// Shapes of vectors.
    Shape { I8x16 I16x8 I32x4 I64x2 F32x4 F64x2 }

    /// Vector operations with one operand.
    VectorUnary {
        V128Not
        I8x16Abs I8x16Neg I8x16Popcnt
        I16x8Abs I16x8Neg
        I32x4Abs I32x4Neg
        I64x2Abs I64x2Neg
        F32x4Ceil F32x4Floor F32x4Trunc F32x4Nearest F32x4Abs F32x4Neg F32x4Sqrt
        F64x2Ceil F64x2Floor F64x2Trunc F64x2Nearest F64x2Abs F64x2Neg F64x2Sqrt
    }

    /// Vector operations with two operands and a vector as result, except comparisons.
    VectorBinary {
        V128And V128AndNot V128Or V128Xor
        I8x16NarrowI16x8S I8x16NarrowI16x8U I8x16Add I8x16AddSatS I8x16AddSatU I8x16Sub I8x16SubSatS
        I8x16SubSatU I8x16MinS I8x16MinU I8x16MaxS I8x16MaxU I8x16AvgrU
        I16x8Q15MulrSatS I16x8NarrowI32x4S I16x8NarrowI32x4U I16x8Add I16x8AddSatS I16x8AddSatU
        I16x8Sub I16x8SubSatS I16x8SubSatU I16x8Mul I16x8MinS I16x8MinU I16x8MaxS I16x8MaxU
        I16x8AvgrU I16x8ExtMulLowI8x16S I16x8ExtMulHighI8x16S I16x8ExtMulLowI8x16U
        I16x8ExtMulHighI8x16U
        I32x4Add I32x4Sub I32x4Mul I32x4MinS I32x4MinU I32x4MaxS I32x4MaxU I32x4DotI16x8S
        I32x4ExtMulLowI16x8S I32x4ExtMulHighI16x8S I32x4ExtMulLowI16x8U I32x4ExtMulHighI16x8U
        I64x2Add I64x2Sub I64x2Mul I64x2ExtMulLowI32x4S I64x2ExtMulHighI32x4S I64x2ExtMulLowI32x4U
        I64x2ExtMulHighI32x4U
        F32x4Add F32x4Sub F32x4Mul F32x4Div F32x4Min F32x4Max F32x4PMin F32x4PMax
        F64x2Add F64x2Sub F64x2Mul F64x2Div F64x2Min F64x2Max F64x2PMin F64x2PMax
    }

    /// Shifts of all lanes by a scalar.
    VectorShift {
        I8x16Shl I8x16ShrS I8x16ShrU
        I16x8Shl I16x8ShrS I16x8ShrU
        I32x4Shl I32x4ShrS I32x4ShrU
        I64x2Shl I64x2ShrS I64x2ShrU
    }

    /// Conversions between vectors of different lanes, with one operand.
    VectorConvert {
        I16x8ExtAddPairwiseI8x16S I16x8ExtAddPairwiseI8x16U I16x8ExtendLowI8x16S
        I16x8ExtendHighI8x16S I16x8ExtendLowI8x16U I16x8ExtendHighI8x16U
        I32x4ExtAddPairwiseI16x8S I32x4ExtAddPairwiseI16x8U I32x4ExtendLowI16x8S
        I32x4ExtendHighI16x8S I32x4ExtendLowI16x8U I32x4ExtendHighI16x8U I32x4TruncSatF32x4S
        I32x4TruncSatF32x4U I32x4TruncSatF64x2SZero I32x4TruncSatF64x2UZero
        I64x2ExtendLowI32x4S I64x2ExtendHighI32x4S I64x2ExtendLowI32x4U I64x2ExtendHighI32x4U
        F32x4DemoteF64x2Zero F32x4ConvertI32x4S F32x4ConvertI32x4U
        F64x2PromoteLowF32x4 F64x2ConvertLowI32x4S F64x2ConvertLowI32x4U
    }
}
