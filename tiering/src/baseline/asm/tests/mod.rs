//! Every form of every instruction, with all registers, against a decoder and another encoder; labels,
//! patches, padding and tables.

mod code;
mod control;
mod decode;
mod general;
mod oracle;
mod vector;
