//! Programs of our own: one to three linked modules whose code is nearly all executed, and that are full of
//! what compilers get wrong.
//!
//! wasm-smith makes any valid code, and most of it traps at once or is never reached. Here loops count down,
//! recursion uses fuel, addresses and divisors are nearly always good, and what traps is chosen. The shapes
//! are those that a single-pass compiler finds hard: deep stacks, locals that are written while older reads
//! of them wait, merges with values in different places, long lists of parameters and results.
//!
//! `plan` is what a body must know of its module. `body` has the state while a body is made; `values`,
//! `control`, `vectors` and `statements` add to it, with the operators of `operators`. `module` puts a
//! module around bodies. `shrink` makes a program smaller that shows a difference.

mod body;
mod control;
mod module;
mod operators;
mod plan;
mod shrink;
mod statements;
mod values;
mod vectors;

use crate::generate::Program;
use crate::value::Sequence;
use module::Draft;

/// What a program may have. The order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Feature {
    /// A loop.
    Loop,
    /// A call in the module.
    Call,
    /// A call of another module.
    CallForeign,
    /// A call of the host.
    CallHost,
    /// A call through a table.
    CallIndirect,
    /// A function calls itself.
    Recursion,
    /// A tail call.
    TailCall,
    /// A call with more than eight parameters.
    StackParams,
    /// A call with more than two results.
    ManyResults,
    /// A block with parameters or several results.
    MultiValue,
    /// A `br_table`.
    Switch,
    /// A `br_table` that carries several values.
    SwitchValues,
    /// More values on the stack than registers.
    DeepStack,
    /// Locals that change places.
    Permutation,
    /// `select`.
    Select,
    /// An integer division.
    Division,
    /// Code that is never reached.
    DeadCode,
    /// `memory.grow`.
    MemoryGrow,
    /// More than one memory.
    Memories,
    /// `memory.copy`, `fill` or `init`.
    Bulk,
    /// An operator of tables.
    Tables,
    /// An address that may be outside of every memory.
    WildAddress,
    /// A vector operator.
    Vectors,
}

impl Feature {
    /// All, in the order of reports.
    pub const ALL: [Feature; 23] = [
        Feature::Loop,
        Feature::Call,
        Feature::CallForeign,
        Feature::CallHost,
        Feature::CallIndirect,
        Feature::Recursion,
        Feature::TailCall,
        Feature::StackParams,
        Feature::ManyResults,
        Feature::MultiValue,
        Feature::Switch,
        Feature::SwitchValues,
        Feature::DeepStack,
        Feature::Permutation,
        Feature::Select,
        Feature::Division,
        Feature::DeadCode,
        Feature::MemoryGrow,
        Feature::Memories,
        Feature::Bulk,
        Feature::Tables,
        Feature::WildAddress,
        Feature::Vectors,
    ];
}

/// A program that can be made smaller.
#[derive(Clone)]
pub struct Structured {
    drafts: Vec<Draft>,
    features: u32,
}

impl Structured {
    /// The program of a seed: the same on every machine. `vectors` permits vectors.
    pub fn of_seed(seed: u64, vectors: bool) -> Structured {
        // Not the numbers that the arguments of the same seed are made of.
        let mut sequence = Sequence::new(seed ^ 0x5EED_0F57_2C7A_11E5);
        let vectors = vectors && sequence.number() & 0x300 != 0;
        let types = plan::signatures(&mut sequence, vectors);
        let count = [1, 1, 1, 1, 2, 2, 2, 3][(sequence.number() >> 20) as usize % 8];
        let mut drafts: Vec<Draft> = Vec::new();
        for _ in 0..count {
            drafts.push(module::draft(&mut sequence, &types, vectors, &drafts));
        }
        let features = drafts
            .iter()
            .fold(0, |all, draft| all | draft.plan.features);
        Structured { drafts, features }
    }

    /// Its modules.
    pub fn program(&self) -> Program {
        self.drafts.iter().map(Draft::assemble).collect()
    }

    /// What it has.
    pub fn features(&self) -> impl Iterator<Item = Feature> + '_ {
        let has = |feature: &Feature| self.features & 1 << *feature as u32 != 0;
        Feature::ALL.into_iter().filter(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{Validator, WasmFeatures};

    #[test]
    fn programs_are_valid_and_have_every_feature() {
        let mut seen = Vec::new();
        for seed in 0..150 {
            let made = Structured::of_seed(seed, true);
            seen.extend(made.features());
            for (at, wasm) in made.program().iter().enumerate() {
                let valid = Validator::new_with_features(WasmFeatures::all()).validate_all(wasm);
                assert!(valid.is_ok(), "seed {seed}, module {at}: {:?}", valid.err());
            }
        }
        for feature in Feature::ALL {
            assert!(seen.contains(&feature), "no program has {feature:?}");
        }
    }

    #[test]
    fn a_seed_always_makes_the_same_program() {
        let make = || Structured::of_seed(7, true).program();
        assert_eq!(make(), make());
    }
}
