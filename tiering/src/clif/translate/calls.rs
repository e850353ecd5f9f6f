//! Calls: of functions of this module and of wasm-bound imports (sites that can be relinked), of the
//! host, through tables, and of the engine's helpers; and the tail calls among them.
//!
//! ```text
//! own function      call rel32                      caller's context
//! wasm import       call rel32                      context from the import slot
//! host import       call [slot.entry]               context from the import slot
//! through a table   call [record.entry]             context from the record
//! helper            call absolute                   caller's context, C convention
//! ```
//!
//! The word at `entry` is loaded at each call, since it changes when the function gets new code. Before
//! host calls and calls through tables, the caller's context is stored in the store's block, so that the
//! host's door knows the caller.

use super::access::{Access, trap_code};
use super::versions::Version;
use super::{CallShape, Translator};
use crate::clif::names;
use crate::clif::signature::{self, OVERFLOW_SLOT, ResultPlace, clif_type};
use crate::compiled::{CompileError, InlinedCall, ScopeId};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    ExtFuncData, ExternalName, FuncRef, GlobalValueData, Inst, InstBuilder, SigRef, StackSlotData,
    StackSlotKind, UserExternalName, Value, types,
};
use engine::Trap;
use engine::ids::{FuncIndex, TableIndex, TypeIndex};
use engine::layout::offsets;
use engine::libcalls::Libcall;
use std::ops::Range;
use std::rc::Rc;
use stubs::InlineNode;

/// The callee of a call instruction.
enum Callee {
    /// A call site that names the function.
    Direct(FuncRef),
    /// An address that was loaded just before.
    Address(Value),
}

/// What a call leaves and does not return to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    Nothing,
    /// A tail call: the frame.
    Frame,
    /// A tail call in an inlined body: the frame is that of the enclosing function, but backtraces must no
    /// longer show the body.
    InlinedBody,
}

impl Translator<'_, '_> {
    fn leaving(&self, tail: bool) -> Leaving {
        match (tail, self.unit.node) {
            (false, _) => Leaving::Nothing,
            (true, InlineNode::FUNCTION) => Leaving::Frame,
            (true, _) => Leaving::InlinedBody,
        }
    }

    /// Makes backtraces show the inlined callees of a tail call at the place where the body that makes the
    /// call was itself called.
    fn set_tail_call_parent(&mut self, inlined: Range<usize>, leaving: Leaving) {
        if leaving == Leaving::InlinedBody {
            let own = self.backtrace_parent();
            for call in &mut self.inlined[inlined] {
                (call.parent, call.offset) = (own.parent, own.offset);
            }
        }
    }

    /// The call that the body being translated replaces, as backtraces show it.
    fn backtrace_parent(&self) -> InlinedCall {
        let at = self.unit.node.position();
        self.inlined[at.expect("an inlined body")]
    }

    fn call_shape(&mut self, ty: TypeIndex) -> Rc<CallShape> {
        let key = (self.unit.scope, ty);
        if let Some(shape) = self.shapes.get(&key) {
            return shape.clone();
        }
        let func_type = self.unit.module.func_type(ty);
        let mut abi = signature::wasm_signature(func_type);
        let placeholder = cranelift_codegen::ir::Signature::new(abi.signature.call_conv);
        let signature = std::mem::replace(&mut abi.signature, placeholder);
        let signature = self.builder.import_signature(signature);
        let results = func_type.results().map(clif_type).collect();
        let shape = Rc::new(CallShape {
            signature,
            abi,
            results,
        });
        self.shapes.insert(key, shape.clone());
        shape
    }

    /// A name for the thing of a kind in a scope that has this index.
    pub(super) fn name(&mut self, kind: u32, scope: ScopeId, index: u32) -> ExternalName {
        let namespace = names::namespace(kind, scope);
        let name = self
            .builder
            .func
            .declare_imported_user_function(UserExternalName { namespace, index });
        ExternalName::user(name)
    }

    fn func_ref(&mut self, func: FuncIndex, signature: SigRef) -> FuncRef {
        let scope = self.unit.scope;
        if let Some(func) = self.funcs.get(&(scope, func)) {
            return *func;
        }
        let name = self.name(names::FUNCTIONS, scope, func.0);
        let data = ExtFuncData {
            name,
            signature,
            colocated: true,
            patchable: false,
        };
        let reference = self.builder.import_function(data);
        self.funcs.insert((scope, func), reference);
        reference
    }

    /// Calls a helper with the context of the body being translated and these arguments. It does not spill
    /// operands: the caller has done so, or the stack is empty.
    pub(super) fn call_libcall(&mut self, libcall: Libcall, args: &[Value]) -> Option<Value> {
        let callee = match self.libcalls.get(&libcall) {
            Some(callee) => *callee,
            None => {
                let signature = self
                    .builder
                    .import_signature(signature::libcall_signature(libcall));
                let name = self.name(names::LIBCALLS, ScopeId::OWN, libcall as u32);
                let data = ExtFuncData {
                    name,
                    signature,
                    colocated: false,
                    patchable: false,
                };
                let callee = self.builder.import_function(data);
                self.libcalls.insert(libcall, callee);
                callee
            }
        };
        self.calls = true;
        let mut all = std::mem::take(&mut self.args);
        all.clear();
        all.push(self.unit.ctx);
        all.extend_from_slice(args);
        let call = self.builder.ins().call(callee, &all);
        self.args = all;
        self.builder.inst_results(call).first().copied()
    }

    /// Spills all operands, and calls a helper as part of an instruction.
    pub(super) fn libcall(&mut self, libcall: Libcall, args: &[Value]) -> Option<Value> {
        self.spill_all();
        self.mark();
        self.call_libcall(libcall, args)
    }

    fn spill_all(&mut self) {
        self.values.forget_locals();
        let height = self.values.height();
        self.values
            .spill(&mut self.builder, &mut self.flags, height);
    }

    pub(super) fn call(&mut self, func: FuncIndex, tail: bool) -> Result<(), CompileError> {
        self.mark();
        let leaving = self.leaving(tail);
        let inlined = self.inlined_here();
        if !inlined.is_empty() && leaving != Leaving::Frame {
            self.set_tail_call_parent(inlined.clone(), leaving);
            let at = inlined.start;
            if self.version != Version::Current && self.input.inlined[at].may_change() {
                self.inline_if_current(at, func, leaving)?;
            } else {
                let ctx = self.callee_ctx(func);
                let (ctx, _) = self.copy(at, ctx);
                self.inline(at, ctx)?;
            }
        } else {
            self.call_func(func, leaving);
        }
        if tail && self.unit.reachable {
            self.return_();
        }
        Ok(())
    }

    /// Calls a function, as the call instruction says.
    pub(super) fn call_func(&mut self, func: FuncIndex, leaving: Leaving) {
        let (ty, callee, ctx) = self.callee_of(func);
        self.call_callee(ty, callee, ctx, leaving);
    }

    /// The context with which a function bound to wasm is called.
    pub(super) fn callee_ctx(&mut self, func: FuncIndex) -> Value {
        if self.unit.module.defined(func).is_some() {
            return self.unit.ctx;
        }
        let slot = self.unit.module.layout().import(func);
        let ctx = self.unit.ctx;
        self.load_at(Access::Fixed, types::I64, ctx, slot + offsets::IMPORT_CTX)
    }

    fn callee_of(&mut self, func: FuncIndex) -> (TypeIndex, Callee, Value) {
        let ty = self.unit.module.type_of(func);
        let shape = self.call_shape(ty);
        let ctx = self.callee_ctx(func);
        let imported = self.unit.module.defined(func).is_none();
        if !imported || (self.unit.import_is_wasm)(func) {
            return (
                ty,
                Callee::Direct(self.func_ref(func, shape.signature)),
                ctx,
            );
        }
        let slot = self.unit.module.layout().import(func);
        let own = self.unit.ctx;
        let entry = self.load_at(Access::Fixed, types::I64, own, slot + offsets::IMPORT_ENTRY);
        let code = self.load_at(Access::Mutable, types::I64, entry, 0);
        self.note_caller(Access::Fixed);
        (ty, Callee::Address(code), ctx)
    }

    pub(super) fn call_indirect(
        &mut self,
        table: TableIndex,
        ty: TypeIndex,
        tail: bool,
    ) -> Result<(), CompileError> {
        self.mark();
        let leaving = self.leaving(tail);
        let inlined = self.inlined_here();
        let index = self.pop();
        if !inlined.is_empty() && leaving != Leaving::Frame {
            self.set_tail_call_parent(inlined.clone(), leaving);
            self.inline_guarded(inlined, ty, table, index, leaving)?;
        } else {
            let record = self.callee_record(table, index);
            self.call_record(ty, record, leaving, Access::Fixed);
        }
        if tail && self.unit.reachable {
            self.return_();
        }
        Ok(())
    }

    /// Calls the function of a record if it has the type, and traps if not. `fixed` is the kind of access
    /// for words that never change.
    pub(super) fn call_record(
        &mut self,
        ty: TypeIndex,
        record: Value,
        leaving: Leaving,
        fixed: Access,
    ) {
        // A null record faults here, which is the trap for a null record.
        let actual = self.load_at(Access::Record, types::I32, record, offsets::RECORD_TYPE);
        let expected = self.symbol(names::TYPE_IDS, self.unit.scope, ty.0);
        let expected = self.builder.ins().ireduce(types::I32, expected);
        let same = self.builder.ins().icmp(IntCC::Equal, actual, expected);
        self.builder
            .ins()
            .trapz(same, trap_code(Trap::BadSignature));
        let ctx = self.load_at(Access::FoundRecord, types::I64, record, offsets::RECORD_CTX);
        let entry = self.load_at(
            Access::FoundRecord,
            types::I64,
            record,
            offsets::RECORD_ENTRY,
        );
        let code = self.load_at(Access::Mutable, types::I64, entry, 0);
        self.note_caller(fixed);
        self.call_callee(ty, Callee::Address(code), ctx, leaving);
    }

    /// The address or the number that a name refers to. There is one global value for each name: only then
    /// is it one value to the optimiser, however often it is used.
    pub(super) fn symbol(&mut self, kind: u32, scope: ScopeId, index: u32) -> Value {
        let key = (names::namespace(kind, scope), index);
        let symbol = match self.symbols.get(&key) {
            Some(symbol) => *symbol,
            None => {
                let name = self.name(kind, scope, index);
                let symbol = self.builder.create_global_value(GlobalValueData::Symbol {
                    name,
                    offset: 0.into(),
                    colocated: false,
                    tls: false,
                });
                self.symbols.insert(key, symbol);
                symbol
            }
        };
        self.builder.ins().symbol_value(types::I64, symbol)
    }

    /// Stores the caller's context for the host's door.
    fn note_caller(&mut self, fixed: Access) {
        let ctx = self.unit.ctx;
        let store = self.store_ctx(fixed);
        self.store_at(Access::Mutable, ctx, store, offsets::STORE_CALLER);
    }

    fn overflow_slot(&mut self, size: u32) -> Value {
        let slot = match self.overflow {
            Some(slot) => slot,
            None => {
                let data = StackSlotData::new(StackSlotKind::ExplicitSlot, 0, 4);
                let slot = self.builder.create_sized_stack_slot(data);
                self.overflow = Some(slot);
                slot
            }
        };
        let has = &mut self.builder.func.sized_stack_slots[slot].size;
        *has = size.max(*has);
        self.builder.ins().stack_addr(types::I64, slot, 0)
    }

    /// Makes a call whose arguments are on the operand stack.
    fn call_callee(&mut self, ty: TypeIndex, callee: Callee, ctx: Value, leaving: Leaving) {
        let tail = leaving == Leaving::Frame;
        self.calls = true;
        let shape = self.call_shape(ty);
        let params = self.unit.module.func_type(ty).params().len();
        let mut args = std::mem::take(&mut self.args);
        args.clear();
        args.push(ctx);
        let memory = match (shape.abi.overflow, tail) {
            (0, _) => None,
            // The callee's results are the caller's results: they are stored to the same place.
            (_, true) => self.results_pointer,
            (size, false) => Some(self.overflow_slot(size)),
        };
        args.extend(memory);
        self.values
            .peek_into(&mut self.builder, &mut self.flags, params, &mut args);
        self.values.truncate(self.values.height() - params);
        if tail {
            match callee {
                Callee::Direct(func) => self.builder.ins().return_call(func, &args),
                Callee::Address(code) => {
                    self.builder
                        .ins()
                        .return_call_indirect(shape.signature, code, &args)
                }
            };
            self.args = args;
            self.unit.reachable = false;
            return;
        }
        self.spill_all();
        if leaving == Leaving::InlinedBody {
            let own = self.backtrace_parent();
            self.mark_place(own.parent, own.offset);
        }
        let call = match callee {
            Callee::Direct(func) => self.builder.ins().call(func, &args),
            Callee::Address(code) => self
                .builder
                .ins()
                .call_indirect(shape.signature, code, &args),
        };
        self.args = args;
        self.push_results(&shape, call, memory);
    }

    fn push_results(&mut self, shape: &CallShape, call: Inst, memory: Option<Value>) {
        for (place, ty) in shape.abi.results.iter().zip(&shape.results) {
            let value = match *place {
                ResultPlace::Register(at) => self.builder.inst_results(call)[at],
                ResultPlace::Memory(offset) => {
                    debug_assert!(
                        offset < shape.abi.overflow && offset.is_multiple_of(OVERFLOW_SLOT)
                    );
                    let pointer = memory.expect("memory for results was passed to the call");
                    self.load_at(Access::Frame, *ty, pointer, offset as i32)
                }
            };
            self.push(value, *ty);
        }
    }
}
