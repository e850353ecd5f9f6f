;; Found by reading: two callees of different modules behind one guard both used the memory of the first, loaded from its
;; place in the contexts of the first module.
(module
  (memory (export "memory") 1 1)
  (data (i32.const 0) "\01\00\00\00")
  (func (export "f") (param i32) (result i32) (i32.load (i32.const 0))))
