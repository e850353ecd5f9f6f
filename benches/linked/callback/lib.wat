;; Owns a table, and calls what others put into it.
(module
  (table (export "table") 4 4 funcref)
  (func (export "fold") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (call_indirect (param i32 i32) (result i32) (local.get $sum) (local.get $n) (i32.const 2)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
