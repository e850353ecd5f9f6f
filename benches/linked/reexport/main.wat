;; Calls the re-exported function in a loop.
(module
  (import "mid" "g" (func $f (param i32 i32) (result i32)))
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (call $f (local.get $sum) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
