;; Floats and nested loops: the product of two n by n matrices, summed up. One row a call.
(module
  (memory 64)
  (func $at (param $matrix i32) (param $n i32) (param $row i32) (param $column i32) (result i32)
    (i32.shl
      (i32.add
        (i32.mul (i32.add (i32.mul (local.get $matrix) (local.get $n)) (local.get $row))
          (local.get $n))
        (local.get $column))
      (i32.const 3)))
  (func $fill (param $n i32) (local $i i32) (local $cells i32)
    (local.set $cells (i32.mul (i32.const 2) (i32.mul (local.get $n) (local.get $n))))
    (loop $again
      (f64.store (i32.shl (local.get $i) (i32.const 3))
        (f64.convert_i32_u (i32.rem_u (i32.mul (local.get $i) (i32.const 7)) (i32.const 33))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $cells)))))
  (func $row (param $n i32) (param $row i32) (result f64)
    (local $column i32) (local $i i32) (local $sum f64)
    (loop $columns
      (local.set $i (i32.const 0))
      (loop $inner
        (local.set $sum (f64.add (local.get $sum) (f64.mul
          (f64.load (call $at (i32.const 0) (local.get $n) (local.get $row) (local.get $i)))
          (f64.load (call $at (i32.const 1) (local.get $n) (local.get $i) (local.get $column))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $inner (i32.lt_u (local.get $i) (local.get $n))))
      (local.set $column (i32.add (local.get $column) (i32.const 1)))
      (br_if $columns (i32.lt_u (local.get $column) (local.get $n))))
    (local.get $sum))
  (func (export "run") (param $n i32) (result i32) (local $row i32) (local $sum f64)
    (call $fill (local.get $n))
    (loop $rows
      (local.set $sum (f64.add (local.get $sum) (call $row (local.get $n) (local.get $row))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $rows (i32.lt_u (local.get $row) (local.get $n))))
    (i32.trunc_sat_f64_s (local.get $sum))))
