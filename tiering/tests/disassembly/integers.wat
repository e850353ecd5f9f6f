(module
  (func $sums (param i32 i32) (result i32)
    (i32.sub (i32.add (local.get 0) (i32.const 5)) (i32.add (local.get 0) (local.get 1))))
  (func $of_constants (result i64) (i64.xor (i64.const 5) (i64.mul (i64.const 3) (i64.const -7))))
  (func $wide_constant (param i64) (result i64) (i64.and (local.get 0) (i64.const 0x123456789abc)))
  (func $products (param i32 i32) (result i32)
    (i32.mul (i32.mul (local.get 0) (i32.const 10)) (i32.mul (local.get 1) (i32.const 8))))
  (func $shifts (param i64 i64) (result i64)
    (i64.rotl (i64.shl (local.get 0) (local.get 1)) (i64.shr_s (local.get 0) (i64.const 3))))
  (func $rotated (param i32) (result i32) (i32.rotl (local.get 0) (i32.const 7)))
  (func $bits (param i32) (result i32)
    (i32.add (i32.clz (local.get 0)) (i32.add (i32.ctz (local.get 0)) (i32.popcnt (local.get 0)))))
  (func $quotient (param i32 i32) (result i32)
    (i32.add (i32.div_s (local.get 0) (local.get 1)) (i32.rem_u (local.get 0) (local.get 1))))
  (func $by_constants (param i32) (result i32)
    (i32.add (i32.div_u (local.get 0) (i32.const 8))
      (i32.add (i32.rem_u (local.get 0) (i32.const 16)) (i32.div_s (local.get 0) (i32.const 10)))))
  (func $compared (param i64 i64) (result i32)
    (i32.and (i64.lt_u (local.get 0) (local.get 1)) (i64.eqz (local.get 1))))
  (func $chosen (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.gt_s (local.get 0) (local.get 1))))
)
;;! baseline sums: 44 bytes
;;!    0  sub dword ptr [rdi+30h], 2
;;!    4  jb 1Ah
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  lea eax, [rsi+5]
;;!   13  lea ecx, [rsi+rdx]
;;!   16  sub eax, ecx
;;!   18  pop rbp
;;!   19  ret
;;!   1a  push rbp
;;!   1b  mov rbp, rsp
;;!   1e  mov eax, 0
;;!   23  call qword ptr [rdi-20h]
;;!   26  pop rbp
;;!   27  jmp 0Ah
;;! baseline of_constants: 44 bytes
;;!    0  sub dword ptr [rdi+38h], 2
;;!    4  jb 19h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov rax, 0FFFFFFFFFFFFFFEEh
;;!   17  pop rbp
;;!   18  ret
;;!   19  push rbp
;;!   1a  mov rbp, rsp
;;!   1d  mov eax, 1
;;!   22  call qword ptr [rdi-20h]
;;!   25  pop rbp
;;!   26  nop
;;!   27  jmp 0Ah
;;! baseline wide_constant: 52 bytes
;;!    0  sub dword ptr [rdi+40h], 2
;;!    4  jb 1Fh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov rax, 123456789ABCh
;;!   1a  and rax, rsi
;;!   1d  pop rbp
;;!   1e  ret
;;!   1f  push rbp
;;!   20  mov rbp, rsp
;;!   23  mov eax, 2
;;!   28  call qword ptr [rdi-20h]
;;!   2b  pop rbp
;;!   2c  nop [rax]
;;!   2f  jmp 0Ah
;;! baseline products: 47 bytes
;;!    0  sub dword ptr [rdi+48h], 2
;;!    4  jb 1Dh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  imul eax, esi, 0Ah
;;!   13  mov ecx, edx
;;!   15  shl ecx, 3
;;!   18  imul eax, ecx
;;!   1b  pop rbp
;;!   1c  ret
;;!   1d  push rbp
;;!   1e  mov rbp, rsp
;;!   21  mov eax, 3
;;!   26  call qword ptr [rdi-20h]
;;!   29  pop rbp
;;!   2a  jmp 0Ah
;;! baseline shifts: 52 bytes
;;!    0  sub dword ptr [rdi+50h], 2
;;!    4  jb 21h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  shlx rax, rsi, rdx
;;!   15  mov rcx, rsi
;;!   18  sar rcx, 3
;;!   1c  rol rax, cl
;;!   1f  pop rbp
;;!   20  ret
;;!   21  push rbp
;;!   22  mov rbp, rsp
;;!   25  mov eax, 4
;;!   2a  call qword ptr [rdi-20h]
;;!   2d  pop rbp
;;!   2e  nop
;;!   2f  jmp 0Ah
;;! baseline rotated: 44 bytes
;;!    0  sub dword ptr [rdi+58h], 2
;;!    4  jb 18h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  rorx eax, esi, 19h
;;!   16  pop rbp
;;!   17  ret
;;!   18  push rbp
;;!   19  mov rbp, rsp
;;!   1c  mov eax, 5
;;!   21  call qword ptr [rdi-20h]
;;!   24  pop rbp
;;!   25  xchg ax, ax
;;!   27  jmp 0Ah
;;! baseline bits: 52 bytes
;;!    0  sub dword ptr [rdi+60h], 2
;;!    4  jb 22h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  lzcnt eax, esi
;;!   14  tzcnt ecx, esi
;;!   18  popcnt edx, esi
;;!   1c  add ecx, edx
;;!   1e  add eax, ecx
;;!   20  pop rbp
;;!   21  ret
;;!   22  push rbp
;;!   23  mov rbp, rsp
;;!   26  mov eax, 6
;;!   2b  call qword ptr [rdi-20h]
;;!   2e  pop rbp
;;!   2f  jmp 0Ah
;;! baseline quotient: 87 bytes
;;!    0  sub dword ptr [rdi+68h], 2
;;!    4  jb 45h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov r11d, edx
;;!   13  mov ecx, edx
;;!   15  mov eax, esi
;;!   17  cmp r11d, 0FFFFFFFFh
;;!   1b  jne 2Eh
;;!   21  neg eax
;;!   23  jo 43h
;;!   29  jmp 32h
;;!   2e  cdq
;;!   2f  idiv r11d
;;!   32  mov r8d, eax
;;!   35  mov eax, esi
;;!   37  xor edx, edx
;;!   39  div ecx
;;!   3b  add r8d, edx
;;!   3e  mov eax, r8d
;;!   41  pop rbp
;;!   42  ret
;;!   43  ud2
;;!   45  push rbp
;;!   46  mov rbp, rsp
;;!   49  mov eax, 7
;;!   4e  call qword ptr [rdi-20h]
;;!   51  pop rbp
;;!   52  jmp 0Ah
;;! baseline by_constants: 69 bytes
;;!    0  sub dword ptr [rdi+70h], 2
;;!    4  jb 33h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov eax, esi
;;!   12  shr eax, 3
;;!   15  mov ecx, esi
;;!   17  and ecx, 0Fh
;;!   1a  mov r11d, 0Ah
;;!   20  mov r8d, eax
;;!   23  mov eax, esi
;;!   25  cdq
;;!   26  idiv r11d
;;!   29  add ecx, eax
;;!   2b  add r8d, ecx
;;!   2e  mov eax, r8d
;;!   31  pop rbp
;;!   32  ret
;;!   33  push rbp
;;!   34  mov rbp, rsp
;;!   37  mov eax, 8
;;!   3c  call qword ptr [rdi-20h]
;;!   3f  pop rbp
;;!   40  jmp 0Ah
;;! baseline compared: 54 bytes
;;!    0  sub dword ptr [rdi+78h], 2
;;!    4  jb 24h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  xor eax, eax
;;!   12  cmp rsi, rdx
;;!   15  setb al
;;!   18  xor ecx, ecx
;;!   1a  test rdx, rdx
;;!   1d  sete cl
;;!   20  and eax, ecx
;;!   22  pop rbp
;;!   23  ret
;;!   24  push rbp
;;!   25  mov rbp, rsp
;;!   28  mov eax, 9
;;!   2d  call qword ptr [rdi-20h]
;;!   30  pop rbp
;;!   31  jmp 0Ah
;;! baseline chosen: 52 bytes
;;!    0  sub dword ptr [rdi+80h], 2
;;!    7  jb 21h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov eax, edx
;;!   1a  cmp esi, edx
;;!   1c  cmovg eax, esi
;;!   1f  pop rbp
;;!   20  ret
;;!   21  push rbp
;;!   22  mov rbp, rsp
;;!   25  mov eax, 0Ah
;;!   2a  call qword ptr [rdi-20h]
;;!   2d  pop rbp
;;!   2e  nop
;;!   2f  jmp 0Dh
;;! optimised sums: 16 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   leal 5(%rsi), %eax
;;!   leal (%rsi, %rdx), %esi
;;!   subl %esi, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised of_constants: 16 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq $0xffffffffffffffee, %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised wide_constant: 32 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %rax
;;!   andq (%rip), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised products: 15 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   imull %edx, %esi
;;!   imull $0x50, %esi, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised shifts: 24 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   shlxq %rdx, %rsi, %rax
;;!   movq %rsi, %rcx
;;!   sarq $0x3, %rcx
;;!   rolq %cl, %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised rotated: 15 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   rorxl $0x19, %esi, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised bits: 28 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   lzcntl %esi, %edi
;;!   tzcntl %esi, %r8d
;;!   popcntl %esi, %esi
;;!   leal (%r8, %rsi), %esi
;;!   leal (%rdi, %rsi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised quotient: 44 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %rax
;;!   movq %rdx, %rcx
;;!   cltd  ;; implicit: %edx, %eax
;;!   testl %ecx, %ecx
;;!   jz #trap=int_divz
;;!   idivl %ecx ;; implicit: %eax, %edx, trap=252
;;!   movq %rax, %rdi
;;!   uninit  %rdx
;;!   xorq %rdx, %rdx
;;!   movq %rsi, %rax
;;!   divl %ecx ;; implicit: %eax, %edx, trap=254
;;!   movq %rdi, %rax
;;!   leal (%rax, %rdx), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised by_constants: 64 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq %rsi, %r10
;;!   shrl $0x3, %r10d
;;!   movq %rsi, %r11
;;!   andl $0xf, %r11d
;;!   movq %rsi, %rax
;;!   imull (%rip) ;; implicit: %eax, %edx
;;!   sarl $0x2, %edx
;;!   movq %rdx, %r9
;;!   shrl $0x1f, %r9d
;;!   leal (%rdx, %r9), %r9d
;;!   leal (%r11, %r9), %r9d
;;!   leal (%r10, %r9), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised compared: 30 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   cmpq %rdx, %rsi
;;!   setb %sil
;;!   testq %rdx, %rdx
;;!   sete %r8b
;;!   andl %r8d, %esi
;;!   movzbl %sil, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised chosen: 17 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   cmpl %esi, %edx
;;!   movq %rsi, %rax
;;!   cmovgel %edx, %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
