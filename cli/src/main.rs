//! The lazywasm command.
fn main() {}
