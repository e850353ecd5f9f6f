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
;;! baseline own: 102 bytes
;;!    0  sub dword ptr [rdi+0E0h], 2
;;!    7  jb 4Fh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 64h
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], rbx
;;!   25  mov [rbp-30h], r14
;;!   29  mov r14, rdi
;;!   2c  nop [rax]
;;!   30  mov [rbp-8], esi
;;!   33  mov esi, 1
;;!   38  mov rdi, r14
;;!   3b  call 40h  ; CallRel4 Function(ScopeId(0), FuncIndex(2)) weight 0
;;!   40  mov ebx, [rbp-8]
;;!   43  add eax, ebx
;;!   45  mov rbx, [rbp-28h]
;;!   49  mov r14, [rbp-30h]
;;!   4d  leave
;;!   4e  ret
;;!   4f  push rbp
;;!   50  mov rbp, rsp
;;!   53  mov eax, 0
;;!   58  call qword ptr [rdi+80h]
;;!   5e  pop rbp
;;!   5f  jmp 0Dh
;;!   64  ud2
;;! baseline out: 96 bytes
;;!    0  sub dword ptr [rdi+0E8h], 2
;;!    7  jb 49h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 5Eh
;;!   1d  sub rsp, 20h
;;!   21  mov [rbp-18h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov r11, [r14]
;;!   2e  mov [r11+10h], r14
;;!   32  mov r10, [r14+0A8h]
;;!   39  mov rdi, [r14+0A0h]
;;!   40  call qword ptr [r10]
;;!   43  mov r14, [rbp-18h]
;;!   47  leave
;;!   48  ret
;;!   49  push rbp
;;!   4a  mov rbp, rsp
;;!   4d  mov eax, 1
;;!   52  call qword ptr [rdi+80h]
;;!   58  pop rbp
;;!   59  jmp 0Dh
;;!   5e  ud2
;;! baseline across: 86 bytes
;;!    0  sub dword ptr [rdi+0F0h], 2
;;!    7  jb 3Dh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 54h
;;!   1d  sub rsp, 20h
;;!   21  mov [rbp-18h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov rdi, [r14+0B0h]
;;!   32  call 37h  ; CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;!   37  mov r14, [rbp-18h]
;;!   3b  leave
;;!   3c  ret
;;!   3d  push rbp
;;!   3e  mov rbp, rsp
;;!   41  mov eax, 2
;;!   46  call qword ptr [rdi+80h]
;;!   4c  pop rbp
;;!   4d  xchg ax, ax
;;!   4f  jmp 0Dh
;;!   54  ud2
;;! baseline through: 190 bytes
;;!    0  sub dword ptr [rdi+0F8h], 2
;;!    7  jb 0A5h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0BCh
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov esi, esi
;;!   2a  mov rax, [r14+0C0h]
;;!   31  lea rax, [rax+rsi*8]
;;!   35  cmp rsi, 4
;;!   39  mov r11d, 0
;;!   3f  cmovae rax, r11
;;!   43  mov rax, [rax]
;;!   46  mov r11, [r14+20h]
;;!   4a  mov r11d, [r11]
;;!   4d  cmp r11d, [rax+10h]
;;!   51  jne 90h
;;!   57  mov r10, [rax]
;;!   5a  mov r11, 7FFFFFFFFFFFFFFFh  ; Abs8 Feedback(0) weight 0
;;!   64  cmp [r11], r10d
;;!   67  jne 92h
;;!   6d  inc dword ptr [r11+4]
;;!   71  mov [rbp-8], esi
;;!   74  mov esi, 7
;;!   79  mov r11, [r14]
;;!   7c  mov [r11+10h], r14
;;!   80  mov r10, [rax]
;;!   83  mov rdi, [rax+8]
;;!   87  call qword ptr [r10]
;;!   8a  mov r14, [rbp-28h]
;;!   8e  leave
;;!   8f  ret
;;!   90  ud2
;;!   92  push rsi
;;!   93  push rdx
;;!   94  mov rsi, r11
;;!   97  mov rdx, r10
;;!   9a  call qword ptr [r14+98h]
;;!   a1  pop rdx
;;!   a2  pop rsi
;;!   a3  jmp short 71h
;;!   a5  push rbp
;;!   a6  mov rbp, rsp
;;!   a9  mov eax, 3
;;!   ae  call qword ptr [rdi+80h]
;;!   b4  pop rbp
;;!   b5  xchg ax, ax
;;!   b7  jmp 0Dh
;;!   bc  ud2
;;! baseline tail: 94 bytes
;;!    0  sub dword ptr [rdi+100h], 2
;;!    7  jb 44h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 5Ch
;;!   1d  sub rsp, 10h
;;!   21  mov [rbp-8], r14
;;!   25  mov r14, rdi
;;!   28  mov rdi, [r14+0B0h]
;;!   2f  jmp 3Ah
;;!   34  mov r14, [rbp-8]
;;!   38  leave
;;!   39  ret
;;!   3a  mov r14, [rbp-8]
;;!   3e  leave
;;!   3f  jmp 44h  ; CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;!   44  push rbp
;;!   45  mov rbp, rsp
;;!   48  mov eax, 4
;;!   4d  call qword ptr [rdi+80h]
;;!   53  pop rbp
;;!   54  nop [rax]
;;!   57  jmp 0Dh
;;!   5c  ud2
;;! baseline many: 124 bytes
;;!    0  sub dword ptr [rdi+108h], 2
;;!    7  jb 65h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  sub rsp, 10h
;;!   15  mov [rbp-8], rsi
;;!   19  nop [rax]
;;!   20  mov r11, [rbp-8]
;;!   24  mov dword ptr [r11], 8
;;!   2b  mov dword ptr [r11+10h], 9
;;!   33  mov dword ptr [r11+14h], 0
;;!   3b  xor eax, eax
;;!   3d  mov ecx, 1
;;!   42  mov edx, 2
;;!   47  mov esi, 3
;;!   4c  mov edi, 4
;;!   51  mov r8d, 5
;;!   57  mov r9d, 6
;;!   5d  mov r10d, 7
;;!   63  leave
;;!   64  ret
;;!   65  push rbp
;;!   66  mov rbp, rsp
;;!   69  mov eax, 5
;;!   6e  call qword ptr [rdi+80h]
;;!   74  pop rbp
;;!   75  xchg ax, ax
;;!   77  jmp 0Dh
;;! baseline take: 118 bytes
;;!    0  sub dword ptr [rdi+110h], 2
;;!    7  jb 5Eh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 74h
;;!   1d  sub rsp, 90h
;;!   24  mov [rbp-68h], rbx
;;!   28  mov [rbp-70h], r14
;;!   2c  mov r14, rdi
;;!   2f  nop
;;!   30  lea rsi, [rsp]
;;!   34  mov rdi, r14
;;!   37  call 3Ch  ; CallRel4 Function(ScopeId(0), FuncIndex(7)) weight 0
;;!   3c  mov r11d, [rsp]
;;!   40  mov [rbp-50h], r11d
;;!   44  mov r11, [rsp+10h]
;;!   49  mov [rbp-58h], r11
;;!   4d  mov rbx, [rbp-58h]
;;!   51  mov rax, rbx
;;!   54  mov rbx, [rbp-68h]
;;!   58  mov r14, [rbp-70h]
;;!   5c  leave
;;!   5d  ret
;;!   5e  push rbp
;;!   5f  mov rbp, rsp
;;!   62  mov eax, 6
;;!   67  call qword ptr [rdi+80h]
;;!   6d  pop rbp
;;!   6e  nop
;;!   6f  jmp 0Dh
;;!   74  ud2
;;! baseline reference: 81 bytes
;;!    0  sub dword ptr [rdi+118h], 2
;;!    7  jb 3Ah
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 4Fh
;;!   1d  sub rsp, 10h
;;!   21  mov [rbp-8], r14
;;!   25  mov r14, rdi
;;!   28  mov esi, 2
;;!   2d  mov rdi, r14
;;!   30  call qword ptr [r14+78h]
;;!   34  mov r14, [rbp-8]
;;!   38  leave
;;!   39  ret
;;!   3a  push rbp
;;!   3b  mov rbp, rsp
;;!   3e  mov eax, 7
;;!   43  call qword ptr [rdi+80h]
;;!   49  pop rbp
;;!   4a  jmp 0Dh
;;!   4f  ud2
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
;;! optimised out: 136 bytes
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
;;!   movq 0xa8(%rbx), %rax
;;!   movq (%rax), %rax
;;!   movq %rbx, 0x10(%r12)
;;!   movq 0xa0(%rbx), %rdi
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
;;! optimised across: 119 bytes
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
;;!   movq 0xb0(%rbx), %rdi
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
;;! optimised through: 184 bytes
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
;;!   movq 0xc0(%r12), %rdx
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
;;! optimised tail: 118 bytes
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
;;!   movq 0xb0(%rbx), %rdi
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
