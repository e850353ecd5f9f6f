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
;;! baseline memory: 85 bytes
;;!    0  sub dword ptr [rdi+0B0h], 2
;;!    7  jb 40h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  mov r10, [rdi+0A0h]
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
;;!   49  call qword ptr [rdi+80h]
;;!   4f  pop rbp
;;!   50  jmp 0Dh
;;! baseline lanes: 68 bytes
;;!    0  sub dword ptr [rdi+0B8h], 2
;;!    7  jb 2Fh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vpextrw eax, xmm0, 3
;;!   1e  movsx eax, ax
;;!   21  vpinsrd xmm1, xmm0, esi, 2
;;!   27  vmovd ecx, xmm1
;;!   2b  add eax, ecx
;;!   2d  pop rbp
;;!   2e  ret
;;!   2f  push rbp
;;!   30  mov rbp, rsp
;;!   33  mov eax, 1
;;!   38  call qword ptr [rdi+80h]
;;!   3e  pop rbp
;;!   3f  jmp 0Dh
;;! baseline constants: 96 bytes
;;!    0  sub dword ptr [rdi+0C0h], 2
;;!    7  jb 3Ah
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax+rax]
;;!   1a  nop [rax+rax]
;;!   20  vmovaps xmm1, [50h]
;;!   28  vpand xmm2, xmm0, xmm1
;;!   2c  vxorps xmm1, xmm1, xmm1
;;!   30  vpxor xmm1, xmm1, xmm2
;;!   34  vmovaps xmm0, xmm1
;;!   38  pop rbp
;;!   39  ret
;;!   3a  push rbp
;;!   3b  mov rbp, rsp
;;!   3e  mov eax, 2
;;!   43  call qword ptr [rdi+80h]
;;!   49  pop rbp
;;!   4a  jmp 0Dh
;;!   4f  nop
;;!   50  add [rax], eax
;;!   52  add [rax], al
;;!   54  add al, [rax]
;;!   56  add [rax], al
;;!   58  add eax, [rax]
;;!   5a  add [rax], al
;;!   5c  add al, 0
;;!   5e  add [rax], al
;;! baseline compared: 85 bytes
;;!    0  sub dword ptr [rdi+0C8h], 2
;;!    7  jb 40h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vpmaxud xmm15, xmm1, xmm0
;;!   1d  vpcmpeqd xmm2, xmm0, xmm15
;;!   22  vpcmpeqd xmm15, xmm15, xmm15
;;!   27  vpxor xmm2, xmm2, xmm15
;;!   2c  vcmpltpd xmm15, xmm1, xmm0
;;!   31  vmovaps xmm3, xmm15
;;!   36  vpor xmm2, xmm2, xmm3
;;!   3a  vmovaps xmm0, xmm2
;;!   3e  pop rbp
;;!   3f  ret
;;!   40  push rbp
;;!   41  mov rbp, rsp
;;!   44  mov eax, 3
;;!   49  call qword ptr [rdi+80h]
;;!   4f  pop rbp
;;!   50  jmp 0Dh
;;! baseline tests: 92 bytes
;;!    0  sub dword ptr [rdi+0D0h], 2
;;!    7  jb 47h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  xor eax, eax
;;!   1a  vptest xmm0, xmm0
;;!   1f  setne al
;;!   22  vxorps xmm15, xmm15, xmm15
;;!   27  vpcmpeqw xmm15, xmm15, xmm0
;;!   2b  xor ecx, ecx
;;!   2d  vptest xmm15, xmm15
;;!   32  sete cl
;;!   35  vpacksswb xmm15, xmm0, xmm0
;;!   39  vpmovmskb edx, xmm15
;;!   3e  movzx edx, dl
;;!   41  add ecx, edx
;;!   43  add eax, ecx
;;!   45  pop rbp
;;!   46  ret
;;!   47  push rbp
;;!   48  mov rbp, rsp
;;!   4b  mov eax, 4
;;!   50  call qword ptr [rdi+80h]
;;!   56  pop rbp
;;!   57  jmp 0Dh
;;! baseline shifts: 176 bytes
;;!    0  sub dword ptr [rdi+0D8h], 2
;;!    7  jb 7Eh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax+rax]
;;!   1a  nop [rax+rax]
;;!   20  vpsrld xmm1, xmm0, 3
;;!   25  mov r11d, esi
;;!   28  and r11d, 7
;;!   2c  vmovd xmm15, r11d
;;!   31  vpsllw xmm1, xmm1, xmm15
;;!   36  vpcmpeqd xmm2, xmm2, xmm2
;;!   3a  vpsrlw xmm2, xmm2, 8
;;!   3f  vpsllw xmm2, xmm2, xmm15
;;!   44  vxorps xmm15, xmm15, xmm15
;;!   49  vpshufb xmm2, xmm2, xmm15
;;!   4e  vpand xmm1, xmm1, xmm2
;;!   52  mov r11d, esi
;;!   55  and r11d, 3Fh
;;!   59  vmovd xmm15, r11d
;;!   5e  vmovaps xmm2, [0A0h]
;;!   66  vpsrlq xmm2, xmm2, xmm15
;;!   6b  vpsrlq xmm1, xmm1, xmm15
;;!   70  vpxor xmm1, xmm1, xmm2
;;!   74  vpsubq xmm1, xmm1, xmm2
;;!   78  vmovaps xmm0, xmm1
;;!   7c  pop rbp
;;!   7d  ret
;;!   7e  push rbp
;;!   7f  mov rbp, rsp
;;!   82  mov eax, 5
;;!   87  call qword ptr [rdi+80h]
;;!   8d  pop rbp
;;!   8e  nop
;;!   8f  jmp 0Dh
;;!   94  nop [rax+rax]
;;!   9d  nop [rax]
;;!   a0  add [rax], al
;;!   a2  add [rax], al
;;!   a4  add [rax], al
;;!   a6  add [rax], al
;;!   ac  add [rax], al
;;!   ae  (bad)
;;! baseline shuffled: 144 bytes
;;!    0  sub dword ptr [rdi+0E0h], 2
;;!    7  jb 4Ah
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax+rax]
;;!   1a  nop [rax+rax]
;;!   20  vpshufb xmm15, xmm1, [60h]
;;!   29  vpshufb xmm2, xmm0, [70h]
;;!   32  vpor xmm2, xmm2, xmm15
;;!   37  vpaddusb xmm15, xmm1, [80h]
;;!   3f  vpshufb xmm2, xmm2, xmm15
;;!   44  vmovaps xmm0, xmm2
;;!   48  pop rbp
;;!   49  ret
;;!   4a  push rbp
;;!   4b  mov rbp, rsp
;;!   4e  mov eax, 6
;;!   53  call qword ptr [rdi+80h]
;;!   59  pop rbp
;;!   5a  jmp 0Dh
;;!   5f  nop
;;!   60  add byte ptr [rax], 80h
;;!   63  add [rax-7FFC7FFEh], eax
;;!   69  add al, 80h
;;!   6b  add eax, 7800680h
;;!   70  add [rax-7FFD7FFFh], al
;;!   76  add eax, [rax-7FFA7FFCh]
;;!   7c  (bad)
;;!   7e  (bad)
;;!   80  jo short 0F2h
;;!   82  jo short 0F4h
;;!   84  jo short 0F6h
;;!   86  jo short 0F8h
;;!   88  jo short 0FAh
;;!   8a  jo short 0FCh
;;!   8c  jo short 0FEh
;;!   8e  jo short 100h
;;! baseline floats: 128 bytes
;;!    0  sub dword ptr [rdi+0E8h], 2
;;!    7  jb 58h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax+rax]
;;!   1a  nop [rax+rax]
;;!   20  vmaxps xmm2, xmm1, xmm0
;;!   24  vxorps xmm3, xmm1, [70h]
;;!   2c  vminps xmm15, xmm3, xmm2
;;!   30  vminps xmm2, xmm2, xmm3
;;!   34  vorps xmm2, xmm2, xmm15
;;!   39  vcmpunordps xmm15, xmm2, xmm2
;;!   3e  vorps xmm2, xmm2, xmm15
;;!   43  vpsrld xmm15, xmm15, 0Ah
;;!   49  vandnps xmm15, xmm15, xmm2
;;!   4d  vmovaps xmm2, xmm15
;;!   52  vmovaps xmm0, xmm2
;;!   56  pop rbp
;;!   57  ret
;;!   58  push rbp
;;!   59  mov rbp, rsp
;;!   5c  mov eax, 7
;;!   61  call qword ptr [rdi+80h]
;;!   67  pop rbp
;;!   68  jmp 0Dh
;;!   6d  nop [rax]
;;!   70  add [rax], al
;;!   72  add [rax-80000000h], al
;;!   78  add [rax], al
;;!   7a  add [rax-80000000h], al
;;! baseline products: 108 bytes
;;!    0  sub dword ptr [rdi+0F0h], 2
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
;;!   5e  call qword ptr [rdi+80h]
;;!   64  pop rbp
;;!   65  xchg ax, ax
;;!   67  jmp 0Dh
;;! baseline converted: 192 bytes
;;!    0  sub dword ptr [rdi+0F8h], 2
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
;;!   8b  call qword ptr [rdi+80h]
;;!   91  pop rbp
;;!   92  jmp 0Dh
;;!   97  nop [rax+rax]
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
;;! optimised memory: 42 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movq 0xa0(%rdi), %rdi
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
