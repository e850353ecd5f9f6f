(module
  (func $add (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func $count (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func $choose (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 10))
      (then (i32.const 1))
      (else (unreachable))))
  (func $unless (param i32 i32) (result i32)
    (block $out
      (br_if $out (i32.eqz (local.get 0)))
      (return (local.get 1)))
    (i32.const 7))
  (func $table (param i32) (result i32)
    (block $a (block $b (block $c
      (br_table $a $b $c (local.get 0)))
      (return (i32.const 3)))
      (return (i32.const 2)))
    (i32.const 1))
  (func $divide (param i64 i64) (result i64)
    (i64.div_s (local.get 0) (local.get 1)))
  (func $pair (param i32) (result i32 i64)
    (loop (param) (result i32 i64) (local.get 0) (i64.const 5)))
)
;;! baseline add: 118 bytes
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
;;!   movq %rdx, %r14
;;!   movq %rsi, %r15
;;!   movl %r15d, <offset:1>+(%rsp)
;;!   movl %r14d, <offset:1>+8(%rsp)
;;!   leal (%r15, %r14), %eax
;;!   movq 0x10(%rsp), %r14
;;!   movq 0x18(%rsp), %r15
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline count: 330 bytes
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
;;!   movq %rsi, %r10
;;!   movq %rdi, <offset:1>+0x10(%rsp)
;;!   movl %r10d, <offset:1>+(%rsp)
;;!   movq $0x0, <offset:1>+8(%rsp)
;;!   jmp     label1
;;! block1:
;;!   movq <offset:1>+0x10(%rsp), %r13
;;!   addl $0xfffffffe, 0x2c(%r13)
;;!   movq <offset:1>+0x10(%rsp), %r15
;;!   movl 0x2c(%r15), %r14d
;;!   testl %r14d, %r14d
;;!   jl      label3; j label2
;;! block2:
;;!   jmp     label6
;;! block6:
;;!   movl <offset:1>+8(%rsp), %r13d
;;!   movl <offset:1>+(%rsp), %r15d
;;!   leal (%r13, %r15), %r14d
;;!   movl %r14d, <offset:1>+8(%rsp)
;;!   subl $0x1, %r15d
;;!   movl %r15d, <offset:1>+(%rsp)
;;!   testl %r15d, %r15d
;;!   jnz     label7; j label8
;;! block7:
;;!   jmp     label1
;;! block8:
;;!   movl <offset:1>+8(%rsp), %eax
;;!   movq 0x20(%rsp), %rbx
;;!   movq 0x28(%rsp), %r12
;;!   movq 0x30(%rsp), %r13
;;!   movq 0x38(%rsp), %r14
;;!   movq 0x40(%rsp), %r15
;;!   addq $0x50, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block3:
;;!   movl $0x1, %esi
;;!   movl $0x3, %edx
;;!   leaq <offset:1>+(%rsp), %rcx
;;!   movl $0x10, %r8d
;;!   load_ext_name userextname0+0, %rbx
;;!   movq <offset:1>+0x10(%rsp), %rdi
;;!   call    *%rbx
;;!   movq %rax, <offset:1>+0x18(%rsp)
;;!   movq <offset:1>+0x18(%rsp), %r9
;;!   movq <offset:1>+0x18(%rsp), %r12
;;!   testq %r9, %r12
;;!   jz      label5; j label4
;;! block4:
;;!   movq <offset:1>+0x18(%rsp), %r10
;;!   movq <offset:1>+0x10(%rsp), %rdi
;;!   return_call_unknown %r10 (0) tmp=%r11 %rdi=%rdi
;;! block5:
;;!   jmp     label6
;;! Abs8 Libcall(LoopBudgetSpent) weight 1
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline choose: 134 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x30, %rsp
;;!   movq %r14, 0x20(%rsp)
;;!   movq %r15, 0x28(%rsp)
;;! block0:
;;!   movq %rsi, %r14
;;!   movl %r14d, <offset:1>+(%rsp)
;;!   cmpl $0xa, %r14d
;;!   jl      label2; j label1
;;! block2:
;;!   movl $0x1, %r15d
;;!   movq %r15, <offset:1>+0x10(%rsp)
;;!   jmp     label3
;;! block3:
;;!   movq <offset:1>+0x10(%rsp), %rax
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block1:
;;!   ud2
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline unless: 151 bytes
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
;;!   movq %rdx, %r14
;;!   movq %rsi, %r15
;;!   movl %r15d, <offset:1>+(%rsp)
;;!   movl %r14d, <offset:1>+8(%rsp)
;;!   testl %r15d, %r15d
;;!   jnz     label2; j label1
;;! block1:
;;!   movl $0x7, %eax
;;!   movq 0x10(%rsp), %r14
;;!   movq 0x18(%rsp), %r15
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   movl <offset:1>+8(%rsp), %eax
;;!   movq 0x10(%rsp), %r14
;;!   movq 0x18(%rsp), %r15
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline table: 245 bytes
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
;;!   movq %rsi, %r11
;;!   movl %r11d, <offset:1>+(%rsp)
;;!   movl $0x2, %r14d
;;!   movl %r11d, %r12d
;;!   cmpl %r14d, %r12d
;;!   cmovbl %r12d, %r14d
;;!   br_table %r14, %r13, %r15
;;! block1:
;;!   movl $0x2, %eax
;;!   movq 0x10(%rsp), %r12
;;!   movq 0x18(%rsp), %r13
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   movl $0x1, %eax
;;!   movq 0x10(%rsp), %r12
;;!   movq 0x18(%rsp), %r13
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block3:
;;!   movl $0x3, %eax
;;!   movq 0x10(%rsp), %r12
;;!   movq 0x18(%rsp), %r13
;;!   movq 0x20(%rsp), %r14
;;!   movq 0x28(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline divide: 130 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x30, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x30, %rsp
;;!   movq %r15, 0x20(%rsp)
;;! block0:
;;!   movq %rdx, %r15
;;!   movq %rsi, %rax
;;!   movq %rax, <offset:1>+(%rsp)
;;!   movq %r15, <offset:1>+8(%rsp)
;;!   cqto  ;; implicit: %rdx, %rax
;;!   testq %r15, %r15
;;!   jz #trap=int_divz
;;!   idivq %r15 ;; implicit: %rax, %rdx, trap=252
;;!   movq %rax, <offset:1>+0x10(%rsp)
;;!   movq <offset:1>+0x10(%rsp), %rax
;;!   movq 0x20(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! baseline pair: 289 bytes
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
;;!   movq %rsi, %r10
;;!   movq %rdi, <offset:1>+0x10(%rsp)
;;!   movl %r10d, <offset:1>+(%rsp)
;;!   jmp     label1
;;! block1:
;;!   movq <offset:1>+0x10(%rsp), %rbx
;;!   addl $0xfffffffe, 0x54(%rbx)
;;!   movq <offset:1>+0x10(%rsp), %r9
;;!   movl 0x54(%r9), %r12d
;;!   testl %r12d, %r12d
;;!   jl      label3; j label2
;;! block2:
;;!   jmp     label6
;;! block6:
;;!   movl <offset:1>+(%rsp), %eax
;;!   movl $0x5, %ecx
;;!   movq 0x20(%rsp), %rbx
;;!   movq 0x28(%rsp), %r12
;;!   movq 0x30(%rsp), %r13
;;!   movq 0x38(%rsp), %r14
;;!   movq 0x40(%rsp), %r15
;;!   addq $0x50, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block3:
;;!   movl $0x6, %esi
;;!   movl $0x1, %edx
;;!   leaq <offset:1>+(%rsp), %rcx
;;!   movl $0x8, %r8d
;;!   load_ext_name userextname0+0, %r13
;;!   movq <offset:1>+0x10(%rsp), %rdi
;;!   call    *%r13
;;!   movq %rax, <offset:1>+0x18(%rsp)
;;!   movq <offset:1>+0x18(%rsp), %r14
;;!   movq <offset:1>+0x18(%rsp), %r15
;;!   testq %r14, %r15
;;!   jz      label5; j label4
;;! block4:
;;!   movq <offset:1>+0x18(%rsp), %r10
;;!   movq <offset:1>+0x10(%rsp), %rdi
;;!   return_call_unknown %r10 (0) tmp=%r11 %rdi=%rdi
;;! block5:
;;!   jmp     label6
;;! Abs8 Libcall(LoopBudgetSpent) weight 1
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! optimised add: 12 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   leal (%rsi, %rdx), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised count: 159 bytes
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
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq %rax, %r14
;;!   movq (%rdi), %r12
;;!   movq %rdi, %r13
;;!   jmp     label1
;;! block1:
;;!   movl 8(%r12), %eax
;;!   testl %eax, %eax
;;!   jnz     label3; j label2
;;! block2:
;;!   movq %rbx, %rsi
;;!   jmp     label4
;;! block4:
;;!   movq %rsi, %rcx
;;!   subl $0x1, %ecx
;;!   movq %r14, %rax
;;!   leal (%rax, %rsi), %eax
;;!   testl %ecx, %ecx
;;!   jnz     label5; j label6
;;! block5:
;;!   movq %rcx, %rbx
;;!   movq %rax, %r14
;;!   jmp     label1
;;! block6:
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r12
;;!   movq 0x10(%rsp), %r13
;;!   movq 0x18(%rsp), %r14
;;!   addq $0x20, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block3:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r13, %rdi
;;!   call    *%rax
;;!   movq %rbx, %rsi
;;!   jmp     label4
;;! Abs8 Libcall(Interrupted) weight 1
;;! optimised count from the loop at 3: 161 bytes
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
;;!   leal (%rax, %r13), %eax
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
;;! optimised choose: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   cmpl $0xa, %esi
;;!   jnl #trap=user10
;;!   jmp     label1
;;! block1:
;;!   jmp     label2
;;! block2:
;;!   movl $0x1, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised unless: 30 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rdx, %rax
;;!   testl %esi, %esi
;;!   jnz     label2; j label1
;;! block1:
;;!   movl $0x7, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised table: 77 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movl $0x2, %edi
;;!   movl %esi, %r8d
;;!   cmpl %edi, %r8d
;;!   cmovbl %r8d, %edi
;;!   br_table %rdi, %rcx, %rax
;;! block1:
;;!   movl $0x2, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   movl $0x1, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block3:
;;!   movl $0x3, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised divide: 31 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %rax
;;!   movq %rdx, %r11
;;!   cqto  ;; implicit: %rdx, %rax
;;!   testq %r11, %r11
;;!   jz #trap=int_divz
;;!   idivq %r11 ;; implicit: %rax, %rdx, trap=252
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised pair: 91 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %r12, (%rsp)
;;! block0:
;;!   movq %rsi, %r12
;;!   jmp     label1
;;! block1:
;;!   movq (%rdi), %r8
;;!   movl 8(%r8), %r8d
;;!   testl %r8d, %r8d
;;!   jnz     label3; j label2
;;! block2:
;;!   jmp     label4
;;! block4:
;;!   movl $0x5, %ecx
;;!   movq %r12, %rax
;;!   movq (%rsp), %r12
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block3:
;;!   load_ext_name userextname0+0, %r10
;;!   call    *%r10
;;!   jmp     label4
;;! Abs8 Libcall(Interrupted) weight 1
;;! optimised pair from the loop at 1: 94 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %r12, (%rsp)
;;! block0:
;;!   movq (%rdi), %r8
;;!   movq 0x28(%r8), %r9
;;!   movl (%r9), %r12d
;;!   jmp     label1
;;! block1:
;;!   jmp     label2
;;! block2:
;;!   movl 8(%r8), %r9d
;;!   testl %r9d, %r9d
;;!   jnz     label4; j label3
;;! block3:
;;!   jmp     label5
;;! block5:
;;!   movl $0x5, %ecx
;;!   movq %r12, %rax
;;!   movq (%rsp), %r12
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block4:
;;!   load_ext_name userextname0+0, %rax
;;!   call    *%rax
;;!   jmp     label5
;;! Abs8 Libcall(Interrupted) weight 1
