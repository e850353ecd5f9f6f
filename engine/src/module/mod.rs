//! A decoded and validated module: everything the file says, nothing compiled.
//!
//! `decode` reads every section once and keeps each function body as a range of bytes; `validate`
//! checks all bodies, in parallel where there is much to check ([VALID]: no body is compiled before
//! that); `refusal` words the errors of both. `names` and `source_map` read the name section and DWARF, only
//! when they are asked for.
//!
//! [`ModuleData`] is plain and immutable, so that compilers can be pure functions over it: it is a function
//! of the file's bytes and of nothing else. That includes what it computes at the first use and keeps (names,
//! contents of tables). What an engine adds (ids and trampolines of types) is beside it, in `ModuleInner`.

pub(crate) mod decode;
pub(crate) mod names;
mod read;
mod refusal;
pub(crate) mod source_map;
mod static_tables;
pub(crate) mod validate;

use crate::Engine;
use crate::boundary::layout::{Counts, CtxLayout};
use crate::ids::{DefinedFunc, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};
use crate::shown::{shown_name, shown_text};
use crate::type_registry::{ModuleTypes, TypeHandle};
use crate::types::{ExternType, FuncType, GlobalType, MemoryType, TableType};
use anyhow::{Context, Result};
use static_tables::StaticTables;
use std::collections::HashMap;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use wasmparser::ValidatorResources;

/// An import: two names and an index into the index space of its kind.
#[derive(Debug)]
pub struct Import {
    /// Name of the module that it comes from.
    pub module: String,
    /// Its name in that module.
    pub name: String,
    /// Its index in the importing module.
    pub item: ItemIndex,
}

impl Import {
    /// Its two names, as messages show them.
    pub(crate) fn shown(&self) -> String {
        format!("{}.{}", shown_name(&self.module), shown_name(&self.name))
    }
}

/// An index into the index space of one kind of external.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemIndex {
    /// A function.
    Func(FuncIndex),
    /// A table.
    Table(TableIndex),
    /// A memory.
    Memory(MemoryIndex),
    /// A global.
    Global(GlobalIndex),
}

/// A constant expression (core specification, section 3.3.13), as a short program for a stack.
#[derive(Clone, Debug)]
pub(crate) enum ConstOp {
    /// Push these bytes (references: null is all zero).
    Const([u8; 16]),
    GlobalGet(GlobalIndex),
    RefFunc(FuncIndex),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
}

/// The operations of a constant expression. Nearly all have one, for which nothing is allocated: a program
/// may have 60,000 data segments.
#[derive(Clone, Debug)]
pub(crate) enum ConstExpr {
    One(ConstOp),
    More(Box<[ConstOp]>),
}

impl Deref for ConstExpr {
    type Target = [ConstOp];

    fn deref(&self) -> &[ConstOp] {
        match self {
            ConstExpr::One(op) => std::slice::from_ref(op),
            ConstExpr::More(ops) => ops,
        }
    }
}

/// What an element or data segment does at instantiation.
#[derive(Debug)]
pub(crate) enum SegmentMode<Index> {
    Passive,
    Declared,
    Active { target: Index, offset: ConstExpr },
}

#[derive(Debug)]
pub(crate) enum ElementItems {
    Functions(Box<[FuncIndex]>),
    Expressions(Box<[ConstExpr]>),
}

#[derive(Debug)]
pub(crate) struct ElementSegment {
    pub mode: SegmentMode<TableIndex>,
    pub items: ElementItems,
}

#[derive(Debug)]
pub(crate) struct DataSegment {
    pub mode: SegmentMode<MemoryIndex>,
    /// Range in the module's bytes.
    pub bytes: Range<usize>,
}

/// The contents of a module, immutable after decoding.
#[derive(Debug)]
pub struct ModuleData {
    pub(crate) bytes: Box<[u8]>,
    /// Where the bytes came from, for messages.
    pub(crate) origin: Option<String>,
    pub(crate) types: Vec<FuncType>,
    pub(crate) imports: Vec<Import>,
    pub(crate) funcs: Vec<TypeIndex>,
    pub(crate) tables: Vec<TableType>,
    /// Initial elements of the module's own tables, where a table has an expression for them.
    pub(crate) table_inits: Vec<Option<ConstExpr>>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<GlobalType>,
    pub(crate) global_inits: Vec<ConstExpr>,
    pub(crate) exports: Vec<(String, ItemIndex)>,
    pub(crate) export_names: HashMap<String, usize>,
    pub(crate) start: Option<FuncIndex>,
    pub(crate) elements: Vec<ElementSegment>,
    pub(crate) data: Vec<DataSegment>,
    pub(crate) bodies: Vec<Range<usize>>,
    /// Start of the code section's contents, to which DWARF addresses are relative.
    pub(crate) code_start: usize,
    pub(crate) custom: Vec<(String, Range<usize>)>,
    pub(crate) counts: Counts,
    pub(crate) layout: CtxLayout,
    /// Computed from the rest at the first use, as are the tables.
    pub(crate) names: OnceLock<names::Names>,
    pub(crate) static_tables: OnceLock<StaticTables>,
    /// What bodies that are given later are validated against.
    pub(crate) resources: OnceLock<ValidatorResources>,
}

impl ModuleData {
    /// The offsets of this module's contexts.
    pub fn layout(&self) -> &CtxLayout {
        &self.layout
    }

    /// Counts of what the module imports and defines.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// A type of the type section.
    pub fn func_type(&self, ty: TypeIndex) -> &FuncType {
        &self.types[ty.index()]
    }

    /// The type index of a function, imported or own.
    pub fn type_of(&self, func: FuncIndex) -> TypeIndex {
        self.funcs[func.index()]
    }

    /// The type of a table.
    pub fn table(&self, table: TableIndex) -> &TableType {
        &self.tables[table.index()]
    }

    /// The type of a memory.
    pub fn memory(&self, memory: MemoryIndex) -> &MemoryType {
        &self.memories[memory.index()]
    }

    /// The type of a global.
    pub fn global(&self, global: GlobalIndex) -> &GlobalType {
        &self.globals[global.index()]
    }

    /// The only index at which active segments put a function into a table that is defined here; `None` if
    /// there is no such index or more than one, or if offsets are known only at instantiation.
    pub fn static_index(&self, table: TableIndex, func: FuncIndex) -> Option<u32> {
        let imported = self.tables.len() - self.table_inits.len();
        let own = table.index().checked_sub(imported)?;
        let tables = self.static_tables.get_or_init(|| StaticTables::new(self));
        tables.index_of(own, func)
    }

    /// Position of a function among those defined here, or `None` for an import.
    pub fn defined(&self, func: FuncIndex) -> Option<DefinedFunc> {
        func.0
            .checked_sub(self.counts.imported_funcs)
            .map(DefinedFunc)
    }

    /// The two names of an imported function, or `None` for one defined here.
    pub fn import_names(&self, func: FuncIndex) -> Option<(&str, &str)> {
        let import = self.import_of(func)?;
        Some((&import.module, &import.name))
    }

    /// The import of a function, or `None` for one defined here.
    pub(crate) fn import_of(&self, func: FuncIndex) -> Option<&Import> {
        let mut imports = self.imports.iter();
        imports.find(|import| import.item == ItemIndex::Func(func))
    }

    /// The function index of a function defined here.
    pub fn func_index(&self, func: DefinedFunc) -> FuncIndex {
        FuncIndex(func.0 + self.counts.imported_funcs)
    }

    /// Bytes of a body: declarations of locals, then instructions (without the size field).
    pub fn body(&self, func: DefinedFunc) -> &[u8] {
        &self.bytes[self.bodies[func.index()].clone()]
    }

    /// A body that is given in the place of a function's own, without the size that may be before it.
    ///
    /// # Errors
    /// If it is not valid there.
    pub(crate) fn validated_body(
        &self,
        engine: &Engine,
        func: DefinedFunc,
        entry: &[u8],
    ) -> Result<Arc<[u8]>> {
        let features = decode::features(engine.config());
        let resources = match self.resources.get() {
            Some(resources) => resources,
            None => {
                let resources = validate::resources(self, features)?;
                self.resources.get_or_init(|| resources)
            }
        };
        let body = validate::without_size(entry);
        validate::given_body(self, resources, features, func, body)?;
        Ok(body.into())
    }

    /// Offset of a body's first byte in the file.
    pub fn body_offset(&self, func: DefinedFunc) -> usize {
        self.bodies[func.index()].start
    }

    /// The function's name for people: from the name section, else the name of an export, else its index.
    pub fn func_name(&self, func: FuncIndex) -> String {
        self.names().display(self, func)
    }

    /// The functions that the name section calls `name`.
    pub(crate) fn funcs_named(&self, name: &str) -> Vec<FuncIndex> {
        self.names().functions_named(name)
    }

    /// The module's own name, if its name section has one.
    pub fn name(&self) -> Option<&str> {
        self.names().module.as_deref()
    }

    pub(crate) fn names(&self) -> &names::Names {
        self.names.get_or_init(|| names::Names::read(self))
    }

    pub(crate) fn type_of_item(&self, item: ItemIndex) -> ExternType {
        match item {
            ItemIndex::Func(f) => ExternType::Func(self.func_type(self.type_of(f)).clone()),
            ItemIndex::Table(t) => ExternType::Table(*self.table(t)),
            ItemIndex::Memory(m) => ExternType::Memory(*self.memory(m)),
            ItemIndex::Global(g) => ExternType::Global(*self.global(g)),
        }
    }

    pub(crate) fn export(&self, name: &str) -> Option<ItemIndex> {
        self.export_names.get(name).map(|&at| self.exports[at].1)
    }

    /// The module's name for people: its own name, or that of its file without folder and ending.
    pub fn display_name(&self) -> Option<String> {
        let stem = || {
            let stem = Path::new(self.origin.as_deref()?).file_stem()?;
            Some(stem.to_string_lossy().into_owned())
        };
        self.name().map(str::to_string).or_else(stem)
    }

    /// How errors name this module: its file, else its name, else "module".
    pub(crate) fn label(&self) -> String {
        match (&self.origin, self.name()) {
            (Some(origin), _) => origin.clone(),
            (None, Some(name)) => format!("module \"{name}\""),
            (None, None) => "module".to_string(),
        }
    }
}

/// A decoded, validated module that can be instantiated many times. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Module {
    pub(crate) inner: Arc<ModuleInner>,
}

#[derive(Debug)]
pub(crate) struct ModuleInner {
    pub engine: Engine,
    pub data: ModuleData,
    /// What the engine keeps for the module's types.
    pub types: ModuleTypes,
}

/// An import as the module declares it.
#[derive(Clone, Debug)]
pub struct ImportType<'module> {
    module: &'module str,
    name: &'module str,
    ty: ExternType,
}

impl<'module> ImportType<'module> {
    pub(crate) fn of(data: &'module ModuleData, import: &'module Import) -> ImportType<'module> {
        ImportType {
            module: &import.module,
            name: &import.name,
            ty: data.type_of_item(import.item),
        }
    }

    /// Name of the module that it must come from.
    pub fn module(&self) -> &'module str {
        self.module
    }
    /// Its name in that module.
    pub fn name(&self) -> &'module str {
        self.name
    }
    /// The type it must have.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

/// An export as the module declares it.
#[derive(Clone, Debug)]
pub struct ExportType<'module> {
    name: &'module str,
    item: ItemIndex,
    ty: ExternType,
}

impl<'module> ExportType<'module> {
    /// Its name.
    pub fn name(&self) -> &'module str {
        self.name
    }
    /// Its type.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
    /// If it is a function, its index in the module.
    pub fn func_index(&self) -> Option<u32> {
        match self.item {
            ItemIndex::Func(func) => Some(func.0),
            _ => None,
        }
    }
}

impl Module {
    /// Decodes and validates a module from the binary format or, if the bytes are text, from the
    /// text format. Nothing is compiled.
    ///
    /// # Errors
    /// If the bytes are neither, or the module is invalid; the message names the function and the
    /// byte offset.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module> {
        let bytes = bytes.as_ref();
        let owned = match decode::text_to_binary(bytes, None)? {
            Some(binary) => binary.into_boxed_slice(),
            None => bytes.into(),
        };
        Module::decode(engine, owned, None)
    }

    /// Like [`Module::new`], from a file. The file is read whole, not mapped: a writer of the file
    /// could change a mapping after its bodies were validated ([VALID]).
    ///
    /// # Errors
    /// If the file cannot be read, and as [`Module::new`].
    pub fn from_file(engine: &Engine, file: impl AsRef<Path>) -> Result<Module> {
        let path = file.as_ref();
        let label = shown_text(&path.display().to_string());
        let read = read::whole_file(path).with_context(|| format!("cannot read {label}"))?;
        let bytes = match decode::text_to_binary(&read, Some(path))? {
            Some(binary) => binary.into_boxed_slice(),
            None => read.into_boxed_slice(),
        };
        Module::decode(engine, bytes, Some(label))
    }

    fn decode(engine: &Engine, bytes: Box<[u8]>, origin: Option<String>) -> Result<Module> {
        engine.code().check_process()?;
        let data = decode::decode(engine.config(), bytes, origin)?;
        let types = engine.types().intern_all(&data.types);
        Ok(Module {
            inner: Arc::new(ModuleInner {
                engine: engine.clone(),
                data,
                types,
            }),
        })
    }

    /// Checks bytes of the binary format without keeping anything.
    ///
    /// # Errors
    /// If they are not a valid module.
    pub fn validate(engine: &Engine, bytes: &[u8]) -> Result<()> {
        Module::new(engine, bytes).map(drop)
    }

    /// The engine it belongs to.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// The module's own name, if its name section has one.
    pub fn name(&self) -> Option<&str> {
        self.inner.data.name()
    }

    /// How events name it: its own name, or that of its file without folder and ending.
    pub fn display_name(&self) -> Option<String> {
        self.inner.data.display_name()
    }

    /// Its imports, in order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        let data = &self.inner.data;
        data.imports
            .iter()
            .map(|import| ImportType::of(data, import))
    }

    /// Its exports, in order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        let data = &self.inner.data;
        data.exports.iter().map(|(name, item)| ExportType {
            name,
            item: *item,
            ty: data.type_of_item(*item),
        })
    }

    /// The functions it defines, by index and name, as events and backtraces name them.
    ///
    /// ```
    /// # fn with(engine: &lazywasm_engine::Engine) -> anyhow::Result<()> {
    /// let text = r#"(module (import "a" "b" (func)) (func $twice) (func (export "run")))"#;
    /// let module = lazywasm_engine::Module::new(engine, text)?;
    /// let functions: Vec<_> = module.functions().collect();
    /// assert_eq!(functions, [(1, "twice".to_string()), (2, "run".to_string())]);
    /// # Ok(()) }
    /// ```
    pub fn functions(&self) -> impl Iterator<Item = (u32, String)> + '_ {
        let data = &self.inner.data;
        let defined = (0..data.counts.defined_funcs).map(DefinedFunc);
        defined.map(|func| {
            let func = data.func_index(func);
            (func.0, data.func_name(func))
        })
    }

    /// Whether instantiating it runs a start function.
    pub fn has_start(&self) -> bool {
        self.inner.data.start.is_some()
    }

    /// The type of the export with this name.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let data = &self.inner.data;
        data.export(name).map(|item| data.type_of_item(item))
    }

    pub(crate) fn type_handle(&self, ty: TypeIndex) -> &TypeHandle {
        self.inner.types.of(ty)
    }

    /// The engine-wide ids of the types of the type section, at a fixed address.
    pub(crate) fn type_ids(&self) -> &[u32] {
        self.inner.types.ids()
    }

    /// The decoded contents, for compilers.
    pub fn data(&self) -> &ModuleData {
        &self.inner.data
    }
}
