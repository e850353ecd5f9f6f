;; Its contexts have more imports, so the memory is elsewhere in them.
(module
  (import "module 0" "f" (func (param i32) (result i32)))
  (import "module 0" "f" (func (param i32) (result i32)))
  (import "module 0" "f" (func (param i32) (result i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 0) "\02\00\00\00")
  (func (export "f") (param i32) (result i32) (i32.load (i32.const 0))))
