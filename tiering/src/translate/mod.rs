//! The baseline compiler.
