;; The same as one module.
(module
  (table (export "table") 4 4 funcref)
  (elem (i32.const 2) $callback)
  (func $callback (param i32 i32) (result i32) (i32.add (local.get 0) (i32.and (local.get 1) (i32.const 255))))
  (func $fold (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (call_indirect (param i32 i32) (result i32) (local.get $sum) (local.get $n) (i32.const 2)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "run") (param i32) (result i32) (call $fold (local.get 0))))
