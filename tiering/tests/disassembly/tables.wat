(module
  (import "host" "g" (global $imported (mut i32)))
  (table $fixed 8 8 funcref)
  (table $growing 1 funcref)
  (global $own (mut i64) (i64.const 0))
  (elem $segment func $get)
  (func $get (param i32) (result funcref) (table.get $fixed (local.get 0)))
  (func $set (param i32 funcref) (table.set $growing (local.get 0) (local.get 1)))
  (func $is_null (param i32) (result i32) (ref.is_null (table.get $growing (local.get 0))))
  (func $size (result i32) (i32.add (table.size $growing) (table.size $fixed)))
  (func $grow (param funcref i32) (result i32) (table.grow $growing (local.get 0) (local.get 1)))
  (func $copy (param i32) (table.copy $growing $fixed (local.get 0) (i32.const 1) (i32.const 2)))
  (func $init (param i32)
    (table.init $fixed $segment (local.get 0) (i32.const 0) (i32.const 1))
    (elem.drop $segment))
  (func $globals (param i64) (result i32)
    (global.set $own (i64.add (global.get $own) (local.get 0)))
    (global.set $imported (i32.const 9))
    (global.get $imported))
)
;;! baseline get: 77 bytes
;;!    0  sub dword ptr [rdi+0F0h], 2
;;!    7  jb 38h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov esi, esi
;;!   1a  mov rax, [rdi+0B0h]
;;!   21  lea rax, [rax+rsi*8]
;;!   25  cmp rsi, 8
;;!   29  mov r11d, 0
;;!   2f  cmovae rax, r11
;;!   33  mov rax, [rax]
;;!   36  pop rbp
;;!   37  ret
;;!   38  push rbp
;;!   39  mov rbp, rsp
;;!   3c  mov eax, 0
;;!   41  call qword ptr [rdi+80h]
;;!   47  pop rbp
;;!   48  jmp 0Dh
;;! baseline set: 92 bytes
;;!    0  sub dword ptr [rdi+0F8h], 2
;;!    7  jb 45h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov esi, esi
;;!   1a  mov rax, [rdi+0C8h]
;;!   21  lea rax, [rax+rsi*8]
;;!   25  cmp rsi, [rdi+0D0h]
;;!   2c  mov r11d, 0
;;!   32  cmovae rax, r11
;;!   36  mov [rax], rdx
;;!   39  mov dword ptr [rdi+0D8h], 1
;;!   43  pop rbp
;;!   44  ret
;;!   45  push rbp
;;!   46  mov rbp, rsp
;;!   49  mov eax, 1
;;!   4e  call qword ptr [rdi+80h]
;;!   54  pop rbp
;;!   55  xchg ax, ax
;;!   57  jmp 0Dh
;;! baseline is_null: 92 bytes
;;!    0  sub dword ptr [rdi+100h], 2
;;!    7  jb 45h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov esi, esi
;;!   1a  mov rax, [rdi+0C8h]
;;!   21  lea rax, [rax+rsi*8]
;;!   25  cmp rsi, [rdi+0D0h]
;;!   2c  mov r11d, 0
;;!   32  cmovae rax, r11
;;!   36  mov rax, [rax]
;;!   39  xor ecx, ecx
;;!   3b  test rax, rax
;;!   3e  sete cl
;;!   41  mov eax, ecx
;;!   43  pop rbp
;;!   44  ret
;;!   45  push rbp
;;!   46  mov rbp, rsp
;;!   49  mov eax, 2
;;!   4e  call qword ptr [rdi+80h]
;;!   54  pop rbp
;;!   55  xchg ax, ax
;;!   57  jmp 0Dh
;;! baseline size: 61 bytes
;;!    0  sub dword ptr [rdi+108h], 2
;;!    7  jb 28h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov eax, [rdi+0D0h]
;;!   1e  mov ecx, [rdi+0B8h]
;;!   24  add eax, ecx
;;!   26  pop rbp
;;!   27  ret
;;!   28  push rbp
;;!   29  mov rbp, rsp
;;!   2c  mov eax, 3
;;!   31  call qword ptr [rdi+80h]
;;!   37  pop rbp
;;!   38  jmp 0Dh
;;! baseline grow: 94 bytes
;;!    0  sub dword ptr [rdi+110h], 2
;;!    7  jb 46h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 5Ch
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-10h], edx
;;!   2b  mov [rbp-8], rsi
;;!   2f  mov ecx, edx
;;!   31  mov rdx, rsi
;;!   34  mov esi, 1
;;!   39  mov rdi, r14
;;!   3c  call qword ptr [r14+50h]
;;!   40  mov r14, [rbp-28h]
;;!   44  leave
;;!   45  ret
;;!   46  push rbp
;;!   47  mov rbp, rsp
;;!   4a  mov eax, 4
;;!   4f  call qword ptr [rdi+80h]
;;!   55  pop rbp
;;!   56  nop
;;!   57  jmp 0Dh
;;!   5c  ud2
;;! baseline copy: 102 bytes
;;!    0  sub dword ptr [rdi+118h], 2
;;!    7  jb 4Dh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 64h
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov ecx, esi
;;!   2d  mov esi, 1
;;!   32  xor edx, edx
;;!   34  mov r8d, 1
;;!   3a  mov r9d, 2
;;!   40  mov rdi, r14
;;!   43  call qword ptr [r14+60h]
;;!   47  mov r14, [rbp-28h]
;;!   4b  leave
;;!   4c  ret
;;!   4d  push rbp
;;!   4e  mov rbp, rsp
;;!   51  mov eax, 5
;;!   56  call qword ptr [rdi+80h]
;;!   5c  pop rbp
;;!   5d  xchg ax, ax
;;!   5f  jmp 0Dh
;;!   64  ud2
;;! baseline init: 103 bytes
;;!    0  sub dword ptr [rdi+120h], 2
;;!    7  jb 50h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 65h
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov ecx, esi
;;!   2d  xor esi, esi
;;!   2f  xor edx, edx
;;!   31  xor r8d, r8d
;;!   34  mov r9d, 1
;;!   3a  mov rdi, r14
;;!   3d  call qword ptr [r14+68h]
;;!   41  xor esi, esi
;;!   43  mov rdi, r14
;;!   46  call qword ptr [r14+70h]
;;!   4a  mov r14, [rbp-28h]
;;!   4e  leave
;;!   4f  ret
;;!   50  push rbp
;;!   51  mov rbp, rsp
;;!   54  mov eax, 6
;;!   59  call qword ptr [rdi+80h]
;;!   5f  pop rbp
;;!   60  jmp 0Dh
;;!   65  ud2
;;! baseline globals: 88 bytes
;;!    0  sub dword ptr [rdi+128h], 2
;;!    7  jb 43h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov rax, [rdi+0E0h]
;;!   1f  add rax, rsi
;;!   22  mov [rdi+0E0h], rax
;;!   29  mov r11, [rdi+0A0h]
;;!   30  mov dword ptr [r11], 9
;;!   37  mov r11, [rdi+0A0h]
;;!   3e  mov eax, [r11]
;;!   41  pop rbp
;;!   42  ret
;;!   43  push rbp
;;!   44  mov rbp, rsp
;;!   47  mov eax, 7
;;!   4c  call qword ptr [rdi+80h]
;;!   52  pop rbp
;;!   53  jmp 0Dh
;;! optimised get: 40 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movl %esi, %r10d
;;!   uninit  %r9
;;!   xorq %r9, %r9
;;!   movq %r10, %r8
;;!   shlq $0x3, %r8
;;!   addq 0xb0(%rdi), %r8
;;!   cmpq $0x8, %r10
;;!   cmovaeq %r9, %r8
;;!   movq (%r8), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised set: 55 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0xd0(%rdi), %r10
;;!   movl %esi, %eax
;;!   uninit  %r11
;;!   xorq %r11, %r11
;;!   movq %rax, %r8
;;!   shlq $0x3, %r8
;;!   addq 0xc8(%rdi), %r8
;;!   cmpq %r10, %rax
;;!   cmovaeq %r11, %r8
;;!   movq %rdx, (%r8)
;;!   movl $0x1, 0xd8(%rdi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised is_null: 54 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0xd0(%rdi), %rax
;;!   movl %esi, %edx
;;!   uninit  %rcx
;;!   xorq %rcx, %rcx
;;!   movq %rdx, %r10
;;!   shlq $0x3, %r10
;;!   addq 0xc8(%rdi), %r10
;;!   cmpq %rax, %rdx
;;!   cmovaeq %rcx, %r10
;;!   movq (%r10), %rax
;;!   testq %rax, %rax
;;!   sete %al
;;!   movzbl %al, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised size: 26 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0xd0(%rdi), %rsi
;;!   movq 0xb8(%rdi), %rdi
;;!   leal (%rsi, %rdi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised grow: 56 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;! block0:
;;!   movq %rsi, %r9
;;!   movl $0x1, %esi
;;!   movl %edx, %ecx
;;!   load_ext_name userextname0+0, %r8
;;!   movq %r9, %rdx
;;!   call    *%r8
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(TableGrow) weight 0
;;! optimised copy: 68 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;! block0:
;;!   movl $0x1, %r10d
;;!   uninit  %rdx
;;!   xorl %edx, %edx
;;!   movl %esi, %ecx
;;!   movl $0x1, %r8d
;;!   movl $0x2, %r9d
;;!   load_ext_name userextname0+0, %r11
;;!   movq %r10, %rsi
;;!   call    *%r11
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(TableCopy) weight 0
;;! optimised init: 114 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x20, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;!   subq $0x10, %rsp
;;!   movq %r12, (%rsp)
;;!   movq %r14, 8(%rsp)
;;! block0:
;;!   movq %rdi, %r12
;;!   uninit  %r10
;;!   xorl %r10d, %r10d
;;!   movq %r10, %r14
;;!   movl %esi, %ecx
;;!   uninit  %r8
;;!   xorq %r8, %r8
;;!   movl $0x1, %r9d
;;!   load_ext_name userextname0+0, %r10
;;!   movq %r14, %rdx
;;!   movq %r14, %rsi
;;!   call    *%r10
;;!   load_ext_name userextname1+0, %r11
;;!   movq %r14, %rsi
;;!   movq %r12, %rdi
;;!   call    *%r11
;;!   movq (%rsp), %r12
;;!   movq 8(%rsp), %r14
;;!   addq $0x10, %rsp
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(TableInit) weight 0
;;! Abs8 Libcall(ElemDrop) weight 0
;;! optimised globals: 34 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   addq %rsi, 0xe0(%rdi)
;;!   movl $0x9, %eax
;;!   movq 0xa0(%rdi), %rsi
;;!   movl $0x9, (%rsi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
