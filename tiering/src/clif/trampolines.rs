//! Trampolines between the host and compiled code, one for each direction and type.
//!
//! They are compiled on demand, never patched, and freed with the engine. They are in the engine's code
//! space, like all other code. Both follow docs/calling-convention.md on the side of compiled code, and the
//! C convention on the side of the host.

use crate::clif::isa;
use crate::clif::observed::frame_layout;
use crate::clif::signature::{self, OVERFLOW_SLOT, ResultPlace, WasmSignature};
use crate::records::Attached;
use anyhow::{Context as _, Result, anyhow};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use engine::FuncType;
use engine::code_source::{EnterTrampoline, HostDoor, ValRaw};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use stubs::{Attachment, CodeSpace, FrameLayout};

const VALUE: i32 = size_of::<ValRaw>() as i32;

/// All trampolines of an engine.
pub(crate) struct Trampolines {
    state: Mutex<State>,
    /// Whether a listener is told of them.
    observed: bool,
}

impl fmt::Debug for Trampolines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trampolines")
    }
}

#[derive(Default)]
struct State {
    builder: FunctionBuilderContext,
    /// The key is the type and not the signature: in a signature, a pointer to memory for results looks
    /// like a parameter.
    enter: HashMap<FuncType, usize>,
    host: HashMap<(FuncType, usize), usize>,
}

impl State {
    /// Compiles and places a trampoline. `attach` makes what a listener is told of it, if there is one.
    fn define(
        &mut self,
        space: &CodeSpace,
        signature: Signature,
        attach: Option<impl FnOnce(FrameLayout) -> Attachment>,
        translate: impl FnOnce(&mut FunctionBuilder<'_>, &[Value]),
    ) -> Result<usize> {
        let isa = &**isa::optimising(attach.is_some()).map_err(|error| anyhow!("{error}"))?;
        let mut context = Context::new();
        context.func.signature = signature;
        let mut builder = FunctionBuilder::new(&mut context.func, &mut self.builder);
        let block = builder.create_block();
        builder.append_block_params_for_function_params(block);
        builder.switch_to_block(block);
        builder.seal_block(block);
        let params = builder.block_params(block).to_vec();
        translate(&mut builder, &params);
        builder.finalize(isa.frontend_config());
        let code = context.compile(isa, &mut ControlPlane::default());
        let code = code.map_err(|error| anyhow!("{}", error.inner))?;
        assert!(
            code.buffer.relocs().is_empty(),
            "a trampoline has no relocations"
        );
        let attachment = attach.map(|attach| attach(frame_layout(code)));
        let (bytes, align) = (code.code_buffer(), code.buffer.alignment);
        Ok(space.place_trampoline(bytes, align, attachment.as_ref())?)
    }
}

fn c_signature(params: usize) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params = vec![AbiParam::new(types::I64); params];
    signature
}

impl Trampolines {
    /// No trampolines yet. If they are `observed`, a listener is told of them.
    pub(crate) fn new(observed: bool) -> Trampolines {
        Trampolines {
            state: Mutex::default(),
            observed,
        }
    }

    fn attach(
        &self,
        from_host: bool,
        ty: &FuncType,
    ) -> Option<impl FnOnce(FrameLayout) -> Attachment> {
        let attach = move |frame| Attached::to_trampoline(from_host, ty, frame);
        self.observed.then_some(attach)
    }

    fn with<R>(&self, make: impl FnOnce(&mut State) -> Result<R>) -> Result<R> {
        make(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The trampoline from the host for functions of this type.
    pub(crate) fn enter(&self, ty: &FuncType, space: &CodeSpace) -> Result<EnterTrampoline> {
        let code = self.with(|state| {
            if let Some(code) = state.enter.get(ty) {
                return Ok(*code);
            }
            let wasm = signature::wasm_signature(ty);
            let code = state.define(
                space,
                c_signature(3),
                self.attach(true, ty),
                |builder, params| enter(builder, params, ty, &wasm),
            )?;
            state.enter.insert(ty.clone(), code);
            Ok(code)
        });
        let code = code.with_context(|| format!("no trampoline for functions {ty}"))?;
        // SAFETY: the code was compiled with the signature of entry trampolines.
        Ok(unsafe { std::mem::transmute::<usize, EnterTrampoline>(code) })
    }

    /// The code of host functions of this type.
    pub(crate) fn host(&self, ty: &FuncType, door: HostDoor, space: &CodeSpace) -> Result<usize> {
        let door = door as usize;
        let code = self.with(|state| {
            if let Some(code) = state.host.get(&(ty.clone(), door)) {
                return Ok(*code);
            }
            let wasm = signature::wasm_signature(ty);
            let signature = wasm.signature.clone();
            let code = state.define(
                space,
                signature,
                self.attach(false, ty),
                |builder, params| host(builder, params, ty, &wasm, door),
            )?;
            state.host.insert((ty.clone(), door), code);
            Ok(code)
        });
        code.with_context(|| format!("no trampoline for host functions {ty}"))
    }
}

fn array(builder: &mut FunctionBuilder<'_>, bytes: u32) -> Value {
    let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes.max(1), 4);
    let slot = builder.create_sized_stack_slot(slot);
    builder.ins().stack_addr(types::I64, slot, 0)
}

/// `(ctx, code, values)`: loads the arguments, calls, stores the results.
fn enter(builder: &mut FunctionBuilder<'_>, params: &[Value], ty: &FuncType, wasm: &WasmSignature) {
    let &[ctx, code, values] = params else {
        unreachable!("three parameters were declared")
    };
    let trusted = MemFlagsData::trusted();
    let mut arguments = vec![ctx];
    let overflow = (wasm.overflow > 0).then(|| array(builder, wasm.overflow));
    arguments.extend(overflow);
    for (position, param) in ty.params().enumerate() {
        let offset = position as i32 * VALUE;
        arguments.push(
            builder
                .ins()
                .load(signature::clif_type(param), trusted, values, offset),
        );
    }
    let signature = builder.import_signature(wasm.signature.clone());
    let call = builder.ins().call_indirect(signature, code, &arguments);
    let returned = builder.inst_results(call).to_vec();
    for (position, (place, result)) in wasm.results.iter().zip(ty.results()).enumerate() {
        let value = match (place, overflow) {
            (ResultPlace::Register(at), _) => returned[*at],
            (ResultPlace::Memory(offset), Some(overflow)) => builder.ins().load(
                signature::clif_type(result),
                trusted,
                overflow,
                *offset as i32,
            ),
            (ResultPlace::Memory(_), None) => unreachable!("results in memory have a pointer"),
        };
        builder
            .ins()
            .store(trusted, value, values, position as i32 * VALUE);
    }
    builder.ins().return_(&[]);
}

/// `(host ctx, [results,] arguments...)`: stores the arguments, calls the door, loads the results.
fn host(
    builder: &mut FunctionBuilder<'_>,
    params: &[Value],
    ty: &FuncType,
    wasm: &WasmSignature,
    door: usize,
) {
    let trusted = MemFlagsData::trusted();
    let count = ty.params().len().max(ty.results().len());
    let values = array(builder, count as u32 * VALUE as u32);
    for (position, argument) in params[wasm.first_param()..].iter().enumerate() {
        builder
            .ins()
            .store(trusted, *argument, values, position as i32 * VALUE);
    }
    let frame = builder.ins().get_frame_pointer(types::I64);
    let signature = builder.import_signature(c_signature(3));
    let door = builder.ins().iconst(types::I64, door as i64);
    builder
        .ins()
        .call_indirect(signature, door, &[params[0], values, frame]);
    let mut returned = Vec::with_capacity(wasm.results.len());
    for (position, (place, result)) in wasm.results.iter().zip(ty.results()).enumerate() {
        let value = builder.ins().load(
            signature::clif_type(result),
            trusted,
            values,
            position as i32 * VALUE,
        );
        match place {
            ResultPlace::Register(_) => returned.push(value),
            ResultPlace::Memory(offset) => {
                debug_assert!(
                    *offset < wasm.overflow && wasm.overflow.is_multiple_of(OVERFLOW_SLOT)
                );
                builder
                    .ins()
                    .store(trusted, value, params[1], *offset as i32);
            }
        }
    }
    builder.ins().return_(&returned);
}
