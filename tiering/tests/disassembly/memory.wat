(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func $load (param i32) (result i32) (i32.load offset=8 (local.get 0)))
  (func $fields (param i32) (result i32)
    (i32.add (i32.load offset=8 (local.get 0)) (i32.load offset=12 (local.get 0))))
  (func $at (result i32) (i32.load8_u offset=16 (i32.const 1024)))
  (func $far (param i32) (result i64) (i64.load offset=0x7fffffff (local.get 0)))
  (func $store (param i32 i64) (i64.store16 (local.get 0) (local.get 1)))
  (func $size (result i32) (memory.size))
  (func $copy (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func $grow (param i32) (result i32) (memory.grow (local.get 0)))
  (func $global (param i32) (global.set $g (i32.add (global.get $g) (local.get 0))))
)
;;! baseline load: 142 bytes
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
;;!   movq 0x20(%r12), %r15
;;!   movl %r13d, <offset:1>+(%rsp)
;;!   movl %r13d, %r14d
;;!   movl 8(%r15, %r14), %eax
;;!   movq 0x10(%rsp), %r12
;;!   movq 0x18(%rsp), %r13
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline fields: 147 bytes
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
;;!   movq 0x20(%r12), %r15
;;!   movl %r13d, <offset:1>+(%rsp)
;;!   movl %r13d, %r14d
;;!   movl 8(%r15, %r14), %eax
;;!   addl 0xc(%r15, %r14), %eax
;;!   movq 0x10(%rsp), %r12
;;!   movq 0x18(%rsp), %r13
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline at: 112 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %r14, (%rsp)
;;!   movq %r15, 8(%rsp)
;;! block0:
;;!   movq %rdi, %r14
;;!   movq 0x20(%r14), %r15
;;!   movzbq 0x410(%r15), %rax
;;!   movq (%rsp), %r14
;;!   movq 8(%rsp), %r15
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline far: 183 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x40, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x40, %rsp
;;!   movq %r12, 0x20(%rsp)
;;!   movq %r13, 0x28(%rsp)
;;!   movq %r14, 0x30(%rsp)
;;!   movq %r15, 0x38(%rsp)
;;! block0:
;;!   movq %rsi, <offset:1>+0x10(%rsp)
;;!   movq %rdi, %r9
;;!   movq <offset:1>+0x10(%rsp), %rdi
;;!   movq 0x20(%r9), %r11
;;!   movl %edi, <offset:1>+(%rsp)
;;!   movl %edi, %r10d
;;!   movl $0x8, %r8d
;;!   leaq 0x7fffffff(%r10, %r8), %r13
;;!   movq 0x28(%r9), %r12
;;!   leaq 0x7fffffff(%r11, %r10), %r15
;;!   uninit  %r14
;;!   xorq %r14, %r14
;;!   cmpq 8(%r12), %r13
;;!   cmovaq %r14, %r15
;;!   movq (%r15), %rax
;;!   movq 0x20(%rsp), %r12
;;!   movq 0x28(%rsp), %r13
;;!   movq 0x30(%rsp), %r14
;;!   movq 0x38(%rsp), %r15
;;!   addq $0x40, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline store: 149 bytes
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
;;!   movq %rdx, %r13
;;!   movq %rsi, %r12
;;!   movq %rdi, %r11
;;!   movq 0x20(%r11), %r15
;;!   movl %r12d, <offset:1>+(%rsp)
;;!   movq %r13, <offset:1>+8(%rsp)
;;!   movl %r12d, %r14d
;;!   movw %r13w, (%r15, %r14)
;;!   movq 0x10(%rsp), %r12
;;!   movq 0x18(%rsp), %r13
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline size: 112 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %r14, (%rsp)
;;!   movq %r15, 8(%rsp)
;;! block0:
;;!   movq %rdi, %r14
;;!   movq 0x28(%r14), %r15
;;!   movq 8(%r15), %rax
;;!   shrq $0x10, %rax
;;!   movq (%rsp), %r14
;;!   movq 8(%rsp), %r15
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline copy: 225 bytes
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
;;!   movq %rcx, %r15
;;!   movq %rdx, %rax
;;!   movq %rsi, %rbx
;;!   movq 0x20(%rdi), %r14
;;!   movl %ebx, <offset:1>+(%rsp)
;;!   movl %eax, <offset:1>+8(%rsp)
;;!   movl %r15d, <offset:1>+0x10(%rsp)
;;!   movl %r15d, %ecx
;;!   movl %eax, %r10d
;;!   movl %ebx, %r13d
;;!   leaq (%r10, %rcx), %r9
;;!   movq 0x28(%rdi), %r8
;;!   cmpq 8(%r8), %r9
;;!   jnbe #trap=user2
;;!   leaq (%r14, %r10), %rdx
;;!   leaq (%r13, %rcx), %r12
;;!   movq 0x28(%rdi), %r11
;;!   cmpq 8(%r11), %r12
;;!   jnbe #trap=user2
;;!   leaq (%r14, %r13), %rsi
;;!   load_ext_name userextname0+0, %r15
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
;;! Abs8 Libcall(CopyBytes) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline grow: 124 bytes
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
;;!   movl %r14d, %edx
;;!   uninit  %rsi
;;!   xorl %esi, %esi
;;!   load_ext_name userextname0+0, %r15
;;!   call    *%r15
;;!   movq 0x10(%rsp), %r14
;;!   movq 0x18(%rsp), %r15
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(MemoryGrow) weight 0
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline global: 113 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x20, %rsp
;;!   movq %r14, 0x10(%rsp)
;;!   movq %r15, 0x18(%rsp)
;;! block0:
;;!   movq %rsi, %r14
;;!   movq %rdi, %r15
;;!   movl %r14d, <offset:1>+(%rsp)
;;!   addl %r14d, 0x30(%r15)
;;!   movq 0x10(%rsp), %r14
;;!   movq 0x18(%rsp), %r15
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! optimised load: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %r8
;;!   movq 0x20(%rdi), %rsi
;;!   movq %r8, %rdi
;;!   movl %edi, %edi
;;!   movl 8(%rsi, %rdi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised fields: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x20(%rdi), %r8
;;!   movl %esi, %edi
;;!   movl 8(%r8, %rdi), %eax
;;!   addl 0xc(%r8, %rdi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised at: 21 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x20(%rdi), %rsi
;;!   movzbq 0x410(%rsi), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised far: 52 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x28(%rdi), %rax
;;!   movq 8(%rax), %rax
;;!   movl %esi, %edx
;;!   movl $0x80000007, %ecx
;;!   leaq (%rdx, %rcx), %rsi
;;!   uninit  %rcx
;;!   xorq %rcx, %rcx
;;!   leaq 0x7fffffff(%rdx), %r11
;;!   addq 0x20(%rdi), %r11
;;!   cmpq %rax, %rsi
;;!   cmovaq %rcx, %r11
;;!   movq (%r11), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised store: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %r8
;;!   movq 0x20(%rdi), %rsi
;;!   movq %r8, %rdi
;;!   movl %edi, %edi
;;!   movw %dx, (%rsi, %rdi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised size: 21 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x28(%rdi), %rsi
;;!   movq 8(%rsi), %rax
;;!   shrq $0x10, %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised copy: 96 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;! block0:
;;!   movq 0x28(%rdi), %rax
;;!   movq 8(%rax), %r8
;;!   movl %edx, %eax
;;!   movl %ecx, %ecx
;;!   leaq (%rax, %rcx), %rdx
;;!   cmpq %r8, %rdx
;;!   jnbe #trap=user2
;;!   movl %esi, %esi
;;!   leaq (%rsi, %rcx), %rdx
;;!   cmpq %r8, %rdx
;;!   jnbe #trap=user2
;;!   movq 0x20(%rdi), %rdx
;;!   leaq (%rdx, %rsi), %rsi
;;!   leaq (%rdx, %rax), %rdx
;;!   load_ext_name userextname0+0, %rax
;;!   call    *%rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(CopyBytes) weight 0
;;! optimised grow: 51 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;! block0:
;;!   movq %rsi, %r10
;;!   uninit  %rsi
;;!   xorl %esi, %esi
;;!   movl %r10d, %edx
;;!   load_ext_name userextname0+0, %r8
;;!   call    *%r8
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(MemoryGrow) weight 0
;;! optimised global: 12 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   addl %esi, 0x30(%rdi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
