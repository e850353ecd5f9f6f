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
;;! baseline arithmetic: 78 bytes
;;!    0  sub dword ptr [rdi+0A0h], 2
;;!    7  jb 39h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  mov r11, 3FF8000000000000h
;;!   22  vmovq xmm3, r11
;;!   27  vaddsd xmm2, xmm0, xmm3
;;!   2b  vsubsd xmm3, xmm0, xmm1
;;!   2f  vdivsd xmm2, xmm2, xmm3
;;!   33  vmovaps xmm0, xmm2
;;!   37  pop rbp
;;!   38  ret
;;!   39  push rbp
;;!   3a  mov rbp, rsp
;;!   3d  mov eax, 0
;;!   42  call qword ptr [rdi+80h]
;;!   48  pop rbp
;;!   49  jmp 0Dh
;;! baseline zero: 60 bytes
;;!    0  sub dword ptr [rdi+0A8h], 2
;;!    7  jb 26h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vxorps xmm2, xmm2, xmm2
;;!   1c  vmulss xmm1, xmm0, xmm2
;;!   20  vmovaps xmm0, xmm1
;;!   24  pop rbp
;;!   25  ret
;;!   26  push rbp
;;!   27  mov rbp, rsp
;;!   2a  mov eax, 1
;;!   2f  call qword ptr [rdi+80h]
;;!   35  pop rbp
;;!   36  nop
;;!   37  jmp 0Dh
;;! baseline signs: 128 bytes
;;!    0  sub dword ptr [rdi+0B0h], 2
;;!    7  jb 4Bh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax+rax]
;;!   1a  nop [rax+rax]
;;!   20  vandpd xmm2, xmm0, [60h]
;;!   28  vxorpd xmm3, xmm1, [70h]
;;!   30  vandpd xmm15, xmm3, [70h]
;;!   38  vandpd xmm2, xmm2, [60h]
;;!   40  vorpd xmm2, xmm2, xmm15
;;!   45  vmovaps xmm0, xmm2
;;!   49  pop rbp
;;!   4a  ret
;;!   4b  push rbp
;;!   4c  mov rbp, rsp
;;!   4f  mov eax, 2
;;!   54  call qword ptr [rdi+80h]
;;!   5a  pop rbp
;;!   5b  jmp 0Dh
;;!   60  (bad)
;;!   62  (bad)
;;!   64  (bad)
;;!   66  (bad)
;;!   68  (bad)
;;!   6a  (bad)
;;!   6c  (bad)
;;!   6e  (bad)
;;!   70  add [rax], al
;;!   72  add [rax], al
;;!   74  add [rax], al
;;!   76  add [rax], al
;;!   7c  add [rax], al
;;!   7e  (bad)
;;! baseline rounded: 68 bytes
;;!    0  sub dword ptr [rdi+0B8h], 2
;;!    7  jb 2Eh
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vroundss xmm1, xmm0, xmm0, 9
;;!   1e  vroundss xmm1, xmm1, xmm1, 8
;;!   24  vsqrtss xmm1, xmm1, xmm1
;;!   28  vmovaps xmm0, xmm1
;;!   2c  pop rbp
;;!   2d  ret
;;!   2e  push rbp
;;!   2f  mov rbp, rsp
;;!   32  mov eax, 3
;;!   37  call qword ptr [rdi+80h]
;;!   3d  pop rbp
;;!   3e  nop
;;!   3f  jmp 0Dh
;;! baseline lowest: 79 bytes
;;!    0  sub dword ptr [rdi+0C0h], 2
;;!    7  jb 3Ah
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vmovaps xmm2, xmm0
;;!   1c  vucomiss xmm2, xmm1
;;!   20  jne short 30h
;;!   22  jp short 2Ah
;;!   24  vorps xmm2, xmm2, xmm1
;;!   28  jmp short 34h
;;!   2a  vaddss xmm2, xmm2, xmm1
;;!   2e  jmp short 34h
;;!   30  vminss xmm2, xmm2, xmm1
;;!   34  vmovaps xmm0, xmm2
;;!   38  pop rbp
;;!   39  ret
;;!   3a  push rbp
;;!   3b  mov rbp, rsp
;;!   3e  mov eax, 4
;;!   43  call qword ptr [rdi+80h]
;;!   49  pop rbp
;;!   4a  jmp 0Dh
;;! baseline highest: 79 bytes
;;!    0  sub dword ptr [rdi+0C8h], 2
;;!    7  jb 3Ah
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vmovaps xmm2, xmm0
;;!   1c  vucomisd xmm2, xmm1
;;!   20  jne short 30h
;;!   22  jp short 2Ah
;;!   24  vandps xmm2, xmm2, xmm1
;;!   28  jmp short 34h
;;!   2a  vaddsd xmm2, xmm2, xmm1
;;!   2e  jmp short 34h
;;!   30  vmaxsd xmm2, xmm2, xmm1
;;!   34  vmovaps xmm0, xmm2
;;!   38  pop rbp
;;!   39  ret
;;!   3a  push rbp
;;!   3b  mov rbp, rsp
;;!   3e  mov eax, 5
;;!   43  call qword ptr [rdi+80h]
;;!   49  pop rbp
;;!   4a  jmp 0Dh
;;! baseline compared: 69 bytes
;;!    0  sub dword ptr [rdi+0D0h], 2
;;!    7  jb 30h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  xor eax, eax
;;!   1a  vucomisd xmm1, xmm0
;;!   1e  seta al
;;!   21  xor ecx, ecx
;;!   23  vucomisd xmm0, xmm1
;;!   27  jp short 2Ch
;;!   29  sete cl
;;!   2c  add eax, ecx
;;!   2e  pop rbp
;;!   2f  ret
;;!   30  push rbp
;;!   31  mov rbp, rsp
;;!   34  mov eax, 6
;;!   39  call qword ptr [rdi+80h]
;;!   3f  pop rbp
;;!   40  jmp 0Dh
;;! baseline branch: 86 bytes
;;!    0  sub dword ptr [rdi+0D8h], 2
;;!    7  jb 41h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  sub rsp, 20h
;;!   15  nop [rax]
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
;;!   4a  call qword ptr [rdi+80h]
;;!   50  pop rbp
;;!   51  jmp 0Dh
;;! baseline chosen: 69 bytes
;;!    0  sub dword ptr [rdi+0E0h], 2
;;!    7  jb 30h
;;!    d  push rbp
;;!    e  mov rbp, rsp
;;!   11  nop [rax]
;;!   18  vmovaps xmm2, xmm0
;;!   1c  vucomisd xmm0, xmm1
;;!   20  jb 2Ah
;;!   26  vmovaps xmm2, xmm1
;;!   2a  vmovaps xmm0, xmm2
;;!   2e  pop rbp
;;!   2f  ret
;;!   30  push rbp
;;!   31  mov rbp, rsp
;;!   34  mov eax, 8
;;!   39  call qword ptr [rdi+80h]
;;!   3f  pop rbp
;;!   40  jmp 0Dh
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
