;; Calls it in a loop.
(module
  (import "lib" "f" (func $f))
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (call $f)
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
