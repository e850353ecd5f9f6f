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
;;! baseline load: 68 bytes
;;!    0  sub dword ptr [rdi+90h], 2
;;!    7  jb 2Fh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r10, [rdi+40h]
;;!   15  nop [rax]
;;!   18  mov eax, [rdi+80h]
;;!   1e  add eax, 1
;;!   21  mov [rdi+80h], eax
;;!   27  mov esi, esi
;;!   29  mov eax, [r10+rsi]
;;!   2d  pop rbp
;;!   2e  ret
;;!   2f  push rbp
;;!   30  mov rbp, rsp
;;!   33  mov eax, 0
;;!   38  call qword ptr [rdi-20h]
;;!   3b  pop rbp
;;!   3c  nop [rax]
;;!   3f  jmp 0Dh
;;! baseline double: 48 bytes
;;!    0  sub dword ptr [rdi+98h], 2
;;!    7  jb 1Eh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov eax, esi
;;!   1a  shl eax, 1
;;!   1c  pop rbp
;;!   1d  ret
;;!   1e  push rbp
;;!   1f  mov rbp, rsp
;;!   22  mov eax, 1
;;!   27  call qword ptr [rdi-20h]
;;!   2a  pop rbp
;;!   2b  jmp 0Dh
;;! baseline inlining_own: 112 bytes
;;!    0  sub dword ptr [rdi+0A0h], 2
;;!    7  jb 5Ch
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 6Eh
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], rbx
;;!   25  mov [rbp-30h], r14
;;!   29  mov r14, rdi
;;!   2c  nop [rax]
;;!   30  mov [rbp-8], esi
;;!   33  mov rdi, r14
;;!   36  nop
;;!   37  call 3Ch  ; CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;!   3c  mov ebx, [rbp-8]
;;!   3f  lea ecx, [rbx+4]
;;!   42  mov [rbp-10h], eax
;;!   45  mov esi, ecx
;;!   47  mov rdi, r14
;;!   4a  call 4Fh  ; CallRel4 Function(ScopeId(0), FuncIndex(1)) weight 0
;;!   4f  add eax, [rbp-10h]
;;!   52  mov rbx, [rbp-28h]
;;!   56  mov r14, [rbp-30h]
;;!   5a  leave
;;!   5b  ret
;;!   5c  push rbp
;;!   5d  mov rbp, rsp
;;!   60  mov eax, 2
;;!   65  call qword ptr [rdi-20h]
;;!   68  pop rbp
;;!   69  jmp 0Dh
;;!   6e  ud2
;;! baseline inlining_foreign: 89 bytes
;;!    0  sub dword ptr [rdi+0A8h], 2
;;!    7  jb 45h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 57h
;;!   1d  sub rsp, 20h
;;!   21  mov [rbp-18h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov rdi, [r14+30h]
;;!   2f  call 34h  ; CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;!   34  mov esi, eax
;;!   36  mov rdi, [r14+30h]
;;!   3a  call 3Fh  ; CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;!   3f  mov r14, [rbp-18h]
;;!   43  leave
;;!   44  ret
;;!   45  push rbp
;;!   46  mov rbp, rsp
;;!   49  mov eax, 3
;;!   4e  call qword ptr [rdi-20h]
;;!   51  pop rbp
;;!   52  jmp 0Dh
;;!   57  ud2
;;! baseline inlining_guarded: 177 bytes
;;!    0  sub dword ptr [rdi+0B0h], 2
;;!    7  jb 9Dh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0AFh
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov edx, edx
;;!   2a  mov rax, [r14+50h]
;;!   2e  lea rax, [rax+rdx*8]
;;!   32  cmp rdx, 4
;;!   36  mov r11d, 0
;;!   3c  cmovae rax, r11
;;!   40  mov rax, [rax]
;;!   43  mov r11, [r14+20h]
;;!   47  mov r11d, [r11]
;;!   4a  cmp r11d, [rax+10h]
;;!   4e  jne 8Bh
;;!   54  mov r10, [rax]
;;!   57  mov r11, 7FFFFFFFFFFFFFFFh  ; Abs8 Feedback(0) weight 0
;;!   61  cmp [r11], r10d
;;!   64  jne 8Dh
;;!   6a  inc dword ptr [r11+4]
;;!   6e  mov [rbp-10h], edx
;;!   71  mov [rbp-8], esi
;;!   74  mov r11, [r14]
;;!   77  mov [r11+10h], r14
;;!   7b  mov r10, [rax]
;;!   7e  mov rdi, [rax+8]
;;!   82  call qword ptr [r10]
;;!   85  mov r14, [rbp-28h]
;;!   89  leave
;;!   8a  ret
;;!   8b  ud2
;;!   8d  push rsi
;;!   8e  push rdx
;;!   8f  mov rsi, r11
;;!   92  mov rdx, r10
;;!   95  call qword ptr [r14-8]
;;!   99  pop rdx
;;!   9a  pop rsi
;;!   9b  jmp short 6Eh
;;!   9d  push rbp
;;!   9e  mov rbp, rsp
;;!   a1  mov eax, 4
;;!   a6  call qword ptr [rdi-20h]
;;!   a9  pop rbp
;;!   aa  jmp 0Dh
;;!   af  ud2
;;! baseline inlining_by_index: 177 bytes
;;!    0  sub dword ptr [rdi+0B8h], 2
;;!    7  jb 9Dh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0AFh
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov edx, edx
;;!   2a  mov rax, [r14+68h]
;;!   2e  lea rax, [rax+rdx*8]
;;!   32  cmp rdx, 2
;;!   36  mov r11d, 0
;;!   3c  cmovae rax, r11
;;!   40  mov rax, [rax]
;;!   43  mov r11, [r14+20h]
;;!   47  mov r11d, [r11]
;;!   4a  cmp r11d, [rax+10h]
;;!   4e  jne 8Bh
;;!   54  mov r10, [rax]
;;!   57  mov r11, 7FFFFFFFFFFFFFFFh  ; Abs8 Feedback(0) weight 0
;;!   61  cmp [r11], r10d
;;!   64  jne 8Dh
;;!   6a  inc dword ptr [r11+4]
;;!   6e  mov [rbp-10h], edx
;;!   71  mov [rbp-8], esi
;;!   74  mov r11, [r14]
;;!   77  mov [r11+10h], r14
;;!   7b  mov r10, [rax]
;;!   7e  mov rdi, [rax+8]
;;!   82  call qword ptr [r10]
;;!   85  mov r14, [rbp-28h]
;;!   89  leave
;;!   8a  ret
;;!   8b  ud2
;;!   8d  push rsi
;;!   8e  push rdx
;;!   8f  mov rsi, r11
;;!   92  mov rdx, r10
;;!   95  call qword ptr [r14-8]
;;!   99  pop rdx
;;!   9a  pop rsi
;;!   9b  jmp short 6Eh
;;!   9d  push rbp
;;!   9e  mov rbp, rsp
;;!   a1  mov eax, 5
;;!   a6  call qword ptr [rdi-20h]
;;!   a9  pop rbp
;;!   aa  jmp 0Dh
;;!   af  ud2
;;! baseline inlining_foreign_callback: 297 bytes
;;!    0  sub dword ptr [rdi+0C0h], 2
;;!    7  jb 115h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 127h
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], rbx
;;!   25  mov [rbp-30h], r14
;;!   29  mov qword ptr [rbp-10h], 0
;;!   31  mov r14, rdi
;;!   34  nop [rax]
;;!   38  mov ebx, esi
;;!   3a  mov eax, [rbp-10h]
;;!   3d  lea ecx, [rax+rbx]
;;!   40  mov edx, 2
;;!   45  mov rsi, [r14+50h]
;;!   49  lea rsi, [rsi+rdx*8]
;;!   4d  cmp rdx, 4
;;!   51  mov r11d, 0
;;!   57  cmovae rsi, r11
;;!   5b  mov edi, eax
;;!   5d  mov rax, [rsi]
;;!   60  mov r11, [r14+20h]
;;!   64  mov r11d, [r11]
;;!   67  cmp r11d, [rax+10h]
;;!   6b  jne 100h
;;!   71  mov r10, [rax]
;;!   74  mov r11, 7FFFFFFFFFFFFFFFh  ; Abs8 Feedback(0) weight 0
;;!   7e  cmp [r11], r10d
;;!   81  jne 102h
;;!   87  inc dword ptr [r11+4]
;;!   8b  mov esi, ecx
;;!   8d  mov r11, [r14]
;;!   90  mov [r11+10h], r14
;;!   94  mov r10, [rax]
;;!   97  mov rdi, [rax+8]
;;!   9b  call qword ptr [r10]
;;!   9e  lea ecx, [rbx-1]
;;!   a1  test ecx, ecx
;;!   a3  je 0BDh
;;!   a9  mov [rbp-10h], eax
;;!   ac  mov ebx, ecx
;;!   ae  sub dword ptr [r14+0C4h], 2
;;!   b6  jns short 3Ah
;;!   b8  jmp 0C7h
;;!   bd  mov rbx, [rbp-28h]
;;!   c1  mov r14, [rbp-30h]
;;!   c5  leave
;;!   c6  ret
;;!   c7  mov [rbp-8], ebx
;;!   ca  mov rdi, r14
;;!   cd  mov esi, 6
;;!   d2  mov edx, 3
;;!   d7  lea rcx, [rbp-10h]
;;!   db  mov r8d, 10h
;;!   e1  call qword ptr [rdi-18h]
;;!   e4  test rax, rax
;;!   e7  je 0FBh
;;!   ed  mov rdi, r14
;;!   f0  mov rbx, [rbp-28h]
;;!   f4  mov r14, [rbp-30h]
;;!   f8  leave
;;!   f9  jmp rax
;;!   fb  jmp 3Ah
;;!  100  ud2
;;!  102  push rsi
;;!  103  push rdx
;;!  104  mov rsi, r11
;;!  107  mov rdx, r10
;;!  10a  call qword ptr [r14-8]
;;!  10e  pop rdx
;;!  10f  pop rsi
;;!  110  jmp 8Bh
;;!  115  push rbp
;;!  116  mov rbp, rsp
;;!  119  mov eax, 6
;;!  11e  call qword ptr [rdi-20h]
;;!  121  pop rbp
;;!  122  jmp 0Dh
;;!  127  ud2
;;! baseline inlining_in_a_loop: 198 bytes
;;!    0  sub dword ptr [rdi+0C8h], 2
;;!    7  jb 0B2h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0C4h
;;!   1d  sub rsp, 40h
;;!   21  mov [rbp-28h], rbx
;;!   25  mov [rbp-30h], r12
;;!   29  mov [rbp-38h], r14
;;!   2d  mov qword ptr [rbp-10h], 0
;;!   35  mov r14, rdi
;;!   38  mov ebx, esi
;;!   3a  mov esi, ebx
;;!   3c  mov rdi, r14
;;!   3f  call 44h  ; CallRel4 Function(ScopeId(0), FuncIndex(2)) weight 1
;;!   44  mov r12d, [rbp-10h]
;;!   48  add eax, r12d
;;!   4b  lea ecx, [rbx-1]
;;!   4e  test ecx, ecx
;;!   50  je 6Ah
;;!   56  mov [rbp-10h], eax
;;!   59  mov ebx, ecx
;;!   5b  sub dword ptr [r14+0CCh], 2
;;!   63  jns short 3Ah
;;!   65  jmp 78h
;;!   6a  mov rbx, [rbp-28h]
;;!   6e  mov r12, [rbp-30h]
;;!   72  mov r14, [rbp-38h]
;;!   76  leave
;;!   77  ret
;;!   78  mov [rbp-8], ebx
;;!   7b  mov rdi, r14
;;!   7e  mov esi, 7
;;!   83  mov edx, 3
;;!   88  lea rcx, [rbp-10h]
;;!   8c  mov r8d, 10h
;;!   92  call qword ptr [rdi-18h]
;;!   95  test rax, rax
;;!   98  je 0B0h
;;!   9e  mov rdi, r14
;;!   a1  mov rbx, [rbp-28h]
;;!   a5  mov r12, [rbp-30h]
;;!   a9  mov r14, [rbp-38h]
;;!   ad  leave
;;!   ae  jmp rax
;;!   b0  jmp short 3Ah
;;!   b2  push rbp
;;!   b3  mov rbp, rsp
;;!   b6  mov eax, 7
;;!   bb  call qword ptr [rdi-20h]
;;!   be  pop rbp
;;!   bf  jmp 0Dh
;;!   c4  ud2
;;! optimised load: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   addl $0x1, 0x80(%rdi)
;;!   movq 0x40(%rdi), %rdi
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
;;! optimised inlining_own: 141 bytes
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
;;!   movl 0x80(%rbx), %ecx
;;!   leal 1(%rcx), %eax
;;!   movl %eax, 0x80(%rbx)
;;!   movq 0x40(%rbx), %rdx
;;!   movq %r14, %rsi
;;!   movl %esi, %eax
;;!   movl (%rdx, %rax), %eax
;;!   leal 2(%rcx), %ecx
;;!   movl %ecx, 0x80(%rbx)
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
;;! optimised inlining_foreign: 144 bytes
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
;;!   movq 0x30(%rbx), %rax
;;!   movl 0x80(%rax), %ecx
;;!   leal 1(%rcx), %edx
;;!   movl %edx, 0x80(%rax)
;;!   movq 0x40(%rax), %rdx
;;!   movq %r15, %rsi
;;!   movl %esi, %esi
;;!   movl (%rdx, %rsi), %esi
;;!   leal 2(%rcx), %ecx
;;!   movl %ecx, 0x80(%rax)
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
;;! optimised inlining_guarded: 251 bytes
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
;;!   movq 0x50(%rbx), %rdx
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
;;!   addl $0x1, 0x80(%rbx)
;;!   movq 0x40(%rbx), %rax
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
;;! optimised inlining_by_index: 257 bytes
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
;;!   movl 0x78(%rbx), %eax
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
;;!   addl $0x1, 0x80(%rbx)
;;!   movq 0x40(%rbx), %rax
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
;;!   movq 0x68(%rbx), %rdx
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
;;!   movq 0x50(%r12), %r13
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
;;!   movl 8(%rax), %r12d
;;!   movl (%rax), %eax
;;!   movq %rax, <offset:1>+(%rsp)
;;!   jmp     label1
;;! block1:
;;!   movq 0x50(%rdi), %r14
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
