//! The functions of WASI preview 1, by family.
//!
//! Every function takes the context, a view of the program's memory, and the integers the program passed, in
//! WASI's order; addresses and sizes are 32 bits. It returns nothing or an error number for the program.
//! Results are written to addresses, which are the last arguments. The meaning of arguments is WASI's; what
//! is documented here is what WASI leaves open.
//!
//! `for_each_function!` is the one table of their names and argument types. The four functions that differ in
//! `wasi_unstable` have a twin here whose name ends in `_unstable`.

mod descriptors;
mod directories;
mod files;
mod paths;
mod poll;
mod process;
mod sockets;

pub use descriptors::*;
pub use directories::*;
pub use files::*;
pub use paths::*;
pub use poll::*;
pub use process::*;
pub use sockets::*;

/// Calls `$receiver!` with the table of functions that return an error number:
/// versions that have it, name, argument types as a program declares them.
///
/// `both`: the same in both versions; `differs(twin)`: in `wasi_unstable` it is the twin; `newer`: preview 1
/// only. `proc_exit` and `proc_raise`, which can end the program, are not in the table.
macro_rules! for_each_function {
    ($receiver:ident) => {
        $receiver! {
            both args_get(i32, i32);
            both args_sizes_get(i32, i32);
            both environ_get(i32, i32);
            both environ_sizes_get(i32, i32);
            both clock_res_get(i32, i32);
            both clock_time_get(i32, i64, i32);
            both fd_advise(i32, i64, i64, i32);
            both fd_allocate(i32, i64, i64);
            both fd_close(i32);
            both fd_datasync(i32);
            both fd_fdstat_get(i32, i32);
            both fd_fdstat_set_flags(i32, i32);
            both fd_fdstat_set_rights(i32, i64, i64);
            differs(fd_filestat_get_unstable) fd_filestat_get(i32, i32);
            both fd_filestat_set_size(i32, i64);
            both fd_filestat_set_times(i32, i64, i64, i32);
            both fd_pread(i32, i32, i32, i64, i32);
            both fd_prestat_get(i32, i32);
            both fd_prestat_dir_name(i32, i32, i32);
            both fd_pwrite(i32, i32, i32, i64, i32);
            both fd_read(i32, i32, i32, i32);
            both fd_readdir(i32, i32, i32, i64, i32);
            both fd_renumber(i32, i32);
            differs(fd_seek_unstable) fd_seek(i32, i64, i32, i32);
            both fd_sync(i32);
            both fd_tell(i32, i32);
            both fd_write(i32, i32, i32, i32);
            both path_create_directory(i32, i32, i32);
            differs(path_filestat_get_unstable) path_filestat_get(i32, i32, i32, i32, i32);
            both path_filestat_set_times(i32, i32, i32, i32, i64, i64, i32);
            both path_link(i32, i32, i32, i32, i32, i32, i32);
            both path_open(i32, i32, i32, i32, i32, i64, i64, i32, i32);
            both path_readlink(i32, i32, i32, i32, i32, i32);
            both path_remove_directory(i32, i32, i32);
            both path_rename(i32, i32, i32, i32, i32, i32);
            both path_symlink(i32, i32, i32, i32, i32);
            both path_unlink_file(i32, i32, i32);
            differs(poll_oneoff_unstable) poll_oneoff(i32, i32, i32, i32);
            both sched_yield();
            both random_get(i32, i32);
            newer sock_accept(i32, i32, i32);
            both sock_recv(i32, i32, i32, i32, i32, i32);
            both sock_send(i32, i32, i32, i32, i32);
            both sock_shutdown(i32, i32);
        }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_has_every_function_once() {
        macro_rules! names {
            ($($kind:ident $(($twin:ident))? $name:ident($($ty:ident),*);)*) => {
                vec![$((stringify!($kind), stringify!($name))),*]
            };
        }
        let table = for_each_function!(names);
        let unique: std::collections::BTreeSet<_> = table.iter().map(|(_, name)| name).collect();
        assert_eq!(unique.len(), table.len());
        // With the two that can end the program.
        assert_eq!(table.len() + 2, 46);
        assert_eq!(table.iter().filter(|(kind, _)| *kind == "newer").count(), 1);
    }
}
