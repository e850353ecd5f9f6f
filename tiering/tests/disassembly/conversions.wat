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
;;! baseline extended: 55 bytes
;;!    0  sub dword ptr [rdi+0A0h], 2
;;!    7  jb 22h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  movsxd rax, esi
;;!   1b  mov ecx, esi
;;!   1d  add rax, rcx
;;!   20  pop rbp
;;!   21  ret
;;!   22  push rbp
;;!   23  mov rbp, rsp
;;!   26  mov eax, 0
;;!   2b  call qword ptr [rdi+80h]
;;!   31  pop rbp
;;!   32  jmp 0Dh
;;! baseline wrapped: 52 bytes
;;!    0  sub dword ptr [rdi+0A8h], 2
;;!    7  jb 1Eh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  lea rax, [rsi+1]
;;!   1c  pop rbp
;;!   1d  ret
;;!   1e  push rbp
;;!   1f  mov rbp, rsp
;;!   22  mov eax, 1
;;!   27  call qword ptr [rdi+80h]
;;!   2d  pop rbp
;;!   2e  nop
;;!   2f  jmp 0Dh
;;! baseline in_place: 56 bytes
;;!    0  sub dword ptr [rdi+0B0h], 2
;;!    7  jb 23h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  movsx eax, sil
;;!   1c  movsx ecx, si
;;!   1f  add eax, ecx
;;!   21  pop rbp
;;!   22  ret
;;!   23  push rbp
;;!   24  mov rbp, rsp
;;!   27  mov eax, 2
;;!   2c  call qword ptr [rdi+80h]
;;!   32  pop rbp
;;!   33  jmp 0Dh
;;! baseline truncated: 108 bytes
;;!    0  sub dword ptr [rdi+0B8h], 2
;;!    7  jb 57h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vcvttsd2si eax, xmm0
;;!   1c  cmp eax, 1
;;!   1f  jo 27h
;;!   25  pop rbp
;;!   26  ret
;;!   27  mov r11, 0C1E0000000200000h
;;!   31  vmovq xmm15, r11
;;!   36  vucomisd xmm0, xmm15
;;!   3b  jbe 4Dh
;;!   41  vxorps xmm15, xmm15, xmm15
;;!   46  vucomisd xmm0, xmm15
;;!   4b  jb short 25h
;;!   4d  vucomisd xmm0, xmm0
;;!   51  jnp short 55h
;;!   53  ud2
;;!   55  ud2
;;!   57  push rbp
;;!   58  mov rbp, rsp
;;!   5b  mov eax, 3
;;!   60  call qword ptr [rdi+80h]
;;!   66  pop rbp
;;!   67  jmp 0Dh
;;! baseline truncated_unsigned: 167 bytes
;;!    0  sub dword ptr [rdi+0C0h], 2
;;!    7  jb 92h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov r11d, 5F000000h
;;!   1e  vmovd xmm15, r11d
;;!   23  vucomiss xmm0, xmm15
;;!   28  jae 3Eh
;;!   2e  vcvttss2si rax, xmm0
;;!   33  test rax, rax
;;!   36  js 74h
;;!   3c  jmp short 5Eh
;;!   3e  vsubss xmm15, xmm0, xmm15
;;!   43  vcvttss2si rax, xmm15
;;!   48  test rax, rax
;;!   4b  js 7Eh
;;!   51  mov r11, 8000000000000000h
;;!   5b  xor rax, r11
;;!   5e  vcvttss2si rcx, xmm0
;;!   63  mov r11d, ecx
;;!   66  cmp r11, rcx
;;!   69  jne 88h
;;!   6f  add rax, rcx
;;!   72  pop rbp
;;!   73  ret
;;!   74  vucomiss xmm0, xmm0
;;!   78  jnp short 7Ch
;;!   7a  ud2
;;!   7c  ud2
;;!   7e  vucomiss xmm0, xmm0
;;!   82  jnp short 86h
;;!   84  ud2
;;!   86  ud2
;;!   88  vucomiss xmm0, xmm0
;;!   8c  jnp short 90h
;;!   8e  ud2
;;!   90  ud2
;;!   92  push rbp
;;!   93  mov rbp, rsp
;;!   96  mov eax, 4
;;!   9b  call qword ptr [rdi+80h]
;;!   a1  pop rbp
;;!   a2  jmp 0Dh
;;! baseline saturated: 180 bytes
;;!    0  sub dword ptr [rdi+0C8h], 2
;;!    7  jb 9Eh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vcvttsd2si rax, xmm0
;;!   1d  cmp rax, 1
;;!   21  jno short 45h
;;!   23  vxorps xmm15, xmm15, xmm15
;;!   28  vucomisd xmm0, xmm15
;;!   2d  mov r11, 7FFFFFFFFFFFFFFFh
;;!   37  cmovae rax, r11
;;!   3b  mov r11d, 0
;;!   41  cmovp rax, r11
;;!   45  mov r11, 43E0000000000000h
;;!   4f  vmovq xmm15, r11
;;!   54  vucomisd xmm0, xmm15
;;!   59  jae 73h
;;!   5f  vcvttsd2si rcx, xmm0
;;!   64  mov r11d, 0
;;!   6a  test rcx, rcx
;;!   6d  cmovs rcx, r11
;;!   71  jmp short 99h
;;!   73  vsubsd xmm15, xmm0, xmm15
;;!   78  vcvttsd2si rcx, xmm15
;;!   7d  test rcx, rcx
;;!   80  jns short 8Ch
;;!   82  mov rcx, 7FFFFFFFFFFFFFFFh
;;!   8c  mov r11, 8000000000000000h
;;!   96  xor rcx, r11
;;!   99  add rax, rcx
;;!   9c  pop rbp
;;!   9d  ret
;;!   9e  push rbp
;;!   9f  mov rbp, rsp
;;!   a2  mov eax, 5
;;!   a7  call qword ptr [rdi+80h]
;;!   ad  pop rbp
;;!   ae  nop
;;!   af  jmp 0Dh
;;! baseline saturated_32: 126 bytes
;;!    0  sub dword ptr [rdi+0D0h], 2
;;!    7  jb 69h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vcvttss2si eax, xmm0
;;!   1c  cmp eax, 1
;;!   1f  jno short 3Fh
;;!   21  vxorps xmm15, xmm15, xmm15
;;!   26  vucomiss xmm0, xmm15
;;!   2b  mov r11d, 7FFFFFFFh
;;!   31  cmovae eax, r11d
;;!   35  mov r11d, 0
;;!   3b  cmovp eax, r11d
;;!   3f  vcvttss2si rcx, xmm0
;;!   44  mov r11d, ecx
;;!   47  cmp r11, rcx
;;!   4a  je short 65h
;;!   4c  vxorps xmm15, xmm15, xmm15
;;!   51  vucomiss xmm0, xmm15
;;!   56  mov ecx, 0
;;!   5b  mov r11d, 0FFFFFFFFh
;;!   61  cmova ecx, r11d
;;!   65  add eax, ecx
;;!   67  pop rbp
;;!   68  ret
;;!   69  push rbp
;;!   6a  mov rbp, rsp
;;!   6d  mov eax, 6
;;!   72  call qword ptr [rdi+80h]
;;!   78  pop rbp
;;!   79  jmp 0Dh
;;! baseline converted: 108 bytes
;;!    0  sub dword ptr [rdi+0D8h], 2
;;!    7  jb 56h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov esi, esi
;;!   1a  vxorps xmm0, xmm0, xmm0
;;!   1e  vcvtsi2sd xmm0, xmm0, rsi
;;!   23  test rdx, rdx
;;!   26  js short 33h
;;!   28  vxorps xmm1, xmm1, xmm1
;;!   2c  vcvtsi2sd xmm1, xmm1, rdx
;;!   31  jmp short 50h
;;!   33  mov rax, rdx
;;!   36  mov r11, rdx
;;!   39  shr rax, 1
;;!   3c  and r11d, 1
;;!   40  or rax, r11
;;!   43  vxorps xmm1, xmm1, xmm1
;;!   47  vcvtsi2sd xmm1, xmm1, rax
;;!   4c  vaddsd xmm1, xmm1, xmm1
;;!   50  vaddsd xmm0, xmm0, xmm1
;;!   54  pop rbp
;;!   55  ret
;;!   56  push rbp
;;!   57  mov rbp, rsp
;;!   5a  mov eax, 7
;;!   5f  call qword ptr [rdi+80h]
;;!   65  pop rbp
;;!   66  nop
;;!   67  jmp 0Dh
;;! baseline resized: 60 bytes
;;!    0  sub dword ptr [rdi+0E0h], 2
;;!    7  jb 26h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vcvtsd2ss xmm1, xmm0, xmm0
;;!   1c  vcvtss2sd xmm1, xmm1, xmm1
;;!   20  vmovaps xmm0, xmm1
;;!   24  pop rbp
;;!   25  ret
;;!   26  push rbp
;;!   27  mov rbp, rsp
;;!   2a  mov eax, 8
;;!   2f  call qword ptr [rdi+80h]
;;!   35  pop rbp
;;!   36  nop
;;!   37  jmp 0Dh
;;! baseline bits: 72 bytes
;;!    0  sub dword ptr [rdi+0E8h], 2
;;!    7  jb 33h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vmovd eax, xmm0
;;!   1c  vxorps xmm1, xmm1, xmm1
;;!   20  vcvtsi2sd xmm1, xmm1, eax
;;!   24  vmovq xmm2, rsi
;;!   29  vaddsd xmm1, xmm1, xmm2
;;!   2d  vmovaps xmm0, xmm1
;;!   31  pop rbp
;;!   32  ret
;;!   33  push rbp
;;!   34  mov rbp, rsp
;;!   37  mov eax, 9
;;!   3c  call qword ptr [rdi+80h]
;;!   42  pop rbp
;;!   43  jmp 0Dh
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
