//! Reads a module's file, a big one in parallel.
//!
//! The kernel copies a file out of its cache at about the speed at which two threads validate it. With a
//! single reader, a big module would wait for one core while the others are idle.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Bytes that one thread reads. Measured on a file of 79 MB in the cache: with 4 MB two threads need
/// 0.6 of the time of one; smaller pieces are not faster.
const PIECE: usize = 4 << 20;

/// The whole content of a file.
///
/// # Errors
/// Those of opening and reading it; and an error if the file becomes shorter while it is read.
pub(super) fn whole_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let len = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    // Only a regular file has a length that can be divided, and a short one is not worth a thread.
    if !metadata.is_file() || len < 2 * PIECE {
        let mut bytes = Vec::new();
        file.by_ref().take(PIECE as u64).read_to_end(&mut bytes)?;
        // A device may have no end: if the first bytes are not those of a module, no more are read.
        if metadata.is_file() || bytes.len() < PIECE || looks_like_module(&bytes) {
            file.read_to_end(&mut bytes)?;
        }
        return Ok(bytes);
    }
    let mut start = [0; 1 << 12];
    file.read_exact_at(&mut start, 0).map_err(shortened)?;
    if !looks_like_module(&start) {
        return Ok(start.to_vec());
    }
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    // The reported length may be any number; what can be reserved can be allocated.
    Vec::<u8>::new().try_reserve_exact(len)?;
    let mut bytes = vec![0; len];
    let share = len.div_ceil(threads).max(PIECE);
    let pieces = Mutex::new(bytes.chunks_mut(share).enumerate());
    let read = || -> io::Result<()> {
        loop {
            let next = pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, piece)) = next else {
                return Ok(());
            };
            file.read_exact_at(piece, (at * share) as u64)
                .map_err(shortened)?;
        }
    };
    std::thread::scope(|scope| {
        // If the system allows no more threads, the existing ones read the whole file.
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, read).ok();
        let readers: Vec<_> = (1..threads).map_while(spawn).collect();
        let own = read();
        let others = readers.into_iter().map(|reader| reader.join());
        others.fold(own, |all, one| {
            all.and(one.expect("reading does not panic"))
        })
    })?;
    Ok(bytes)
}

/// The end of a file before its reported length.
fn shortened(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::other("it became shorter while it was read"),
        _ => error,
    }
}

/// Whether a file that begins like this may be a module, as bytes or as text.
fn looks_like_module(start: &[u8]) -> bool {
    let text = || match std::str::from_utf8(start) {
        Ok(text) => !text.contains('\0'),
        // A character may be cut at the end.
        Err(error) => error.error_len().is_none() && !start.contains(&0),
    };
    start.starts_with(b"\0asm") || text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_read_whole_and_in_order() {
        let path = std::env::temp_dir().join(format!("lazywasm-read-{}", std::process::id()));
        for len in [0, 1, 2 * PIECE - 1, 2 * PIECE, 3 * PIECE + 1] {
            let mut expected: Vec<u8> = (0..len).map(|at| (at / 251 % 251) as u8).collect();
            expected.splice(..len.min(4), b"\0asm"[..len.min(4)].iter().copied());
            std::fs::write(&path, &expected).unwrap();
            assert!(whole_file(&path).unwrap() == expected, "{len} bytes");
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_file_larger_than_memory_is_an_error() {
        let path = std::env::temp_dir().join(format!("lazywasm-large-{}", std::process::id()));
        let file = File::create(&path).unwrap();
        // File systems differ in how large a file may be.
        file.set_len(1 << 43).unwrap();
        assert!(whole_file(&path).unwrap().len() < PIECE, "it is no module");
        file.write_all_at(b"\0asm", 0).unwrap();
        let error = whole_file(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::OutOfMemory);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_is_no_regular_file_is_read_to_its_end() {
        assert_eq!(whole_file(Path::new("/dev/null")).unwrap(), b"");
        for endless in ["/dev/zero", "/dev/urandom"] {
            assert_eq!(whole_file(Path::new(endless)).unwrap().len(), PIECE);
        }
    }
}
