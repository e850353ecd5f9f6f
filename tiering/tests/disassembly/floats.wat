(module
  (func $arithmetic (param f64 f64) (result f64)
    (f64.div (f64.add (local.get 0) (f64.const 1.5)) (f64.sub (local.get 0) (local.get 1))))
  (func $zero (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0)))
  (func $signs (param f64 f64) (result f64)
    (f64.copysign (f64.abs (local.get 0)) (f64.neg (local.get 1))))
  (func $rounded (param f32) (result f32) (f32.sqrt (f32.nearest (f32.floor (local.get 0)))))
  (func $lowest (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1)))
  (func $highest (param f64 f64) (result f64) (f64.max (local.get 0) (local.get 1)))
  (func $compared (param f64 f64) (result i32)
    (i32.add (f64.lt (local.get 0) (local.get 1)) (f64.eq (local.get 0) (local.get 1))))
  (func $branch (param f32 f32) (result f32)
    (if (result f32) (f32.ne (local.get 0) (local.get 1))
      (then (local.get 0))
      (else (local.get 1))))
  (func $chosen (param f64 f64) (result f64)
    (select (local.get 0) (local.get 1) (i32.eqz (f64.ge (local.get 0) (local.get 1)))))
)
;;! baseline arithmetic: 68 bytes
;;!    0  sub dword ptr [rdi+30h], 2
;;!    4  jb 31h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  mov r11, 3FF8000000000000h
;;!   1a  vmovq xmm3, r11
;;!   1f  vaddsd xmm2, xmm0, xmm3
;;!   23  vsubsd xmm3, xmm0, xmm1
;;!   27  vdivsd xmm2, xmm2, xmm3
;;!   2b  vmovaps xmm0, xmm2
;;!   2f  pop rbp
;;!   30  ret
;;!   31  push rbp
;;!   32  mov rbp, rsp
;;!   35  mov eax, 0
;;!   3a  call qword ptr [rdi-20h]
;;!   3d  pop rbp
;;!   3e  nop
;;!   3f  jmp 0Ah
;;! baseline zero: 48 bytes
;;!    0  sub dword ptr [rdi+38h], 2
;;!    4  jb 1Eh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vxorps xmm2, xmm2, xmm2
;;!   14  vmulss xmm1, xmm0, xmm2
;;!   18  vmovaps xmm0, xmm1
;;!   1c  pop rbp
;;!   1d  ret
;;!   1e  push rbp
;;!   1f  mov rbp, rsp
;;!   22  mov eax, 1
;;!   27  call qword ptr [rdi-20h]
;;!   2a  pop rbp
;;!   2b  jmp 0Ah
;;! baseline signs: 112 bytes
;;!    0  sub dword ptr [rdi+40h], 2
;;!    4  jb 3Bh
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vandpd xmm2, xmm0, [50h]
;;!   18  vxorpd xmm3, xmm1, [60h]
;;!   20  vandpd xmm15, xmm3, [60h]
;;!   28  vandpd xmm2, xmm2, [50h]
;;!   30  vorpd xmm2, xmm2, xmm15
;;!   35  vmovaps xmm0, xmm2
;;!   39  pop rbp
;;!   3a  ret
;;!   3b  push rbp
;;!   3c  mov rbp, rsp
;;!   3f  mov eax, 2
;;!   44  call qword ptr [rdi-20h]
;;!   47  pop rbp
;;!   48  jmp 0Ah
;;!   4d  nop [rax]
;;!   50  (bad)
;;!   52  (bad)
;;!   54  (bad)
;;!   56  (bad)
;;!   58  (bad)
;;!   5a  (bad)
;;!   5c  (bad)
;;!   5e  (bad)
;;!   60  add [rax], al
;;!   62  add [rax], al
;;!   64  add [rax], al
;;!   66  add [rax], al
;;!   6c  add [rax], al
;;!   6e  (bad)
;;! baseline rounded: 56 bytes
;;!    0  sub dword ptr [rdi+48h], 2
;;!    4  jb 26h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vroundss xmm1, xmm0, xmm0, 9
;;!   16  vroundss xmm1, xmm1, xmm1, 8
;;!   1c  vsqrtss xmm1, xmm1, xmm1
;;!   20  vmovaps xmm0, xmm1
;;!   24  pop rbp
;;!   25  ret
;;!   26  push rbp
;;!   27  mov rbp, rsp
;;!   2a  mov eax, 3
;;!   2f  call qword ptr [rdi-20h]
;;!   32  pop rbp
;;!   33  jmp 0Ah
;;! baseline lowest: 68 bytes
;;!    0  sub dword ptr [rdi+50h], 2
;;!    4  jb 32h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vmovaps xmm2, xmm0
;;!   14  vucomiss xmm2, xmm1
;;!   18  jne short 28h
;;!   1a  jp short 22h
;;!   1c  vorps xmm2, xmm2, xmm1
;;!   20  jmp short 2Ch
;;!   22  vaddss xmm2, xmm2, xmm1
;;!   26  jmp short 2Ch
;;!   28  vminss xmm2, xmm2, xmm1
;;!   2c  vmovaps xmm0, xmm2
;;!   30  pop rbp
;;!   31  ret
;;!   32  push rbp
;;!   33  mov rbp, rsp
;;!   36  mov eax, 4
;;!   3b  call qword ptr [rdi-20h]
;;!   3e  pop rbp
;;!   3f  jmp 0Ah
;;! baseline highest: 68 bytes
;;!    0  sub dword ptr [rdi+58h], 2
;;!    4  jb 32h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vmovaps xmm2, xmm0
;;!   14  vucomisd xmm2, xmm1
;;!   18  jne short 28h
;;!   1a  jp short 22h
;;!   1c  vandps xmm2, xmm2, xmm1
;;!   20  jmp short 2Ch
;;!   22  vaddsd xmm2, xmm2, xmm1
;;!   26  jmp short 2Ch
;;!   28  vmaxsd xmm2, xmm2, xmm1
;;!   2c  vmovaps xmm0, xmm2
;;!   30  pop rbp
;;!   31  ret
;;!   32  push rbp
;;!   33  mov rbp, rsp
;;!   36  mov eax, 5
;;!   3b  call qword ptr [rdi-20h]
;;!   3e  pop rbp
;;!   3f  jmp 0Ah
;;! baseline compared: 60 bytes
;;!    0  sub dword ptr [rdi+60h], 2
;;!    4  jb 28h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  xor eax, eax
;;!   12  vucomisd xmm1, xmm0
;;!   16  seta al
;;!   19  xor ecx, ecx
;;!   1b  vucomisd xmm0, xmm1
;;!   1f  jp short 24h
;;!   21  sete cl
;;!   24  add eax, ecx
;;!   26  pop rbp
;;!   27  ret
;;!   28  push rbp
;;!   29  mov rbp, rsp
;;!   2c  mov eax, 6
;;!   31  call qword ptr [rdi-20h]
;;!   34  pop rbp
;;!   35  xchg ax, ax
;;!   37  jmp 0Ah
;;! baseline branch: 84 bytes
;;!    0  sub dword ptr [rdi+68h], 2
;;!    4  jb 41h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  sub rsp, 20h
;;!   12  nop [rax+rax]
;;!   18  vmovss [rbp-8], xmm0
;;!   1d  vmovss [rbp-10h], xmm1
;;!   22  vucomiss xmm0, xmm1
;;!   26  jp short 2Eh
;;!   28  je 37h
;;!   2e  vmovaps xmm2, xmm0
;;!   32  jmp 3Fh
;;!   37  vmovaps xmm2, xmm0
;;!   3b  vmovaps xmm0, xmm1
;;!   3f  leave
;;!   40  ret
;;!   41  push rbp
;;!   42  mov rbp, rsp
;;!   45  mov eax, 7
;;!   4a  call qword ptr [rdi-20h]
;;!   4d  pop rbp
;;!   4e  nop
;;!   4f  jmp 0Ah
;;! baseline chosen: 60 bytes
;;!    0  sub dword ptr [rdi+70h], 2
;;!    4  jb 28h
;;!    a  push rbp
;;!    b  mov rbp, rsp
;;!    e  xchg ax, ax
;;!   10  vmovaps xmm2, xmm0
;;!   14  vucomisd xmm0, xmm1
;;!   18  jb 22h
;;!   1e  vmovaps xmm2, xmm1
;;!   22  vmovaps xmm0, xmm2
;;!   26  pop rbp
;;!   27  ret
;;!   28  push rbp
;;!   29  mov rbp, rsp
;;!   2c  mov eax, 8
;;!   31  call qword ptr [rdi-20h]
;;!   34  pop rbp
;;!   35  xchg ax, ax
;;!   37  jmp 0Ah
;;! optimised arithmetic: 48 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vaddsd (%rip), %xmm0, %xmm5
;;!   vsubsd %xmm1, %xmm0, %xmm6
;;!   vdivsd %xmm6, %xmm5, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised zero: 48 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vmulss (%rip), %xmm0, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised signs: 74 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movabsq $0x7fffffffffffffff, %r11
;;!   vmovq %r11, %xmm2
;;!   vandpd %xmm2, %xmm0, %xmm0
;;!   movabsq $0x8000000000000000, %r11
;;!   vmovq %r11, %xmm2
;;!   vxorpd %xmm2, %xmm1, %xmm1
;;!   movabsq $0x8000000000000000, %r9
;;!   vmovq %r9, %xmm2
;;!   vandnpd %xmm0, %xmm2, %xmm0
;;!   vandpd %xmm1, %xmm2, %xmm1
;;!   vorpd %xmm1, %xmm0, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised rounded: 37 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   uninit  %xmm1
;;!   vxorps %xmm1, %xmm1, %xmm1
;;!   vroundss $0x1, %xmm0, %xmm1, %xmm0
;;!   uninit  %xmm1
;;!   vxorps %xmm1, %xmm1, %xmm1
;;!   vroundss $0x0, %xmm0, %xmm1, %xmm0
;;!   uninit  %xmm1
;;!   vxorps %xmm1, %xmm1, %xmm1
;;!   vsqrtss %xmm0, %xmm1, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised lowest: 54 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movdqa %xmm0, %xmm4
;;!   movdqa %xmm1, %xmm0
;;!   xmm min seq f32 %xmm4, %xmm0, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised highest: 56 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   movdqa %xmm0, %xmm4
;;!   movdqa %xmm1, %xmm0
;;!   xmm max seq f64 %xmm4, %xmm0, %xmm0
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised compared: 43 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vucomisd %xmm0, %xmm1
;;!   seta %r10b
;;!   movzbl %r10b, %r10d
;;!   vucomisd %xmm1, %xmm0
;;!   setnp %r11b
;;!   sete %al
;;!   andl %eax, %r11d
;;!   movzbl %r11b, %r11d
;;!   leal (%r10, %r11), %eax
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised branch: 29 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vucomiss %xmm1, %xmm0
;;!   jp,nz   label2; j label1
;;! block1:
;;!   movdqa %xmm1, %xmm0
;;!   jmp     label3
;;! block2:
;;!   jmp     label3
;;! block3:
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
;;! optimised chosen: 37 bytes
;;!   pushq %rbp
;;!   movq %rsp, %rbp
;;! block0:
;;!   vucomisd %xmm1, %xmm0
;;!   movdqa %xmm0, %xmm2
;;!   setae %sil
;;!   testb %sil, %sil
;;!   movdqa %xmm1, %xmm0
;;!   movsd %xmm0, %xmm0; jnz $next; movsd %xmm2, %xmm0; $next:
;;!   movq %rbp, %rsp
;;!   popq %rbp
;;!   retq
