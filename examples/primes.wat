;; A small WASI command: prints the prime numbers up to its first argument.
;;
;;     lazywasm run examples/primes.wat 50
;;
;; Status 0; 2 if the argument is missing or not a number; 1 if there is not enough memory.
;;
;; Memory:      0  one iovec (address, length), then the count fd_write reports
;;             16  argc and the size of the argument strings
;;           1024  argument pointers and strings, 7 KiB
;;           8192  output that was not written yet, up to 8 KiB
;;          65536  the sieve, a byte for each number
(module $primes
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit"
    (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 256) "usage: primes LIMIT, with LIMIT from 0 to 99999999\n")
  (data (i32.const 384) "not enough memory for the sieve\n")

  ;; Bytes of output waiting at 8192.
  (global $pending (mut i32) (i32.const 0))

  ;; Writes all of a range to a descriptor, in as many pieces as it takes. A failure ends the
  ;; program: there is nobody left to tell.
  (func $write_all (param $fd i32) (param $at i32) (param $length i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $length)))
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $length))
        (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))
          (then (call $proc_exit (i32.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
        (local.set $length (i32.sub (local.get $length) (i32.load (i32.const 8))))
        (br $again))))

  (func $flush
    (call $write_all (i32.const 1) (i32.const 8192) (global.get $pending))
    (global.set $pending (i32.const 0)))

  (func $put_byte (param $byte i32)
    (i32.store8 offset=8192 (global.get $pending) (local.get $byte))
    (global.set $pending (i32.add (global.get $pending) (i32.const 1))))

  ;; Decimal digits, the highest first.
  (func $put_number (param $n i32)
    (if (i32.ge_u (local.get $n) (i32.const 10))
      (then (call $put_number (i32.div_u (local.get $n) (i32.const 10)))))
    (call $put_byte
      (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10)))))

  (func $put_line (param $n i32)
    (call $put_number (local.get $n))
    (call $put_byte (i32.const 10))
    (if (i32.gt_u (global.get $pending) (i32.const 8000))
      (then (call $flush))))

  (func $fail (param $status i32) (param $text i32) (param $length i32)
    (call $write_all (i32.const 2) (local.get $text) (local.get $length))
    (call $proc_exit (local.get $status))
    (unreachable))

  (func $usage
    (call $fail (i32.const 2) (i32.const 256) (i32.const 51)))

  ;; The number written in decimal at an address, up to a zero byte.
  (func $parse (param $at i32) (result i32)
    (local $byte i32) (local $value i32) (local $digits i32)
    (loop $next
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (local.get $byte)
        (then
          (local.set $byte (i32.sub (local.get $byte) (i32.const 48)))
          (if (i32.gt_u (local.get $byte) (i32.const 9)) (then (call $usage)))
          (local.set $digits (i32.add (local.get $digits) (i32.const 1)))
          (if (i32.gt_u (local.get $digits) (i32.const 8)) (then (call $usage)))
          (local.set $value
            (i32.add (i32.mul (local.get $value) (i32.const 10)) (local.get $byte)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (if (i32.eqz (local.get $digits)) (then (call $usage)))
    (local.get $value))

  ;; The first argument as a number.
  (func $limit (result i32)
    (if (call $args_sizes_get (i32.const 16) (i32.const 20)) (then (call $usage)))
    (if (i32.ne (i32.load (i32.const 16)) (i32.const 2)) (then (call $usage)))
    (if (i32.gt_u (i32.load (i32.const 20)) (i32.const 7000)) (then (call $usage)))
    (if (call $args_get (i32.const 1024) (i32.const 1040)) (then (call $usage)))
    (call $parse (i32.load (i32.const 1028))))

  ;; Room for a byte for each number up to the limit.
  (func $make_sieve (param $limit i32)
    (if (i32.eq
          (memory.grow
            (i32.add (i32.div_u (local.get $limit) (i32.const 65536)) (i32.const 1)))
          (i32.const -1))
      (then (call $fail (i32.const 1) (i32.const 384) (i32.const 32)))))

  ;; Marks the multiples of a prime, from its square on.
  (func $strike (param $prime i32) (param $limit i32)
    (local $multiple i32)
    (local.set $multiple (i32.mul (local.get $prime) (local.get $prime)))
    (loop $next
      (if (i32.le_u (local.get $multiple) (local.get $limit))
        (then
          (i32.store8 offset=65536 (local.get $multiple) (i32.const 1))
          (local.set $multiple (i32.add (local.get $multiple) (local.get $prime)))
          (br $next)))))

  (func (export "_start")
    (local $limit i32) (local $n i32)
    (local.set $limit (call $limit))
    (call $make_sieve (local.get $limit))
    (local.set $n (i32.const 2))
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (local.get $n) (local.get $limit)))
        (if (i32.eqz (i32.load8_u offset=65536 (local.get $n)))
          (then
            (call $put_line (local.get $n))
            ;; Squares of larger numbers lie beyond any limit and would overflow.
            (if (i32.le_u (local.get $n) (i32.const 10000))
              (then (call $strike (local.get $n) (local.get $limit))))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next)))
    (call $flush))
)
