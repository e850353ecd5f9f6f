;; Re-exports it.
(module
  (import "lib" "f" (func $f (param i32 i32) (result i32)))
  (export "g" (func $f)))
