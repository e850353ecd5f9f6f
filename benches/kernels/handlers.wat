;; An interpreter whose instructions are functions: a program of sixteen bytes, run again and again.
(module
  (type $handler (func (param i32) (result i32)))
  (memory 1)
  (data (i32.const 0) "\00\01\02\00\03\01\00\02\00\01\03\02\00\01\00\02")
  (table 4 funcref)
  (elem (i32.const 0) $add $turn $mix $halve)
  (func $add (type $handler) (i32.add (local.get 0) (i32.const 977)))
  (func $turn (type $handler) (i32.rotl (local.get 0) (i32.const 7)))
  (func $mix (type $handler) (i32.xor (local.get 0) (i32.const 0x55555555)))
  (func $halve (type $handler) (i32.shr_u (local.get 0) (i32.const 1)))
  (func (export "run") (param $n i32) (result i32) (local $state i32)
    (loop $again
      (local.set $state (call_indirect (type $handler) (local.get $state)
        (i32.load8_u (i32.and (local.get $n) (i32.const 15)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $state)))
