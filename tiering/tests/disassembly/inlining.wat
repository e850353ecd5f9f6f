(module
  (type $t (func (param i32) (result i32)))
  (import "wasm" "f" (func $foreign (type $t)))
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (table $written 4 4 funcref)
  (table $filled 2 2 funcref)
  (elem (table $filled) (i32.const 0) func $load $double)
  ;; Uses what is its instance's own, so that it shows whose context an inlined body has.
  (func $load (type $t)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.load (local.get 0)))
  (func $double (type $t) (i32.shl (local.get 0) (i32.const 1)))
  ;; A function is called by its own code: no call, and the memory's base is loaded once.
  (func $inlining_own (type $t)
    (i32.add (call $load (local.get 0)) (call $load (i32.add (local.get 0) (i32.const 4)))))
  ;; The other instance's context comes from the slot of the import.
  (func $inlining_foreign (type $t) (call $foreign (call $foreign (local.get 0))))
  ;; The record's address tells which of two functions it is; the call itself is out of line.
  (func $inlining_guarded (param i32 i32) (result i32)
    (call_indirect $written (type $t) (local.get 0) (local.get 1)))
  ;; The index tells it, as long as nobody has written to the table.
  (func $inlining_by_index (param i32 i32) (result i32)
    (call_indirect $filled (type $t) (local.get 0) (local.get 1)))
  ;; A callee of another module is told by its entry word. Nobody asks for its context here; what a miss needs is loaded out of line.
  (func $inlining_foreign_callback (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call_indirect $written (type $t) (i32.add (local.get $sum) (local.get $n)) (i32.const 2)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  ;; In a loop nothing is left of the call but the body.
  (func $inlining_in_a_loop (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $double (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)
;;! baseline load: 147 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x30, %rsp
;;!   movq %r12, 0x10(%rsp)
;;!   movq %r13, 0x18(%rsp)
;;!   movq %r14, 0x20(%rsp)
;;!   movq %r15, 0x28(%rsp)
;;! block0:
;;!   movq %rsi, %r13
;;!   movq %rdi, %r12
;;!   movq 0x30(%r12), %r15
;;!   movl %r13d, <offset:1>+(%rsp)
;;!   addl $0x1, 0x70(%r12)
;;!   movl %r13d, %r14d
;;!   movl (%r15, %r14), %eax
;;!   movq 0x10(%rsp), %r12
;;!   movq 0x18(%rsp), %r13
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline double: 87 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;! block0:
;;!   movq %rsi, %rax
;;!   movl %eax, <offset:1>+(%rsp)
;;!   shll $1, %eax
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline inlining_own: 166 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x50, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x40, %rsp
;;!   movq %r13, 0x20(%rsp)
;;!   movq %r14, 0x28(%rsp)
;;!   movq %r15, 0x30(%rsp)
;;! block0:
;;!   movq %rdi, <offset:1>+0x10(%rsp)
;;!   movl %esi, <offset:1>+(%rsp)
;;!   movq <offset:1>+0x10(%rsp), %rdi
;;!   call    User(userextname0)
;;!   movq %rax, %r14
;;!   movq <offset:1>+0x10(%rsp), %rdi
;;!   leaq <offset:1>+(%rsp), %r13
;;!   movl $0x4, %esi
;;!   addl (%r13), %esi
;;!   movl %r14d, <offset:1>+8(%rsp)
;;!   call    User(userextname0)
;;!   leaq <offset:1>+8(%rsp), %r15
;;!   addl (%r15), %eax
;;!   movq 0x20(%rsp), %r13
;;!   movq 0x28(%rsp), %r14
;;!   movq 0x30(%rsp), %r15
;;!   addq $0x40, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;! CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline inlining_foreign: 123 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x40, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x30, %rsp
;;!   movq %r15, 0x20(%rsp)
;;! block0:
;;!   movq %rdi, %r15
;;!   movl %esi, <offset:1>+(%rsp)
;;!   movq 0x20(%r15), %rdi
;;!   call    User(userextname0)
;;!   movq %rax, <offset:1>+0x10(%rsp)
;;!   movq <offset:1>+0x10(%rsp), %rsi
;;!   movq 0x20(%r15), %rdi
;;!   call    User(userextname0)
;;!   movq 0x20(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;! CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline inlining_guarded: 260 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x60, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x50, %rsp
;;!   movq %rbx, 0x20(%rsp)
;;!   movq %r12, 0x28(%rsp)
;;!   movq %r13, 0x30(%rsp)
;;!   movq %r14, 0x38(%rsp)
;;!   movq %r15, 0x40(%rsp)
;;! block0:
;;!   movq %rdx, %r15
;;!   movq %rsi, <offset:1>+0x10(%rsp)
;;!   movq %rdi, %r13
;;!   movq <offset:1>+0x10(%rsp), %r12
;;!   movl %r12d, <offset:1>+(%rsp)
;;!   movl %r15d, <offset:1>+8(%rsp)
;;!   movl %r15d, %eax
;;!   movq 0x40(%r13), %r14
;;!   leaq (%r14, %rax, 8), %rbx
;;!   uninit  %rcx
;;!   xorq %rcx, %rcx
;;!   cmpq $0x4, %rax
;;!   cmovaeq %rcx, %rbx
;;!   movq (%rbx), %r11
;;!   movq (%r11), %rdx
;;!   load_ext_name userextname0+0, %rsi
;;!   load_ext_name userextname1+0, %r8
;;!   movq %r13, %rdi
;;!   call    *%r8
;;!   movq <offset:1>+0x10(%rsp), %rsi
;;!   movl 0x10(%r11), %r10d
;;!   load_ext_name userextname2+0, %r9
;;!   cmpl %r9d, %r10d
;;!   jnz #trap=user6
;;!   movq 8(%r11), %rdi
;;!   movq (%r11), %r12
;;!   movq (%r12), %r15
;;!   movq (%r13), %r14
;;!   movq %r13, 0x10(%r14)
;;!   call    *%r15
;;!   movq 0x20(%rsp), %rbx
;;!   movq 0x28(%rsp), %r12
;;!   movq 0x30(%rsp), %r13
;;!   movq 0x38(%rsp), %r14
;;!   movq 0x40(%rsp), %r15
;;!   addq $0x50, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Feedback(0) weight 0
;;! Abs8 Libcall(NoteCallee) weight 0
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline inlining_by_index: 260 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x60, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x50, %rsp
;;!   movq %rbx, 0x20(%rsp)
;;!   movq %r12, 0x28(%rsp)
;;!   movq %r13, 0x30(%rsp)
;;!   movq %r14, 0x38(%rsp)
;;!   movq %r15, 0x40(%rsp)
;;! block0:
;;!   movq %rdx, %r15
;;!   movq %rsi, <offset:1>+0x10(%rsp)
;;!   movq %rdi, %r13
;;!   movq <offset:1>+0x10(%rsp), %r12
;;!   movl %r12d, <offset:1>+(%rsp)
;;!   movl %r15d, <offset:1>+8(%rsp)
;;!   movl %r15d, %eax
;;!   movq 0x58(%r13), %r14
;;!   leaq (%r14, %rax, 8), %rbx
;;!   uninit  %rcx
;;!   xorq %rcx, %rcx
;;!   cmpq $0x2, %rax
;;!   cmovaeq %rcx, %rbx
;;!   movq (%rbx), %r11
;;!   movq (%r11), %rdx
;;!   load_ext_name userextname0+0, %rsi
;;!   load_ext_name userextname1+0, %r8
;;!   movq %r13, %rdi
;;!   call    *%r8
;;!   movq <offset:1>+0x10(%rsp), %rsi
;;!   movl 0x10(%r11), %r10d
;;!   load_ext_name userextname2+0, %r9
;;!   cmpl %r9d, %r10d
;;!   jnz #trap=user6
;;!   movq 8(%r11), %rdi
;;!   movq (%r11), %r12
;;!   movq (%r12), %r15
;;!   movq (%r13), %r14
;;!   movq %r13, 0x10(%r14)
;;!   call    *%r15
;;!   movq 0x20(%rsp), %rbx
;;!   movq 0x28(%rsp), %r12
;;!   movq 0x30(%rsp), %r13
;;!   movq 0x38(%rsp), %r14
;;!   movq 0x40(%rsp), %r15
;;!   addq $0x50, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Feedback(0) weight 0
;;! Abs8 Libcall(NoteCallee) weight 0
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline inlining_foreign_callback: 476 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x70, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x60, %rsp
;;!   movq %rbx, 0x30(%rsp)
;;!   movq %r12, 0x38(%rsp)
;;!   movq %r13, 0x40(%rsp)
;;!   movq %r14, 0x48(%rsp)
;;!   movq %r15, 0x50(%rsp)
;;! block0:
;;!   movq %rsi, %r13
;;!   movq %rdi, <offset:1>+0x18(%rsp)
;;!   movl %r13d, <offset:1>+(%rsp)
;;!   movq $0x0, <offset:1>+8(%rsp)
;;!   jmp     label1
;;! block1:
;;!   movq <offset:1>+0x18(%rsp), %r12
;;!   addl $0xfffffffe, 0xb4(%r12)
;;!   movq <offset:1>+0x18(%rsp), %r15
;;!   movl 0xb4(%r15), %r14d
;;!   testl %r14d, %r14d
;;!   jl      label3; j label2
;;! block2:
;;!   jmp     label6
;;! block6:
;;!   movq <offset:1>+0x18(%rsp), %r11
;;!   movl <offset:1>+8(%rsp), %r13d
;;!   leaq <offset:1>+(%rsp), %r10
;;!   addl (%r10), %r13d
;;!   movq %r13, <offset:1>+0x10(%rsp)
;;!   movl (%rip), %eax
;;!   movq 0x40(%r11), %r12
;;!   leaq (%r12, %rax, 8), %r15
;;!   uninit  %r14
;;!   xorq %r14, %r14
;;!   cmpq $0x4, %rax
;;!   cmovaeq %r14, %r15
;;!   movq (%r15), %r9
;;!   movq (%r9), %rdx
;;!   load_ext_name userextname1+0, %rsi
;;!   load_ext_name userextname2+0, %rcx
;;!   movq %r11, %rdi
;;!   call    *%rcx
;;!   movq <offset:1>+0x10(%rsp), %rsi
;;!   movl 0x10(%r9), %r8d
;;!   load_ext_name userextname3+0, %rbx
;;!   cmpl %ebx, %r8d
;;!   jnz #trap=user6
;;!   movq 8(%r9), %rdi
;;!   movq (%r9), %r10
;;!   movq (%r10), %r13
;;!   movq (%r11), %r12
;;!   movq %r11, 0x10(%r12)
;;!   call    *%r13
;;!   movq %rax, %r14
;;!   movl %r14d, <offset:1>+8(%rsp)
;;!   movl <offset:1>+(%rsp), %r15d
;;!   subl $0x1, %r15d
;;!   movl %r15d, <offset:1>+(%rsp)
;;!   testl %r15d, %r15d
;;!   jnz     label7; j label8
;;! block7:
;;!   jmp     label1
;;! block8:
;;!   movl <offset:1>+8(%rsp), %eax
;;!   movq 0x30(%rsp), %rbx
;;!   movq 0x38(%rsp), %r12
;;!   movq 0x40(%rsp), %r13
;;!   movq 0x48(%rsp), %r14
;;!   movq 0x50(%rsp), %r15
;;!   addq $0x60, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block3:
;;!   movl $0x6, %esi
;;!   movl $0x3, %edx
;;!   leaq <offset:1>+(%rsp), %rcx
;;!   movl $0x10, %r8d
;;!   load_ext_name userextname0+0, %r9
;;!   movq <offset:1>+0x18(%rsp), %rdi
;;!   call    *%r9
;;!   movq %rax, <offset:1>+0x20(%rsp)
;;!   movq <offset:1>+0x20(%rsp), %r8
;;!   movq <offset:1>+0x20(%rsp), %rbx
;;!   testq %r8, %rbx
;;!   jz      label5; j label4
;;! block4:
;;!   movq <offset:1>+0x20(%rsp), %r10
;;!   movq <offset:1>+0x18(%rsp), %rdi
;;!   return_call_unknown %r10 (0) tmp=%r11 %rdi=%rdi
;;! block5:
;;!   jmp     label6
;;! Abs8 Feedback(0) weight 1
;;! Abs8 Libcall(NoteCallee) weight 1
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 1
;;! Abs8 Libcall(LoopBudgetSpent) weight 1
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline inlining_in_a_loop: 361 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x70, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x60, %rsp
;;!   movq %rbx, 0x30(%rsp)
;;!   movq %r12, 0x38(%rsp)
;;!   movq %r13, 0x40(%rsp)
;;!   movq %r14, 0x48(%rsp)
;;!   movq %r15, 0x50(%rsp)
;;! block0:
;;!   movq %rsi, %r12
;;!   movq %rdi, <offset:1>+0x20(%rsp)
;;!   movl %r12d, <offset:1>+(%rsp)
;;!   movq $0x0, <offset:1>+8(%rsp)
;;!   jmp     label1
;;! block1:
;;!   movq <offset:1>+0x20(%rsp), %r13
;;!   addl $0xfffffffe, 0xbc(%r13)
;;!   movq <offset:1>+0x20(%rsp), %r14
;;!   movl 0xbc(%r14), %r15d
;;!   testl %r15d, %r15d
;;!   jl      label3; j label2
;;! block2:
;;!   jmp     label6
;;! block6:
;;!   movq <offset:1>+0x20(%rsp), %rdi
;;!   movl <offset:1>+8(%rsp), %r12d
;;!   movl <offset:1>+(%rsp), %esi
;;!   movl %r12d, <offset:1>+0x10(%rsp)
;;!   call    User(userextname1)
;;!   movq %rax, %r14
;;!   leaq <offset:1>+0x10(%rsp), %r13
;;!   addl (%r13), %r14d
;;!   movl %r14d, <offset:1>+8(%rsp)
;;!   movl <offset:1>+(%rsp), %r15d
;;!   subl $0x1, %r15d
;;!   movl %r15d, <offset:1>+(%rsp)
;;!   testl %r15d, %r15d
;;!   jnz     label7; j label8
;;! block7:
;;!   jmp     label1
;;! block8:
;;!   movl <offset:1>+8(%rsp), %eax
;;!   movq 0x30(%rsp), %rbx
;;!   movq 0x38(%rsp), %r12
;;!   movq 0x40(%rsp), %r13
;;!   movq 0x48(%rsp), %r14
;;!   movq 0x50(%rsp), %r15
;;!   addq $0x60, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block3:
;;!   movl $0x7, %esi
;;!   movl $0x3, %edx
;;!   leaq <offset:1>+(%rsp), %rcx
;;!   movl $0x10, %r8d
;;!   load_ext_name userextname0+0, %rbx
;;!   movq <offset:1>+0x20(%rsp), %rdi
;;!   call    *%rbx
;;!   movq %rax, <offset:1>+0x28(%rsp)
;;!   movq <offset:1>+0x28(%rsp), %r8
;;!   movq <offset:1>+0x28(%rsp), %r9
;;!   testq %r8, %r9
;;!   jz      label5; j label4
;;! block4:
;;!   movq <offset:1>+0x28(%rsp), %r10
;;!   movq <offset:1>+0x20(%rsp), %rdi
;;!   return_call_unknown %r10 (0) tmp=%r11 %rdi=%rdi
;;! block5:
;;!   jmp     label6
;;! CallRel4 Function(ScopeId(0), FuncIndex(2)) weight 1
;;! Abs8 Libcall(LoopBudgetSpent) weight 1
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! optimised load: 22 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   addl $0x1, 0x70(%rdi)
;;!   movq 0x30(%rdi), %rdi
;;!   movl %esi, %esi
;;!   movl (%rdi, %rsi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised double: 14 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %rax
;;!   shll $1, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised inlining_own: 132 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r14, 8(%rsp)
;;! block0:
;;!   movq %rsi, %r14
;;!   movq (%rdi), %rax
;;!   movl 8(%rax), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %rdi, %rbx
;;!   jmp     label3
;;! block3:
;;!   movl 0x70(%rbx), %ecx
;;!   leal 1(%rcx), %eax
;;!   movl %eax, 0x70(%rbx)
;;!   movq 0x30(%rbx), %rdx
;;!   movq %r14, %rsi
;;!   movl %esi, %eax
;;!   movl (%rdx, %rax), %eax
;;!   leal 2(%rcx), %ecx
;;!   movl %ecx, 0x70(%rbx)
;;!   leal 4(%rsi), %ecx
;;!   addl (%rdx, %rcx), %eax
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r14
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rdi, %rbx
;;!   call    *%rax
;;!   jmp     label3
;;! Abs8 Libcall(Interrupted) weight 0
;;! optimised inlining_foreign: 135 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r15, 8(%rsp)
;;! block0:
;;!   movq %rsi, %r15
;;!   movq (%rdi), %rax
;;!   movl 8(%rax), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %rdi, %rbx
;;!   jmp     label3
;;! block3:
;;!   movq 0x20(%rbx), %rax
;;!   movl 0x70(%rax), %ecx
;;!   leal 1(%rcx), %edx
;;!   movl %edx, 0x70(%rax)
;;!   movq 0x30(%rax), %rdx
;;!   movq %r15, %rsi
;;!   movl %esi, %esi
;;!   movl (%rdx, %rsi), %esi
;;!   leal 2(%rcx), %ecx
;;!   movl %ecx, 0x70(%rax)
;;!   movl %esi, %eax
;;!   movl (%rdx, %rax), %eax
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r15
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rdi, %rbx
;;!   call    *%rax
;;!   jmp     label3
;;! Abs8 Libcall(Interrupted) weight 0
;;! optimised inlining_guarded: 248 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x20, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r12, 8(%rsp)
;;!   movq %r13, 0x10(%rsp)
;;! block0:
;;!   movq %rsi, %r12
;;!   movq %rdx, %r13
;;!   movq (%rdi), %rax
;;!   movl 8(%rax), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %r13, %rdx
;;!   movq %rdi, %rbx
;;!   jmp     label3
;;! block3:
;;!   movl %edx, %ecx
;;!   uninit  %rax
;;!   xorq %rax, %rax
;;!   movq 0x40(%rbx), %rdx
;;!   leaq (%rdx, %rcx, 8), %rdx
;;!   cmpq $0x4, %rcx
;;!   cmovaeq %rax, %rdx
;;!   movq (%rdx), %rax
;;!   movq 0x10(%rbx), %rdx
;;!   movq %rax, %rcx
;;!   subq %rdx, %rcx
;;!   cmpq $0x18, %rcx
;;!   jz      label8; j label4
;;! block4:
;;!   cmpq $0x30, %rcx
;;!   jz      label7; j label5
;;! block5:
;;!   jmp     label6
;;! block7:
;;!   movq %r12, %rsi
;;!   shll $1, %esi
;;!   movq %rsi, %rax
;;!   jmp     label9
;;! block8:
;;!   movq %r12, %rsi
;;!   addl $0x1, 0x70(%rbx)
;;!   movq 0x30(%rbx), %rax
;;!   movl %esi, %ecx
;;!   movl (%rax, %rcx), %eax
;;!   jmp     label9
;;! block9:
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r12
;;!   movq 0x10(%rsp), %r13
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rdi, %rbx
;;!   call    *%rax
;;!   movq %r13, %rdx
;;!   jmp     label3
;;! block6:
;;!   movl 0x10(%rax), %ecx
;;!   load_ext_name userextname1+0, %rdx
;;!   cmpl %edx, %ecx
;;!   jnz #trap=user6
;;!   movq 8(%rax), %rdi
;;!   movq (%rax), %rax
;;!   movq (%rax), %rax
;;!   movq (%rbx), %rcx
;;!   movq %rbx, 0x10(%rcx)
;;!   movq %r12, %rsi
;;!   call    *%rax
;;!   jmp     label9
;;! Abs8 Libcall(Interrupted) weight 0
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 0
;;! optimised inlining_by_index: 254 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x20, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r12, 8(%rsp)
;;!   movq %r13, 0x10(%rsp)
;;! block0:
;;!   movq %rsi, %r12
;;!   movq %rdx, %r13
;;!   movq (%rdi), %rax
;;!   movl 8(%rax), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %rdi, %rbx
;;!   jmp     label3
;;! block3:
;;!   movl 0x68(%rbx), %eax
;;!   testl %eax, %eax
;;!   jnz     label4; j label5
;;! block5:
;;!   movq %r13, %rdx
;;!   testl %edx, %edx
;;!   jz      label9; j label6
;;! block6:
;;!   cmpl $0x1, %edx
;;!   jz      label8; j label7
;;! block7:
;;!   movq %r12, %rsi
;;!   jmp     label10
;;! block8:
;;!   movq %r12, %rsi
;;!   shll $1, %esi
;;!   movq %rsi, %rax
;;!   jmp     label11
;;! block9:
;;!   movq %r12, %rsi
;;!   addl $0x1, 0x70(%rbx)
;;!   movq 0x30(%rbx), %rax
;;!   movl %esi, %ecx
;;!   movl (%rax, %rcx), %eax
;;!   jmp     label11
;;! block11:
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r12
;;!   movq 0x10(%rsp), %r13
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rdi, %rbx
;;!   call    *%rax
;;!   jmp     label3
;;! block4:
;;!   movq %r13, %rdx
;;!   movq %r12, %rsi
;;!   jmp     label10
;;! block10:
;;!   movl %edx, %ecx
;;!   uninit  %rax
;;!   xorq %rax, %rax
;;!   movq 0x58(%rbx), %rdx
;;!   leaq (%rdx, %rcx, 8), %rdx
;;!   cmpq $0x2, %rcx
;;!   cmovaeq %rax, %rdx
;;!   movq (%rdx), %rax
;;!   movl 0x10(%rax), %ecx
;;!   load_ext_name userextname1+0, %rdx
;;!   cmpl %edx, %ecx
;;!   jnz #trap=user6
;;!   movq 8(%rax), %rdi
;;!   movq (%rax), %rax
;;!   movq (%rax), %rax
;;!   movq (%rbx), %rcx
;;!   movq %rbx, 0x10(%rcx)
;;!   call    *%rax
;;!   jmp     label11
;;! Abs8 Libcall(Interrupted) weight 0
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 0
;;! optimised inlining_foreign_callback: 300 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x50, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x40, %rsp
;;!   movq %rbx, 0x10(%rsp)
;;!   movq %r12, 0x18(%rsp)
;;!   movq %r13, 0x20(%rsp)
;;!   movq %r14, 0x28(%rsp)
;;!   movq %r15, 0x30(%rsp)
;;! block0:
;;!   movq %rsi, %rbx
;;!   movq (%rdi), %rax
;;!   movl 8(%rax), %ecx
;;!   movq %rax, <offset:1>+8(%rsp)
;;!   testl %ecx, %ecx
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %rdi, %r12
;;!   jmp     label3
;;! block3:
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq %rax, <offset:1>+(%rsp)
;;!   movq 0x40(%r12), %r13
;;!   load_ext_name userextname1+0, %r14
;;!   load_ext_name userextname2+0, %r15
;;!   movq <offset:1>+8(%rsp), %rax
;;!   jmp     label4
;;! block4:
;;!   movl 8(%rax), %ecx
;;!   movq %rax, <offset:1>+8(%rsp)
;;!   testl %ecx, %ecx
;;!   jnz     label6; j label5
;;! block5:
;;!   jmp     label7
;;! block7:
;;!   movq 0x10(%r13), %rax
;;!   movq (%rax), %rcx
;;!   cmpq %r14, %rcx
;;!   jz      label10; j label8
;;! block8:
;;!   jmp     label9
;;! block10:
;;!   movq <offset:1>+(%rsp), %rax
;;!   leal (%rax, %rbx), %eax
;;!   shll $1, %eax
;;!   jmp     label11
;;! block11:
;;!   subl $0x1, %ebx
;;!   testl %ebx, %ebx
;;!   jnz     label12; j label13
;;! block12:
;;!   movq %rax, <offset:1>+(%rsp)
;;!   movq <offset:1>+8(%rsp), %rax
;;!   jmp     label4
;;! block13:
;;!   movq 0x10(%rsp), %rbx
;;!   movq 0x18(%rsp), %r12
;;!   movq 0x20(%rsp), %r13
;;!   movq 0x28(%rsp), %r14
;;!   movq 0x30(%rsp), %r15
;;!   addq $0x40, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rdi, %r12
;;!   call    *%rax
;;!   jmp     label3
;;! block6:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r12, %rdi
;;!   call    *%rax
;;!   jmp     label7
;;! block9:
;;!   movl 0x10(%rax), %ecx
;;!   cmpl %r15d, %ecx
;;!   jnz #trap=user6
;;!   movq 8(%rax), %rdi
;;!   movq (%rax), %rax
;;!   movq (%rax), %rcx
;;!   movq (%r12), %rax
;;!   movq %r12, 0x10(%rax)
;;!   movq <offset:1>+(%rsp), %rax
;;!   leal (%rax, %rbx), %esi
;;!   call    *%rcx
;;!   jmp     label11
;;! Abs8 EntryWord(ScopeId(1), FuncIndex(2)) weight 1
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 1
;;! Abs8 Libcall(Interrupted) weight 0
;;! Abs8 Libcall(Interrupted) weight 1
;;! optimised inlining_foreign_callback from the loop at 3: 280 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x50, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x40, %rsp
;;!   movq %rbx, 0x10(%rsp)
;;!   movq %r12, 0x18(%rsp)
;;!   movq %r13, 0x20(%rsp)
;;!   movq %r14, 0x28(%rsp)
;;!   movq %r15, 0x30(%rsp)
;;! block0:
;;!   movq (%rdi), %rbx
;;!   movq 0x28(%rbx), %rax
;;!   movl (%rax), %r12d
;;!   movl 8(%rax), %eax
;;!   movq %rax, <offset:1>+(%rsp)
;;!   jmp     label1
;;! block1:
;;!   movq 0x40(%rdi), %r14
;;!   movq %r14, <offset:1>+8(%rsp)
;;!   load_ext_name userextname1+0, %r14
;;!   load_ext_name userextname2+0, %r15
;;!   jmp     label2
;;! block2:
;;!   movl 8(%rbx), %eax
;;!   testl %eax, %eax
;;!   jnz     label4; j label3
;;! block3:
;;!   movq <offset:1>+8(%rsp), %rcx
;;!   movq %rdi, %r13
;;!   jmp     label5
;;! block5:
;;!   movq 0x10(%rcx), %rax
;;!   movq %rcx, <offset:1>+8(%rsp)
;;!   movq (%rax), %rcx
;;!   cmpq %r14, %rcx
;;!   jz      label8; j label6
;;! block6:
;;!   jmp     label7
;;! block8:
;;!   movq <offset:1>+(%rsp), %rax
;;!   leal (%rax, %r12), %eax
;;!   shll $1, %eax
;;!   jmp     label9
;;! block9:
;;!   subl $0x1, %r12d
;;!   testl %r12d, %r12d
;;!   jnz     label10; j label11
;;! block10:
;;!   movq %r13, %rdi
;;!   movq %rax, <offset:1>+(%rsp)
;;!   jmp     label2
;;! block11:
;;!   movq 0x10(%rsp), %rbx
;;!   movq 0x18(%rsp), %r12
;;!   movq 0x20(%rsp), %r13
;;!   movq 0x28(%rsp), %r14
;;!   movq 0x30(%rsp), %r15
;;!   addq $0x40, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block4:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rdi, %r13
;;!   call    *%rax
;;!   movq <offset:1>+8(%rsp), %rcx
;;!   jmp     label5
;;! block7:
;;!   movl 0x10(%rax), %ecx
;;!   cmpl %r15d, %ecx
;;!   jnz #trap=user6
;;!   movq 8(%rax), %rdi
;;!   movq (%rax), %rax
;;!   movq (%rax), %rcx
;;!   movq (%r13), %rax
;;!   movq %r13, 0x10(%rax)
;;!   movq <offset:1>+(%rsp), %rax
;;!   leal (%rax, %r12), %esi
;;!   call    *%rcx
;;!   jmp     label9
;;! Abs8 EntryWord(ScopeId(1), FuncIndex(2)) weight 1
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 1
;;! Abs8 Libcall(Interrupted) weight 1
;;! optimised inlining_in_a_loop: 191 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x20, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r12, 8(%rsp)
;;!   movq %r13, 0x10(%rsp)
;;!   movq %r14, 0x18(%rsp)
;;! block0:
;;!   movq %rsi, %rbx
;;!   movq (%rdi), %r13
;;!   movq %rdi, %r14
;;!   movl 8(%r13), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   jmp     label3
;;! block3:
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq %rax, %r12
;;!   jmp     label4
;;! block4:
;;!   movl 8(%r13), %eax
;;!   testl %eax, %eax
;;!   jnz     label6; j label5
;;! block5:
;;!   movq %rbx, %rsi
;;!   jmp     label7
;;! block7:
;;!   movq %rsi, %rcx
;;!   subl $0x1, %ecx
;;!   movq %r12, %rax
;;!   leal (%rax, %rsi, 2), %eax
;;!   testl %ecx, %ecx
;;!   jnz     label8; j label9
;;! block8:
;;!   movq %rcx, %rbx
;;!   movq %rax, %r12
;;!   jmp     label4
;;! block9:
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r12
;;!   movq 0x10(%rsp), %r13
;;!   movq 0x18(%rsp), %r14
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r14, %rdi
;;!   call    *%rax
;;!   jmp     label3
;;! block6:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r14, %rdi
;;!   call    *%rax
;;!   movq %rbx, %rsi
;;!   jmp     label7
;;! Abs8 Libcall(Interrupted) weight 0
;;! Abs8 Libcall(Interrupted) weight 1
;;! optimised inlining_in_a_loop from the loop at 3: 162 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x20, %rsp
;;!   movq %r12, (%rsp)
;;!   movq %r13, 8(%rsp)
;;!   movq %r14, 0x10(%rsp)
;;!   movq %r15, 0x18(%rsp)
;;! block0:
;;!   movq (%rdi), %r12
;;!   movq %rdi, %r14
;;!   movq 0x28(%r12), %r11
;;!   movl (%r11), %r13d
;;!   movl 8(%r11), %eax
;;!   movq %rax, %r15
;;!   jmp     label1
;;! block1:
;;!   jmp     label2
;;! block2:
;;!   movl 8(%r12), %eax
;;!   testl %eax, %eax
;;!   jnz     label4; j label3
;;! block3:
;;!   jmp     label5
;;! block5:
;;!   movq %r13, %rcx
;;!   subl $0x1, %ecx
;;!   movq %r15, %rax
;;!   leal (%rax, %r13, 2), %eax
;;!   testl %ecx, %ecx
;;!   jnz     label6; j label7
;;! block6:
;;!   movq %rcx, %r13
;;!   movq %rax, %r15
;;!   jmp     label2
;;! block7:
;;!   movq (%rsp), %r12
;;!   movq 8(%rsp), %r13
;;!   movq 0x10(%rsp), %r14
;;!   movq 0x18(%rsp), %r15
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block4:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r14, %rdi
;;!   call    *%rax
;;!   jmp     label5
;;! Abs8 Libcall(Interrupted) weight 1
