//! Every form of every instruction, with all registers, against a decoder and another encoder; labels,
//! patches, padding and tables; and, when asked for, the time that an instruction takes.

mod code;
mod control;
mod decode;
mod general;
mod oracle;
mod speed;
mod vector;
