;; Reads and writes its own memory and global.
(module
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "f") (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.and (local.get 0) (i32.const 0xFFFC)) (global.get $count))
    (i32.load (i32.and (i32.shl (local.get 0) (i32.const 2)) (i32.const 0xFFFC)))))
