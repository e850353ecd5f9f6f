(module
  (type $t (func (param i32) (result i32)))
  (import "host" "f" (func $host (type $t)))
  (import "wasm" "g" (func $wasm (type $t)))
  (table 4 4 funcref)
  (func $own (type $t) (i32.add (local.get 0) (call $own (i32.const 1))))
  (func $out (type $t) (call $host (local.get 0)))
  (func $across (type $t) (call $wasm (local.get 0)))
  (func $through (type $t) (call_indirect (type $t) (i32.const 7) (local.get 0)))
  (func $tail (type $t) (return_call $wasm (local.get 0)))
  (func $many (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i64)
    i32.const 0 i32.const 1 i32.const 2 i32.const 3 i32.const 4
    i32.const 5 i32.const 6 i32.const 7 i32.const 8 i64.const 9)
  (func $take (result i64) (local i64)
    call $many local.set 0 drop drop drop drop drop drop drop drop drop local.get 0)
  (func $reference (result funcref) (ref.func $own))
  (elem declare func $own)
)
;;! baseline own: 129 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x20, %rsp
;;!   movq %r14, 0x10(%rsp)
;;!   movq %r15, 0x18(%rsp)
;;! block0:
;;!   movq %rsi, %r14
;;!   movl %r14d, <offset:1>+(%rsp)
;;!   movl $0x1, %esi
;;!   movl %r14d, <offset:1>+8(%rsp)
;;!   call    User(userextname0)
;;!   leaq <offset:1>+8(%rsp), %r15
;;!   addl (%r15), %eax
;;!   movq 0x10(%rsp), %r14
;;!   movq 0x18(%rsp), %r15
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! CallRel4 Function(ScopeId(0), FuncIndex(2)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline out: 148 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x40, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x30, %rsp
;;!   movq %r12, 0x10(%rsp)
;;!   movq %r13, 0x18(%rsp)
;;!   movq %r14, 0x20(%rsp)
;;!   movq %r15, 0x28(%rsp)
;;! block0:
;;!   movq %rdi, %r13
;;!   movl %esi, <offset:1>+(%rsp)
;;!   movq 0x20(%r13), %rdi
;;!   movq 0x28(%r13), %r12
;;!   movq (%r12), %r15
;;!   movq (%r13), %r14
;;!   movq %r13, 0x10(%r14)
;;!   call    *%r15
;;!   movq 0x10(%rsp), %r12
;;!   movq 0x18(%rsp), %r13
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline across: 104 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x20, %rsp
;;!   movq %r15, 0x10(%rsp)
;;! block0:
;;!   movq %rdi, %r15
;;!   movl %esi, <offset:1>+(%rsp)
;;!   movq 0x30(%r15), %rdi
;;!   call    User(userextname0)
;;!   movq 0x10(%rsp), %r15
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline through: 245 bytes
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
;;!   movq %rsi, %r15
;;!   movq %rdi, %r13
;;!   movl %r15d, <offset:1>+(%rsp)
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
;;!   movl 0x10(%r11), %r10d
;;!   load_ext_name userextname2+0, %r9
;;!   cmpl %r9d, %r10d
;;!   jnz #trap=user6
;;!   movq 8(%r11), %rdi
;;!   movq (%r11), %r12
;;!   movq (%r12), %r15
;;!   movq (%r13), %r14
;;!   movq %r13, 0x10(%r14)
;;!   movl $0x7, %esi
;;!   call    *%r15
;;!   movq 0x10(%rsp), %rbx
;;!   movq 0x18(%rsp), %r12
;;!   movq 0x20(%rsp), %r13
;;!   movq 0x28(%rsp), %r14
;;!   movq 0x30(%rsp), %r15
;;!   addq $0x40, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Feedback(0) weight 0
;;! Abs8 Libcall(NoteCallee) weight 0
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline tail: 103 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x20, %rsp
;;!   movq %r15, 0x10(%rsp)
;;! block0:
;;!   movq %rdi, %r15
;;!   movl %esi, <offset:1>+(%rsp)
;;!   movq 0x30(%r15), %rdi
;;!   return_call_known User(userextname0) (0) tmp=%r11 %rdi=%rdi %rsi=%rsi
;;! CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline many: 145 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %r15, (%rsp)
;;! block0:
;;!   movq %rsi, %r15
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movl $0x1, %ecx
;;!   movl $0x2, %edx
;;!   movl $0x3, %esi
;;!   movl $0x4, %edi
;;!   movl $0x5, %r8d
;;!   movl $0x6, %r9d
;;!   movl $0x7, %r10d
;;!   movl $0x8, (%r15)
;;!   movq $0x9, 0x10(%r15)
;;!   movq (%rsp), %r15
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline take: 121 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x50, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x40, %rsp
;;!   movq %r15, 0x30(%rsp)
;;! block0:
;;!   movq $0x0, <offset:1>+(%rsp)
;;!   leaq <offset:1>+0x10(%rsp), %rsi
;;!   call    User(userextname0)
;;!   movl <offset:1>+0x10(%rsp), %r15d
;;!   movq <offset:1>+0x20(%rsp), %rax
;;!   movq %rax, <offset:1>+(%rsp)
;;!   movq 0x30(%rsp), %r15
;;!   addq $0x40, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! CallRel4 Function(ScopeId(0), FuncIndex(7)) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline reference: 105 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %r15, (%rsp)
;;! block0:
;;!   movl $0x2, %esi
;;!   load_ext_name userextname0+0, %r15
;;!   call    *%r15
;;!   movq (%rsp), %r15
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(RefFunc) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! optimised own: 117 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %r12, (%rsp)
;;!   movq %r13, 8(%rsp)
;;! block0:
;;!   movq %rsi, %r12
;;!   movq (%rdi), %r8
;;!   movq %rdi, %r13
;;!   movl 8(%r8), %r8d
;;!   testl %r8d, %r8d
;;!   jnz     label2; j label1
;;! block1:
;;!   jmp     label3
;;! block3:
;;!   movl $0x1, %esi
;;!   movq %r13, %rdi
;;!   call    User(userextname1)
;;!   movq %r12, %rsi
;;!   leal (%rsi, %rax), %eax
;;!   movq (%rsp), %r12
;;!   movq 8(%rsp), %r13
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %r11
;;!   movq %r13, %rdi
;;!   call    *%r11
;;!   jmp     label3
;;! CallRel4 Function(ScopeId(0), FuncIndex(2)) weight 0
;;! Abs8 Libcall(Interrupted) weight 0
;;! optimised out: 130 bytes
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
;;!   movq %rsi, %r13
;;!   movq (%rdi), %r12
;;!   movl 8(%r12), %r9d
;;!   testl %r9d, %r9d
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %rdi, %rbx
;;!   jmp     label3
;;! block3:
;;!   movq 0x28(%rbx), %rax
;;!   movq (%rax), %rax
;;!   movq %rbx, 0x10(%r12)
;;!   movq 0x20(%rbx), %rdi
;;!   movq %r13, %rsi
;;!   call    *%rax
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
;;! Abs8 Libcall(Interrupted) weight 0
;;! optimised across: 116 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r12, 8(%rsp)
;;! block0:
;;!   movq %rsi, %r12
;;!   movq (%rdi), %r8
;;!   movq %rdi, %r11
;;!   movl 8(%r8), %edi
;;!   testl %edi, %edi
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %r11, %rbx
;;!   jmp     label3
;;! block3:
;;!   movq 0x30(%rbx), %rdi
;;!   movq %r12, %rsi
;;!   call    User(userextname1)
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r12
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %r10
;;!   movq %r11, %rbx
;;!   movq %rbx, %rdi
;;!   call    *%r10
;;!   jmp     label3
;;! CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;! Abs8 Libcall(Interrupted) weight 0
;;! optimised through: 181 bytes
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
;;!   movq %rsi, %r13
;;!   movq (%rdi), %rbx
;;!   movl 8(%rbx), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %r13, %rsi
;;!   movq %rdi, %r12
;;!   jmp     label3
;;! block3:
;;!   movl %esi, %ecx
;;!   uninit  %rax
;;!   xorq %rax, %rax
;;!   movq 0x40(%r12), %rdx
;;!   leaq (%rdx, %rcx, 8), %rdx
;;!   cmpq $0x4, %rcx
;;!   cmovaeq %rax, %rdx
;;!   movq (%rdx), %rax
;;!   movl 0x10(%rax), %ecx
;;!   load_ext_name userextname1+0, %rdx
;;!   cmpl %edx, %ecx
;;!   jnz #trap=user6
;;!   movq 8(%rax), %rdi
;;!   movq (%rax), %rax
;;!   movq (%rax), %rax
;;!   movq %r12, 0x10(%rbx)
;;!   movl $0x7, %esi
;;!   call    *%rax
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r12
;;!   movq 0x10(%rsp), %r13
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rdi, %r12
;;!   call    *%rax
;;!   movq %r13, %rsi
;;!   jmp     label3
;;! Abs8 TypeId(ScopeId(0), TypeIndex(0)) weight 0
;;! Abs8 Libcall(Interrupted) weight 0
;;! optimised tail: 115 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r12, 8(%rsp)
;;! block0:
;;!   movq %rsi, %r12
;;!   movq (%rdi), %r8
;;!   movq %rdi, %r11
;;!   movl 8(%r8), %edi
;;!   testl %edi, %edi
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %r11, %rbx
;;!   jmp     label3
;;! block3:
;;!   movq 0x30(%rbx), %rdi
;;!   movq %r12, %rsi
;;!   return_call_known User(userextname1) (0) tmp=%r11 %rdi=%rdi %rsi=%rsi
;;! block2:
;;!   load_ext_name userextname0+0, %r10
;;!   movq %r11, %rbx
;;!   movq %rbx, %rdi
;;!   call    *%r10
;;!   jmp     label3
;;! CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;! Abs8 Libcall(Interrupted) weight 0
;;! optimised many: 63 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movl $0x8, (%rsi)
;;!   movq $0x9, 0x10(%rsi)
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movl $0x1, %ecx
;;!   movl $0x2, %edx
;;!   movl $0x3, %esi
;;!   movl $0x4, %edi
;;!   movl $0x5, %r8d
;;!   movl $0x6, %r9d
;;!   movl $0x7, %r10d
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised take: 105 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x40, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x30, %rsp
;;!   movq %rbx, 0x20(%rsp)
;;! block0:
;;!   movq (%rdi), %rax
;;!   movq %rdi, %rbx
;;!   movl 8(%rax), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   jmp     label3
;;! block3:
;;!   leaq <offset:1>+(%rsp), %rsi
;;!   movq %rbx, %rdi
;;!   call    User(userextname1)
;;!   movl <offset:1>+(%rsp), %eax
;;!   movq <offset:1>+0x10(%rsp), %rax
;;!   movq 0x20(%rsp), %rbx
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rbx, %rdi
;;!   call    *%rax
;;!   jmp     label3
;;! CallRel4 Function(ScopeId(0), FuncIndex(7)) weight 0
;;! Abs8 Libcall(Interrupted) weight 0
;;! optimised reference: 48 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;! block0:
;;!   movl $0x2, %esi
;;!   load_ext_name userextname0+0, %r8
;;!   call    *%r8
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(RefFunc) weight 0
