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
;;!    0  sub dword ptr [rdi+70h], 2
;;!    4  jb 4Fh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r11, [rdi]
;;!   11  cmp rsp, [r11]
;;!   14  jb 64h
;;!   1a  sub rsp, 30h
;;!   1e  mov [rbp-28h], rbx
;;!   22  mov [rbp-30h], r14
;;!   26  mov r14, rdi
;;!   29  nop [rax]
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
;;!   58  call qword ptr [rdi-20h]
;;!   5b  pop rbp
;;!   5c  nop [rax]
;;!   5f  jmp 0Ah
;;!   64  ud2
;;! baseline out: 87 bytes
;;!    0  sub dword ptr [rdi+78h], 2
;;!    4  jb 43h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r11, [rdi]
;;!   11  cmp rsp, [r11]
;;!   14  jb 55h
;;!   1a  sub rsp, 20h
;;!   1e  mov [rbp-18h], r14
;;!   22  mov r14, rdi
;;!   25  nop [rax]
;;!   28  mov [rbp-8], esi
;;!   2b  mov r11, [r14]
;;!   2e  mov [r11+10h], r14
;;!   32  mov r10, [r14+38h]
;;!   36  mov rdi, [r14+30h]
;;!   3a  call qword ptr [r10]
;;!   3d  mov r14, [rbp-18h]
;;!   41  leave
;;!   42  ret
;;!   43  push rbp
;;!   44  mov rbp, rsp
;;!   47  mov eax, 1
;;!   4c  call qword ptr [rdi-20h]
;;!   4f  pop rbp
;;!   50  jmp 0Ah
;;!   55  ud2
;;! baseline across: 78 bytes
;;!    0  sub dword ptr [rdi+80h], 2
;;!    7  jb 3Ah
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 4Ch
;;!   1d  sub rsp, 20h
;;!   21  mov [rbp-18h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov rdi, [r14+40h]
;;!   2f  call 34h  ; CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;!   34  mov r14, [rbp-18h]
;;!   38  leave
;;!   39  ret
;;!   3a  push rbp
;;!   3b  mov rbp, rsp
;;!   3e  mov eax, 2
;;!   43  call qword ptr [rdi-20h]
;;!   46  pop rbp
;;!   47  jmp 0Dh
;;!   4c  ud2
;;! baseline through: 182 bytes
;;!    0  sub dword ptr [rdi+88h], 2
;;!    7  jb 9Fh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0B4h
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov esi, esi
;;!   2a  mov rax, [r14+50h]
;;!   2e  lea rax, [rax+rsi*8]
;;!   32  cmp rsi, 4
;;!   36  mov r11d, 0
;;!   3c  cmovae rax, r11
;;!   40  mov rax, [rax]
;;!   43  mov r11, [r14+20h]
;;!   47  mov r11d, [r11]
;;!   4a  cmp r11d, [rax+10h]
;;!   4e  jne 8Dh
;;!   54  mov r10, [rax]
;;!   57  mov r11, 7FFFFFFFFFFFFFFFh  ; Abs8 Feedback(0) weight 0
;;!   61  cmp [r11], r10d
;;!   64  jne 8Fh
;;!   6a  inc dword ptr [r11+4]
;;!   6e  mov [rbp-8], esi
;;!   71  mov esi, 7
;;!   76  mov r11, [r14]
;;!   79  mov [r11+10h], r14
;;!   7d  mov r10, [rax]
;;!   80  mov rdi, [rax+8]
;;!   84  call qword ptr [r10]
;;!   87  mov r14, [rbp-28h]
;;!   8b  leave
;;!   8c  ret
;;!   8d  ud2
;;!   8f  push rsi
;;!   90  push rdx
;;!   91  mov rsi, r11
;;!   94  mov rdx, r10
;;!   97  call qword ptr [r14-8]
;;!   9b  pop rdx
;;!   9c  pop rsi
;;!   9d  jmp short 6Eh
;;!   9f  push rbp
;;!   a0  mov rbp, rsp
;;!   a3  mov eax, 3
;;!   a8  call qword ptr [rdi-20h]
;;!   ab  pop rbp
;;!   ac  nop [rax]
;;!   af  jmp 0Dh
;;!   b4  ud2
;;! baseline tail: 88 bytes
;;!    0  sub dword ptr [rdi+90h], 2
;;!    7  jb 44h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 56h
;;!   1d  sub rsp, 10h
;;!   21  mov [rbp-8], r14
;;!   25  mov r14, rdi
;;!   28  mov rdi, [r14+40h]
;;!   2c  jmp 37h
;;!   31  mov r14, [rbp-8]
;;!   35  leave
;;!   36  ret
;;!   37  mov r14, [rbp-8]
;;!   3b  leave
;;!   3c  nop [rax]
;;!   3f  jmp 44h  ; CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;!   44  push rbp
;;!   45  mov rbp, rsp
;;!   48  mov eax, 4
;;!   4d  call qword ptr [rdi-20h]
;;!   50  pop rbp
;;!   51  jmp 0Dh
;;!   56  ud2
;;! baseline many: 119 bytes
;;!    0  sub dword ptr [rdi+98h], 2
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
;;!   6e  call qword ptr [rdi-20h]
;;!   71  pop rbp
;;!   72  jmp 0Dh
;;! baseline take: 114 bytes
;;!    0  sub dword ptr [rdi+0A0h], 2
;;!    7  jb 5Eh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 70h
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
;;!   67  call qword ptr [rdi-20h]
;;!   6a  pop rbp
;;!   6b  jmp 0Dh
;;!   70  ud2
;;! baseline reference: 78 bytes
;;!    0  sub dword ptr [rdi+0A8h], 2
;;!    7  jb 3Ah
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 4Ch
;;!   1d  sub rsp, 10h
;;!   21  mov [rbp-8], r14
;;!   25  mov r14, rdi
;;!   28  mov esi, 2
;;!   2d  mov rdi, r14
;;!   30  call qword ptr [r14-28h]
;;!   34  mov r14, [rbp-8]
;;!   38  leave
;;!   39  ret
;;!   3a  push rbp
;;!   3b  mov rbp, rsp
;;!   3e  mov eax, 7
;;!   43  call qword ptr [rdi-20h]
;;!   46  pop rbp
;;!   47  jmp 0Dh
;;!   4c  ud2
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
;;!   movq 0x38(%rbx), %rax
;;!   movq (%rax), %rax
;;!   movq %rbx, 0x10(%r12)
;;!   movq 0x30(%rbx), %rdi
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
;;!   movq 0x40(%rbx), %rdi
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
;;!   movq 0x50(%r12), %rdx
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
;;!   movq 0x40(%rbx), %rdi
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
