;; An integer constant that is needed on paths which do not dominate each other is made in each block that uses it,
;; not held in a register through the loop.
(module
  (memory 1)
  (func $constant_of_many_paths (param $way i32) (param $from i32) (param $to i32)
    (if (local.get $way)
      (then (i32.store8 (local.get $to) (i32.const 0)))
      (else (i32.store8 (local.get $from) (i32.const 0))))
    (i32.store8 offset=1 (local.get $to) (i32.const 0))
    (loop $turn
      (i32.store8 (local.get $from) (i32.const 0))
      (local.set $from (i32.add (local.get $from) (local.get $way)))
      (br_if $turn (i32.lt_u (local.get $from) (local.get $to))))))
;;! baseline constant_of_many_paths: 432 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x80, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x70, %rsp
;;!   movq %rbx, 0x40(%rsp)
;;!   movq %r12, 0x48(%rsp)
;;!   movq %r13, 0x50(%rsp)
;;!   movq %r14, 0x58(%rsp)
;;!   movq %r15, 0x60(%rsp)
;;! block0:
;;!   movq %rcx, %r12
;;!   movq %rdx, %r9
;;!   movq %rsi, %r15
;;!   movq %rdi, <offset:1>+0x28(%rsp)
;;!   movq <offset:1>+0x28(%rsp), %r10
;;!   movq 0x20(%r10), %r13
;;!   movq %r13, <offset:1>+0x20(%rsp)
;;!   movl %r15d, <offset:1>+(%rsp)
;;!   movl %r9d, <offset:1>+8(%rsp)
;;!   movl %r12d, <offset:1>+0x10(%rsp)
;;!   testl %r15d, %r15d
;;!   jnz     label2; j label1
;;! block1:
;;!   leaq <offset:1>+8(%rsp), %r14
;;!   uninit  %rsi
;;!   xorl %esi, %esi
;;!   movl (%r14), %edx
;;!   movq <offset:1>+0x20(%rsp), %rcx
;;!   movb %sil, (%rcx, %rdx)
;;!   jmp     label3
;;! block2:
;;!   leaq <offset:1>+0x10(%rsp), %r8
;;!   uninit  %rbx
;;!   xorl %ebx, %ebx
;;!   movl (%r8), %eax
;;!   movq <offset:1>+0x20(%rsp), %rdi
;;!   movb %bl, (%rdi, %rax)
;;!   jmp     label3
;;! block3:
;;!   leaq <offset:1>+0x10(%rsp), %r11
;;!   uninit  %r10
;;!   xorl %r10d, %r10d
;;!   movl (%r11), %r13d
;;!   movq <offset:1>+0x20(%rsp), %r9
;;!   movb %r10b, 1(%r9, %r13)
;;!   jmp     label4
;;! block4:
;;!   movq <offset:1>+0x28(%rsp), %r12
;;!   addl $0xfffffffe, 0x34(%r12)
;;!   movq <offset:1>+0x28(%rsp), %r15
;;!   movl 0x34(%r15), %r14d
;;!   testl %r14d, %r14d
;;!   jl      label6; j label5
;;! block5:
;;!   jmp     label9
;;! block9:
;;!   movq <offset:1>+0x20(%rsp), %r11
;;!   movl <offset:1>+8(%rsp), %r13d
;;!   uninit  %r9
;;!   xorl %r9d, %r9d
;;!   movl %r13d, %r10d
;;!   movb %r9b, (%r11, %r10)
;;!   movl <offset:1>+(%rsp), %r12d
;;!   leal (%r13, %r12), %r15d
;;!   movl %r15d, <offset:1>+8(%rsp)
;;!   movl <offset:1>+0x10(%rsp), %r14d
;;!   cmpl %r14d, %r15d
;;!   jb      label10; j label11
;;! block10:
;;!   jmp     label4
;;! block11:
;;!   movq 0x40(%rsp), %rbx
;;!   movq 0x48(%rsp), %r12
;;!   movq 0x50(%rsp), %r13
;;!   movq 0x58(%rsp), %r14
;;!   movq 0x60(%rsp), %r15
;;!   addq $0x70, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block6:
;;!   uninit  %rsi
;;!   xorl %esi, %esi
;;!   movl $0x1c, %edx
;;!   leaq <offset:1>+(%rsp), %rcx
;;!   movl $0x18, %r8d
;;!   load_ext_name userextname0+0, %rbx
;;!   movq <offset:1>+0x28(%rsp), %rdi
;;!   call    *%rbx
;;!   movq %rax, <offset:1>+0x30(%rsp)
;;!   movq <offset:1>+0x30(%rsp), %rsi
;;!   movq <offset:1>+0x30(%rsp), %r8
;;!   testq %rsi, %r8
;;!   jz      label8; j label7
;;! block7:
;;!   movq <offset:1>+0x30(%rsp), %r10
;;!   movq <offset:1>+0x28(%rsp), %rdi
;;!   return_call_unknown %r10 (0) tmp=%r11 %rdi=%rdi
;;! block8:
;;!   jmp     label9
;;! Abs8 Libcall(LoopBudgetSpent) weight 1
;;! Abs8 Libcall(BudgetSpent) weight 0
;;! optimised constant_of_many_paths: 233 bytes
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
;;!   testl %esi, %esi
;;!   movq %rsi, %r15
;;!   jnz     label2; j label1
;;! block1:
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq 0x20(%rdi), %rsi
;;!   movl %edx, %r8d
;;!   movq %rdx, %r13
;;!   movb %al, (%rsi, %r8)
;;!   jmp     label3
;;! block2:
;;!   movq %rdx, %r13
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq 0x20(%rdi), %rdx
;;!   movl %ecx, %esi
;;!   movb %al, (%rdx, %rsi)
;;!   jmp     label3
;;! block3:
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq 0x20(%rdi), %rbx
;;!   movl %ecx, %edx
;;!   movq %rcx, %r14
;;!   movb %al, 1(%rbx, %rdx)
;;!   movq (%rdi), %r12
;;!   movq %rdi, <offset:1>+(%rsp)
;;!   jmp     label4
;;! block4:
;;!   movl 8(%r12), %eax
;;!   testl %eax, %eax
;;!   jnz     label6; j label5
;;! block5:
;;!   movq %r13, %rdx
;;!   jmp     label7
;;! block7:
;;!   movl %edx, %eax
;;!   uninit  %rcx
;;!   xorl %ecx, %ecx
;;!   movb %cl, (%rbx, %rax)
;;!   movq %r15, %rsi
;;!   leal (%rdx, %rsi), %edx
;;!   movq %r14, %rcx
;;!   cmpl %ecx, %edx
;;!   jb      label8; j label9
;;! block8:
;;!   movq %rdx, %r13
;;!   movq %rcx, %r14
;;!   movq %rsi, %r15
;;!   jmp     label4
;;! block9:
;;!   movq 0x10(%rsp), %rbx
;;!   movq 0x18(%rsp), %r12
;;!   movq 0x20(%rsp), %r13
;;!   movq 0x28(%rsp), %r14
;;!   movq 0x30(%rsp), %r15
;;!   addq $0x40, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block6:
;;!   load_ext_name userextname0+0, %rax
;;!   movq <offset:1>+(%rsp), %rdi
;;!   call    *%rax
;;!   movq %r13, %rdx
;;!   jmp     label7
;;! Abs8 Libcall(Interrupted) weight 1
;;! optimised constant_of_many_paths from the loop at 28: 168 bytes
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
;;!   movq (%rdi), %r14
;;!   movq 0x28(%r14), %rax
;;!   movl (%rax), %r15d
;;!   movl 8(%rax), %r12d
;;!   movl 0x10(%rax), %ebx
;;!   jmp     label1
;;! block1:
;;!   movq 0x20(%rdi), %r13
;;!   movq %rdi, <offset:1>+(%rsp)
;;!   jmp     label2
;;! block2:
;;!   movl 8(%r14), %eax
;;!   testl %eax, %eax
;;!   jnz     label4; j label3
;;! block3:
;;!   jmp     label5
;;! block5:
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movl %r12d, %ecx
;;!   movb %al, (%r13, %rcx)
;;!   leal (%r12, %r15), %r12d
;;!   cmpl %ebx, %r12d
;;!   jb      label6; j label7
;;! block6:
;;!   jmp     label2
;;! block7:
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
;;!   movq <offset:1>+(%rsp), %rdi
;;!   call    *%rax
;;!   jmp     label5
;;! Abs8 Libcall(Interrupted) weight 1
