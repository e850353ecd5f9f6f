;; Found by a seed: where code is entered at a loop, the places of operands in the baseline frame were computed as if the
;; call before the loop were inlined, which it never is in baseline code.
(module
  (global $sum (export "sum") (mut i32) (i32.const 0))
  (func $callee (param f64))
  (func (export "f") (param i32) (result i32)
    (loop (loop (loop
      (call $callee (f64.const 1))
      (f32.const 7)
      (loop (result f32) (f32.const 2))
      (i32.reinterpret_f32)
      (global.set $sum (i32.add (global.get $sum)))
      (i32.reinterpret_f32)
      (global.set $sum (i32.add (global.get $sum))))))
    (local.get 0)))
