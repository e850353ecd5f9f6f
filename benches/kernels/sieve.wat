;; Bytes in memory and short loops: how many primes there are below n. Strokes out one prime a call.
(module
  (memory 16)
  (func $strike (param $from i32) (param $step i32) (param $to i32)
    (block $out
      (loop $again
        (br_if $out (i32.ge_u (local.get $from) (local.get $to)))
        (i32.store8 (local.get $from) (i32.const 1))
        (local.set $from (i32.add (local.get $from) (local.get $step)))
        (br $again))))
  (func $count (param $to i32) (result i32) (local $at i32) (local $found i32)
    (local.set $at (i32.const 2))
    (block $out
      (loop $again
        (br_if $out (i32.ge_u (local.get $at) (local.get $to)))
        (local.set $found (i32.add (local.get $found) (i32.eqz (i32.load8_u (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $again)))
    (local.get $found))
  (func (export "run") (param $n i32) (result i32) (local $at i32)
    (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
    (local.set $at (i32.const 2))
    (block $out
      (loop $again
        (br_if $out (i32.gt_u (i32.mul (local.get $at) (local.get $at)) (local.get $n)))
        (if (i32.eqz (i32.load8_u (local.get $at)))
          (then (call $strike
            (i32.mul (local.get $at) (local.get $at)) (local.get $at) (local.get $n))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $again)))
    (call $count (local.get $n))))
