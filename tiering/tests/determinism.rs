//! [PURE]: the same input yields the same bytes from each compiler, in any order of compilations, with fresh
//! or used buffers.

mod modules;

use engine::ids::DefinedFunc;
use lazywasm_tiering::compiled::CompileSettings;
use lazywasm_tiering::compilers::Scratch;
use modules::{Compiler, Part, compile, module};

const FILES: &[&str] = &[
    include_str!("disassembly/control.wat"),
    include_str!("disassembly/calls.wat"),
    include_str!("disassembly/memory.wat"),
    include_str!("disassembly/tables.wat"),
    include_str!("disassembly/integers.wat"),
    include_str!("disassembly/floats.wat"),
    include_str!("disassembly/conversions.wat"),
    include_str!("disassembly/vectors.wat"),
];

#[test]
fn the_order_of_compilations_does_not_matter() {
    let settings = CompileSettings {
        budgets: true,
        feedback: true,
        interruption: true,
        ..CompileSettings::default()
    };
    for text in FILES {
        let module = module(text.as_bytes());
        let count = module.data().counts().defined_funcs;
        assert!(count > 2, "a module of several functions");
        for compiler in [
            lazywasm_tiering::compilers::baseline as Compiler,
            lazywasm_tiering::compilers::reference,
            lazywasm_tiering::compilers::optimise,
            lazywasm_tiering::compilers::reference,
        ] {
            let mut used = Scratch::default();
            let first: Vec<_> = (0..count)
                .map(|func| {
                    compile(
                        compiler,
                        &module,
                        &Part::whole(DefinedFunc(func)),
                        &settings,
                        &mut used,
                    )
                })
                .collect();
            // Compile all again in reverse order, each with the same buffers and with fresh ones.
            for func in (0..count).rev() {
                let expected = &first[func as usize];
                let func = DefinedFunc(func);
                assert_eq!(
                    *expected,
                    compile(compiler, &module, &Part::whole(func), &settings, &mut used)
                );
                let mut fresh = Scratch::default();
                assert_eq!(
                    *expected,
                    compile(compiler, &module, &Part::whole(func), &settings, &mut fresh)
                );
            }
        }
    }
}
