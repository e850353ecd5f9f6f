//! Listings of the code of the baseline compiler, which keeps none itself.

use lazywasm_tiering::compiled::CompiledBody;
use std::fmt::Write;

/// The instructions of a body. It begins at address 0, so that the targets of jumps are offsets in the code.
/// What is filled in when the code is placed is named behind the instruction. Jump tables and constants
/// behind the code are listed as if they were instructions.
pub fn listing_of(body: &CompiledBody) -> String {
    let mut formatter = iced_x86::IntelFormatter::new();
    let options = iced_x86::Formatter::options_mut(&mut formatter);
    options.set_space_after_operand_separator(true);
    options.set_branch_leading_zeros(false);
    let mut decoder = iced_x86::Decoder::with_ip(64, &body.code, 0, 0);
    let mut text = String::new();
    for instruction in &mut decoder {
        write!(text, "{:4x}  ", instruction.ip()).unwrap();
        iced_x86::Formatter::format(&mut formatter, &instruction, &mut text);
        let place = instruction.ip()..instruction.next_ip();
        for reloc in &body.relocs {
            if place.contains(&u64::from(reloc.offset)) {
                let (kind, target) = (reloc.kind, reloc.target);
                write!(text, "  ; {kind:?} {target:?} weight {}", reloc.weight).unwrap();
            }
        }
        text.push('\n');
    }
    text
}
