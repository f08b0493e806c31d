;; The smallest component that runs into a host-call limit and into the handle limit.
(component
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r))
  (core module $m
    (import "host" "new" (func $new (param i32) (result i32)))
    (memory (export "memory") 1)
    ;; 1024 bytes of text at 8
    (func (export "answer") (result i32)
      (i32.store (i32.const 0) (i32.const 8))
      (i32.store (i32.const 4) (i32.const 1024))
      (i32.const 0))
    (func (export "handles")
      (drop (call $new (i32.const 1)))
      (drop (call $new (i32.const 2)))))
  (core instance $i (instantiate $m (with "host" (instance (export "new" (func $new))))))
  (func (export "answer") (result string)
    (canon lift (core func $i "answer") (memory (core memory $i "memory"))))
  (func (export "handles")
    (canon lift (core func $i "handles"))))
