//! The doors between the host and compiled code: what passes through them, and the types of the code
//! on either side.

/// A value on its way between the host and compiled code: the low bytes hold it, little-endian.
/// References are 64-bit words, null is 0.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValRaw(pub [u8; 16]);

/// Code that calls compiled code from the host: `(ctx, code, values)`. It loads the arguments from
/// `values` (one [`ValRaw`] each), calls `code` by the convention of compiled code with `ctx`
/// first, and stores the results over the arguments, from the start of `values`.
pub type EnterTrampoline =
    unsafe extern "sysv64" fn(ctx: *mut u8, code: usize, values: *mut ValRaw);

/// The host's door: what the code of a host function calls, with its own context (the one in its
/// record), the array of arguments, and its frame pointer (the frame holds the caller's frame
/// pointer and the return address into compiled code). Results are left in `values`. It may leave
/// by a trap instead of returning.
pub type HostDoor = unsafe extern "sysv64" fn(host: *mut u8, values: *mut ValRaw, frame: usize);
