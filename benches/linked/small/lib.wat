;; A small function.
(module
  (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 0) (i32.xor (local.get 1) (i32.const 5)))))
