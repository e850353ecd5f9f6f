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
;;! baseline load: 54 bytes
;;!    0  sub dword ptr [rdi+0C0h], 2
;;!    7  jb 21h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r10, [rdi+0A0h]
;;!   18  mov esi, esi
;;!   1a  mov eax, [r10+rsi+8]
;;!   1f  pop rbp
;;!   20  ret
;;!   21  push rbp
;;!   22  mov rbp, rsp
;;!   25  mov eax, 0
;;!   2a  call qword ptr [rdi+80h]
;;!   30  pop rbp
;;!   31  jmp 0Dh
;;! baseline fields: 61 bytes
;;!    0  sub dword ptr [rdi+0C8h], 2
;;!    7  jb 28h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r10, [rdi+0A0h]
;;!   18  mov esi, esi
;;!   1a  mov eax, [r10+rsi+8]
;;!   1f  mov ecx, [r10+rsi+0Ch]
;;!   24  add eax, ecx
;;!   26  pop rbp
;;!   27  ret
;;!   28  push rbp
;;!   29  mov rbp, rsp
;;!   2c  mov eax, 1
;;!   31  call qword ptr [rdi+80h]
;;!   37  pop rbp
;;!   38  jmp 0Dh
;;! baseline at: 55 bytes
;;!    0  sub dword ptr [rdi+0D0h], 2
;;!    7  jb 22h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r10, [rdi+0A0h]
;;!   18  movzx eax, byte ptr [r10+410h]
;;!   20  pop rbp
;;!   21  ret
;;!   22  push rbp
;;!   23  mov rbp, rsp
;;!   26  mov eax, 2
;;!   2b  call qword ptr [rdi+80h]
;;!   31  pop rbp
;;!   32  jmp 0Dh
;;! baseline far: 88 bytes
;;!    0  sub dword ptr [rdi+0D8h], 2
;;!    7  jb 43h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r10, [rdi+0A0h]
;;!   18  mov esi, esi
;;!   1a  mov eax, 7FFFFFFFh
;;!   1f  add rax, rsi
;;!   22  lea rcx, [rax+8]
;;!   26  add rax, r10
;;!   29  mov r11, [rdi+0A8h]
;;!   30  cmp rcx, [r11+8]
;;!   34  mov r11d, 0
;;!   3a  cmova rax, r11
;;!   3e  mov rax, [rax]
;;!   41  pop rbp
;;!   42  ret
;;!   43  push rbp
;;!   44  mov rbp, rsp
;;!   47  mov eax, 3
;;!   4c  call qword ptr [rdi+80h]
;;!   52  pop rbp
;;!   53  jmp 0Dh
;;! baseline store: 54 bytes
;;!    0  sub dword ptr [rdi+0E0h], 2
;;!    7  jb 21h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r10, [rdi+0A0h]
;;!   18  mov esi, esi
;;!   1a  mov [r10+rsi], dx
;;!   1f  pop rbp
;;!   20  ret
;;!   21  push rbp
;;!   22  mov rbp, rsp
;;!   25  mov eax, 4
;;!   2a  call qword ptr [rdi+80h]
;;!   30  pop rbp
;;!   31  jmp 0Dh
;;! baseline size: 62 bytes
;;!    0  sub dword ptr [rdi+0E8h], 2
;;!    7  jb 29h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov r11, [rdi+0A8h]
;;!   1f  mov rax, [r11+8]
;;!   23  shr rax, 10h
;;!   27  pop rbp
;;!   28  ret
;;!   29  push rbp
;;!   2a  mov rbp, rsp
;;!   2d  mov eax, 5
;;!   32  call qword ptr [rdi+80h]
;;!   38  pop rbp
;;!   39  jmp 0Dh
;;! baseline copy: 174 bytes
;;!    0  sub dword ptr [rdi+0F0h], 2
;;!    7  jb 94h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 0ACh
;;!   1d  sub rsp, 40h
;;!   21  mov [rbp-38h], r14
;;!   25  mov [rbp-40h], r15
;;!   29  mov r14, rdi
;;!   2c  mov r15, [rdi+0A0h]
;;!   33  nop [rax+rax]
;;!   38  mov ecx, ecx
;;!   3a  mov edx, edx
;;!   3c  lea rax, [rdx+rcx]
;;!   40  mov r11, [r14+0A8h]
;;!   47  cmp rax, [r11+8]
;;!   4b  ja 90h
;;!   51  lea rax, [r15+rdx]
;;!   55  mov esi, esi
;;!   57  lea rdi, [rsi+rcx]
;;!   5b  mov r11, [r14+0A8h]
;;!   62  cmp rdi, [r11+8]
;;!   66  ja 92h
;;!   6c  lea rdi, [r15+rsi]
;;!   70  mov [rbp-18h], ecx
;;!   73  mov [rbp-10h], edx
;;!   76  mov [rbp-8], esi
;;!   79  mov rdx, rax
;;!   7c  mov rsi, rdi
;;!   7f  mov rdi, r14
;;!   82  call qword ptr [r14+30h]
;;!   86  mov r14, [rbp-38h]
;;!   8a  mov r15, [rbp-40h]
;;!   8e  leave
;;!   8f  ret
;;!   90  ud2
;;!   92  ud2
;;!   94  push rbp
;;!   95  mov rbp, rsp
;;!   98  mov eax, 6
;;!   9d  call qword ptr [rdi+80h]
;;!   a3  pop rbp
;;!   a4  nop [rax]
;;!   a7  jmp 0Dh
;;!   ac  ud2
;;! baseline grow: 86 bytes
;;!    0  sub dword ptr [rdi+0F8h], 2
;;!    7  jb 3Ch
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r11, [rdi]
;;!   14  cmp rsp, [r11]
;;!   17  jb 54h
;;!   1d  sub rsp, 20h
;;!   21  mov [rbp-18h], r14
;;!   25  mov r14, rdi
;;!   28  mov [rbp-8], esi
;;!   2b  mov edx, esi
;;!   2d  xor esi, esi
;;!   2f  mov rdi, r14
;;!   32  call qword ptr [r14+28h]
;;!   36  mov r14, [rbp-18h]
;;!   3a  leave
;;!   3b  ret
;;!   3c  push rbp
;;!   3d  mov rbp, rsp
;;!   40  mov eax, 7
;;!   45  call qword ptr [rdi+80h]
;;!   4b  pop rbp
;;!   4c  nop [rax]
;;!   4f  jmp 0Dh
;;!   54  ud2
;;! baseline global: 61 bytes
;;!    0  sub dword ptr [rdi+100h], 2
;;!    7  jb 28h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov eax, [rdi+0B0h]
;;!   1e  add eax, esi
;;!   20  mov [rdi+0B0h], eax
;;!   26  pop rbp
;;!   27  ret
;;!   28  push rbp
;;!   29  mov rbp, rsp
;;!   2c  mov eax, 8
;;!   31  call qword ptr [rdi+80h]
;;!   37  pop rbp
;;!   38  jmp 0Dh
;;! optimised load: 28 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %r8
;;!   movq 0xa0(%rdi), %rsi
;;!   movq %r8, %rdi
;;!   movl %edi, %edi
;;!   movl 8(%rsi, %rdi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised fields: 28 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0xa0(%rdi), %r8
;;!   movl %esi, %edi
;;!   movl 8(%r8, %rdi), %eax
;;!   addl 0xc(%r8, %rdi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised at: 24 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0xa0(%rdi), %rsi
;;!   movzbq 0x410(%rsi), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised far: 58 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0xa8(%rdi), %rax
;;!   movq 8(%rax), %rax
;;!   movl %esi, %edx
;;!   movl $0x80000007, %ecx
;;!   leaq (%rdx, %rcx), %rsi
;;!   uninit  %rcx
;;!   xorq %rcx, %rcx
;;!   leaq 0x7fffffff(%rdx), %r11
;;!   addq 0xa0(%rdi), %r11
;;!   cmpq %rax, %rsi
;;!   cmovaq %rcx, %r11
;;!   movq (%r11), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised store: 28 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %r8
;;!   movq 0xa0(%rdi), %rsi
;;!   movq %r8, %rdi
;;!   movl %edi, %edi
;;!   movw %dx, (%rsi, %rdi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised size: 24 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0xa8(%rdi), %rsi
;;!   movq 8(%rsi), %rax
;;!   shrq $0x10, %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised copy: 102 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;!   movq (%rdi), %r10
;;!   movq (%r10), %r10
;;!   addq $0x10, %r10
;;!   cmpq %rsp, %r10
;;!   jnbe #trap=stk_ovf
;;! block0:
;;!   movq 0xa8(%rdi), %rax
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
;;!   movq 0xa0(%rdi), %rdx
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
;;! optimised global: 15 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   addl %esi, 0xb0(%rdi)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
