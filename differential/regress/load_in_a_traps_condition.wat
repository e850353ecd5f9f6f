;; A branch to a trap becomes a conditional trap, and a load of its condition an operand of the comparison in it: a fault
;; there must not be reported at the trap's place.
(module
  (memory 1)
  (func (export "float") (param i32)
    (if (f32.lt (f32.load (local.get 0)) (f32.const 1)) (then (unreachable))))
  (func (export "whole") (param i32)
    (if (i32.lt_u (i32.load offset=65530 (local.get 0)) (i32.const 1)) (then (unreachable))))
  (func (export "bits") (param i32) (result i32)
    (block (br_if 0 (i64.eqz (i64.load offset=0x7fffffff (local.get 0)))) (unreachable))
    (i32.const 7)))
