;; The same as one module.
(module
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (func $f (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.and (local.get 0) (i32.const 0xFFFC)) (global.get $count))
    (i32.load (i32.and (i32.shl (local.get 0) (i32.const 2)) (i32.const 0xFFFC))))
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $f (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
