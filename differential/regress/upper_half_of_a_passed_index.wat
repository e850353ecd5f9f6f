;; The result of a block is an i32 that is also a local, in the register where results are passed. Its upper half must be
;; cleared on the way, although the local moves elsewhere: memory is accessed with all 64 bits.
(module
  (memory 1)
  (data (i32.const 0) "\01\02\03\04\05\06\07\08")
  (func $wide (param i32) (result i64)
    (i64.or (i64.extend_i32_u (i32.and (local.get 0) (i32.const 255))) (i64.const 0x1_0000_0000)))
  (func $wrap (param i32) (result i32)
    (i32.wrap_i64 (i64.or (i64.extend_i32_u (i32.and (local.get 0) (i32.const 255))) (i64.const 0x1_0000_0000))))
  (func (export "wrapped") (param i32 i32) (result i32) (local i32)
    (i32.load
      (block $out (result i32)
        (local.set 2
          (i32.wrap_i64 (i64.or (i64.extend_i32_u (i32.and (local.get 0) (i32.const 255))) (i64.const 0x1_0000_0000))))
        (br_if $out (local.get 2) (local.get 1)))))
  (func (export "returned") (param i32 i32) (result i32) (local i32)
    (i32.load
      (block $out (result i32)
        (local.set 2 (call $wrap (local.get 0)))
        (br_if $out (local.get 2) (local.get 1)))))
  (func (export "by_a_table") (param i32 i32) (result i32) (local i32)
    (i32.load
      (block $out (result i32)
        (local.set 2 (i32.wrap_i64 (call $wide (local.get 0))))
        (br_table $out $out (local.get 2) (local.get 1))))))
