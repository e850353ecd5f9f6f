//! The command on a system that refuses to start threads, as seccomp filters and process limits do.

use crate::scratch::{Outcome, command, in_repository};
use seccompiler::{SeccompAction, SeccompFilter, TargetArch};
use std::os::unix::process::CommandExt;

/// Runs the command without the right to start threads.
fn without_threads(arguments: &[&str]) -> Outcome {
    let refuse = |call, error: i32| {
        let filter = SeccompFilter::new(
            [(call, Vec::new())].into(),
            SeccompAction::Allow,
            SeccompAction::Errno(error as u32),
            TargetArch::x86_64,
        );
        seccompiler::BpfProgram::try_from(filter.unwrap()).unwrap()
    };
    let filters = [
        refuse(libc::SYS_clone3, libc::ENOSYS),
        refuse(libc::SYS_clone, libc::EAGAIN),
    ];
    let mut command = command(arguments);
    // SAFETY: only system calls are made between fork and exec.
    unsafe {
        command.pre_exec(move || {
            for filter in &filters {
                seccompiler::apply_filter(filter).map_err(std::io::Error::other)?;
            }
            Ok(())
        })
    };
    Outcome::of(command.output().expect("the command starts"))
}

#[test]
fn programs_run_on_the_main_thread() {
    let file = in_repository("examples/primes.wat");
    for mode in ["baseline", "optimise", "tiered", "relink-storm"] {
        let outcome = without_threads(&["run", "--mode", mode, &file, "30"]);
        outcome.expect(0, &[]);
        assert_eq!(
            outcome.stdout, "2\n3\n5\n7\n11\n13\n17\n19\n23\n29\n",
            "{mode}"
        );
    }
}

#[test]
fn a_timeout_without_a_thread_to_keep_it_is_an_error() {
    let file = in_repository("examples/primes.wat");
    let outcome = without_threads(&["run", "--timeout", "10s", &file, "30"]);
    outcome.expect(1, &["--timeout"]);
    assert_eq!(outcome.stdout, "");
}
