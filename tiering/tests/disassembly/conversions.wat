(module
  (func $extended (param i32) (result i64)
    (i64.add (i64.extend_i32_s (local.get 0)) (i64.extend_i32_u (local.get 0))))
  (func $wrapped (param i64) (result i32) (i32.wrap_i64 (i64.add (local.get 0) (i64.const 1))))
  (func $in_place (param i32) (result i32) (i32.add (i32.extend8_s (local.get 0)) (i32.extend16_s (local.get 0))))
  (func $truncated (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func $truncated_unsigned (param f32) (result i64)
    (i64.add (i64.trunc_f32_u (local.get 0)) (i64.extend_i32_u (i32.trunc_f32_u (local.get 0)))))
  (func $saturated (param f64) (result i64)
    (i64.add (i64.trunc_sat_f64_s (local.get 0)) (i64.trunc_sat_f64_u (local.get 0))))
  (func $saturated_32 (param f32) (result i32)
    (i32.add (i32.trunc_sat_f32_s (local.get 0)) (i32.trunc_sat_f32_u (local.get 0))))
  (func $converted (param i32 i64) (result f64)
    (f64.add (f64.convert_i32_u (local.get 0)) (f64.convert_i64_u (local.get 1))))
  (func $resized (param f64) (result f64) (f64.promote_f32 (f32.demote_f64 (local.get 0))))
  (func $bits (param f32 i64) (result f64)
    (f64.add (f64.convert_i32_s (i32.reinterpret_f32 (local.get 0))) (f64.reinterpret_i64 (local.get 1))))
)
;;! baseline extended: 44 bytes
;;!    0  sub dword ptr [rdi+30h], 2
;;!    4  jb 1Ah
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  movsxd rax, esi
;;!   13  mov ecx, esi
;;!   15  add rax, rcx
;;!   18  pop rbp
;;!   19  ret
;;!   1a  push rbp
;;!   1b  mov rbp, rsp
;;!   1e  mov eax, 0
;;!   23  call qword ptr [rdi-20h]
;;!   26  pop rbp
;;!   27  jmp 0Ah
;;! baseline wrapped: 40 bytes
;;!    0  sub dword ptr [rdi+38h], 2
;;!    4  jb 16h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  lea rax, [rsi+1]
;;!   14  pop rbp
;;!   15  ret
;;!   16  push rbp
;;!   17  mov rbp, rsp
;;!   1a  mov eax, 1
;;!   1f  call qword ptr [rdi-20h]
;;!   22  pop rbp
;;!   23  jmp 0Ah
;;! baseline in_place: 45 bytes
;;!    0  sub dword ptr [rdi+40h], 2
;;!    4  jb 1Bh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  movsx eax, sil
;;!   14  movsx ecx, si
;;!   17  add eax, ecx
;;!   19  pop rbp
;;!   1a  ret
;;!   1b  push rbp
;;!   1c  mov rbp, rsp
;;!   1f  mov eax, 2
;;!   24  call qword ptr [rdi-20h]
;;!   27  pop rbp
;;!   28  jmp 0Ah
;;! baseline truncated: 100 bytes
;;!    0  sub dword ptr [rdi+48h], 2
;;!    4  jb 4Fh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vcvttsd2si eax, xmm0
;;!   14  cmp eax, 1
;;!   17  jo 1Fh
;;!   1d  pop rbp
;;!   1e  ret
;;!   1f  mov r11, 0C1E0000000200000h
;;!   29  vmovq xmm15, r11
;;!   2e  vucomisd xmm0, xmm15
;;!   33  jbe 45h
;;!   39  vxorps xmm15, xmm15, xmm15
;;!   3e  vucomisd xmm0, xmm15
;;!   43  jb short 1Dh
;;!   45  vucomisd xmm0, xmm0
;;!   49  jnp short 4Dh
;;!   4b  ud2
;;!   4d  ud2
;;!   4f  push rbp
;;!   50  mov rbp, rsp
;;!   53  mov eax, 3
;;!   58  call qword ptr [rdi-20h]
;;!   5b  pop rbp
;;!   5c  nop [rax]
;;!   5f  jmp 0Ah
;;! baseline truncated_unsigned: 156 bytes
;;!    0  sub dword ptr [rdi+50h], 2
;;!    4  jb 8Ah
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov r11d, 5F000000h
;;!   16  vmovd xmm15, r11d
;;!   1b  vucomiss xmm0, xmm15
;;!   20  jae 36h
;;!   26  vcvttss2si rax, xmm0
;;!   2b  test rax, rax
;;!   2e  js 6Ch
;;!   34  jmp short 56h
;;!   36  vsubss xmm15, xmm0, xmm15
;;!   3b  vcvttss2si rax, xmm15
;;!   40  test rax, rax
;;!   43  js 76h
;;!   49  mov r11, 8000000000000000h
;;!   53  xor rax, r11
;;!   56  vcvttss2si rcx, xmm0
;;!   5b  mov r11d, ecx
;;!   5e  cmp r11, rcx
;;!   61  jne 80h
;;!   67  add rax, rcx
;;!   6a  pop rbp
;;!   6b  ret
;;!   6c  vucomiss xmm0, xmm0
;;!   70  jnp short 74h
;;!   72  ud2
;;!   74  ud2
;;!   76  vucomiss xmm0, xmm0
;;!   7a  jnp short 7Eh
;;!   7c  ud2
;;!   7e  ud2
;;!   80  vucomiss xmm0, xmm0
;;!   84  jnp short 88h
;;!   86  ud2
;;!   88  ud2
;;!   8a  push rbp
;;!   8b  mov rbp, rsp
;;!   8e  mov eax, 4
;;!   93  call qword ptr [rdi-20h]
;;!   96  pop rbp
;;!   97  jmp 0Ah
;;! baseline saturated: 168 bytes
;;!    0  sub dword ptr [rdi+58h], 2
;;!    4  jb 96h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vcvttsd2si rax, xmm0
;;!   15  cmp rax, 1
;;!   19  jno short 3Dh
;;!   1b  vxorps xmm15, xmm15, xmm15
;;!   20  vucomisd xmm0, xmm15
;;!   25  mov r11, 7FFFFFFFFFFFFFFFh
;;!   2f  cmovae rax, r11
;;!   33  mov r11d, 0
;;!   39  cmovp rax, r11
;;!   3d  mov r11, 43E0000000000000h
;;!   47  vmovq xmm15, r11
;;!   4c  vucomisd xmm0, xmm15
;;!   51  jae 6Bh
;;!   57  vcvttsd2si rcx, xmm0
;;!   5c  mov r11d, 0
;;!   62  test rcx, rcx
;;!   65  cmovs rcx, r11
;;!   69  jmp short 91h
;;!   6b  vsubsd xmm15, xmm0, xmm15
;;!   70  vcvttsd2si rcx, xmm15
;;!   75  test rcx, rcx
;;!   78  jns short 84h
;;!   7a  mov rcx, 7FFFFFFFFFFFFFFFh
;;!   84  mov r11, 8000000000000000h
;;!   8e  xor rcx, r11
;;!   91  add rax, rcx
;;!   94  pop rbp
;;!   95  ret
;;!   96  push rbp
;;!   97  mov rbp, rsp
;;!   9a  mov eax, 5
;;!   9f  call qword ptr [rdi-20h]
;;!   a2  pop rbp
;;!   a3  jmp 0Ah
;;! baseline saturated_32: 116 bytes
;;!    0  sub dword ptr [rdi+60h], 2
;;!    4  jb 61h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vcvttss2si eax, xmm0
;;!   14  cmp eax, 1
;;!   17  jno short 37h
;;!   19  vxorps xmm15, xmm15, xmm15
;;!   1e  vucomiss xmm0, xmm15
;;!   23  mov r11d, 7FFFFFFFh
;;!   29  cmovae eax, r11d
;;!   2d  mov r11d, 0
;;!   33  cmovp eax, r11d
;;!   37  vcvttss2si rcx, xmm0
;;!   3c  mov r11d, ecx
;;!   3f  cmp r11, rcx
;;!   42  je short 5Dh
;;!   44  vxorps xmm15, xmm15, xmm15
;;!   49  vucomiss xmm0, xmm15
;;!   4e  mov ecx, 0
;;!   53  mov r11d, 0FFFFFFFFh
;;!   59  cmova ecx, r11d
;;!   5d  add eax, ecx
;;!   5f  pop rbp
;;!   60  ret
;;!   61  push rbp
;;!   62  mov rbp, rsp
;;!   65  mov eax, 6
;;!   6a  call qword ptr [rdi-20h]
;;!   6d  pop rbp
;;!   6e  nop
;;!   6f  jmp 0Ah
;;! baseline converted: 96 bytes
;;!    0  sub dword ptr [rdi+68h], 2
;;!    4  jb 4Eh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov esi, esi
;;!   12  vxorps xmm0, xmm0, xmm0
;;!   16  vcvtsi2sd xmm0, xmm0, rsi
;;!   1b  test rdx, rdx
;;!   1e  js short 2Bh
;;!   20  vxorps xmm1, xmm1, xmm1
;;!   24  vcvtsi2sd xmm1, xmm1, rdx
;;!   29  jmp short 48h
;;!   2b  mov rax, rdx
;;!   2e  mov r11, rdx
;;!   31  shr rax, 1
;;!   34  and r11d, 1
;;!   38  or rax, r11
;;!   3b  vxorps xmm1, xmm1, xmm1
;;!   3f  vcvtsi2sd xmm1, xmm1, rax
;;!   44  vaddsd xmm1, xmm1, xmm1
;;!   48  vaddsd xmm0, xmm0, xmm1
;;!   4c  pop rbp
;;!   4d  ret
;;!   4e  push rbp
;;!   4f  mov rbp, rsp
;;!   52  mov eax, 7
;;!   57  call qword ptr [rdi-20h]
;;!   5a  pop rbp
;;!   5b  jmp 0Ah
;;! baseline resized: 48 bytes
;;!    0  sub dword ptr [rdi+70h], 2
;;!    4  jb 1Eh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vcvtsd2ss xmm1, xmm0, xmm0
;;!   14  vcvtss2sd xmm1, xmm1, xmm1
;;!   18  vmovaps xmm0, xmm1
;;!   1c  pop rbp
;;!   1d  ret
;;!   1e  push rbp
;;!   1f  mov rbp, rsp
;;!   22  mov eax, 8
;;!   27  call qword ptr [rdi-20h]
;;!   2a  pop rbp
;;!   2b  jmp 0Ah
;;! baseline bits: 61 bytes
;;!    0  sub dword ptr [rdi+78h], 2
;;!    4  jb 2Bh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vmovd eax, xmm0
;;!   14  vxorps xmm1, xmm1, xmm1
;;!   18  vcvtsi2sd xmm1, xmm1, eax
;;!   1c  vmovq xmm2, rsi
;;!   21  vaddsd xmm1, xmm1, xmm2
;;!   25  vmovaps xmm0, xmm1
;;!   29  pop rbp
;;!   2a  ret
;;!   2b  push rbp
;;!   2c  mov rbp, rsp
;;!   2f  mov eax, 9
;;!   34  call qword ptr [rdi-20h]
;;!   37  pop rbp
;;!   38  jmp 0Ah
;;! optimised extended: 18 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movslq %esi, %rdi
;;!   movl %esi, %esi
;;!   leaq (%rdi, %rsi), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised wrapped: 12 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   leal 1(%rsi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised in_place: 19 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movsbl %sil, %edi
;;!   movswl %si, %esi
;;!   leal (%rdi, %rsi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised truncated: 77 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   cvt_float64_to_sint32_seq %xmm0, %eax, %rsi, %xmm3
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised truncated_unsigned: 168 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   cvt_float32_to_uint64_seq %xmm0, %r8, %r11, %xmm2, %xmm1
;;!   cvt_float32_to_uint32_seq %xmm0, %esi, %r9, %xmm6, %xmm7
;;!   movl %esi, %esi
;;!   leaq (%r8, %rsi), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised saturated: 179 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   cvt_float64_to_sint64_sat_seq %xmm0, %rdi, %r9, %xmm1
;;!   cvt_float64_to_uint64_sat_seq %xmm0, %rsi, %r8, %xmm5, %xmm6
;;!   leaq (%rdi, %rsi), %rax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised saturated_32: 148 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   cvt_float32_to_sint32_sat_seq %xmm0, %edi, %r9, %xmm1
;;!   cvt_float32_to_uint32_sat_seq %xmm0, %esi, %r8, %xmm5, %xmm6
;;!   leal (%rdi, %rsi), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised converted: 71 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   uninit  %xmm7
;;!   vxorpd %xmm7, %xmm7, %xmm0
;;!   movl %esi, %r11d
;;!   vcvtsi2sdq %r11, %xmm0, %xmm0
;;!   u64_to_f64_seq %rdx, %xmm1, %r9, %r10
;;!   vaddsd %xmm1, %xmm0, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised resized: 25 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   uninit  %xmm5
;;!   vxorps %xmm5, %xmm5, %xmm7
;;!   vcvtsd2ss %xmm0, %xmm7, %xmm0
;;!   uninit  %xmm5
;;!   vxorpd %xmm5, %xmm5, %xmm7
;;!   vcvtss2sd %xmm0, %xmm7, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised bits: 32 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vmovd %xmm0, %r8d
;;!   uninit  %xmm6
;;!   vxorpd %xmm6, %xmm6, %xmm0
;;!   vcvtsi2sdl %r8d, %xmm0, %xmm0
;;!   vmovq %rsi, %xmm1
;;!   vaddsd %xmm1, %xmm0, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
