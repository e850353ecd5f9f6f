;; Calls across modules: a loop that calls a function of another module.
(module
  (import "library" "step" (func $step (param i32 i32) (result i32)))
  (func $thousand (param $x i32) (result i32) (local $i i32)
    (loop $again
      (local.set $x (call $step (local.get $x) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
    (local.get $x))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $x i32)
    (loop $again
      (local.set $x (call $thousand (local.get $x)))
      (local.set $i (i32.add (local.get $i) (i32.const 1000)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $x)))
