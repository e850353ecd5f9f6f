;; Indirect calls: a chain of small functions, each chosen by the result of the one before.
(module
  (type $step (func (param i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) $add $turn $mix $square)
  (func $add (type $step) (i32.add (local.get 0) (i32.const 12345)))
  (func $turn (type $step) (i32.rotl (local.get 0) (i32.const 5)))
  (func $mix (type $step) (i32.xor (local.get 0) (i32.shr_u (local.get 0) (i32.const 3))))
  (func $square (type $step) (i32.add (i32.mul (local.get 0) (local.get 0)) (i32.const 1)))
  (func $hundred (param $x i32) (result i32) (local $i i32)
    (loop $again
      (local.set $x (call_indirect (type $step) (local.get $x)
        (i32.and (i32.add (local.get $x) (local.get $i)) (i32.const 3))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 100))))
    (local.get $x))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $x i32)
    (loop $again
      (local.set $x (i32.add (call $hundred (local.get $x)) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 100)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $x)))
