;; The same as one module.
(module
  (func $f (param i32 i32) (result i32) (i32.add (local.get 0) (i32.xor (local.get 1) (i32.const 5))))
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (call $f (local.get $sum) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
