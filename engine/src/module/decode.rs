//! Reads a module's sections into [`ModuleData`], each section once.
//!
//! The validator checks every payload before it is read here, so the readers below only meet
//! well-formed sections of the supported features; what they still cannot represent is an error that
//! names it. Bodies are kept as ranges and validated at the end, all of them (see `validate`).

use super::{
    ConstExpr, ConstOp, DataSegment, ElementItems, ElementSegment, Import, ItemIndex, ModuleData,
    SegmentMode, names::Names, refusal::refusal, validate,
};
use crate::boundary::layout::{Counts, CtxLayout};
use crate::config::Config;
use crate::ids::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};
use crate::shown::{shown_name, shown_text};
use crate::types::{FuncType, GlobalType, MemoryType, Mutability, RefType, TableType, ValType};
use anyhow::{Result, anyhow, bail};
use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;
use wasmparser::{
    BinaryReader, Operator, Parser, Payload, TypeRef, ValidPayload, Validator, WasmFeatures,
};

/// The largest number of data segments that the validator accepts.
const MAX_DATA_SEGMENTS: u32 = 100_000;

/// Bytes of the binary format ([core specification], section 5.5.14 and 5.4): the kind of a data segment, and
/// instructions.
///
/// [core specification]: https://webassembly.github.io/spec/core/binary/index.html
const ACTIVE_IN_MEMORY_0: u8 = 0x00;
const I32_CONST: u8 = 0x41;
const END: u8 = 0x0b;

/// What a module may use: WebAssembly 2.0, and those parts of 3.0 that the engine already compiles.
pub(super) fn features(config: &Config) -> WasmFeatures {
    let mut features = WasmFeatures::WASM2 | WasmFeatures::EXTENDED_CONST | WasmFeatures::TAIL_CALL;
    features.set(WasmFeatures::MULTI_MEMORY, config.multi_memory);
    features
}

/// The binary form of a module in the text format, or `None` if the bytes are binary already.
///
/// # Errors
/// If the bytes are neither format, or the text does not parse.
pub(crate) fn text_to_binary(bytes: &[u8], path: Option<&Path>) -> Result<Option<Vec<u8>>> {
    if bytes.starts_with(b"\0asm") {
        return Ok(None);
    }
    let what = path.map_or("the input".to_string(), |path| {
        shown_text(&path.display().to_string())
    });
    if bytes.is_empty() {
        bail!("{what} is empty; expected a WebAssembly module");
    }
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let looks_like_text = matches!(first, Some(b'(' | b';'));
    if looks_like_text && let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        bail!(
            "{what} is not a WebAssembly module: it begins like the text format, but has a NUL at offset {at:#x}"
        );
    }
    if !looks_like_text {
        let start: Vec<String> = bytes
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        bail!(
            "{what} is not a WebAssembly module: expected it to start with the bytes 00 61 73 6d (\\0asm) \
             or with `(` for the text format, found {}",
            start.join(" ")
        );
    }
    let text =
        std::str::from_utf8(bytes).map_err(|error| anyhow!("{what} is not UTF-8 text: {error}"))?;
    match wat::parse_str(text) {
        Ok(binary) => Ok(Some(binary)),
        Err(mut error) => {
            if path.is_some() {
                error.set_path(Path::new(&what));
            }
            // The message quotes the text, and has several lines.
            let lines: Vec<String> = error.to_string().lines().map(shown_text).collect();
            bail!("{}", lines.join("\n"))
        }
    }
}

/// Decodes and validates a whole module.
pub(crate) fn decode(
    config: &Config,
    bytes: Box<[u8]>,
    origin: Option<String>,
) -> Result<ModuleData> {
    let label = origin.clone().unwrap_or_else(|| "module".to_string());
    if Parser::is_component(&bytes) {
        bail!("{label} is a component, which lazywasm does not support; expected a core module");
    }
    let mut data = ModuleData {
        bytes: Box::default(),
        origin,
        types: Vec::new(),
        imports: Vec::new(),
        funcs: Vec::new(),
        tables: Vec::new(),
        table_inits: Vec::new(),
        memories: Vec::new(),
        globals: Vec::new(),
        global_inits: Vec::new(),
        exports: Vec::new(),
        export_names: HashMap::new(),
        start: None,
        elements: Vec::new(),
        data: Vec::new(),
        bodies: Vec::new(),
        code_start: 0,
        custom: Vec::new(),
        counts: Counts::default(),
        layout: CtxLayout::new(Counts::default()).expect("an empty layout fits"),
        names: OnceLock::new(),
        static_tables: OnceLock::new(),
        resources: OnceLock::new(),
    };
    let features = features(config);
    let bodies = read_sections(&mut data, &bytes, features).map_err(|error| match error
        .downcast::<wasmparser::Error>(
    ) {
        Ok(error) => refusal(&label, "", &error, features, &bytes),
        Err(error) => error.context(format!("cannot use {label}")),
    })?;
    data.counts.defined_funcs = data.bodies.len() as u32;
    data.layout = CtxLayout::new(data.counts).ok_or_else(|| {
        anyhow!("{label} is too large: its functions, globals and tables need more than 2 GiB")
    })?;
    validate::bodies(&data, bodies).map_err(|(func, error)| {
        let name = Names::read_from(&data, &bytes).display(&data, func);
        let place = format!("function {name} (index {}): ", func.0);
        refusal(&label, &place, &error, features, &bytes)
    })?;
    data.bytes = bytes;
    Ok(data)
}

type BodyToValidate<'a> = (
    wasmparser::FuncToValidate<wasmparser::ValidatorResources>,
    wasmparser::FunctionBody<'a>,
);

fn read_sections<'a>(
    data: &mut ModuleData,
    bytes: &'a [u8],
    features: WasmFeatures,
) -> Result<Vec<BodyToValidate<'a>>> {
    let mut validator = Validator::new_with_features(features);
    let mut bodies = Vec::new();
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        if let Payload::DataSection(section) = &payload
            && let Some(segments) = plain_segments(section, data, bytes)
        {
            data.data = segments;
            continue;
        }
        if let ValidPayload::Func(func, body) = validator.payload(&payload)? {
            data.bodies.push(body.range());
            bodies.push((func, body));
            continue;
        }
        read_section(data, bytes, payload)?;
    }
    Ok(bodies)
}

/// The data segments, if all have the form of nearly every compiler's output: active in memory 0 at an
/// `i32.const`. If there is anything else, even an error, it is for the validator to see: `None`.
///
/// Only this is checked and read at once, since the validator takes half a microsecond for a segment, and
/// some compilers make a segment of each string. What concerns the section as a whole is checked by the
/// parser: its place among the others, that there is one, and that it has as many segments as were announced.
fn plain_segments(
    section: &wasmparser::DataSectionReader<'_>,
    data: &ModuleData,
    bytes: &[u8],
) -> Option<Vec<DataSegment>> {
    if data.memories.is_empty() || section.count() > MAX_DATA_SEGMENTS {
        return None;
    }
    let range = section.range();
    let mut reader = BinaryReader::new(&bytes[range.clone()], range.start);
    let count = reader.read_var_u32().ok()?;
    let mut segments = Vec::with_capacity(count as usize);
    for _ in 0..count {
        if reader.read_u8().ok()? != ACTIVE_IN_MEMORY_0 || reader.read_u8().ok()? != I32_CONST {
            return None;
        }
        let offset = reader.read_var_i32().ok()?;
        if reader.read_u8().ok()? != END {
            return None;
        }
        let len = reader.read_var_u32().ok()? as usize;
        let start = reader.original_position();
        reader.read_bytes(len).ok()?;
        segments.push(DataSegment {
            mode: SegmentMode::Active {
                target: MemoryIndex(0),
                offset: ConstExpr::One(constant(&offset.to_le_bytes())),
            },
            bytes: start..start + len,
        });
    }
    reader.eof().then_some(segments)
}

fn read_section(data: &mut ModuleData, bytes: &[u8], payload: Payload<'_>) -> Result<()> {
    match payload {
        Payload::TypeSection(section) => {
            for ty in section.into_iter_err_on_gc_types() {
                let ty = ty?;
                let list = |types: &[wasmparser::ValType]| -> Result<Vec<ValType>> {
                    types.iter().map(|ty| ValType::from_parser(*ty)).collect()
                };
                data.types
                    .push(FuncType::of(list(ty.params())?, list(ty.results())?));
            }
        }
        Payload::ImportSection(section) => {
            for import in section.into_imports() {
                let import = import?;
                let item = match import.ty {
                    TypeRef::Func(ty) => {
                        data.funcs.push(TypeIndex(ty));
                        data.counts.imported_funcs += 1;
                        ItemIndex::Func(FuncIndex::from(data.funcs.len() - 1))
                    }
                    TypeRef::Table(ty) => {
                        data.tables.push(table_type(ty)?);
                        data.counts.imported_tables += 1;
                        ItemIndex::Table(TableIndex::from(data.tables.len() - 1))
                    }
                    TypeRef::Memory(ty) => {
                        data.memories.push(memory_type(ty)?);
                        data.counts.memories += 1;
                        ItemIndex::Memory(MemoryIndex::from(data.memories.len() - 1))
                    }
                    TypeRef::Global(ty) => {
                        data.globals.push(global_type(ty)?);
                        data.counts.imported_globals += 1;
                        ItemIndex::Global(GlobalIndex::from(data.globals.len() - 1))
                    }
                    TypeRef::Tag(_) | TypeRef::FuncExact(_) => {
                        bail!(
                            "the import {}.{} is of a kind that is not supported",
                            shown_name(import.module),
                            shown_name(import.name)
                        )
                    }
                };
                data.imports.push(Import {
                    module: import.module.into(),
                    name: import.name.into(),
                    item,
                });
            }
        }
        Payload::FunctionSection(section) => {
            for ty in section {
                data.funcs.push(TypeIndex(ty?));
            }
        }
        Payload::TableSection(section) => {
            for table in section {
                let table = table?;
                data.tables.push(table_type(table.ty)?);
                data.counts.defined_tables += 1;
                data.table_inits.push(match table.init {
                    wasmparser::TableInit::RefNull => None,
                    wasmparser::TableInit::Expr(expr) => Some(const_expr(&expr)?),
                });
            }
        }
        Payload::MemorySection(section) => {
            for ty in section {
                data.memories.push(memory_type(ty?)?);
                data.counts.memories += 1;
            }
        }
        Payload::GlobalSection(section) => {
            for global in section {
                let global = global?;
                data.globals.push(global_type(global.ty)?);
                data.counts.defined_globals += 1;
                data.global_inits.push(const_expr(&global.init_expr)?);
            }
        }
        Payload::ExportSection(section) => {
            for export in section {
                let export = export?;
                let item = match export.kind {
                    wasmparser::ExternalKind::Func => ItemIndex::Func(FuncIndex(export.index)),
                    wasmparser::ExternalKind::Table => ItemIndex::Table(TableIndex(export.index)),
                    wasmparser::ExternalKind::Memory => {
                        ItemIndex::Memory(MemoryIndex(export.index))
                    }
                    wasmparser::ExternalKind::Global => {
                        ItemIndex::Global(GlobalIndex(export.index))
                    }
                    _ => bail!(
                        "the export {} is of a kind that is not supported",
                        shown_name(export.name)
                    ),
                };
                data.export_names
                    .insert(export.name.to_string(), data.exports.len());
                data.exports.push((export.name.to_string(), item));
            }
        }
        Payload::StartSection { func, .. } => data.start = Some(FuncIndex(func)),
        Payload::ElementSection(section) => {
            for element in section {
                data.elements.push(element_segment(element?)?);
            }
        }
        Payload::DataSection(section) => {
            for segment in section {
                let segment = segment?;
                let start = segment.data.as_ptr() as usize - bytes.as_ptr() as usize;
                data.data.push(DataSegment {
                    mode: match segment.kind {
                        wasmparser::DataKind::Passive => SegmentMode::Passive,
                        wasmparser::DataKind::Active {
                            memory_index,
                            offset_expr,
                        } => SegmentMode::Active {
                            target: MemoryIndex(memory_index),
                            offset: const_expr(&offset_expr)?,
                        },
                    },
                    bytes: start..start + segment.data.len(),
                });
            }
        }
        Payload::CodeSectionStart { range, count, .. } => {
            data.code_start = range.start;
            data.bodies.reserve(count as usize);
        }
        Payload::CustomSection(section) => {
            let range = section.data_offset()..section.data_offset() + section.data().len();
            data.custom.push((section.name().to_string(), range));
        }
        Payload::Version { .. } | Payload::DataCountSection { .. } | Payload::End(_) => {}
        _ => bail!("a section of a kind that is not supported"),
    }
    Ok(())
}

fn table_type(ty: wasmparser::TableType) -> Result<TableType> {
    Ok(TableType::of(
        RefType::from_parser(ty.element_type)?,
        ty.initial,
        ty.maximum,
    ))
}

fn memory_type(ty: wasmparser::MemoryType) -> Result<MemoryType> {
    Ok(MemoryType::of(ty.initial, ty.maximum))
}

fn global_type(ty: wasmparser::GlobalType) -> Result<GlobalType> {
    let mutability = if ty.mutable {
        Mutability::Var
    } else {
        Mutability::Const
    };
    Ok(GlobalType::new(
        ValType::from_parser(ty.content_type)?,
        mutability,
    ))
}

fn element_segment(element: wasmparser::Element<'_>) -> Result<ElementSegment> {
    let mode = match element.kind {
        wasmparser::ElementKind::Passive => SegmentMode::Passive,
        wasmparser::ElementKind::Declared => SegmentMode::Declared,
        wasmparser::ElementKind::Active {
            table_index,
            offset_expr,
        } => SegmentMode::Active {
            target: TableIndex(table_index.unwrap_or(0)),
            offset: const_expr(&offset_expr)?,
        },
    };
    let items = match element.items {
        wasmparser::ElementItems::Functions(funcs) => ElementItems::Functions(
            funcs
                .into_iter()
                .map(|func| func.map(FuncIndex))
                .collect::<Result<_, _>>()?,
        ),
        wasmparser::ElementItems::Expressions(_, exprs) => ElementItems::Expressions(
            exprs
                .into_iter()
                .map(|expr| const_expr(&expr?))
                .collect::<Result<_>>()?,
        ),
    };
    Ok(ElementSegment { mode, items })
}

fn const_expr(expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr> {
    let mut ops = Vec::new();
    for op in expr.get_operators_reader() {
        ops.push(match op? {
            Operator::I32Const { value } => constant(&value.to_le_bytes()),
            Operator::I64Const { value } => constant(&value.to_le_bytes()),
            Operator::F32Const { value } => constant(&value.bits().to_le_bytes()),
            Operator::F64Const { value } => constant(&value.bits().to_le_bytes()),
            Operator::V128Const { value } => constant(value.bytes()),
            Operator::RefNull { .. } => constant(&[]),
            Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIndex(function_index)),
            Operator::GlobalGet { global_index } => ConstOp::GlobalGet(GlobalIndex(global_index)),
            Operator::I32Add => ConstOp::I32Add,
            Operator::I32Sub => ConstOp::I32Sub,
            Operator::I32Mul => ConstOp::I32Mul,
            Operator::I64Add => ConstOp::I64Add,
            Operator::I64Sub => ConstOp::I64Sub,
            Operator::I64Mul => ConstOp::I64Mul,
            Operator::End => break,
            other => bail!("the constant instruction {other:?} is not supported"),
        });
    }
    Ok(match ops.len() {
        1 => ConstExpr::One(ops.remove(0)),
        _ => ConstExpr::More(ops.into_boxed_slice()),
    })
}

fn constant(bytes: &[u8]) -> ConstOp {
    let mut word = [0; 16];
    word[..bytes.len()].copy_from_slice(bytes);
    ConstOp::Const(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every change of one byte of a data section, and every cut behind it, is accepted or refused as the
    /// validator does it alone.
    #[test]
    fn segments_of_the_plain_form_are_read_as_the_validator_reads_them() {
        let config = Config::default();
        let features = features(&config);
        let text = r#"(module (memory 1)
            (data (i32.const 1) "one") (data (i32.const -2) "") (data (i32.const 300) "three"))"#;
        let module = wat::parse_str(text).unwrap();
        let data = decode(&config, module.clone().into(), None).unwrap();
        let found: Vec<(i32, &[u8])> = data.data.iter().map(|s| segment(&data, s)).collect();
        assert_eq!(found, [(1, &b"one"[..]), (-2, b""), (300, b"three")]);
        let section = module.iter().rposition(|byte| *byte == 11).unwrap();
        let mut accepted = 0;
        for at in section..module.len() {
            for byte in 0..=255 {
                let mut changed = module.clone();
                changed[at] = byte;
                let expected = Validator::new_with_features(features).validate_all(&changed);
                let result = decode(&config, changed.clone().into(), None);
                assert_eq!(
                    result.is_ok(),
                    expected.is_ok(),
                    "byte {at} as {byte}: {:?}",
                    result.err()
                );
                accepted += usize::from(result.is_ok());
            }
            let cut = &module[..at];
            let expected = Validator::new_with_features(features).validate_all(cut);
            assert_eq!(
                decode(&config, cut.into(), None).is_ok(),
                expected.is_ok(),
                "cut at {at}"
            );
        }
        assert!(accepted > 256, "contents of segments can be anything");
    }

    fn segment<'a>(data: &'a ModuleData, segment: &DataSegment) -> (i32, &'a [u8]) {
        let SegmentMode::Active { offset, .. } = &segment.mode else {
            panic!("it is active");
        };
        let [ConstOp::Const(word)] = offset[..] else {
            panic!("it is a constant");
        };
        let offset = i32::from_le_bytes(word[..4].try_into().unwrap());
        (offset, &data.bytes[segment.bytes.clone()])
    }

    /// The parser, not the validator, compares the data section with the rest of the module.
    #[test]
    fn a_plain_data_section_at_a_wrong_place_or_of_another_length_is_refused() {
        let section = |id: u8, content: &[u8]| [&[id, content.len() as u8], content].concat();
        let memory = section(5, &[1, 0, 1]);
        let data = section(11, &[1, 0x00, 0x41, 0, 0x0B, 1, b'x']);
        let code = [section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0])].concat();
        let body = section(10, &[1, 2, 0, 0x0B]);
        // `data.drop 1`
        let drops = section(10, &[1, 5, 0, 0xFC, 9, 1, 0x0B]);
        let announced = |count| section(12, &[count]);
        let read = |sections: &[&[u8]]| {
            let module = [b"\0asm\x01\0\0\0", sections.concat().as_slice()].concat();
            let expected = Validator::new_with_features(features(&Config::default()));
            let valid = { expected }.validate_all(&module).is_ok();
            let accepted = decode(&Config::default(), module.into(), None).is_ok();
            assert_eq!(accepted, valid, "{sections:x?}");
            accepted
        };
        assert!(read(&[&memory, &data]));
        assert!(!read(&[&data, &memory]), "before the memory");
        assert!(!read(&[&memory, &data, &data]), "twice");
        assert!(!read(&[&memory, &announced(2), &data]), "too few");
        assert!(!read(&[&memory, &announced(0), &data]), "too many");
        assert!(!read(&[&memory, &announced(1)]), "none");
        let [types, functions] = [&code[..6], &code[6..]];
        assert!(read(&[
            types,
            functions,
            &memory,
            &announced(1),
            &body,
            &data
        ]));
        assert!(!read(&[
            types,
            functions,
            &memory,
            &announced(1),
            &drops,
            &data
        ]));
        assert!(!read(&[types, functions, &memory, &drops, &data]));
        assert!(!read(&[
            types,
            functions,
            &memory,
            &announced(1),
            &data,
            &body
        ]));
    }

    #[test]
    fn segments_without_a_memory_and_of_another_form_are_left_to_the_validator() {
        let read = |text: &str| {
            let module = wat::parse_str(text).unwrap();
            decode(&Config::default(), module.into(), None)
        };
        let refused = |text: &str| format!("{:#}", read(text).unwrap_err());
        let error = refused(r#"(module (data (i32.const 0) "x"))"#);
        assert!(error.contains("unknown memory 0"), "{error}");
        let error = refused(r#"(module (memory 1) (data (i64.const 0) "x"))"#);
        assert!(error.contains("expected i32, found i64"), "{error}");
        let text = r#"(module (import "m" "g" (global i32)) (memory 1) (data (global.get 0) "x")
            (data "passive"))"#;
        let data = read(text).unwrap();
        assert!(matches!(data.data[1].mode, SegmentMode::Passive));
    }
}
