;; The optimiser makes a conditional trap of a branch to a block that only traps: it must keep that block's place, and not
;; take that of the other side, whether that only traps too or does something before.
(module
  (global $left (mut i32) (i32.const 30))
  (func (export "both") (param i32)
    (if (local.get 0)
      (then (unreachable))
      (else (unreachable))))
  (func $one (export "one") (param i32)
    (if (i32.eqz (global.get $left)) (then (unreachable)))
    (global.set $left (i32.sub (global.get $left) (i32.const 1)))
    (call $one (local.get 0))
    (unreachable))
  (func (export "neither") (param i32) (result i32)
    (if (i32.and (local.get 0) (i32.const 1))
      (then (call $one (i32.const 0)) (unreachable))
      (else (i32.store (i32.const 0) (local.get 0)) (unreachable)))
    (i32.const 0))
  (memory 1))
