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
;;! baseline constant_of_many_paths: 196 bytes
;;!    0  sub dword ptr [rdi+0B0h], 2
;;!    7  jb 0ACh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  sub rsp, 30h
;;!   15  mov r10, [rdi+0A0h]
;;!   1c  nop [rax]
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
;;!   5a  jae 70h
;;!   60  mov edx, eax
;;!   62  sub dword ptr [rdi+0B4h], 2
;;!   69  jns short 50h
;;!   6b  jmp 72h
;;!   70  leave
;;!   71  ret
;;!   72  mov [rbp-10h], edx
;;!   75  push rdi
;;!   76  push r10
;;!   78  mov esi, 0
;;!   7d  mov edx, 1Ch
;;!   82  lea rcx, [rbp-20h]
;;!   86  mov r8d, 20h
;;!   8c  call qword ptr [rdi+88h]
;;!   92  pop r10
;;!   94  pop rdi
;;!   95  test rax, rax
;;!   98  je 0A1h
;;!   9e  leave
;;!   9f  jmp rax
;;!   a1  mov ecx, [rbp-18h]
;;!   a4  mov edx, [rbp-10h]
;;!   a7  mov esi, [rbp-8]
;;!   aa  jmp short 50h
;;!   ac  push rbp
;;!   ad  mov rbp, rsp
;;!   b0  mov eax, 0
;;!   b5  call qword ptr [rdi+80h]
;;!   bb  pop rbp
;;!   bc  nop [rax]
;;!   bf  jmp 0Dh
;;! optimised constant_of_many_paths: 242 bytes
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
;;!   movq 0xa0(%rdi), %rsi
;;!   movl %edx, %r8d
;;!   movq %rdx, %r13
;;!   movb %al, (%rsi, %r8)
;;!   jmp     label3
;;! block2:
;;!   movq %rdx, %r13
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq 0xa0(%rdi), %rdx
;;!   movl %ecx, %esi
;;!   movb %al, (%rdx, %rsi)
;;!   jmp     label3
;;! block3:
;;!   uninit  %rax
;;!   xorl %eax, %eax
;;!   movq 0xa0(%rdi), %rbx
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
;;! optimised constant_of_many_paths from the loop at 28: 172 bytes
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
;;!   movq 0xa0(%rdi), %r13
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
