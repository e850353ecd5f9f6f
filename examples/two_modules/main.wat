;; A command that calls another module in its inner loop, linked when it is started:
;;
;;     lazywasm run --preload steps=examples/two_modules/steps.wat examples/two_modules/main.wat
;;
;; Prints the number below 100000 from which the Collatz sequence takes longest, and its steps.
(module $main
  (import "steps" "collatz" (func $collatz (param i64) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 64) " takes ")
  (data (i32.const 80) " steps\n")

  ;; End of the text that is collected from address 256 on.
  (global $end (mut i32) (i32.const 256))

  (func $put_text (param $from i32) (param $length i32)
    (memory.copy (global.get $end) (local.get $from) (local.get $length))
    (global.set $end (i32.add (global.get $end) (local.get $length))))

  (func $put_number (param $n i32)
    (if (i32.ge_u (local.get $n) (i32.const 10))
      (then (call $put_number (i32.div_u (local.get $n) (i32.const 10)))))
    (i32.store8 (global.get $end)
      (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))

  (func (export "_start")
    (local $n i32) (local $steps i32) (local $best i32) (local $most i32)
    (local.set $n (i32.const 1))
    (loop $again
      (local.set $steps (call $collatz (i64.extend_i32_u (local.get $n))))
      (if (i32.gt_s (local.get $steps) (local.get $most))
        (then
          (local.set $most (local.get $steps))
          (local.set $best (local.get $n))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 100000))))
    (call $put_number (local.get $best))
    (call $put_text (i32.const 64) (i32.const 7))
    (call $put_number (local.get $most))
    (call $put_text (i32.const 80) (i32.const 7))
    (i32.store (i32.const 0) (i32.const 256))
    (i32.store (i32.const 4) (i32.sub (global.get $end) (i32.const 256)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
)
