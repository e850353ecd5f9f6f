;; In the middle.
(module
  (import "lib" "low" (func $low (param i32) (result i32)))
  (func (export "f") (param i32 i32) (result i32) (i32.add (call $low (local.get 0)) (local.get 1))))
