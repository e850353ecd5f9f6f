;; The other module of the benchmark cross_module.
(module
  (func (export "step") (param i32 i32) (result i32)
    (i32.add (i32.mul (local.get 0) (i32.const 31)) (local.get 1))))
