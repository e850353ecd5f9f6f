//! Arguments, environment, clocks, randomness, ending.

mod harness;
use harness::{Guest, call};
use lazywasm_wasi_shim::preview1::Stop;
use lazywasm_wasi_shim::{Errno, I32Exit, WasiCtx};

fn strings(guest: &Guest, pointers: u32, count: u32) -> Vec<String> {
    (0..count)
        .map(|index| {
            let at = guest.u32(pointers + index * 4) as usize;
            let len = guest.bytes[at..]
                .iter()
                .position(|&byte| byte == 0)
                .unwrap();
            String::from_utf8(guest.bytes[at..at + len].to_vec()).unwrap()
        })
        .collect()
}

#[test]
fn arguments_and_environment() {
    let mut builder = WasiCtx::builder();
    builder
        .arg("prog")
        .args(["", "späß"])
        .env("A", "1")
        .env("B", "x=y")
        .env("A", "2");
    let guest = &mut Guest::new(builder.build().unwrap());
    call!(guest, args_sizes_get, 16, 20).unwrap();
    assert_eq!((guest.u32(16), guest.u32(20)), (3, 5 + 1 + 7));
    call!(guest, args_get, 64, 128).unwrap();
    assert_eq!(strings(guest, 64, 3), ["prog", "", "späß"]);
    call!(guest, environ_sizes_get, 16, 20).unwrap();
    assert_eq!((guest.u32(16), guest.u32(20)), (2, 4 + 6));
    call!(guest, environ_get, 64, 128).unwrap();
    assert_eq!(strings(guest, 64, 2), ["A=2", "B=x=y"]);

    // If they do not fit completely, including the last NUL, they are refused.
    let end = guest.bytes.len() as u32;
    assert_eq!(call!(guest, environ_get, 64, end - 9), Err(Errno::FAULT));
    assert_eq!(call!(guest, environ_get, 64, end - 10), Ok(()));
    assert_eq!(call!(guest, environ_get, end - 7, 128), Err(Errno::FAULT));
}

#[test]
fn what_cannot_be_passed_is_refused_when_building() {
    assert!(WasiCtx::builder().arg("a\0b").build().is_err());
    assert!(WasiCtx::builder().env("A=B", "1").build().is_err());
    assert!(WasiCtx::builder().env("", "1").build().is_err());
    let error = WasiCtx::builder()
        .preopened_dir("/does/not/exist", "/", false)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("/does/not/exist"), "{error}");
}

#[test]
fn clocks_tick() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    for id in 0..4 {
        call!(guest, clock_res_get, id, 16).unwrap();
        assert!((1..=1_000_000_000).contains(&guest.u64(16)));
        call!(guest, clock_time_get, id, 0, 24).unwrap();
        let first = guest.u64(24);
        call!(guest, clock_time_get, id, u64::MAX, 24).unwrap();
        assert!(guest.u64(24) >= first);
    }
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos() as u64;
    call!(guest, clock_time_get, 0, 0, 24).unwrap();
    assert!(guest.u64(24).abs_diff(now) < 10_000_000_000);
    assert_eq!(call!(guest, clock_time_get, 4, 0, 24), Err(Errno::INVAL));
    assert_eq!(call!(guest, clock_res_get, u32::MAX, 24), Err(Errno::INVAL));
    assert_eq!(
        call!(guest, clock_time_get, 0, 0, u32::MAX),
        Err(Errno::FAULT)
    );
}

#[test]
fn random_bytes_fill_exactly() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    call!(guest, random_get, 100, 100_000).unwrap();
    assert!(guest.bytes[..100].iter().all(|&byte| byte == 0));
    assert!(guest.bytes[100_100..].iter().all(|&byte| byte == 0));
    let zeros = guest.bytes[100..100_100]
        .iter()
        .filter(|&&byte| byte == 0)
        .count();
    assert!(
        (200..700).contains(&zeros),
        "{zeros} of 100000 bytes are zero"
    );
    assert_eq!(call!(guest, random_get, 0, u32::MAX), Err(Errno::FAULT));
    assert_eq!(call!(guest, random_get, 0, 0), Ok(()));
}

#[test]
fn ending() {
    let guest = &mut Guest::new(WasiCtx::builder().build().unwrap());
    assert_eq!(call!(guest, proc_exit, 0), I32Exit(0));
    assert_eq!(call!(guest, proc_exit, u32::MAX), I32Exit(-1));
    assert_eq!(I32Exit(3).to_string(), "the program exited with status 3");
    assert_eq!(call!(guest, proc_raise, 0), Ok(()));
    assert_eq!(call!(guest, proc_raise, 6), Err(Stop::Exit(I32Exit(134))));
    assert_eq!(call!(guest, proc_raise, 15), Err(Stop::Exit(I32Exit(143))));
    assert_eq!(call!(guest, proc_raise, 16), Ok(()));
    assert_eq!(
        call!(guest, proc_raise, 18),
        Err(Stop::Errno(Errno::NOTSUP))
    );
    assert_eq!(
        call!(guest, proc_raise, 30),
        Err(Stop::Exit(I32Exit(128 + 31)))
    );
    assert_eq!(call!(guest, proc_raise, 31), Err(Stop::Errno(Errno::INVAL)));
    assert_eq!(call!(guest, sched_yield), Ok(()));
}
