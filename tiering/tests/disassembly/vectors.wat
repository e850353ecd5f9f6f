(module
  (memory 1)
  (func $memory (param i32)
    (v128.store (local.get 0)
      (i8x16.add (v128.load offset=16 (local.get 0)) (v128.load8_splat (local.get 0)))))
  (func $lanes (param v128 i32) (result i32)
    (i32.add (i16x8.extract_lane_s 3 (local.get 0))
      (i32x4.extract_lane 0 (i32x4.replace_lane 2 (local.get 0) (local.get 1)))))
  (func $constants (param v128) (result v128)
    (v128.xor (v128.const i64x2 0 0) (v128.and (local.get 0) (v128.const i32x4 1 2 3 4))))
  (func $compared (param v128 v128) (result v128)
    (v128.or (i32x4.lt_u (local.get 0) (local.get 1)) (f64x2.gt (local.get 0) (local.get 1))))
  (func $tests (param v128) (result i32)
    (i32.add (v128.any_true (local.get 0)) (i32.add (i16x8.all_true (local.get 0)) (i16x8.bitmask (local.get 0)))))
  (func $shifts (param v128 i32) (result v128)
    (i64x2.shr_s (i8x16.shl (i32x4.shr_u (local.get 0) (i32.const 3)) (local.get 1)) (local.get 1)))
  (func $shuffled (param v128 v128) (result v128)
    (i8x16.swizzle
      (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get 0) (local.get 1))
      (local.get 1)))
  (func $floats (param v128 v128) (result v128)
    (f32x4.min (f32x4.pmax (local.get 0) (local.get 1)) (f32x4.neg (local.get 1))))
  (func $products (param v128 v128) (result v128)
    (i64x2.add (i64x2.mul (local.get 0) (local.get 1)) (i64x2.extmul_high_i32x4_u (local.get 0) (local.get 1))))
  (func $converted (param v128) (result v128)
    (i32x4.trunc_sat_f32x4_u (f32x4.convert_i32x4_u (local.get 0))))
)
;;! baseline memory: 84 bytes
;;!    0  sub dword ptr [rdi+40h], 2
;;!    4  jb 40h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  mov r10, [rdi+30h]
;;!   12  nop [rax+rax]
;;!   18  mov esi, esi
;;!   1a  vmovups xmm0, [r10+rsi+10h]
;;!   21  movzx eax, byte ptr [r10+rsi]
;;!   26  vmovd xmm1, eax
;;!   2a  vxorps xmm15, xmm15, xmm15
;;!   2f  vpshufb xmm1, xmm1, xmm15
;;!   34  vpaddb xmm0, xmm0, xmm1
;;!   38  vmovups [r10+rsi], xmm0
;;!   3e  pop rbp
;;!   3f  ret
;;!   40  push rbp
;;!   41  mov rbp, rsp
;;!   44  mov eax, 0
;;!   49  call qword ptr [rdi-20h]
;;!   4c  pop rbp
;;!   4d  xchg ax, ax
;;!   4f  jmp 0Ah
;;! baseline lanes: 60 bytes
;;!    0  sub dword ptr [rdi+48h], 2
;;!    4  jb 27h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vpextrw eax, xmm0, 3
;;!   16  movsx eax, ax
;;!   19  vpinsrd xmm1, xmm0, esi, 2
;;!   1f  vmovd ecx, xmm1
;;!   23  add eax, ecx
;;!   25  pop rbp
;;!   26  ret
;;!   27  push rbp
;;!   28  mov rbp, rsp
;;!   2b  mov eax, 1
;;!   30  call qword ptr [rdi-20h]
;;!   33  pop rbp
;;!   34  nop [rax]
;;!   37  jmp 0Ah
;;! baseline constants: 80 bytes
;;!    0  sub dword ptr [rdi+50h], 2
;;!    4  jb 2Ah
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vmovaps xmm1, [40h]
;;!   18  vpand xmm2, xmm0, xmm1
;;!   1c  vxorps xmm1, xmm1, xmm1
;;!   20  vpxor xmm1, xmm1, xmm2
;;!   24  vmovaps xmm0, xmm1
;;!   28  pop rbp
;;!   29  ret
;;!   2a  push rbp
;;!   2b  mov rbp, rsp
;;!   2e  mov eax, 2
;;!   33  call qword ptr [rdi-20h]
;;!   36  pop rbp
;;!   37  jmp 0Ah
;;!   3c  nop [rax]
;;!   40  add [rax], eax
;;!   42  add [rax], al
;;!   44  add al, [rax]
;;!   46  add [rax], al
;;!   48  add eax, [rax]
;;!   4a  add [rax], al
;;!   4c  add al, 0
;;!   4e  add [rax], al
;;! baseline compared: 76 bytes
;;!    0  sub dword ptr [rdi+58h], 2
;;!    4  jb 38h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vpmaxud xmm15, xmm1, xmm0
;;!   15  vpcmpeqd xmm2, xmm0, xmm15
;;!   1a  vpcmpeqd xmm15, xmm15, xmm15
;;!   1f  vpxor xmm2, xmm2, xmm15
;;!   24  vcmpltpd xmm15, xmm1, xmm0
;;!   29  vmovaps xmm3, xmm15
;;!   2e  vpor xmm2, xmm2, xmm3
;;!   32  vmovaps xmm0, xmm2
;;!   36  pop rbp
;;!   37  ret
;;!   38  push rbp
;;!   39  mov rbp, rsp
;;!   3c  mov eax, 3
;;!   41  call qword ptr [rdi-20h]
;;!   44  pop rbp
;;!   45  xchg ax, ax
;;!   47  jmp 0Ah
;;! baseline tests: 84 bytes
;;!    0  sub dword ptr [rdi+60h], 2
;;!    4  jb 3Fh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  xor eax, eax
;;!   12  vptest xmm0, xmm0
;;!   17  setne al
;;!   1a  vxorps xmm15, xmm15, xmm15
;;!   1f  vpcmpeqw xmm15, xmm15, xmm0
;;!   23  xor ecx, ecx
;;!   25  vptest xmm15, xmm15
;;!   2a  sete cl
;;!   2d  vpacksswb xmm15, xmm0, xmm0
;;!   31  vpmovmskb edx, xmm15
;;!   36  movzx edx, dl
;;!   39  add ecx, edx
;;!   3b  add eax, ecx
;;!   3d  pop rbp
;;!   3e  ret
;;!   3f  push rbp
;;!   40  mov rbp, rsp
;;!   43  mov eax, 4
;;!   48  call qword ptr [rdi-20h]
;;!   4b  pop rbp
;;!   4c  nop [rax]
;;!   4f  jmp 0Ah
;;! baseline shifts: 144 bytes
;;!    0  sub dword ptr [rdi+68h], 2
;;!    4  jb 6Eh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vpsrld xmm1, xmm0, 3
;;!   15  mov r11d, esi
;;!   18  and r11d, 7
;;!   1c  vmovd xmm15, r11d
;;!   21  vpsllw xmm1, xmm1, xmm15
;;!   26  vpcmpeqd xmm2, xmm2, xmm2
;;!   2a  vpsrlw xmm2, xmm2, 8
;;!   2f  vpsllw xmm2, xmm2, xmm15
;;!   34  vxorps xmm15, xmm15, xmm15
;;!   39  vpshufb xmm2, xmm2, xmm15
;;!   3e  vpand xmm1, xmm1, xmm2
;;!   42  mov r11d, esi
;;!   45  and r11d, 3Fh
;;!   49  vmovd xmm15, r11d
;;!   4e  vmovaps xmm2, [80h]
;;!   56  vpsrlq xmm2, xmm2, xmm15
;;!   5b  vpsrlq xmm1, xmm1, xmm15
;;!   60  vpxor xmm1, xmm1, xmm2
;;!   64  vpsubq xmm1, xmm1, xmm2
;;!   68  vmovaps xmm0, xmm1
;;!   6c  pop rbp
;;!   6d  ret
;;!   6e  push rbp
;;!   6f  mov rbp, rsp
;;!   72  mov eax, 5
;;!   77  call qword ptr [rdi-20h]
;;!   7a  pop rbp
;;!   7b  jmp 0Ah
;;!   80  add [rax], al
;;!   82  add [rax], al
;;!   84  add [rax], al
;;!   86  add [rax], al
;;!   8c  add [rax], al
;;!   8e  (bad)
;;! baseline shuffled: 128 bytes
;;!    0  sub dword ptr [rdi+70h], 2
;;!    4  jb 3Ah
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vpshufb xmm15, xmm1, [50h]
;;!   19  vpshufb xmm2, xmm0, [60h]
;;!   22  vpor xmm2, xmm2, xmm15
;;!   27  vpaddusb xmm15, xmm1, [70h]
;;!   2f  vpshufb xmm2, xmm2, xmm15
;;!   34  vmovaps xmm0, xmm2
;;!   38  pop rbp
;;!   39  ret
;;!   3a  push rbp
;;!   3b  mov rbp, rsp
;;!   3e  mov eax, 6
;;!   43  call qword ptr [rdi-20h]
;;!   46  pop rbp
;;!   47  jmp 0Ah
;;!   4c  nop [rax]
;;!   50  add byte ptr [rax], 80h
;;!   53  add [rax-7FFC7FFEh], eax
;;!   59  add al, 80h
;;!   5b  add eax, 7800680h
;;!   60  add [rax-7FFD7FFFh], al
;;!   66  add eax, [rax-7FFA7FFCh]
;;!   6c  (bad)
;;!   6e  (bad)
;;!   70  jo short 0E2h
;;!   72  jo short 0E4h
;;!   74  jo short 0E6h
;;!   76  jo short 0E8h
;;!   78  jo short 0EAh
;;!   7a  jo short 0ECh
;;!   7c  jo short 0EEh
;;!   7e  jo short 0F0h
;;! baseline floats: 112 bytes
;;!    0  sub dword ptr [rdi+78h], 2
;;!    4  jb 48h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vmaxps xmm2, xmm1, xmm0
;;!   14  vxorps xmm3, xmm1, [60h]
;;!   1c  vminps xmm15, xmm3, xmm2
;;!   20  vminps xmm2, xmm2, xmm3
;;!   24  vorps xmm2, xmm2, xmm15
;;!   29  vcmpunordps xmm15, xmm2, xmm2
;;!   2e  vorps xmm2, xmm2, xmm15
;;!   33  vpsrld xmm15, xmm15, 0Ah
;;!   39  vandnps xmm15, xmm15, xmm2
;;!   3d  vmovaps xmm2, xmm15
;;!   42  vmovaps xmm0, xmm2
;;!   46  pop rbp
;;!   47  ret
;;!   48  push rbp
;;!   49  mov rbp, rsp
;;!   4c  mov eax, 7
;;!   51  call qword ptr [rdi-20h]
;;!   54  pop rbp
;;!   55  xchg ax, ax
;;!   57  jmp 0Ah
;;!   5c  nop [rax]
;;!   60  add [rax], al
;;!   62  add [rax-80000000h], al
;;!   68  add [rax], al
;;!   6a  add [rax-80000000h], al
;;! baseline products: 103 bytes
;;!    0  sub dword ptr [rdi+80h], 2
;;!    7  jb 55h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vpsrlq xmm15, xmm0, 20h
;;!   1d  vpmuludq xmm15, xmm15, xmm1
;;!   21  vpsrlq xmm3, xmm1, 20h
;;!   26  vpmuludq xmm3, xmm3, xmm0
;;!   2a  vpaddq xmm3, xmm3, xmm15
;;!   2f  vpsllq xmm3, xmm3, 20h
;;!   34  vpmuludq xmm2, xmm0, xmm1
;;!   38  vpaddq xmm2, xmm2, xmm3
;;!   3c  vpshufd xmm15, xmm1, 0FAh
;;!   41  vpshufd xmm3, xmm0, 0FAh
;;!   46  vpmuludq xmm3, xmm3, xmm15
;;!   4b  vpaddq xmm2, xmm2, xmm3
;;!   4f  vmovaps xmm0, xmm2
;;!   53  pop rbp
;;!   54  ret
;;!   55  push rbp
;;!   56  mov rbp, rsp
;;!   59  mov eax, 8
;;!   5e  call qword ptr [rdi-20h]
;;!   61  pop rbp
;;!   62  jmp 0Dh
;;! baseline converted: 192 bytes
;;!    0  sub dword ptr [rdi+88h], 2
;;!    7  jb 82h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax+rax]
;;!   1a  nop [rax+rax]
;;!   20  vpsrld xmm15, xmm0, 10h
;;!   25  vpslld xmm1, xmm0, 10h
;;!   2a  vpsrld xmm1, xmm1, 10h
;;!   2f  vcvtdq2ps xmm15, xmm15
;;!   34  vcvtdq2ps xmm1, xmm1
;;!   38  vmulps xmm15, xmm15, [0A0h]
;;!   40  vaddps xmm1, xmm1, xmm15
;;!   45  vxorps xmm15, xmm15, xmm15
;;!   4a  vmaxps xmm1, xmm1, xmm15
;;!   4f  vmovaps xmm15, [0B0h]
;;!   57  vsubps xmm2, xmm1, xmm15
;;!   5c  vcmpleps xmm15, xmm15, xmm2
;;!   61  vcvttps2dq xmm2, xmm2
;;!   65  vpxor xmm2, xmm2, xmm15
;;!   6a  vxorps xmm15, xmm15, xmm15
;;!   6f  vpmaxsd xmm2, xmm2, xmm15
;;!   74  vcvttps2dq xmm1, xmm1
;;!   78  vpaddd xmm1, xmm1, xmm2
;;!   7c  vmovaps xmm0, xmm1
;;!   80  pop rbp
;;!   81  ret
;;!   82  push rbp
;;!   83  mov rbp, rsp
;;!   86  mov eax, 9
;;!   8b  call qword ptr [rdi-20h]
;;!   8e  pop rbp
;;!   8f  jmp 0Dh
;;!   94  nop [rax+rax]
;;!   9d  nop [rax]
;;!   a0  add [rax], al
;;!   a2  add byte ptr [rdi], 0
;;!   a6  add byte ptr [rdi], 0
;;!   aa  add byte ptr [rdi], 0
;;!   ae  add byte ptr [rdi], 0
;;!   b2  add [rdi], cl
;;!   b5  add [rax], al
;;!   b7  add [r8], r8b
;;!   ba  add [rdi], cl
;;!   bd  add [rax], al
;;!   bf  (bad)
;;! optimised memory: 39 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0x30(%rdi), %rdi
;;!   movl %esi, %r8d
;;!   vmovdqu 0x10(%rdi, %r8), %xmm7
;;!   vpbroadcastb (%rdi, %r8), %xmm0
;;!   vpaddb %xmm0, %xmm7, %xmm7
;;!   vmovdqu %xmm7, (%rdi, %r8)
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised lanes: 33 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vpextrw $0x3, %xmm0, %edi
;;!   movswl %di, %edi
;;!   vpinsrd $0x2, %esi, %xmm0, %xmm7
;;!   vpextrd $0x0, %xmm7, %r8d
;;!   leal (%rdi, %r8), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised constants: 48 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   uninit  %xmm5
;;!   vpxor %xmm5, %xmm5, %xmm7
;;!   vmovdqu (%rip), %xmm6
;;!   vpand %xmm6, %xmm0, %xmm6
;;!   vpxor %xmm6, %xmm7, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised compared: 35 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vpminud %xmm1, %xmm0, %xmm5
;;!   vpcmpeqd %xmm1, %xmm5, %xmm7
;;!   uninit  %xmm2
;;!   vpcmpeqd %xmm2, %xmm2, %xmm2
;;!   vpxor %xmm2, %xmm7, %xmm2
;;!   vcmpltpd %xmm0, %xmm1, %xmm0
;;!   vpor %xmm0, %xmm2, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised tests: 55 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vptest %xmm0, %xmm0
;;!   setne %al
;;!   movzbl %al, %eax
;;!   uninit  %xmm1
;;!   vpxor %xmm1, %xmm1, %xmm1
;;!   vpcmpeqw %xmm1, %xmm0, %xmm1
;;!   vptest %xmm1, %xmm1
;;!   sete %cl
;;!   movzbl %cl, %ecx
;;!   vpacksswb %xmm0, %xmm0, %xmm0
;;!   vpmovmskb %xmm0, %edx
;;!   shrq $0x8, %rdx
;;!   leal (%rcx, %rdx), %ecx
;;!   leal (%rax, %rcx), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised shifts: 208 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vpsrld $0x3, %xmm0, %xmm0
;;!   movq %rsi, %r11
;;!   andq $0x7, %r11
;;!   vmovd %r11d, %xmm1
;;!   vpsllw %xmm1, %xmm0, %xmm0
;;!   leaq (%rip), %rax
;;!   shlq $0x4, %r11
;;!   vmovdqu (%rax, %r11), %xmm1
;;!   vpand %xmm1, %xmm0, %xmm0
;;!   andq $0x3f, %rsi
;;!   vmovd %esi, %xmm1
;;!   vpsraq %xmm1, %xmm0, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised shuffled: 48 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vpunpcklbw %xmm1, %xmm0, %xmm5
;;!   vpaddusb (%rip), %xmm1, %xmm4
;;!   vpshufb %xmm4, %xmm5, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised floats: 63 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vcmpltps %xmm1, %xmm0, %xmm2
;;!   vpblendvb %xmm2, %xmm1, %xmm0, %xmm0
;;!   uninit  %xmm2
;;!   vpcmpeqd %xmm2, %xmm2, %xmm2
;;!   vpslld $0x1f, %xmm2, %xmm2
;;!   vxorps %xmm2, %xmm1, %xmm1
;;!   vminps %xmm1, %xmm0, %xmm2
;;!   vminps %xmm0, %xmm1, %xmm1
;;!   vorps %xmm1, %xmm2, %xmm0
;;!   vcmpunordps %xmm1, %xmm0, %xmm1
;;!   vorps %xmm1, %xmm0, %xmm0
;;!   vpsrld $0xa, %xmm1, %xmm1
;;!   vandnps %xmm0, %xmm1, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised products: 41 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vpmullq %xmm1, %xmm0, %xmm3
;;!   uninit  %xmm2
;;!   vxorps %xmm2, %xmm2, %xmm2
;;!   vunpckhps %xmm2, %xmm0, %xmm2
;;!   uninit  %xmm0
;;!   vxorps %xmm0, %xmm0, %xmm0
;;!   vunpckhps %xmm0, %xmm1, %xmm0
;;!   vpmullq %xmm0, %xmm2, %xmm0
;;!   vpaddq %xmm0, %xmm3, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised converted: 70 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vcvtudq2ps %xmm0, %xmm0
;;!   uninit  %xmm3
;;!   vxorps %xmm3, %xmm3, %xmm5
;;!   vmaxps %xmm5, %xmm0, %xmm7
;;!   vpcmpeqd %xmm5, %xmm5, %xmm0
;;!   vpsrld $0x1, %xmm0, %xmm0
;;!   vcvtdq2ps %xmm0, %xmm1
;;!   vcvttps2dq %xmm7, %xmm0
;;!   vsubps %xmm1, %xmm7, %xmm2
;;!   vcmpleps %xmm2, %xmm1, %xmm1
;;!   vcvttps2dq %xmm2, %xmm2
;;!   vpxor %xmm1, %xmm2, %xmm1
;;!   uninit  %xmm2
;;!   vpxor %xmm2, %xmm2, %xmm2
;;!   vpmaxsd %xmm2, %xmm1, %xmm1
;;!   vpaddd %xmm0, %xmm1, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
