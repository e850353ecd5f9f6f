//! What one module of a program offers the next ones, and the driver: a module that calls all others in a
//! loop.
//!
//! Generated code rarely calls the same function of another module often, and nearly never through a table
//! with an index that is in it. The driver does exactly that, so that there is a profile for inlining.

use crate::generate::{Program, module_name};
use std::fmt::Write as _;
use wasmparser::{
    ExternalKind, FuncType, GlobalType, MemoryType, Parser, Payload, TableType, TypeRef, ValType,
    Validator, WasmFeatures,
};

/// Functions of the host that a module with imports from other modules may have.
const HOST_FUNCTIONS: &str = r#"
    (import "host" "a" (func (param i32)))
    (import "host" "b" (func (param i64 i32) (result i32 i64)))"#;

/// The maximum number of functions that a driver calls: each uses fuel of its module.
const DRIVEN: usize = 6;

/// Trips through a driver's loop.
const TRIPS: usize = 12;

/// An export of a module.
struct Export {
    /// Position of the module.
    module: usize,
    /// Whether it was imported before.
    passed_on: bool,
    /// An import of it, up to its item, in the text format.
    import: String,
    item: Item,
}

enum Item {
    Func(FuncType),
    Memory(MemoryType),
    Table(TableType),
    Global(GlobalType),
}

/// All exports of a program, in order.
fn exports(program: &Program) -> Vec<Export> {
    let mut found = Vec::new();
    for (position, wasm) in program.iter().enumerate() {
        let types = Validator::new_with_features(WasmFeatures::all())
            .validate_all(wasm)
            .expect("generated modules are valid");
        let types = types.as_ref();
        let mut imported_funcs = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            let section = match payload {
                Ok(Payload::ImportSection(section)) => {
                    let imports = section.into_imports();
                    let funcs = imports.filter(|import| {
                        let import = import.as_ref().expect("generated modules are valid");
                        matches!(import.ty, TypeRef::Func(_))
                    });
                    imported_funcs = funcs.count() as u32;
                    continue;
                }
                Ok(Payload::ExportSection(section)) => section,
                _ => continue,
            };
            for export in section {
                let export = export.expect("generated modules are valid");
                let item = match export.kind {
                    ExternalKind::Func => {
                        let id = types.core_function_at(export.index);
                        Item::Func(types[id].unwrap_func().clone())
                    }
                    ExternalKind::Memory => Item::Memory(types.memory_at(export.index)),
                    ExternalKind::Table => Item::Table(types.table_at(export.index)),
                    ExternalKind::Global => Item::Global(types.global_at(export.index)),
                    other => unreachable!("{other:?} is not generated"),
                };
                let bytes = export.name.bytes();
                let name: String = bytes.map(|byte| format!("\\{byte:02x}")).collect();
                let import = format!("(import {:?} \"{name}\"", module_name(position));
                found.push(Export {
                    module: position,
                    passed_on: export.kind == ExternalKind::Func && export.index < imported_funcs,
                    import,
                    item,
                });
            }
        }
    }
    found
}

/// A module whose imports are all that the next module of a program may import.
pub(crate) fn available(program: &Program) -> Vec<u8> {
    let mut text = format!("(module {HOST_FUNCTIONS}");
    for Export { import, item, .. } in exports(program) {
        let item = match item {
            Item::Func(ty) => format!("(func {})", signature(&ty)),
            Item::Memory(ty) => format!("(memory {} {})", ty.initial, limit(ty.maximum)),
            Item::Table(ty) => {
                let element = ValType::Ref(ty.element_type);
                format!("(table {} {} {element})", ty.initial, limit(ty.maximum))
            }
            Item::Global(ty) if ty.mutable => format!("(global (mut {}))", ty.content_type),
            Item::Global(ty) => format!("(global {})", ty.content_type),
        };
        writeln!(text, "{import} {item})").expect("a string takes all");
    }
    text.push(')');
    assemble(&text)
}

/// A function that the driver calls.
struct Driven {
    module: usize,
    import: String,
    ty: FuncType,
}

/// The functions for the driver. Pairs of the same type from different modules come first, side by side:
/// through the driver's table, one indirect call calls both, in different contexts.
fn driven(program: &Program) -> Vec<Driven> {
    let mut funcs: Vec<Driven> = exports(program)
        .into_iter()
        .filter_map(|export| match export.item {
            Item::Func(ty) if !export.passed_on => Some(Driven {
                module: export.module,
                import: export.import,
                ty,
            }),
            _ => None,
        })
        .collect();
    let mut chosen = Vec::new();
    let mut at = 0;
    while at < funcs.len() && chosen.len() + 1 < DRIVEN {
        let (module, ty) = (funcs[at].module, &funcs[at].ty);
        let pair = |other: &Driven| other.module != module && other.ty == *ty;
        match funcs.iter().rposition(pair) {
            // Exports are listed module by module, so the other one comes later.
            Some(other) if other > at => {
                let other = funcs.remove(other);
                chosen.extend([funcs.remove(at), other]);
            }
            _ => at += 1,
        }
    }
    chosen.extend(funcs);
    chosen.truncate(DRIVEN);
    chosen
}

/// A module whose one function calls some functions of the others again and again, each directly, and through
/// a table in which it alternates with the next function of its type. Results are left in exported globals.
pub(crate) fn driver(program: &Program) -> Vec<u8> {
    let funcs = driven(program);
    let mut imports = String::new();
    let mut globals = String::new();
    let mut elements = String::new();
    let mut calls = String::new();
    let mut declared = 0;
    for (at, Driven { import, ty, .. }) in funcs.iter().enumerate() {
        let signature = signature(ty);
        imports += &format!("{import} (func $f{at} {signature}))\n");
        elements += &format!(" $f{at}");
        let mut arguments = String::new();
        for (position, param) in ty.params().iter().enumerate() {
            arguments += &argument(*param, position);
        }
        let mut store = String::new();
        for result in ty.results() {
            globals += &format!(
                "(global $g{declared} (export \"{declared}\") (mut {result}) {})\n",
                zero(*result)
            );
            store = format!("(global.set $g{declared}) {store}");
            declared += 1;
        }
        let alike = funcs[at + 1..].iter().position(|other| other.ty == *ty);
        let distance = alike.map_or(0, |next| next + 1);
        calls += &format!(
            "{arguments} (call $f{at}) {store}
             {arguments} (i32.add (i32.const {at}) (i32.mul (i32.const {distance}) (i32.and (local.get $trip) (i32.const 1))))
             (call_indirect {signature}) {store}\n"
        );
    }
    assemble(&format!(
        "(module {imports} {globals}
           (table funcref (elem {elements}))
           (func (export \"drive\") (param $seed i32) (local $trip i32)
             (loop $again
               {calls}
               (local.set $trip (i32.add (local.get $trip) (i32.const 1)))
               (br_if $again (i32.lt_u (local.get $trip) (i32.const {TRIPS}))))))"
    ))
}

/// An argument made of the driver's parameter and the trip.
fn argument(ty: ValType, position: usize) -> String {
    let number = format!(
        "(i32.add (local.get $trip) (i32.and (local.get $seed) (i32.const {})))",
        255 >> position.min(7)
    );
    match ty {
        ValType::I32 => number,
        ValType::I64 => format!("(i64.extend_i32_s {number})"),
        ValType::F32 => format!("(f32.convert_i32_s {number})"),
        ValType::F64 => format!("(f64.convert_i32_s {number})"),
        ValType::V128 => format!("(i16x8.splat {number})"),
        ValType::Ref(_) => zero(ty),
    }
}

fn zero(ty: ValType) -> String {
    match ty {
        ValType::V128 => "(v128.const i64x2 0 0)".to_string(),
        ValType::Ref(reference) if reference.is_func_ref() => "(ref.null func)".to_string(),
        ValType::Ref(_) => "(ref.null extern)".to_string(),
        number => format!("({number}.const 0)"),
    }
}

fn signature(ty: &FuncType) -> String {
    let list = |types: &[ValType]| {
        let names: Vec<String> = types.iter().map(ValType::to_string).collect();
        names.join(" ")
    };
    let (params, results) = (list(ty.params()), list(ty.results()));
    format!("(param {params}) (result {results})")
}

fn limit(maximum: Option<u64>) -> u64 {
    maximum.expect("generated memories and tables have a maximum")
}

fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("types are printed as the text format has them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{bytes_of_seed, from_bytes};

    #[test]
    fn many_drivers_call_two_modules_from_one_place() {
        let programs = (0..100).filter_map(|seed| from_bytes(&bytes_of_seed(seed)));
        let paired = programs.filter(|program| {
            let funcs = driven(program);
            assert!(funcs.len() <= DRIVEN);
            let pairs = funcs.windows(2);
            let mut pairs = pairs.filter(|pair| pair[0].ty == pair[1].ty);
            pairs.any(|pair| pair[0].module != pair[1].module)
        });
        let paired = paired.count();
        assert!(paired >= 20, "{paired}");
    }
}
