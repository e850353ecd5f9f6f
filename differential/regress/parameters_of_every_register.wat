;; A count at the entry that asks the engine must preserve every parameter: those in registers of both kinds
;; and those on the stack.
(module
  (func $many (param i32 i64 i32 i64 i32 i64 i32 i64) (param f32 f64 f32 f64 v128 f32 f64 v128 f32 f64)
    (result i64 f64 v128)
    (i64.add
      (i64.add (i64.mul (i64.extend_i32_u (local.get 0)) (local.get 1))
        (i64.mul (i64.extend_i32_u (local.get 2)) (local.get 3)))
      (i64.add (i64.mul (i64.extend_i32_u (local.get 4)) (local.get 5))
        (i64.mul (i64.extend_i32_u (local.get 6)) (local.get 7))))
    (f64.add
      (f64.add
        (f64.add (f64.promote_f32 (local.get 8)) (f64.mul (local.get 9) (f64.const 3)))
        (f64.add (f64.promote_f32 (local.get 10)) (f64.mul (local.get 11) (f64.const 7))))
      (f64.add
        (f64.add (f64.promote_f32 (local.get 13)) (f64.mul (local.get 14) (f64.const 11)))
        (f64.add (f64.promote_f32 (local.get 16)) (f64.mul (local.get 17) (f64.const 13)))))
    (i64x2.sub (local.get 12) (local.get 15)))
  (func (export "run") (param i32) (result i64 f64 v128)
    (local $i i32) (local $a i64) (local $b f64) (local $c v128)
    (loop $again
      (call $many
        (local.get $i) (i64.const 0x1_0000_0003) (i32.const 5) (i64.const 7) (local.get 0) (i64.const -11)
        (i32.const 13) (local.get $a)
        (f32.const 0.5) (f64.const 1.5) (f32.const 2.5) (local.get $b)
        (v128.const i64x2 1 2) (f32.const 4.5) (f64.const 5.5) (local.get $c) (f32.const 6.5) (f64.const 7.5))
      (local.set $c)
      (local.set $b)
      (local.set $a)
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 40))))
    (local.get $a) (local.get $b) (local.get $c)))
