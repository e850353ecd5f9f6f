(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func $load (param i32) (result i32) (i32.load offset=8 (local.get 0)))
  (func $fields (param i32) (result i32)
    (i32.add (i32.load offset=8 (local.get 0)) (i32.load offset=12 (local.get 0))))
  (func $at (result i32) (i32.load8_u offset=16 (i32.const 1024)))
  (func $far (param i32) (result i64) (i64.load offset=0x7fffffff (local.get 0)))
  (func $store (param i32 i64) (i64.store16 (local.get 0) (local.get 1)))
  (func $size (result i32) (memory.size))
  (func $copy (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func $grow (param i32) (result i32) (memory.grow (local.get 0)))
  (func $global (param i32) (global.set $g (i32.add (global.get $g) (local.get 0))))
)
;;! baseline load: 52 bytes
;;!    0  sub dword ptr [rdi+50h], 2
;;!    4  jb 21h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r10, [rdi+30h]
;;!   12  nop [rax+rax]
;;!   18  mov esi, esi
;;!   1a  mov eax, [r10+rsi+8]
;;!   1f  pop rbp
;;!   20  ret
;;!   21  push rbp
;;!   22  mov rbp, rsp
;;!   25  mov eax, 0
;;!   2a  call qword ptr [rdi-20h]
;;!   2d  pop rbp
;;!   2e  nop
;;!   2f  jmp 0Ah
;;! baseline fields: 60 bytes
;;!    0  sub dword ptr [rdi+58h], 2
;;!    4  jb 28h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r10, [rdi+30h]
;;!   12  nop [rax+rax]
;;!   18  mov esi, esi
;;!   1a  mov eax, [r10+rsi+8]
;;!   1f  mov ecx, [r10+rsi+0Ch]
;;!   24  add eax, ecx
;;!   26  pop rbp
;;!   27  ret
;;!   28  push rbp
;;!   29  mov rbp, rsp
;;!   2c  mov eax, 1
;;!   31  call qword ptr [rdi-20h]
;;!   34  pop rbp
;;!   35  xchg ax, ax
;;!   37  jmp 0Ah
;;! baseline at: 52 bytes
;;!    0  sub dword ptr [rdi+60h], 2
;;!    4  jb 22h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r10, [rdi+30h]
;;!   12  nop [rax+rax]
;;!   18  movzx eax, byte ptr [r10+410h]
;;!   20  pop rbp
;;!   21  ret
;;!   22  push rbp
;;!   23  mov rbp, rsp
;;!   26  mov eax, 2
;;!   2b  call qword ptr [rdi-20h]
;;!   2e  pop rbp
;;!   2f  jmp 0Ah
;;! baseline far: 84 bytes
;;!    0  sub dword ptr [rdi+68h], 2
;;!    4  jb 40h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r10, [rdi+30h]
;;!   12  nop [rax+rax]
;;!   18  mov esi, esi
;;!   1a  mov eax, 7FFFFFFFh
;;!   1f  add rax, rsi
;;!   22  lea rcx, [rax+8]
;;!   26  add rax, r10
;;!   29  mov r11, [rdi+38h]
;;!   2d  cmp rcx, [r11+8]
;;!   31  mov r11d, 0
;;!   37  cmova rax, r11
;;!   3b  mov rax, [rax]
;;!   3e  pop rbp
;;!   3f  ret
;;!   40  push rbp
;;!   41  mov rbp, rsp
;;!   44  mov eax, 3
;;!   49  call qword ptr [rdi-20h]
;;!   4c  pop rbp
;;!   4d  xchg ax, ax
;;!   4f  jmp 0Ah
;;! baseline store: 52 bytes
;;!    0  sub dword ptr [rdi+70h], 2
;;!    4  jb 21h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r10, [rdi+30h]
;;!   12  nop [rax+rax]
;;!   18  mov esi, esi
;;!   1a  mov [r10+rsi], dx
;;!   1f  pop rbp
;;!   20  ret
;;!   21  push rbp
;;!   22  mov rbp, rsp
;;!   25  mov eax, 4
;;!   2a  call qword ptr [rdi-20h]
;;!   2d  pop rbp
;;!   2e  nop
;;!   2f  jmp 0Ah
;;! baseline size: 48 bytes
;;!    0  sub dword ptr [rdi+78h], 2
;;!    4  jb 1Eh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov r11, [rdi+38h]
;;!   14  mov rax, [r11+8]
;;!   18  shr rax, 10h
;;!   1c  pop rbp
;;!   1d  ret
;;!   1e  push rbp
;;!   1f  mov rbp, rsp
;;!   22  mov eax, 5
;;!   27  call qword ptr [rdi-20h]
;;!   2a  pop rbp
;;!   2b  jmp 0Ah
;;! baseline copy: 154 bytes
;;!    0  sub dword ptr [rdi+80h], 2
;;!    7  jb 86h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 98h
;;!   1d  sub rsp, 40h
;;!   21  mov [rbp-38h], r14
;;!   25  mov [rbp-40h], r15
;;!   29  mov r14, rdi
;;!   2c  mov r15, [rdi+30h]
;;!   30  mov ecx, ecx
;;!   32  mov edx, edx
;;!   34  lea rax, [rdx+rcx]
;;!   38  mov r11, [r14+38h]
;;!   3c  cmp rax, [r11+8]
;;!   40  ja 82h
;;!   46  lea rax, [r15+rdx]
;;!   4a  mov esi, esi
;;!   4c  lea rdi, [rsi+rcx]
;;!   50  mov r11, [r14+38h]
;;!   54  cmp rdi, [r11+8]
;;!   58  ja 84h
;;!   5e  lea rdi, [r15+rsi]
;;!   62  mov [rbp-18h], ecx
;;!   65  mov [rbp-10h], edx
;;!   68  mov [rbp-8], esi
;;!   6b  mov rdx, rax
;;!   6e  mov rsi, rdi
;;!   71  mov rdi, r14
;;!   74  call qword ptr [r14-70h]
;;!   78  mov r14, [rbp-38h]
;;!   7c  mov r15, [rbp-40h]
;;!   80  leave
;;!   81  ret
;;!   82  ud2
;;!   84  ud2
;;!   86  push rbp
;;!   87  mov rbp, rsp
;;!   8a  mov eax, 6
;;!   8f  call qword ptr [rdi-20h]
;;!   92  pop rbp
;;!   93  jmp 0Dh
;;!   98  ud2
;;! baseline grow: 80 bytes
;;!    0  sub dword ptr [rdi+88h], 2
;;!    7  jb 3Ch
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 4Eh
;;!   1d  sub rsp, 20h
;;!   21  mov [rbp-18h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov edx, esi
;;!   2d  xor esi, esi
;;!   2f  mov rdi, r14
;;!   32  call qword ptr [r14-78h]
;;!   36  mov r14, [rbp-18h]
;;!   3a  leave
;;!   3b  ret
;;!   3c  push rbp
;;!   3d  mov rbp, rsp
;;!   40  mov eax, 7
;;!   45  call qword ptr [rdi-20h]
;;!   48  pop rbp
;;!   49  jmp 0Dh
;;!   4e  ud2
;;! baseline global: 52 bytes
;;!    0  sub dword ptr [rdi+90h], 2
;;!    7  jb 22h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov eax, [rdi+40h]
;;!   1b  add eax, esi
;;!   1d  mov [rdi+40h], eax
;;!   20  pop rbp
;;!   21  ret
;;!   22  push rbp
;;!   23  mov rbp, rsp
;;!   26  mov eax, 8
;;!   2b  call qword ptr [rdi-20h]
;;!   2e  pop rbp
;;!   2f  jmp 0Dh
;;! optimised load: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %r8
;;!   movq 0x30(%rdi), %rsi
;;!   movq %r8, %rdi
;;!   movl %edi, %edi
;;!   movl 8(%rsi, %rdi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised fields: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x30(%rdi), %r8
;;!   movl %esi, %edi
;;!   movl 8(%r8, %rdi), %eax
;;!   addl 0xc(%r8, %rdi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised at: 21 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x30(%rdi), %rsi
;;!   movzbq 0x410(%rsi), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised far: 52 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x38(%rdi), %rax
;;!   movq 8(%rax), %rax
;;!   movl %esi, %edx
;;!   movl $0x80000007, %ecx
;;!   leaq (%rdx, %rcx), %rsi
;;!   uninit  %rcx
;;!   xorq %rcx, %rcx
;;!   leaq 0x7fffffff(%rdx), %r11
;;!   addq 0x30(%rdi), %r11
;;!   cmpq %rax, %rsi
;;!   cmovaq %rcx, %r11
;;!   movq (%r11), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised store: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %r8
;;!   movq 0x30(%rdi), %rsi
;;!   movq %r8, %rdi
;;!   movl %edi, %edi
;;!   movw %dx, (%rsi, %rdi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised size: 21 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x38(%rdi), %rsi
;;!   movq 8(%rsi), %rax
;;!   shrq $0x10, %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised copy: 96 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;! block0:
;;!   movq 0x38(%rdi), %rax
;;!   movq 8(%rax), %r8
;;!   movl %edx, %eax
;;!   movl %ecx, %ecx
;;!   leaq (%rax, %rcx), %rdx
;;!   cmpq %r8, %rdx
;;!   jnbe #trap=user2
;;!   movl %esi, %esi
;;!   leaq (%rsi, %rcx), %rdx
;;!   cmpq %r8, %rdx
;;!   jnbe #trap=user2
;;!   movq 0x30(%rdi), %rdx
;;!   leaq (%rdx, %rsi), %rsi
;;!   leaq (%rdx, %rax), %rdx
;;!   load_ext_name userextname0+0, %rax
;;!   call    *%rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(CopyBytes) weight 0
;;! optimised grow: 51 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;! block0:
;;!   movq %rsi, %r10
;;!   uninit  %rsi
;;!   xorl %esi, %esi
;;!   movl %r10d, %edx
;;!   load_ext_name userextname0+0, %r8
;;!   call    *%r8
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! Abs8 Libcall(MemoryGrow) weight 0
;;! optimised global: 12 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   addl %esi, 0x40(%rdi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
