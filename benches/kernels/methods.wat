;; Virtual methods: 64 objects of three classes in memory, each with the index of its class's two methods.
(module
  (type $method (func (param i32) (result i32)))
  (memory 1)
  (table 6 funcref)
  (elem (i32.const 0) $square_area $square_edge $disc_area $disc_edge $line_area $line_edge)
  ;; An object: the index of its first method, and a size.
  (func $size (param $this i32) (result i32) (i32.load offset=4 (local.get $this)))
  (func $square_area (type $method) (i32.mul (call $size (local.get 0)) (call $size (local.get 0))))
  (func $square_edge (type $method) (i32.mul (call $size (local.get 0)) (i32.const 4)))
  (func $disc_area (type $method)
    (i32.mul (i32.const 3) (i32.mul (call $size (local.get 0)) (call $size (local.get 0)))))
  (func $disc_edge (type $method) (i32.mul (call $size (local.get 0)) (i32.const 6)))
  (func $line_area (type $method) (i32.const 0))
  (func $line_edge (type $method) (call $size (local.get 0)))
  (func $make (local $at i32)
    (loop $again
      (i32.store (local.get $at)
        (i32.mul (i32.rem_u (i32.shr_u (local.get $at) (i32.const 3)) (i32.const 3)) (i32.const 2)))
      (i32.store offset=4 (local.get $at) (i32.add (local.get $at) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $again (i32.lt_u (local.get $at) (i32.const 512)))))
  (func (export "run") (param $n i32) (result i32) (local $at i32) (local $sum i32)
    (call $make)
    (loop $again
      (local.set $at (i32.and (i32.mul (local.get $n) (i32.const 8)) (i32.const 511)))
      (local.set $sum (i32.add (local.get $sum) (i32.sub
        (call_indirect (type $method) (local.get $at) (i32.load (local.get $at)))
        (call_indirect (type $method) (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
