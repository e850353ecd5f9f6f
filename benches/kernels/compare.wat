;; A comparison callback: insertion sort of small rows, upwards and downwards in alternation.
(module
  (type $before (func (param i32 i32) (result i32)))
  (memory 1)
  (table 2 funcref)
  (elem (i32.const 0) $less $greater)
  (func $less (type $before) (i32.lt_s (local.get 0) (local.get 1)))
  (func $greater (type $before) (i32.gt_s (local.get 0) (local.get 1)))
  (func $sort (param $end i32) (param $before i32) (local $at i32) (local $to i32) (local $moved i32)
    (loop $next
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (local.set $to (local.get $at))
      (local.set $moved (i32.load (local.get $at)))
      (block $placed
        (loop $shift
          (br_if $placed (i32.eqz (local.get $to)))
          (br_if $placed (i32.eqz (call_indirect (type $before) (local.get $moved)
            (i32.load (i32.sub (local.get $to) (i32.const 4))) (local.get $before))))
          (i32.store (local.get $to) (i32.load (i32.sub (local.get $to) (i32.const 4))))
          (local.set $to (i32.sub (local.get $to) (i32.const 4)))
          (br $shift)))
      (i32.store (local.get $to) (local.get $moved))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end)))))
  (func (export "run") (param $n i32) (result i32) (local $sum i32) (local $at i32)
    (loop $again
      (local.set $at (i32.const 0))
      (loop $fill
        (i32.store (local.get $at)
          (i32.mul (i32.add (local.get $at) (local.get $n)) (i32.const 0x9E3779B1)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $fill (i32.le_u (local.get $at) (i32.const 128))))
      (call $sort (i32.const 128) (i32.and (local.get $n) (i32.const 1)))
      (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 1)) (i32.load (i32.const 40))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
