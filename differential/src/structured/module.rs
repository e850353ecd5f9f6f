//! Modules: what they import from earlier ones, what they declare, and their bytes.

use super::Feature;
use super::body::{Body, Made, zero};
use super::plan::{Callee, Plan, Run, SEGMENT, Signature, TABLE, TABLE_LIMIT};
use crate::generate::module_name;
use crate::script::NOT_CALLED;
use crate::value::Sequence;
use std::borrow::Cow;
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, Encode as _,
    EntityType, ExportKind, ExportSection, FunctionSection, GlobalSection, GlobalType,
    ImportSection, MemorySection, MemoryType, Module, RefType, TableSection, TableType,
    TypeSection, ValType,
};

/// Pages of a memory at first, and at most.
const PAGES: (u64, u64) = (1, 3);

/// A module whose bodies can still be changed.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) plan: Plan,
    imports: Vec<(String, String, Import)>,
    /// The functions that it defines, in the order of their indices.
    pub(super) bodies: Vec<Made>,
    /// Which of its functions are for the host to call: from this index on.
    first_entry: u32,
    data: Vec<Vec<u8>>,
}

#[derive(Clone)]
enum Import {
    Func(u32),
    /// The number of globals, memories and tables says which.
    Global(ValType),
    Memory,
}

fn table_type(element: RefType) -> TableType {
    TableType {
        element_type: element,
        table64: false,
        minimum: u64::from(TABLE),
        maximum: Some(u64::from(TABLE_LIMIT)),
        shared: false,
    }
}

fn memory_type() -> MemoryType {
    MemoryType {
        minimum: PAGES.0,
        maximum: Some(PAGES.1),
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

fn global_type(ty: ValType, mutable: bool) -> GlobalType {
    GlobalType {
        val_type: ty,
        mutable,
        shared: false,
    }
}

/// Makes a module that may import from the earlier ones.
pub(super) fn draft(
    sequence: &mut Sequence,
    types: &[Signature],
    vectors: bool,
    earlier: &[Draft],
) -> Draft {
    let mut below = |limit: u64| (sequence.number() >> 16) % limit;
    let mut plan = Plan {
        types: types.to_vec(),
        vectors,
        tail_calls: below(2) == 0,
        hazard: [0, 150, 150, 30][below(4) as usize],
        tables: 1 + below(3) as u32,
        ..Plan::default()
    };
    let mut imports = Vec::new();
    let mut import = |from: String, name: String, what: Import| imports.push((from, name, what));

    for host in 0..below(3) {
        let ty = below(types.len() as u64) as u32;
        plan.funcs.push(Callee { ty, host: true });
        import("host".to_string(), host.to_string(), Import::Func(ty));
    }
    for (at, other) in earlier.iter().enumerate() {
        // Only what the other module defines, so that the types of both are at the same positions.
        for func in other.plan.imported..other.plan.callable {
            if below(2) == 0 {
                let ty = other.plan.funcs[func as usize].ty;
                plan.funcs.push(Callee { ty, host: false });
                import(
                    module_name(at),
                    format!("{NOT_CALLED}{func}"),
                    Import::Func(ty),
                );
            }
        }
    }
    plan.imported = plan.funcs.len() as u32;

    let share = |what: u64| !earlier.is_empty() && what == 0;
    if !earlier.is_empty() {
        // Fuel is one for all modules.
        plan.globals.push((ValType::I32, true));
        import(
            module_name(0),
            "global 0".to_string(),
            Import::Global(ValType::I32),
        );
        let shared = earlier[0].plan.globals.iter().enumerate().skip(1);
        for (at, (ty, _)) in shared.filter(|(_, (_, mutable))| *mutable) {
            if below(3) == 0 {
                plan.globals.push((*ty, true));
                import(module_name(0), format!("global {at}"), Import::Global(*ty));
            }
        }
    }
    if share(below(2)) {
        plan.memories = 1;
        import(module_name(0), "memory 0".to_string(), Import::Memory);
    }
    plan.memories += [1, 1, 2, 3][below(4) as usize];
    if plan.memories > 1 {
        plan.note(Feature::Memories);
    }
    if earlier.is_empty() {
        plan.globals.push((ValType::I32, true));
    }
    for _ in 0..2 + below(8) {
        let ty = super::plan::type_of(below(32), vectors);
        plan.globals.push((ty, below(4) != 0));
    }

    let internal = 1 + below(4) as u32;
    for _ in 0..internal {
        let ty = below(types.len() as u64) as u32;
        plan.funcs.push(Callee { ty, host: false });
    }
    plan.callable = plan.funcs.len() as u32;
    for _ in 0..1 + below(2) {
        let ty = below(types.len() as u64) as u32;
        plan.funcs.push(Callee { ty, host: false });
    }
    let sorted = sorted_by_type(&plan);
    for (at, func) in sorted.iter().enumerate() {
        let ty = plan.funcs[*func as usize].ty;
        match plan.runs.last_mut() {
            Some(run) if run.ty == ty => run.len += 1,
            _ => plan.runs.push(Run {
                ty,
                first: at as u32,
                len: 1,
            }),
        }
    }
    plan.data_segments = below(3) as u32;
    plan.element_segments = below(3) as u32;
    let data = (0..plan.data_segments).map(|_| SEGMENT as usize);
    let sizes: Vec<usize> = data.collect();
    let budget = [25, 60, 60, 120, 120, 250][below(6) as usize];

    let mut bodies = Vec::new();
    for index in plan.imported..plan.funcs.len() as u32 {
        let own = Sequence::new(sequence.number());
        let is_entry = index >= plan.callable;
        bodies.push(Body::make(&mut plan, own, index, is_entry, budget));
    }
    Draft {
        first_entry: plan.callable,
        plan,
        imports,
        bodies,
        data: sizes.into_iter().map(|size| sequence.bytes(size)).collect(),
    }
}

/// The functions that may be called, by type: those of one type follow each other.
fn sorted_by_type(plan: &Plan) -> Vec<u32> {
    let mut funcs: Vec<u32> = (0..plan.callable).collect();
    funcs.sort_by_key(|func| plan.funcs[*func as usize].ty);
    funcs.truncate(TABLE as usize - 4);
    funcs
}

impl Draft {
    /// The bytes of the module.
    pub(super) fn assemble(&self) -> Vec<u8> {
        let plan = &self.plan;
        let mut module = Module::new();

        let mut types = TypeSection::new();
        for Signature { params, results } in &plan.types {
            types
                .ty()
                .function(params.iter().copied(), results.iter().copied());
        }
        module.section(&types);

        let mut imports = ImportSection::new();
        let (mut globals_before, mut memories_before) = (0, 0);
        for (from, name, what) in &self.imports {
            let entity: EntityType = match what {
                Import::Func(ty) => EntityType::Function(*ty),
                Import::Global(ty) => {
                    globals_before += 1;
                    global_type(*ty, true).into()
                }
                Import::Memory => {
                    memories_before += 1;
                    memory_type().into()
                }
            };
            imports.import(from, name, entity);
        }
        module.section(&imports);

        let mut functions = FunctionSection::new();
        for callee in &plan.funcs[plan.imported as usize..] {
            functions.function(callee.ty);
        }
        module.section(&functions);

        let mut tables = TableSection::new();
        for table in 0..plan.tables {
            let element = if table == 2 {
                RefType::EXTERNREF
            } else {
                RefType::FUNCREF
            };
            tables.table(table_type(element));
        }
        module.section(&tables);

        let mut memories = MemorySection::new();
        for _ in memories_before..plan.memories {
            memories.memory(memory_type());
        }
        module.section(&memories);

        let mut globals = GlobalSection::new();
        for (ty, mutable) in &plan.globals[globals_before..] {
            let mut bytes = Vec::new();
            zero(*ty).encode(&mut bytes);
            globals.global(global_type(*ty, *mutable), &ConstExpr::raw(bytes));
        }
        module.section(&globals);

        module.section(&self.exports());

        let mut elements = ElementSection::new();
        let sorted = sorted_by_type(plan);
        let all: Vec<u32> = (0..plan.callable).collect();
        elements.active(
            None,
            &ConstExpr::i32_const(0),
            Elements::Functions(Cow::Borrowed(&sorted)),
        );
        elements.declared(Elements::Functions(Cow::Borrowed(&all)));
        let some: Vec<u32> = all.iter().copied().cycle().take(8).collect();
        for _ in 0..plan.element_segments {
            elements.passive(Elements::Functions(Cow::Borrowed(&some)));
        }
        module.section(&elements);
        module.section(&DataCountSection {
            count: plan.data_segments,
        });

        let mut code = CodeSection::new();
        for body in &self.bodies {
            let mut bytes = Vec::new();
            (body.locals.len() as u32).encode(&mut bytes);
            for ty in &body.locals {
                1_u32.encode(&mut bytes);
                ty.encode(&mut bytes);
            }
            bytes.extend_from_slice(&body.code);
            code.raw(&bytes);
        }
        module.section(&code);

        let mut data = DataSection::new();
        for bytes in &self.data {
            data.passive(bytes.iter().copied());
        }
        module.section(&data);
        module.finish()
    }

    fn exports(&self) -> ExportSection {
        let plan = &self.plan;
        let mut exports = ExportSection::new();
        for func in plan.imported..plan.funcs.len() as u32 {
            let name = if func < self.first_entry {
                format!("{NOT_CALLED}{func}")
            } else {
                format!("entry {func}")
            };
            exports.export(&name, ExportKind::Func, func);
        }
        for global in 0..plan.globals.len() as u32 {
            exports.export(&format!("global {global}"), ExportKind::Global, global);
        }
        for memory in 0..plan.memories {
            exports.export(&format!("memory {memory}"), ExportKind::Memory, memory);
        }
        for table in 0..plan.tables {
            exports.export(&format!("table {table}"), ExportKind::Table, table);
        }
        exports
    }
}
