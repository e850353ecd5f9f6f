//! Functions that are replaced while the program runs: every way to call a function, every kind of
//! replacement, every mode; what is refused; what the engine says of a function; and hammering.

mod deferred;
mod hammer;
mod removal;
mod states;
mod table;

/// The entry of the code section for the only function that a module in text form defines.
fn body_of(text: &str) -> Vec<u8> {
    let wasm = wat::parse_str(text).unwrap();
    let mut at = 8;
    let number = |at: &mut usize| {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = wasm[*at];
            *at += 1;
            number |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return number;
            }
        }
    };
    loop {
        let id = number(&mut at);
        let size = number(&mut at);
        if id == 10 {
            let end = at + size;
            assert_eq!(number(&mut at), 1, "one function");
            return wasm[at..end].to_vec();
        }
        at += size;
    }
}
