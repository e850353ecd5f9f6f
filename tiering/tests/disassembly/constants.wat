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
;;! baseline constant_of_many_paths: 184 bytes
;;!    0  sub dword ptr [rdi+40h], 2
;;!    4  jb 0A6h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  sub rsp, 30h
;;!   12  mov r10, [rdi+30h]
;;!   16  nop [rax+rax]
;;!   1f  nop
;;!   20  mov [rbp-18h], ecx
;;!   23  mov [rbp-10h], edx
;;!   26  mov [rbp-8], esi
;;!   29  test esi, esi
;;!   2b  je 3Dh
;;!   31  mov ecx, ecx
;;!   33  mov byte ptr [r10+rcx], 0
;;!   38  jmp 44h
;;!   3d  mov edx, edx
;;!   3f  mov byte ptr [r10+rdx], 0
;;!   44  mov ecx, ecx
;;!   46  mov byte ptr [r10+rcx+1], 0
;;!   4c  mov edx, edx
;;!   4e  mov esi, esi
;;!   50  mov byte ptr [r10+rdx], 0
;;!   55  lea eax, [rdx+rsi]
;;!   58  cmp eax, ecx
;;!   5a  jae 6Dh
;;!   60  mov edx, eax
;;!   62  sub dword ptr [rdi+44h], 2
;;!   66  jns short 50h
;;!   68  jmp 6Fh
;;!   6d  leave
;;!   6e  ret
;;!   6f  mov [rbp-10h], edx
;;!   72  push rdi
;;!   73  push r10
;;!   75  mov esi, 0
;;!   7a  mov edx, 1Ch
;;!   7f  lea rcx, [rbp-20h]
;;!   83  mov r8d, 20h
;;!   89  call qword ptr [rdi-18h]
;;!   8c  pop r10
;;!   8e  pop rdi
;;!   8f  test rax, rax
;;!   92  je 9Bh
;;!   98  leave
;;!   99  jmp rax
;;!   9b  mov ecx, [rbp-18h]
;;!   9e  mov edx, [rbp-10h]
;;!   a1  mov esi, [rbp-8]
;;!   a4  jmp short 50h
;;!   a6  push rbp
;;!   a7  mov rbp, rsp
;;!   aa  mov eax, 0
;;!   af  call qword ptr [rdi-20h]
;;!   b2  pop rbp
;;!   b3  jmp 0Ah
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
;;!   movq 0x30(%rdi), %rsi
;;!   movl %edx, %r8d
;;!   movq %rdx, %r13
;;!   movb %al, (%rsi, %r8)
;;!   jmp     label3
;;! block2:
;;!   movq %rdx, %r13
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq 0x30(%rdi), %rdx
;;!   movl %ecx, %esi
;;!   movb %al, (%rdx, %rsi)
;;!   jmp     label3
;;! block3:
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq 0x30(%rdi), %rbx
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
;;! optimised constant_of_many_paths from the loop at 28: 169 bytes
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
;;!   movl 0x18(%rax), %r15d
;;!   movl 0x10(%rax), %r12d
;;!   movl 8(%rax), %ebx
;;!   jmp     label1
;;! block1:
;;!   movq 0x30(%rdi), %r13
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
