;; Found by a seed: baseline code put the constants below a loop into the frame and looked for them there
;; after the block around the loop, also where the loop had been skipped.
(module
  (func (export "if") (param i32) (result i32)
    i32.const 40
    i32.const 2
    (if (local.get 0)
      (then (loop $once (br_if $once (i32.eqz (local.get 0))))))
    i32.add)
  (func (export "else") (param i32) (result i32)
    i32.const 40
    i32.const 2
    (if (local.get 0)
      (then)
      (else (loop $once (br_if $once (local.get 0)))))
    i32.add)
  (func (export "block") (param i32) (result i32)
    i32.const 40
    i32.const 2
    (block $past
      (br_if $past (local.get 0))
      (loop $once (br_if $once (local.get 0))))
    i32.add)
  ;; A second loop must not take for stored what only one way to it has stored.
  (func (export "loop after") (param i32) (result i32)
    i32.const 40
    i32.const 2
    (if (local.get 0)
      (then (loop $once (br_if $once (i32.eqz (local.get 0))))))
    (loop $again (br_if $again (i32.const 0)))
    i32.add))
