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
;;! baseline get: 71 bytes
;;!    0  sub dword ptr [rdi+80h], 2
;;!    7  jb 35h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov esi, esi
;;!   1a  mov rax, [rdi+40h]
;;!   1e  lea rax, [rax+rsi*8]
;;!   22  cmp rsi, 8
;;!   26  mov r11d, 0
;;!   2c  cmovae rax, r11
;;!   30  mov rax, [rax]
;;!   33  pop rbp
;;!   34  ret
;;!   35  push rbp
;;!   36  mov rbp, rsp
;;!   39  mov eax, 0
;;!   3e  call qword ptr [rdi-20h]
;;!   41  pop rbp
;;!   42  jmp 0Dh
;;! baseline set: 78 bytes
;;!    0  sub dword ptr [rdi+88h], 2
;;!    7  jb 3Ch
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov esi, esi
;;!   1a  mov rax, [rdi+58h]
;;!   1e  lea rax, [rax+rsi*8]
;;!   22  cmp rsi, [rdi+60h]
;;!   26  mov r11d, 0
;;!   2c  cmovae rax, r11
;;!   30  mov [rax], rdx
;;!   33  mov dword ptr [rdi+68h], 1
;;!   3a  pop rbp
;;!   3b  ret
;;!   3c  push rbp
;;!   3d  mov rbp, rsp
;;!   40  mov eax, 1
;;!   45  call qword ptr [rdi-20h]
;;!   48  pop rbp
;;!   49  jmp 0Dh
;;! baseline is_null: 84 bytes
;;!    0  sub dword ptr [rdi+90h], 2
;;!    7  jb 3Fh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov esi, esi
;;!   1a  mov rax, [rdi+58h]
;;!   1e  lea rax, [rax+rsi*8]
;;!   22  cmp rsi, [rdi+60h]
;;!   26  mov r11d, 0
;;!   2c  cmovae rax, r11
;;!   30  mov rax, [rax]
;;!   33  xor ecx, ecx
;;!   35  test rax, rax
;;!   38  sete cl
;;!   3b  mov eax, ecx
;;!   3d  pop rbp
;;!   3e  ret
;;!   3f  push rbp
;;!   40  mov rbp, rsp
;;!   43  mov eax, 2
;;!   48  call qword ptr [rdi-20h]
;;!   4b  pop rbp
;;!   4c  nop [rax]
;;!   4f  jmp 0Dh
;;! baseline size: 52 bytes
;;!    0  sub dword ptr [rdi+98h], 2
;;!    7  jb 22h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov eax, [rdi+60h]
;;!   1b  mov ecx, [rdi+48h]
;;!   1e  add eax, ecx
;;!   20  pop rbp
;;!   21  ret
;;!   22  push rbp
;;!   23  mov rbp, rsp
;;!   26  mov eax, 3
;;!   2b  call qword ptr [rdi-20h]
;;!   2e  pop rbp
;;!   2f  jmp 0Dh
;;! baseline grow: 90 bytes
;;!    0  sub dword ptr [rdi+0A0h], 2
;;!    7  jb 46h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 58h
;;!   1d  sub rsp, 30h
;;!   21  mov [rbp-28h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-10h], edx
;;!   2b  mov [rbp-8], rsi
;;!   2f  mov ecx, edx
;;!   31  mov rdx, rsi
;;!   34  mov esi, 1
;;!   39  mov rdi, r14
;;!   3c  call qword ptr [r14-50h]
;;!   40  mov r14, [rbp-28h]
;;!   44  leave
;;!   45  ret
;;!   46  push rbp
;;!   47  mov rbp, rsp
;;!   4a  mov eax, 4
;;!   4f  call qword ptr [rdi-20h]
;;!   52  pop rbp
;;!   53  jmp 0Dh
;;!   58  ud2
;;! baseline copy: 97 bytes
;;!    0  sub dword ptr [rdi+0A8h], 2
;;!    7  jb 4Dh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 5Fh
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
;;!   43  call qword ptr [r14-40h]
;;!   47  mov r14, [rbp-28h]
;;!   4b  leave
;;!   4c  ret
;;!   4d  push rbp
;;!   4e  mov rbp, rsp
;;!   51  mov eax, 5
;;!   56  call qword ptr [rdi-20h]
;;!   59  pop rbp
;;!   5a  jmp 0Dh
;;!   5f  ud2
;;! baseline init: 102 bytes
;;!    0  sub dword ptr [rdi+0B0h], 2
;;!    7  jb 50h
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
;;!   2d  xor esi, esi
;;!   2f  xor edx, edx
;;!   31  xor r8d, r8d
;;!   34  mov r9d, 1
;;!   3a  mov rdi, r14
;;!   3d  call qword ptr [r14-38h]
;;!   41  xor esi, esi
;;!   43  mov rdi, r14
;;!   46  call qword ptr [r14-30h]
;;!   4a  mov r14, [rbp-28h]
;;!   4e  leave
;;!   4f  ret
;;!   50  push rbp
;;!   51  mov rbp, rsp
;;!   54  mov eax, 6
;;!   59  call qword ptr [rdi-20h]
;;!   5c  pop rbp
;;!   5d  xchg ax, ax
;;!   5f  jmp 0Dh
;;!   64  ud2
;;! baseline globals: 76 bytes
;;!    0  sub dword ptr [rdi+0B8h], 2
;;!    7  jb 37h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov rax, [rdi+70h]
;;!   1c  add rax, rsi
;;!   1f  mov [rdi+70h], rax
;;!   23  mov r11, [rdi+30h]
;;!   27  mov dword ptr [r11], 9
;;!   2e  mov r11, [rdi+30h]
;;!   32  mov eax, [r11]
;;!   35  pop rbp
;;!   36  ret
;;!   37  push rbp
;;!   38  mov rbp, rsp
;;!   3b  mov eax, 7
;;!   40  call qword ptr [rdi-20h]
;;!   43  pop rbp
;;!   44  nop [rax]
;;!   47  jmp 0Dh
;;! optimised get: 37 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movl %esi, %r10d
;;!   uninit  %r9
;;!   xorq %r9, %r9
;;!   movq %r10, %r8
;;!   shlq $0x3, %r8
;;!   addq 0x40(%rdi), %r8
;;!   cmpq $0x8, %r10
;;!   cmovaeq %r9, %r8
;;!   movq (%r8), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised set: 46 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x60(%rdi), %r10
;;!   movl %esi, %eax
;;!   uninit  %r11
;;!   xorq %r11, %r11
;;!   movq %rax, %r8
;;!   shlq $0x3, %r8
;;!   addq 0x58(%rdi), %r8
;;!   cmpq %r10, %rax
;;!   cmovaeq %r11, %r8
;;!   movq %rdx, (%r8)
;;!   movl $0x1, 0x68(%rdi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised is_null: 48 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x60(%rdi), %rax
;;!   movl %esi, %edx
;;!   uninit  %rcx
;;!   xorq %rcx, %rcx
;;!   movq %rdx, %r10
;;!   shlq $0x3, %r10
;;!   addq 0x58(%rdi), %r10
;;!   cmpq %rax, %rdx
;;!   cmovaeq %rcx, %r10
;;!   movq (%r10), %rax
;;!   testq %rax, %rax
;;!   sete %al
;;!   movzbl %al, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised size: 20 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x60(%rdi), %rsi
;;!   movq 0x48(%rdi), %rdi
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
;;! optimised globals: 28 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   addq %rsi, 0x70(%rdi)
;;!   movl $0x9, %eax
;;!   movq 0x30(%rdi), %rsi
;;!   movl $0x9, (%rsi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
