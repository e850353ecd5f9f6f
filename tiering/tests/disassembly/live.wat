;; Calls of functions that may be replaced: a copy is run as long as the function's generation is the one that
;; was copied. The call itself is out of line. A loop that makes no other calls is there twice: with one test
;; in front of it, and out of line with a test for each copy.
(module
  (type $t (func (param i32) (result i32)))
  (func $callee (type $t) (i32.add (local.get 0) (i32.const 7)))
  (func $inlining_live (type $t) (call $callee (call $callee (local.get 0))))
  (func $inlining_live_in_a_loop (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (local.set $sum (call $callee (local.get $sum)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)
;;! baseline callee: 39 bytes
;;!    0  sub dword ptr [rdi+30h], 2
;;!    4  jb 15h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  lea eax, [rsi+7]
;;!   13  pop rbp
;;!   14  ret
;;!   15  push rbp
;;!   16  mov rbp, rsp
;;!   19  mov eax, 0
;;!   1e  call qword ptr [rdi-20h]
;;!   21  pop rbp
;;!   22  jmp 0Ah
;;! baseline inlining_live: 88 bytes
;;!    0  sub dword ptr [rdi+38h], 2
;;!    4  jb 44h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r11, [rdi]
;;!   11  cmp rsp, [r11]
;;!   14  jb 56h
;;!   1a  sub rsp, 20h
;;!   1e  mov [rbp-18h], r14
;;!   22  mov r14, rdi
;;!   25  nop [rax]
;;!   28  mov [rbp-8], esi
;;!   2b  mov rdi, r14
;;!   2e  nop
;;!   2f  call 34h  ; CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;!   34  mov esi, eax
;;!   36  mov rdi, r14
;;!   39  call 3Eh  ; CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;!   3e  mov r14, [rbp-18h]
;;!   42  leave
;;!   43  ret
;;!   44  push rbp
;;!   45  mov rbp, rsp
;;!   48  mov eax, 1
;;!   4d  call qword ptr [rdi-20h]
;;!   50  pop rbp
;;!   51  jmp 0Ah
;;!   56  ud2
;;! baseline inlining_live_in_a_loop: 182 bytes
;;!    0  sub dword ptr [rdi+40h], 2
;;!    4  jb 0A1h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r11, [rdi]
;;!   11  cmp rsp, [r11]
;;!   14  jb 0B4h
;;!   1a  sub rsp, 30h
;;!   1e  mov [rbp-28h], rbx
;;!   22  mov [rbp-30h], r14
;;!   26  mov qword ptr [rbp-10h], 0
;;!   2e  mov r14, rdi
;;!   31  nop [rax]
;;!   38  mov ebx, esi
;;!   3a  mov esi, [rbp-10h]
;;!   3d  mov rdi, r14
;;!   40  call 45h  ; CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 1
;;!   45  lea ecx, [rbx-1]
;;!   48  test ecx, ecx
;;!   4a  je 61h
;;!   50  mov [rbp-10h], eax
;;!   53  mov ebx, ecx
;;!   55  sub dword ptr [r14+44h], 2
;;!   5a  jns short 3Ah
;;!   5c  jmp 6Bh
;;!   61  mov rbx, [rbp-28h]
;;!   65  mov r14, [rbp-30h]
;;!   69  leave
;;!   6a  ret
;;!   6b  mov [rbp-8], ebx
;;!   6e  mov rdi, r14
;;!   71  mov esi, 2
;;!   76  mov edx, 3
;;!   7b  lea rcx, [rbp-10h]
;;!   7f  mov r8d, 10h
;;!   85  call qword ptr [rdi-18h]
;;!   88  test rax, rax
;;!   8b  je 9Fh
;;!   91  mov rdi, r14
;;!   94  mov rbx, [rbp-28h]
;;!   98  mov r14, [rbp-30h]
;;!   9c  leave
;;!   9d  jmp rax
;;!   9f  jmp short 3Ah
;;!   a1  push rbp
;;!   a2  mov rbp, rsp
;;!   a5  mov eax, 2
;;!   aa  call qword ptr [rdi-20h]
;;!   ad  pop rbp
;;!   ae  nop
;;!   af  jmp 0Ah
;;!   b4  ud2
;;! optimised callee: 12 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   leal 7(%rsi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised inlining_live: 180 bytes
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
;;!   movq (%rdi), %rax
;;!   movl 8(%rax), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %rdi, %rbx
;;!   jmp     label3
;;! block3:
;;!   movq 0x28(%rbx), %r12
;;!   movl (%r12), %eax
;;!   cmpl $0x3, %eax
;;!   jz      label5; j label4
;;! block5:
;;!   movq %r13, %rsi
;;!   leal 7(%rsi), %esi
;;!   jmp     label6
;;! block6:
;;!   movl (%r12), %eax
;;!   cmpl $0x3, %eax
;;!   jz      label8; j label7
;;! block8:
;;!   leal 7(%rsi), %eax
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
;;!   jmp     label3
;;! block4:
;;!   movq %r13, %rsi
;;!   movq %rbx, %rdi
;;!   call    User(userextname1)
;;!   movq %rax, %rsi
;;!   jmp     label6
;;! block7:
;;!   movq %rbx, %rdi
;;!   call    User(userextname1)
;;!   jmp     label9
;;! Abs8 Libcall(Interrupted) weight 0
;;! CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;! CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 0
;;! optimised inlining_live_in_a_loop: 308 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x40, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x30, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r12, 8(%rsp)
;;!   movq %r13, 0x10(%rsp)
;;!   movq %r14, 0x18(%rsp)
;;!   movq %r15, 0x20(%rsp)
;;! block0:
;;!   movq %rsi, %r14
;;!   movq (%rdi), %rbx
;;!   movl 8(%rbx), %eax
;;!   testl %eax, %eax
;;!   jnz     label2; j label1
;;! block1:
;;!   movq %rdi, %r12
;;!   jmp     label3
;;! block3:
;;!   movq 0x28(%r12), %r13
;;!   movl (%r13), %eax
;;!   cmpl $0x3, %eax
;;!   jz      label14; j label4
;;! block14:
;;!   uninit  %r13
;;!   xorl %r13d, %r13d
;;!   jmp     label15
;;! block15:
;;!   movl 8(%rbx), %eax
;;!   testl %eax, %eax
;;!   jnz     label17; j label16
;;! block16:
;;!   jmp     label18
;;! block18:
;;!   subl $0x1, %r14d
;;!   leal 7(%r13), %eax
;;!   testl %r14d, %r14d
;;!   jnz     label19; j label20
;;! block19:
;;!   movq %rax, %r13
;;!   jmp     label15
;;! block20:
;;!   leal 7(%r13), %eax
;;!   jmp     label21
;;! block21:
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r12
;;!   movq 0x10(%rsp), %r13
;;!   movq 0x18(%rsp), %r14
;;!   movq 0x20(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %rdi, %r12
;;!   call    *%rax
;;!   jmp     label3
;;! block4:
;;!   uninit  %rsi
;;!   xorl %esi, %esi
;;!   movq %rsi, %r15
;;!   jmp     label5
;;! block5:
;;!   movl 8(%rbx), %eax
;;!   testl %eax, %eax
;;!   jnz     label7; j label6
;;! block6:
;;!   jmp     label8
;;! block7:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r12, %rdi
;;!   call    *%rax
;;!   jmp     label8
;;! block8:
;;!   movl (%r13), %eax
;;!   cmpl $0x3, %eax
;;!   jz      label10; j label9
;;! block9:
;;!   movq %r15, %rsi
;;!   movq %r12, %rdi
;;!   call    User(userextname1)
;;!   movq %rax, %rsi
;;!   jmp     label11
;;! block10:
;;!   movq %r15, %rsi
;;!   leal 7(%rsi), %esi
;;!   jmp     label11
;;! block11:
;;!   subl $0x1, %r14d
;;!   testl %r14d, %r14d
;;!   jnz     label12; j label13
;;! block12:
;;!   movq %rsi, %r15
;;!   jmp     label5
;;! block13:
;;!   movq %rsi, %rax
;;!   jmp     label21
;;! block17:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r12, %rdi
;;!   call    *%rax
;;!   jmp     label18
;;! Abs8 Libcall(Interrupted) weight 0
;;! Abs8 Libcall(Interrupted) weight 1
;;! CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 1
;;! Abs8 Libcall(Interrupted) weight 1
;;! optimised inlining_live_in_a_loop from the loop at 3: 274 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x40, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x30, %rsp
;;!   movq %rbx, (%rsp)
;;!   movq %r12, 8(%rsp)
;;!   movq %r13, 0x10(%rsp)
;;!   movq %r14, 0x18(%rsp)
;;!   movq %r15, 0x20(%rsp)
;;! block0:
;;!   movq (%rdi), %rbx
;;!   movq 0x28(%rbx), %rax
;;!   movl 8(%rax), %r12d
;;!   movl (%rax), %esi
;;!   movq %rsi, %r15
;;!   jmp     label1
;;! block1:
;;!   movq 0x28(%rdi), %r13
;;!   movq %rdi, %r14
;;!   movl (%r13), %eax
;;!   cmpl $0x3, %eax
;;!   jz      label12; j label2
;;! block12:
;;!   jmp     label13
;;! block13:
;;!   movl 8(%rbx), %eax
;;!   testl %eax, %eax
;;!   jnz     label15; j label14
;;! block14:
;;!   jmp     label16
;;! block16:
;;!   subl $0x1, %r12d
;;!   movq %r15, %rsi
;;!   leal 7(%rsi), %eax
;;!   testl %r12d, %r12d
;;!   jnz     label17; j label18
;;! block17:
;;!   movq %rax, %r15
;;!   jmp     label13
;;! block18:
;;!   leal 7(%rsi), %eax
;;!   jmp     label19
;;! block19:
;;!   movq (%rsp), %rbx
;;!   movq 8(%rsp), %r12
;;!   movq 0x10(%rsp), %r13
;;!   movq 0x18(%rsp), %r14
;;!   movq 0x20(%rsp), %r15
;;!   addq $0x30, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! block2:
;;!   jmp     label3
;;! block3:
;;!   movl 8(%rbx), %eax
;;!   testl %eax, %eax
;;!   jnz     label5; j label4
;;! block4:
;;!   jmp     label6
;;! block5:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r14, %rdi
;;!   call    *%rax
;;!   jmp     label6
;;! block6:
;;!   movl (%r13), %eax
;;!   cmpl $0x3, %eax
;;!   jz      label8; j label7
;;! block7:
;;!   movq %r15, %rsi
;;!   movq %r14, %rdi
;;!   call    User(userextname1)
;;!   movq %rax, %r15
;;!   jmp     label9
;;! block8:
;;!   movq %r15, %rsi
;;!   leal 7(%rsi), %esi
;;!   movq %rsi, %r15
;;!   jmp     label9
;;! block9:
;;!   subl $0x1, %r12d
;;!   testl %r12d, %r12d
;;!   jnz     label10; j label11
;;! block10:
;;!   jmp     label3
;;! block11:
;;!   movq %r15, %rax
;;!   jmp     label19
;;! block15:
;;!   load_ext_name userextname0+0, %rax
;;!   movq %r14, %rdi
;;!   call    *%rax
;;!   jmp     label16
;;! Abs8 Libcall(Interrupted) weight 1
;;! CallRel4 Function(ScopeId(0), FuncIndex(0)) weight 1
;;! Abs8 Libcall(Interrupted) weight 1
