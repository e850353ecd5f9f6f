;; Calls both through a table.
(module
  (import "module 0" "f" (func $a (param i32) (result i32)))
  (import "module 1" "f" (func $b (param i32) (result i32)))
  (type $f (func (param i32) (result i32)))
  (table funcref (elem $a $b))
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32)
    (local.set $n (i32.or (i32.and (local.get $n) (i32.const 127)) (i32.const 16)))
    (loop $again
      (local.set $sum (i32.add (local.get $sum)
        (call_indirect (type $f) (local.get $n) (i32.and (local.get $n) (i32.const 1)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
