;; Does nothing.
(module
  (func (export "f")))
