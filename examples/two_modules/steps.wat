;; A library: how many steps the Collatz sequence takes from a number to 1.
;; Used by main.wat beside it.
(module $steps
  (func $next (param $n i64) (result i64)
    (if (result i64) (i32.wrap_i64 (i64.and (local.get $n) (i64.const 1)))
      (then (i64.add (i64.mul (local.get $n) (i64.const 3)) (i64.const 1)))
      (else (i64.shr_u (local.get $n) (i64.const 1)))))

  (func (export "collatz") (param $n i64) (result i32)
    (local $steps i32)
    (block $done
      (loop $again
        (br_if $done (i64.le_u (local.get $n) (i64.const 1)))
        (local.set $n (call $next (local.get $n)))
        (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
        (br $again)))
    (local.get $steps))
)
