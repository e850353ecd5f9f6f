;; Not a bug that was found, but what inlining must keep apart: the lowest of three modules, each with a memory, a
;; counter and a table of its own at the same indices.
(module
  (type $step (func (param i32) (result i32)))
  (import "host" "note" (func $note (param i32)))
  (memory (export "memory") 1 2)
  (global $count (export "count") (mut i32) (i32.const 0))
  (table (export "table") 2 2 funcref)
  (elem (i32.const 0) $twice $odd)
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $odd (param i32) (result i32)
    (if (i32.eq (local.get 0) (i32.const 61)) (then (call $note (local.get 0))))
    (i32.or (local.get 0) (i32.const 1)))
  ;; Reads, counts and writes in what is its own, and leaves the loop from inside.
  (func (export "sum") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (if (i32.eqz (local.get $n)) (then (return (local.get $sum))))
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.store (i32.and (local.get $n) (i32.const 0xFFC)) (global.get $count))
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.and (local.get $sum) (i32.const 0xFFC)))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $again))
    (unreachable))
  (func (export "pair") (param i32) (result i32 i32)
    (memory.size)
    (i32.load8_u (local.get 0)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))
