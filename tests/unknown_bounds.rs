//! A main thread whose stack has no known bounds: the system does not tell them without /proc, or where `prlimit64`
//! is refused, as here. Not run by the usual harness, whose tests run on threads of their own.

use lazywasm::{Engine, Func, Instance, Module, Store, Trap};

/// Has the kernel refuse one system call with this error, for this process from now on.
fn refuse(call: libc::c_long, error: i32) {
    let statement = |code, k| libc::sock_filter {
        code,
        jt: 0,
        jf: 0,
        k,
    };
    let action = libc::SECCOMP_RET_ERRNO | error as u32;
    let mut filter = [
        // Loads the number of the call.
        statement((libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16, 0),
        libc::sock_filter {
            jf: 1,
            ..statement(
                (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
                call as u32,
            )
        },
        statement((libc::BPF_RET | libc::BPF_K) as u16, action),
        statement(
            (libc::BPF_RET | libc::BPF_K) as u16,
            libc::SECCOMP_RET_ALLOW,
        ),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the filter is complete and lives through the call.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let mode = libc::SECCOMP_MODE_FILTER;
        assert_eq!(
            libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program),
            0
        );
    }
}

fn main() {
    refuse(libc::SYS_prlimit64, libc::EPERM);
    let engine = Engine::default();
    let wat = r#"(module (import "" "" (func $host (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call $host (local.get 0)))
        (func $deep (export "deep") (result i32) (i32.add (i32.const 1) (call $deep))))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let host = Func::wrap(&mut store, |value: i32| value + 1);
    let instance = Instance::new(&mut store, &module, &[host.into()]).unwrap();
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .unwrap();
    assert_eq!(f.call(&mut store, 4).unwrap(), 5);
    let deep = instance
        .get_typed_func::<(), i32>(&mut store, "deep")
        .unwrap();
    let ended = deep.call(&mut store, ()).unwrap_err();
    assert_eq!(ended.downcast_ref(), Some(&Trap::StackOverflow));
    println!("test result: ok. 1 passed; 0 failed");
}
