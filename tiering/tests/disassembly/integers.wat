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
;;! baseline sums: 55 bytes
;;!    0  sub dword ptr [rdi+0A0h], 2
;;!    7  jb 22h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  lea eax, [rsi+5]
;;!   1b  lea ecx, [rsi+rdx]
;;!   1e  sub eax, ecx
;;!   20  pop rbp
;;!   21  ret
;;!   22  push rbp
;;!   23  mov rbp, rsp
;;!   26  mov eax, 0
;;!   2b  call qword ptr [rdi+80h]
;;!   31  pop rbp
;;!   32  jmp 0Dh
;;! baseline of_constants: 54 bytes
;;!    0  sub dword ptr [rdi+0A8h], 2
;;!    7  jb 21h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov rax, 0FFFFFFFFFFFFFFEEh
;;!   1f  pop rbp
;;!   20  ret
;;!   21  push rbp
;;!   22  mov rbp, rsp
;;!   25  mov eax, 1
;;!   2a  call qword ptr [rdi+80h]
;;!   30  pop rbp
;;!   31  jmp 0Dh
;;! baseline wide_constant: 60 bytes
;;!    0  sub dword ptr [rdi+0B0h], 2
;;!    7  jb 27h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov rax, 123456789ABCh
;;!   22  and rax, rsi
;;!   25  pop rbp
;;!   26  ret
;;!   27  push rbp
;;!   28  mov rbp, rsp
;;!   2b  mov eax, 2
;;!   30  call qword ptr [rdi+80h]
;;!   36  pop rbp
;;!   37  jmp 0Dh
;;! baseline products: 60 bytes
;;!    0  sub dword ptr [rdi+0B8h], 2
;;!    7  jb 25h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  imul eax, esi, 0Ah
;;!   1b  mov ecx, edx
;;!   1d  shl ecx, 3
;;!   20  imul eax, ecx
;;!   23  pop rbp
;;!   24  ret
;;!   25  push rbp
;;!   26  mov rbp, rsp
;;!   29  mov eax, 3
;;!   2e  call qword ptr [rdi+80h]
;;!   34  pop rbp
;;!   35  xchg ax, ax
;;!   37  jmp 0Dh
;;! baseline shifts: 62 bytes
;;!    0  sub dword ptr [rdi+0C0h], 2
;;!    7  jb 29h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  shlx rax, rsi, rdx
;;!   1d  mov rcx, rsi
;;!   20  sar rcx, 3
;;!   24  rol rax, cl
;;!   27  pop rbp
;;!   28  ret
;;!   29  push rbp
;;!   2a  mov rbp, rsp
;;!   2d  mov eax, 4
;;!   32  call qword ptr [rdi+80h]
;;!   38  pop rbp
;;!   39  jmp 0Dh
;;! baseline rotated: 53 bytes
;;!    0  sub dword ptr [rdi+0C8h], 2
;;!    7  jb 20h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  rorx eax, esi, 19h
;;!   1e  pop rbp
;;!   1f  ret
;;!   20  push rbp
;;!   21  mov rbp, rsp
;;!   24  mov eax, 5
;;!   29  call qword ptr [rdi+80h]
;;!   2f  pop rbp
;;!   30  jmp 0Dh
;;! baseline bits: 63 bytes
;;!    0  sub dword ptr [rdi+0D0h], 2
;;!    7  jb 2Ah
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  lzcnt eax, esi
;;!   1c  tzcnt ecx, esi
;;!   20  popcnt edx, esi
;;!   24  add ecx, edx
;;!   26  add eax, ecx
;;!   28  pop rbp
;;!   29  ret
;;!   2a  push rbp
;;!   2b  mov rbp, rsp
;;!   2e  mov eax, 6
;;!   33  call qword ptr [rdi+80h]
;;!   39  pop rbp
;;!   3a  jmp 0Dh
;;! baseline quotient: 100 bytes
;;!    0  sub dword ptr [rdi+0D8h], 2
;;!    7  jb 4Dh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov r11d, edx
;;!   1b  mov ecx, edx
;;!   1d  mov eax, esi
;;!   1f  cmp r11d, 0FFFFFFFFh
;;!   23  jne 36h
;;!   29  neg eax
;;!   2b  jo 4Bh
;;!   31  jmp 3Ah
;;!   36  cdq
;;!   37  idiv r11d
;;!   3a  mov r8d, eax
;;!   3d  mov eax, esi
;;!   3f  xor edx, edx
;;!   41  div ecx
;;!   43  add r8d, edx
;;!   46  mov eax, r8d
;;!   49  pop rbp
;;!   4a  ret
;;!   4b  ud2
;;!   4d  push rbp
;;!   4e  mov rbp, rsp
;;!   51  mov eax, 7
;;!   56  call qword ptr [rdi+80h]
;;!   5c  pop rbp
;;!   5d  xchg ax, ax
;;!   5f  jmp 0Dh
;;! baseline by_constants: 80 bytes
;;!    0  sub dword ptr [rdi+0E0h], 2
;;!    7  jb 3Bh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov eax, esi
;;!   1a  shr eax, 3
;;!   1d  mov ecx, esi
;;!   1f  and ecx, 0Fh
;;!   22  mov r11d, 0Ah
;;!   28  mov r8d, eax
;;!   2b  mov eax, esi
;;!   2d  cdq
;;!   2e  idiv r11d
;;!   31  add ecx, eax
;;!   33  add r8d, ecx
;;!   36  mov eax, r8d
;;!   39  pop rbp
;;!   3a  ret
;;!   3b  push rbp
;;!   3c  mov rbp, rsp
;;!   3f  mov eax, 8
;;!   44  call qword ptr [rdi+80h]
;;!   4a  pop rbp
;;!   4b  jmp 0Dh
;;! baseline compared: 68 bytes
;;!    0  sub dword ptr [rdi+0E8h], 2
;;!    7  jb 2Ch
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  xor eax, eax
;;!   1a  cmp rsi, rdx
;;!   1d  setb al
;;!   20  xor ecx, ecx
;;!   22  test rdx, rdx
;;!   25  sete cl
;;!   28  and eax, ecx
;;!   2a  pop rbp
;;!   2b  ret
;;!   2c  push rbp
;;!   2d  mov rbp, rsp
;;!   30  mov eax, 9
;;!   35  call qword ptr [rdi+80h]
;;!   3b  pop rbp
;;!   3c  nop [rax]
;;!   3f  jmp 0Dh
;;! baseline chosen: 54 bytes
;;!    0  sub dword ptr [rdi+0F0h], 2
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
;;!   2a  call qword ptr [rdi+80h]
;;!   30  pop rbp
;;!   31  jmp 0Dh
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
