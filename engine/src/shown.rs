//! Names and texts from modules and files, as messages show them.
//!
//! Names of imports, exports and functions, file names of debug information, paths and source text may
//! contain characters that a terminal obeys, that begin a new line of a message, or that change how the text
//! around them is read (control characters, line separators, marks of direction, characters without a shape).
//! Code that puts such a text into an error, an event, a backtrace or a report passes it through here first.
//! Escaping twice does no harm.

/// Characters of a name that are shown. Names of C++ templates have thousands.
const SHOWN: usize = 300;

/// Invisible characters other than the control characters: Unicode's format characters (general category Cf),
/// its line and paragraph separators, and those that may be left out when they have no glyph
/// (Default_Ignorable_Code_Point). Sorted. From Unicode 16, DerivedGeneralCategory.txt and
/// DerivedCoreProperties.txt.
const UNSEEN: &[(u32, u32)] = &[
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
];

/// Whether a character is escaped.
fn is_escaped(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let code = c as u32;
    let next = UNSEEN.partition_point(|&(_, last)| last < code);
    c.is_control() || UNSEEN.get(next).is_some_and(|&(first, _)| first <= code)
}

/// A text as messages show it: control characters and invisible characters are escaped, ends of lines
/// included.
///
/// ```
/// assert_eq!(lazywasm_engine::shown_text("a\x1b[31m\n\u{202e}b"), r"a\u{1b}[31m\n\u{202e}b");
/// ```
pub fn shown_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_escaped(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// A name as messages show it: as [`shown_text`], and cut if it is too long.
///
/// ```
/// assert_eq!(lazywasm_engine::shown_name(&"x".repeat(1000)).len(), 303);
/// ```
pub fn shown_name(name: &str) -> String {
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => shown_text(&name[..end]) + "...",
        None => shown_text(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_sorted() {
        assert!(UNSEEN.iter().all(|(first, last)| first <= last));
        assert!(UNSEEN.is_sorted_by(|before, after| before.1 < after.0));
    }

    /// The first and last of each range, and the control characters.
    #[test]
    fn what_is_not_seen_is_escaped() {
        let ends = UNSEEN.iter().flat_map(|&(first, last)| [first, last]);
        for code in ends.chain(0..0x20).chain(0x7F..0xA0) {
            let c = char::from_u32(code).unwrap();
            let shown = shown_text(&format!("a{c}b"));
            assert!(
                shown.starts_with("a\\") && shown.ends_with('b') && shown.is_ascii(),
                "{shown}"
            );
        }
        for around in UNSEEN
            .iter()
            .flat_map(|&(first, last)| [first - 1, last + 1])
        {
            let text: String = char::from_u32(around).into_iter().collect();
            let listed = UNSEEN
                .iter()
                .any(|&(first, last)| (first..=last).contains(&around));
            assert_eq!(shown_text(&text) != text, listed, "{around:x}");
        }
    }

    #[test]
    fn what_is_seen_is_left_alone() {
        let plain = r#"operator<<(std::vector<int>&, 'λ'), "q" \ é 日本語 हिन्दी עברית العربية 🦀"#;
        assert_eq!(shown_text(plain), plain);
        assert_eq!(shown_text(&shown_text("a\nb")), r"a\nb");
    }
}
