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
;;! baseline add: 39 bytes
;;!    0  sub dword ptr [rdi+30h], 2
;;!    4  jb 15h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  lea eax, [rsi+rdx]
;;!   13  pop rbp
;;!   14  ret
;;!   15  push rbp
;;!   16  mov rbp, rsp
;;!   19  mov eax, 0
;;!   1e  call qword ptr [rdi-20h]
;;!   21  pop rbp
;;!   22  jmp 0Ah
;;! baseline count: 156 bytes
;;!    0  sub dword ptr [rdi+38h], 2
;;!    4  jb 88h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  sub rsp, 20h
;;!   12  mov qword ptr [rbp-10h], 0
;;!   1a  nop [rax+rax]
;;!   20  mov esi, esi
;;!   22  mov eax, [rbp-10h]
;;!   25  nop [rax+rax]
;;!   2e  xchg ax, ax
;;!   30  lea ecx, [rax+rsi]
;;!   33  lea eax, [rsi-1]
;;!   36  test eax, eax
;;!   38  je 4Dh
;;!   3e  mov esi, eax
;;!   40  mov eax, ecx
;;!   42  sub dword ptr [rdi+3Ch], 2
;;!   46  jns short 30h
;;!   48  jmp 51h
;;!   4d  mov eax, ecx
;;!   4f  leave
;;!   50  ret
;;!   51  mov [rbp-10h], eax
;;!   54  mov [rbp-8], esi
;;!   57  push rdi
;;!   58  push r10
;;!   5a  mov esi, 1
;;!   5f  mov edx, 3
;;!   64  lea rcx, [rbp-10h]
;;!   68  mov r8d, 10h
;;!   6e  call qword ptr [rdi-18h]
;;!   71  pop r10
;;!   73  pop rdi
;;!   74  test rax, rax
;;!   77  je 80h
;;!   7d  leave
;;!   7e  jmp rax
;;!   80  mov eax, [rbp-10h]
;;!   83  mov esi, [rbp-8]
;;!   86  jmp short 30h
;;!   88  push rbp
;;!   89  mov rbp, rsp
;;!   8c  mov eax, 1
;;!   91  call qword ptr [rdi-20h]
;;!   94  pop rbp
;;!   95  xchg ax, ax
;;!   97  jmp 0Ah
;;! baseline choose: 68 bytes
;;!    0  sub dword ptr [rdi+40h], 2
;;!    4  jb 32h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  sub rsp, 20h
;;!   12  nop [rax+rax]
;;!   18  mov [rbp-8], esi
;;!   1b  cmp esi, 0Ah
;;!   1e  jge 2Eh
;;!   24  mov eax, 1
;;!   29  jmp 30h
;;!   2e  ud2
;;!   30  leave
;;!   31  ret
;;!   32  push rbp
;;!   33  mov rbp, rsp
;;!   36  mov eax, 2
;;!   3b  call qword ptr [rdi-20h]
;;!   3e  pop rbp
;;!   3f  jmp 0Ah
;;! baseline unless: 70 bytes
;;!    0  sub dword ptr [rdi+48h], 2
;;!    4  jb 34h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  sub rsp, 20h
;;!   12  nop [rax+rax]
;;!   18  mov [rbp-10h], edx
;;!   1b  mov [rbp-8], esi
;;!   1e  test esi, esi
;;!   20  je 2Dh
;;!   26  mov eax, edx
;;!   28  jmp 32h
;;!   2d  mov eax, 7
;;!   32  leave
;;!   33  ret
;;!   34  push rbp
;;!   35  mov rbp, rsp
;;!   38  mov eax, 3
;;!   3d  call qword ptr [rdi-20h]
;;!   40  pop rbp
;;!   41  jmp 0Ah
;;! baseline table: 116 bytes
;;!    0  sub dword ptr [rdi+50h], 2
;;!    4  jb 53h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  sub rsp, 10h
;;!   12  nop [rax+rax]
;;!   18  mov esi, esi
;;!   1a  mov eax, 2
;;!   1f  cmp esi, eax
;;!   21  cmovb eax, esi
;;!   24  mov [rbp-8], esi
;;!   27  lea rcx, [68h]
;;!   2e  movsxd r11, [rcx+rax*4]
;;!   32  add r11, rcx
;;!   35  jmp r11
;;!   38  mov eax, 3
;;!   3d  jmp 51h
;;!   42  mov eax, 2
;;!   47  jmp 51h
;;!   4c  mov eax, 1
;;!   51  leave
;;!   52  ret
;;!   53  push rbp
;;!   54  mov rbp, rsp
;;!   57  mov eax, 4
;;!   5c  call qword ptr [rdi-20h]
;;!   5f  pop rbp
;;!   60  jmp 0Ah
;;!   65  nop [rax]
;;!   68  in al, 0FFh
;;!   6a  (bad)
;;!   6c  (bad)
;;!   6e  (bad)
;;!   70  sar bh, 1
;;!   72  (bad)
;;! baseline divide: 76 bytes
;;!    0  sub dword ptr [rdi+58h], 2
;;!    4  jb 3Ah
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov r11, rdx
;;!   13  mov rcx, rdx
;;!   16  mov rax, rsi
;;!   19  cmp r11, 0FFFFFFFFFFFFFFFFh
;;!   1d  jne 31h
;;!   23  neg rax
;;!   26  jo 38h
;;!   2c  jmp 36h
;;!   31  cqo
;;!   33  idiv r11
;;!   36  pop rbp
;;!   37  ret
;;!   38  ud2
;;!   3a  push rbp
;;!   3b  mov rbp, rsp
;;!   3e  mov eax, 5
;;!   43  call qword ptr [rdi-20h]
;;!   46  pop rbp
;;!   47  jmp 0Ah
;;! baseline pair: 124 bytes
;;!    0  sub dword ptr [rdi+60h], 2
;;!    4  jb 67h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  sub rsp, 20h
;;!   12  nop [rax+rax]
;;!   1b  nop [rax+rax]
;;!   20  mov esi, esi
;;!   22  mov [rbp-8], esi
;;!   25  nop [rax+rax]
;;!   2e  xchg ax, ax
;;!   30  mov eax, esi
;;!   32  mov ecx, 5
;;!   37  leave
;;!   38  ret
;;!   39  push rdi
;;!   3a  push r10
;;!   3c  mov esi, 6
;;!   41  mov edx, 1
;;!   46  lea rcx, [rbp-10h]
;;!   4a  mov r8d, 10h
;;!   50  call qword ptr [rdi-18h]
;;!   53  pop r10
;;!   55  pop rdi
;;!   56  test rax, rax
;;!   59  je 62h
;;!   5f  leave
;;!   60  jmp rax
;;!   62  mov esi, [rbp-8]
;;!   65  jmp short 30h
;;!   67  push rbp
;;!   68  mov rbp, rsp
;;!   6b  mov eax, 6
;;!   70  call qword ptr [rdi-20h]
;;!   73  pop rbp
;;!   74  nop [rax]
;;!   77  jmp 0Ah
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
;;!   movl 8(%r11), %r13d
;;!   movl (%r11), %eax
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
;;! optimised pair from the loop at 1: 95 bytes
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
;;!   movl 8(%r9), %r12d
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
