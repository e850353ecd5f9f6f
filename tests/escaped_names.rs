//! Names that a module chooses are escaped in errors and backtraces of embedders: they stay on one line, and
//! contain nothing that a terminal obeys or that changes the direction of the text around them.

use lazywasm::{
    Engine, Error, Func, Instance, Linker, Module, Result, Store, WasmBacktrace, shown_text,
};

const EVIL: &str = "\x1b[31m\n\u{202e}\u{200b}x";

/// `EVIL` as a string of the text format.
fn evil() -> String {
    let bytes: Vec<String> = EVIL.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("\"{}\"", bytes.concat())
}

fn module(engine: &Engine, text: &str) -> Result<Module> {
    Module::new(engine, text.replace("EVIL", &evil()))
}

#[track_caller]
fn check(error: &Error) {
    let text = format!("{error:#}\n{error:?}");
    assert!(text.contains(&shown_text(EVIL)), "{text}");
    assert!(!text.contains(['\x1b', '\u{202e}', '\u{200b}']), "{text}");
    assert!(!text.lines().any(|line| line.starts_with('x')), "{text}");
}

#[test]
fn of_imports() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let wants = module(&engine, "(module (import EVIL EVIL (func)))").unwrap();
    let mut linker = Linker::new(&engine);
    check(&linker.instantiate(&mut store, &wants).unwrap_err());
    check(&linker.check_imports(&wants).unwrap_err());
    check(&linker.alias_module(EVIL, "other").unwrap_err());
    check(&linker.get_default(&mut store, EVIL).unwrap_err());

    linker.func_wrap(EVIL, EVIL, |_: i32| {}).unwrap();
    check(&linker.func_wrap(EVIL, EVIL, || {}).err().unwrap());
    check(&linker.instantiate(&mut store, &wants).unwrap_err());
    let mut other = Store::new(&engine, ());
    let foreign = Func::wrap(&mut other, || {});
    check(&Instance::new(&mut store, &wants, &[foreign.into()]).unwrap_err());
}

#[test]
fn of_exports() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let text = "(module (memory (export EVIL) 1) (func (export \"f\")))";
    let module_of = module(&engine, text).unwrap();
    let instance = Instance::new(&mut store, &module_of, &[]).unwrap();
    let missing = format!("{EVIL}{EVIL}");
    let error = instance.get_typed_func::<(), ()>(&mut store, &missing);
    check(&error.err().unwrap());
    let error = instance.get_typed_func::<(), ()>(&mut store, EVIL);
    check(&error.err().unwrap());
    let text = "(module (func (export EVIL)))";
    let module_of = module(&engine, text).unwrap();
    let instance = Instance::new(&mut store, &module_of, &[]).unwrap();
    let error = instance.get_typed_func::<i32, ()>(&mut store, EVIL);
    check(&error.err().unwrap());
    let twice = "(module (func (export EVIL)) (func (export EVIL)))".replace("EVIL", &evil());
    check(&Module::new(&engine, twice).err().unwrap());
}

#[test]
fn of_functions_and_modules() {
    let engine = Engine::default();
    let invalid = "(module (@name EVIL) (func (@name EVIL) i64.const 1 i32.eqz drop))";
    check(&module(&engine, invalid).unwrap_err());
    let traps = "(module (@name EVIL) (func (@name EVIL) (export \"f\") unreachable))";
    let traps = module(&engine, traps).unwrap();
    assert_eq!(traps.name(), Some(&*shown_text(EVIL)));
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &traps, &[]).unwrap();
    let function = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    let error = function.call(&mut store, ()).unwrap_err();
    check(&error);
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let frame = &backtrace.frames()[0];
    assert_eq!(frame.func_name(), Some(&*shown_text(EVIL)));
    assert_eq!(frame.module_name(), Some(&*shown_text(EVIL)));

    let segment = "(module (@name EVIL) (memory 1) (data (i32.const 65536) \"x\"))";
    let segment = module(&engine, segment).unwrap();
    check(&Instance::new(&mut store, &segment, &[]).unwrap_err());
}

#[test]
fn of_source_files() {
    let bytes = with_debug_info();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let function = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    let error = function.call(&mut store, ()).unwrap_err();
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let source = backtrace.frames()[0].source().expect("the line is found");
    assert!(source.ends_with(":7"), "{source:?}");
    check(&error);
}

/// A module whose one function, by its debug information, is line 7 of a file named `EVIL`.
fn with_debug_info() -> Vec<u8> {
    fn section(name: &str, contents: &[u8]) -> Vec<u8> {
        let mut payload = vec![name.len() as u8];
        payload.extend(name.as_bytes());
        payload.extend(contents);
        assert!(payload.len() < 128);
        let mut section = vec![0, payload.len() as u8];
        section.extend(payload);
        section
    }
    /// A unit of DWARF: its length, then itself.
    fn unit(contents: Vec<u8>) -> Vec<u8> {
        let mut unit = (contents.len() as u32).to_le_bytes().to_vec();
        unit.extend(contents);
        unit
    }
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    // One type, one function, the export `f`, and a body: no locals, unreachable, end.
    module
        .extend(b"\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x05\x01\x03\0\0\x0b");
    // A compilation unit with a statement list, from address 0 on, 16 bytes long.
    let abbreviations = b"\x01\x11\x00\x10\x17\x11\x01\x12\x06\0\0\0";
    let mut info = 4_u16.to_le_bytes().to_vec();
    info.extend([0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0]);
    // Version 4 of the line program: a header with one file, then one row for address 0, line 7.
    let mut header = vec![1, 1, 1, 0xFB, 14, 13];
    header.extend([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
    header.push(0);
    header.extend(EVIL.as_bytes());
    header.extend([0, 0, 0, 0, 0]);
    let mut line = 4_u16.to_le_bytes().to_vec();
    line.extend(unit(header));
    line.extend([0, 5, 2, 0, 0, 0, 0, 3, 6, 1, 2, 16, 0, 1, 1]);
    module.extend(section(".debug_abbrev", abbreviations));
    module.extend(section(".debug_info", &unit(info)));
    module.extend(section(".debug_line", &unit(line)));
    module
}
