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
;;!    0  sub dword ptr [rdi+100h], 2
;;!    7  jb 2Fh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r10, [rdi+0B0h]
;;!   18  mov eax, [rdi+0F0h]
;;!   1e  add eax, 1
;;!   21  mov [rdi+0F0h], eax
;;!   27  mov esi, esi
;;!   29  mov eax, [r10+rsi]
;;!   2d  pop rbp
;;!   2e  ret
;;!   2f  push rbp
;;!   30  mov rbp, rsp
;;!   33  mov eax, 0
;;!   38  call qword ptr [rdi+80h]
;;!   3e  pop rbp
;;!   3f  jmp 0Dh
;;! baseline double: 52 bytes
;;!    0  sub dword ptr [rdi+108h], 2
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
;;!   27  call qword ptr [rdi+80h]
;;!   2d  pop rbp
;;!   2e  nop
;;!   2f  jmp 0Dh
;;! baseline inlining_own: 118 bytes
;;!    0  sub dword ptr [rdi+110h], 2
;;!    7  jb 5Ch
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 74h
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
;;!   65  call qword ptr [rdi+80h]
;;!   6b  pop rbp
;;!   6c  nop [rax]
;;!   6f  jmp 0Dh
;;!   74  ud2
;;! baseline inlining_foreign: 98 bytes
;;!    0  sub dword ptr [rdi+118h], 2
;;!    7  jb 4Bh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 60h
;;!   1d  sub rsp, 20h
;;!   21  mov [rbp-18h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov rdi, [r14+0A0h]
;;!   32  call 37h  ; CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;!   37  mov esi, eax
;;!   39  mov rdi, [r14+0A0h]
;;!   40  call 45h  ; CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;!   45  mov r14, [rbp-18h]
;;!   49  leave
;;!   4a  ret
;;!   4b  push rbp
;;!   4c  mov rbp, rsp
;;!   4f  mov eax, 3
;;!   54  call qword ptr [rdi+80h]
;;!   5a  pop rbp
;;!   5b  jmp 0Dh
;;!   60  ud2
;;! baseline inlining_guarded: 186 bytes
;;!    0  sub dword ptr [rdi+120h], 2
;;!    7  jb 0A3h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0B8h
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov edx, edx
;;!   2a  mov rax, [r14+0C0h]
;;!   31  lea rax, [rax+rdx*8]
;;!   35  cmp rdx, 4
;;!   39  mov r11d, 0
;;!   3f  cmovae rax, r11
;;!   43  mov rax, [rax]
;;!   46  mov r11, [r14+20h]
;;!   4a  mov r11d, [r11]
;;!   4d  cmp r11d, [rax+10h]
;;!   51  jne 8Eh
;;!   57  mov r10, [rax]
;;!   5a  mov r11, 7FFFFFFFFFFFFFFFh  ; Abs8 Feedback(0) weight 0
;;!   64  cmp [r11], r10d
;;!   67  jne 90h
;;!   6d  inc dword ptr [r11+4]
;;!   71  mov [rbp-10h], edx
;;!   74  mov [rbp-8], esi
;;!   77  mov r11, [r14]
;;!   7a  mov [r11+10h], r14
;;!   7e  mov r10, [rax]
;;!   81  mov rdi, [rax+8]
;;!   85  call qword ptr [r10]
;;!   88  mov r14, [rbp-28h]
;;!   8c  leave
;;!   8d  ret
;;!   8e  ud2
;;!   90  push rsi
;;!   91  push rdx
;;!   92  mov rsi, r11
;;!   95  mov rdx, r10
;;!   98  call qword ptr [r14+98h]
;;!   9f  pop rdx
;;!   a0  pop rsi
;;!   a1  jmp short 71h
;;!   a3  push rbp
;;!   a4  mov rbp, rsp
;;!   a7  mov eax, 4
;;!   ac  call qword ptr [rdi+80h]
;;!   b2  pop rbp
;;!   b3  jmp 0Dh
;;!   b8  ud2
;;! baseline inlining_by_index: 186 bytes
;;!    0  sub dword ptr [rdi+128h], 2
;;!    7  jb 0A3h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0B8h
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov edx, edx
;;!   2a  mov rax, [r14+0D8h]
;;!   31  lea rax, [rax+rdx*8]
;;!   35  cmp rdx, 2
;;!   39  mov r11d, 0
;;!   3f  cmovae rax, r11
;;!   43  mov rax, [rax]
;;!   46  mov r11, [r14+20h]
;;!   4a  mov r11d, [r11]
;;!   4d  cmp r11d, [rax+10h]
;;!   51  jne 8Eh
;;!   57  mov r10, [rax]
;;!   5a  mov r11, 7FFFFFFFFFFFFFFFh  ; Abs8 Feedback(0) weight 0
;;!   64  cmp [r11], r10d
;;!   67  jne 90h
;;!   6d  inc dword ptr [r11+4]
;;!   71  mov [rbp-10h], edx
;;!   74  mov [rbp-8], esi
;;!   77  mov r11, [r14]
;;!   7a  mov [r11+10h], r14
;;!   7e  mov r10, [rax]
;;!   81  mov rdi, [rax+8]
;;!   85  call qword ptr [r10]
;;!   88  mov r14, [rbp-28h]
;;!   8c  leave
;;!   8d  ret
;;!   8e  ud2
;;!   90  push rsi
;;!   91  push rdx
;;!   92  mov rsi, r11
;;!   95  mov rdx, r10
;;!   98  call qword ptr [r14+98h]
;;!   9f  pop rdx
;;!   a0  pop rsi
;;!   a1  jmp short 71h
;;!   a3  push rbp
;;!   a4  mov rbp, rsp
;;!   a7  mov eax, 5
;;!   ac  call qword ptr [rdi+80h]
;;!   b2  pop rbp
;;!   b3  jmp 0Dh
;;!   b8  ud2
;;! baseline inlining_foreign_callback: 313 bytes
;;!    0  sub dword ptr [rdi+130h], 2
;;!    7  jb 122h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 137h
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
;;!   45  mov rsi, [r14+0C0h]
;;!   4c  lea rsi, [rsi+rdx*8]
;;!   50  cmp rdx, 4
;;!   54  mov r11d, 0
;;!   5a  cmovae rsi, r11
;;!   5e  mov edi, eax
;;!   60  mov rax, [rsi]
;;!   63  mov r11, [r14+20h]
;;!   67  mov r11d, [r11]
;;!   6a  cmp r11d, [rax+10h]
;;!   6e  jne 10Ah
;;!   74  mov r10, [rax]
;;!   77  mov r11, 7FFFFFFFFFFFFFFFh  ; Abs8 Feedback(0) weight 0
;;!   81  cmp [r11], r10d
;;!   84  jne 10Ch
;;!   8a  inc dword ptr [r11+4]
;;!   8e  mov esi, ecx
;;!   90  mov r11, [r14]
;;!   93  mov [r11+10h], r14
;;!   97  mov r10, [rax]
;;!   9a  mov rdi, [rax+8]
;;!   9e  call qword ptr [r10]
;;!   a1  lea ecx, [rbx-1]
;;!   a4  test ecx, ecx
;;!   a6  je 0C4h
;;!   ac  mov [rbp-10h], eax
;;!   af  mov ebx, ecx
;;!   b1  sub dword ptr [r14+134h], 2
;;!   b9  jns 3Ah
;;!   bf  jmp 0CEh
;;!   c4  mov rbx, [rbp-28h]
;;!   c8  mov r14, [rbp-30h]
;;!   cc  leave
;;!   cd  ret
;;!   ce  mov [rbp-8], ebx
;;!   d1  mov rdi, r14
;;!   d4  mov esi, 6
;;!   d9  mov edx, 3
;;!   de  lea rcx, [rbp-10h]
;;!   e2  mov r8d, 10h
;;!   e8  call qword ptr [rdi+88h]
;;!   ee  test rax, rax
;;!   f1  je 105h
;;!   f7  mov rdi, r14
;;!   fa  mov rbx, [rbp-28h]
;;!   fe  mov r14, [rbp-30h]
;;!  102  leave
;;!  103  jmp rax
;;!  105  jmp 3Ah
;;!  10a  ud2
;;!  10c  push rsi
;;!  10d  push rdx
;;!  10e  mov rsi, r11
;;!  111  mov rdx, r10
;;!  114  call qword ptr [r14+98h]
;;!  11b  pop rdx
;;!  11c  pop rsi
;;!  11d  jmp 8Eh
;;!  122  push rbp
;;!  123  mov rbp, rsp
;;!  126  mov eax, 6
;;!  12b  call qword ptr [rdi+80h]
;;!  131  pop rbp
;;!  132  jmp 0Dh
;;!  137  ud2
;;! baseline inlining_in_a_loop: 206 bytes
;;!    0  sub dword ptr [rdi+138h], 2
;;!    7  jb 0B5h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0CCh
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
;;!   5b  sub dword ptr [r14+13Ch], 2
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
;;!   92  call qword ptr [rdi+88h]
;;!   98  test rax, rax
;;!   9b  je 0B3h
;;!   a1  mov rdi, r14
;;!   a4  mov rbx, [rbp-28h]
;;!   a8  mov r12, [rbp-30h]
;;!   ac  mov r14, [rbp-38h]
;;!   b0  leave
;;!   b1  jmp rax
;;!   b3  jmp short 3Ah
;;!   b5  push rbp
;;!   b6  mov rbp, rsp
;;!   b9  mov eax, 7
;;!   be  call qword ptr [rdi+80h]
;;!   c4  pop rbp
;;!   c5  xchg ax, ax
;;!   c7  jmp 0Dh
;;!   cc  ud2
;;! optimised load: 28 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   addl $0x1, 0xf0(%rdi)
;;!   movq 0xb0(%rdi), %rdi
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
;;! optimised inlining_own: 144 bytes
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
;;!   movl 0xf0(%rbx), %ecx
;;!   leal 1(%rcx), %eax
;;!   movl %eax, 0xf0(%rbx)
;;!   movq 0xb0(%rbx), %rdx
;;!   movq %r14, %rsi
;;!   movl %esi, %eax
;;!   movl (%rdx, %rax), %eax
;;!   leal 2(%rcx), %ecx
;;!   movl %ecx, 0xf0(%rbx)
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
;;! optimised inlining_foreign: 150 bytes
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
;;!   movq 0xa0(%rbx), %rax
;;!   movl 0xf0(%rax), %ecx
;;!   leal 1(%rcx), %edx
;;!   movl %edx, 0xf0(%rax)
;;!   movq 0xb0(%rax), %rdx
;;!   movq %r15, %rsi
;;!   movl %esi, %esi
;;!   movl (%rdx, %rsi), %esi
;;!   leal 2(%rcx), %ecx
;;!   movl %ecx, 0xf0(%rax)
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
;;! optimised inlining_guarded: 257 bytes
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
;;!   movq 0xc0(%rbx), %rdx
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
;;!   addl $0x1, 0xf0(%rbx)
;;!   movq 0xb0(%rbx), %rax
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
;;! optimised inlining_by_index: 266 bytes
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
;;!   movl 0xe8(%rbx), %eax
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
;;!   addl $0x1, 0xf0(%rbx)
;;!   movq 0xb0(%rbx), %rax
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
;;!   movq 0xd8(%rbx), %rdx
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
;;! optimised inlining_foreign_callback: 303 bytes
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
;;!   movq 0xc0(%r12), %r13
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
;;! optimised inlining_foreign_callback from the loop at 3: 283 bytes
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
;;!   movq 0xc0(%rdi), %r14
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
