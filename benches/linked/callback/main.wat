;; Puts a function into the table of the other module, which calls it from there.
(module
  (import "lib" "table" (table 4 4 funcref))
  (import "lib" "fold" (func $fold (param i32) (result i32)))
  (elem (i32.const 2) $callback)
  (func $callback (param i32 i32) (result i32) (i32.add (local.get 0) (i32.and (local.get 1) (i32.const 255))))
  (func (export "run") (param i32) (result i32) (call $fold (local.get 0))))
