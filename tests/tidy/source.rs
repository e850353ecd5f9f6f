//! Reads sources for `tests/tidy.rs`: code without comments and strings, the paths that it names, the widths
//! of comments.

use std::iter::Peekable;
use std::str::Chars;

/// A source text without its comments and the contents of its string literals, line by line.
pub fn code_only(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                while chars.peek().is_some_and(|next| *next != '\n') {
                    chars.next();
                }
            }
            'r' if !code.ends_with(|c: char| c.is_alphanumeric() || c == '_') => {
                code.push('r');
                let hashes = chars.clone().take_while(|next| *next == '#').count();
                if chars.clone().nth(hashes) == Some('"') {
                    let end = format!("\"{}", "#".repeat(hashes));
                    let rest: String = chars.clone().skip(hashes + 1).collect();
                    let length = rest.find(&end).unwrap_or(rest.len());
                    code.extend(rest[..length].chars().filter(|c| *c == '\n'));
                    let skipped = rest[..length].chars().count() + end.len() + hashes + 1;
                    chars.nth(skipped.saturating_sub(1));
                }
            }
            '"' => {
                code.push('"');
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => code.extend(chars.next().filter(|escaped| *escaped == '\n')),
                        '"' => break,
                        '\n' => code.push('\n'),
                        _ => {}
                    }
                }
                code.push('"');
            }
            // A quote as a character literal would open a string; lifetimes pass through.
            '\'' => {
                code.push('\'');
                let mut ahead = chars.clone();
                if matches!((ahead.next(), ahead.next()), (Some('"'), Some('\''))) {
                    chars.next();
                }
            }
            _ => code.push(c),
        }
    }
    code
}

pub fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        !line[..at].chars().next_back().is_some_and(is_part)
            && !line[at + word.len()..].chars().next().is_some_and(is_part)
    })
}

/// Reads what follows `crate::` in code, `a::b` or `{a, b::{c, d}}`, into paths with `/`.
fn read_use(text: &mut Peekable<Chars<'_>>, before: &str, paths: &mut Vec<String>) {
    let skip_space = |text: &mut Peekable<Chars<'_>>| {
        while text.next_if(|c| c.is_whitespace()).is_some() {}
    };
    if text.next_if_eq(&'{').is_some() {
        loop {
            skip_space(text);
            if text.peek().is_none() || text.next_if_eq(&'}').is_some() {
                return;
            }
            read_use(text, before, paths);
            // The end of this path: a comma, with ` as name` before it or not, or the brace.
            while text.next_if(|c| !matches!(c, ',' | '}')).is_some() {}
            let _ = text.next_if_eq(&',');
        }
    }
    let mut path = before.to_string();
    while let Some(c) = text.next_if(|c| c.is_alphanumeric() || *c == '_') {
        path.push(c);
    }
    let mut ahead = text.clone();
    let is_longer = (ahead.next(), ahead.next()) == (Some(':'), Some(':'))
        && ahead
            .next()
            .is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '{'));
    if is_longer {
        text.nth(1);
        read_use(text, &format!("{path}/"), paths);
    } else {
        paths.push(path);
    }
}

/// What code names by `crate::`, as paths with `/`, and the number of the line.
pub fn own_paths(source: &str) -> Vec<(usize, String)> {
    let code = code_only(source);
    let mut found = Vec::new();
    for (at, name) in code.match_indices("crate::") {
        let line = code[..at].lines().count().max(1);
        let mut paths = Vec::new();
        let mut rest = code[at + name.len()..].chars().peekable();
        read_use(&mut rest, "", &mut paths);
        found.extend(paths.into_iter().map(|path| (line, path)));
    }
    found
}

/// Whether a line has an identifier that is `cranelift` or begins with it.
fn is_cranelift(line: &str) -> bool {
    line.match_indices("cranelift").any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// The lines of a file whose code names Cranelift.
pub fn names_of_cranelift(source: &str) -> Vec<usize> {
    let code = code_only(source);
    let lines = code.lines().enumerate();
    lines
        .filter(|(_, line)| is_cranelift(line))
        .map(|(at, _)| at + 1)
        .collect()
}

/// The lines of a file that are comments and wider than `limit`, with their widths.
pub fn wide_comments(source: &str, limit: usize) -> Vec<(usize, usize)> {
    let lines = source.lines().enumerate();
    lines
        .filter(|(_, line)| line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, line.chars().count()))
        .filter(|(_, width)| *width > limit)
        .collect()
}

#[test]
fn code_is_separated_from_comments_and_strings() {
    let code = code_only("let a = \"unsafe \\\" unsafe\"; // unsafe\nunsafe { 'x'; '\"' }\n");
    assert!(!has_word(code.lines().next().unwrap(), "unsafe"));
    assert!(has_word(code.lines().nth(1).unwrap(), "unsafe"));
    let raw = code_only("let a = r#\"unsafe \"unsafe\"#; fn b() {}\nunsafe { 'x' }");
    assert!(raw.contains("fn b()") && !has_word(raw.lines().next().unwrap(), "unsafe"));
    assert!(has_word(raw.lines().nth(1).unwrap(), "unsafe"));
    assert!(!has_word("#![forbid(unsafe_code)]", "unsafe"));
}

#[test]
fn paths_are_read_from_uses() {
    let names = |source| -> Vec<String> {
        let paths = own_paths(source).into_iter();
        paths.map(|(_, path)| path).collect()
    };
    let uses = "use crate::a::{self, b::C, d as e};\nuse crate::{f, g::{H}};\ncrate::i::<T>()";
    assert_eq!(names(uses), ["a/self", "a/b/C", "a/d", "f", "g/H", "i"]);
    assert!(names("// crate::a\nlet text = \"crate::a\";").is_empty());
}

#[test]
fn wide_comments_and_names_of_cranelift_are_found() {
    const LIMIT: usize = 110;
    let wide = format!("code();\n    // {}\n", "x".repeat(LIMIT - 6));
    assert_eq!(wide_comments(&wide, LIMIT), [(2, LIMIT + 1)]);
    assert!(wide_comments(&wide.replacen('x', "", 1), LIMIT).is_empty());
    assert!(wide_comments(&wide.replace("//", "  "), LIMIT).is_empty());

    assert_eq!(
        names_of_cranelift("// cranelift\nuse cranelift_codegen::ir;\n"),
        [2]
    );
    assert!(names_of_cranelift("let name = \"cranelift\"; // cranelift").is_empty());
}
