//! Which scripts are expected to fail, as data with reasons.
//!
//! One file for each suite in `expectations/`, named after the suite; a line is
//!
//! ```text
//! file.wast     mode reason to the end of the line
//! file.wast:12  mode reason to the end of the line
//! ```
//!
//! where the mode may be `*`. The first form says that the script as a whole fails somewhere; the second that
//! the assertion on that line fails, and only that. Lines that begin with `#` and empty lines are ignored. It
//! is a failure if something passes that is expected to fail, so that the lists stay true.

use crate::modes::RunMode;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

/// The expectations of all suites.
#[derive(Debug, Default)]
pub struct Expectations {
    /// By suite and script.
    entries: HashMap<(String, String), Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    /// `None` means every mode.
    mode: Option<RunMode>,
    /// `None` means the script as a whole.
    line: Option<usize>,
    reason: String,
}

/// What is expected of one script in one mode.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected<'a> {
    /// Why it fails somewhere, if it does.
    pub whole: Option<&'a str>,
    /// The lines whose assertions fail.
    pub lines: BTreeSet<usize>,
}

impl Expectations {
    /// Reads every `.txt` file of a folder.
    ///
    /// # Errors
    /// If the folder or a file cannot be read, or a line is malformed.
    pub fn read(folder: &Path) -> Result<Expectations> {
        let mut expectations = Expectations::default();
        for entry in
            fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let suite = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                expectations
                    .add(&suite, &text)
                    .with_context(|| path.display().to_string())?;
            }
        }
        Ok(expectations)
    }

    fn add(&mut self, suite: &str, text: &str) -> Result<()> {
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut parts = line.split_whitespace();
            let (Some(file), Some(mode)) = (parts.next(), parts.next()) else {
                bail!("line {}: expected script, mode and reason", at + 1);
            };
            let reason = parts.collect::<Vec<_>>().join(" ");
            let Some(reason) = Some(reason).filter(|reason| !reason.is_empty()) else {
                bail!(
                    "line {}: expected a script, a mode and a reason, found {line:?}",
                    at + 1
                );
            };
            let mode = match mode {
                "*" => None,
                name => match RunMode::from_name(name) {
                    Some(mode) => Some(mode),
                    None => bail!("line {}: there is no mode {name:?}", at + 1),
                },
            };
            let (file, script_line) = match file.rsplit_once(':') {
                Some((file, number)) => match number.parse() {
                    Ok(number) => (file, Some(number)),
                    Err(_) => bail!("line {}: {number:?} is no line of a script", at + 1),
                },
                None => (file, None),
            };
            let reason = reason.trim().to_string();
            self.entries
                .entry((suite.to_string(), file.to_string()))
                .or_default()
                .push(Entry {
                    mode,
                    line: script_line,
                    reason,
                });
        }
        Ok(())
    }

    /// What is expected of this script in this mode.
    pub fn of(&self, suite: &str, file: &str, mode: RunMode) -> Expected<'_> {
        let mut expected = Expected::default();
        let key = (suite.to_string(), file.to_string());
        for entry in self.entries.get(&key).into_iter().flatten() {
            if entry.mode.is_none_or(|of| of == mode) {
                match entry.line {
                    Some(line) => {
                        expected.lines.insert(line);
                    }
                    None => expected.whole = Some(&entry.reason),
                }
            }
        }
        expected
    }

    /// The lines that name scripts that do not exist, in the suites for which `has_suite` holds.
    pub fn stale<'a>(
        &'a self,
        has_suite: impl Fn(&str) -> bool + 'a,
        has_script: impl Fn(&str, &str) -> bool + 'a,
    ) -> impl Iterator<Item = String> + 'a {
        self.entries
            .keys()
            .filter(move |(suite, file)| has_suite(suite) && !has_script(suite, file))
            .map(|(suite, file)| format!("{suite}/{file}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood() {
        let mut expectations = Expectations::default();
        let text = "# about\n\na.wast * needs something\nb.wast tiered only there\n\
                    c.wast:12 * this\nc.wast:3 * and that\n";
        expectations.add("s", text).unwrap();
        let of = |suite, file, mode| expectations.of(suite, file, mode);
        assert_eq!(
            of("s", "a.wast", RunMode::Baseline).whole,
            Some("needs something")
        );
        assert_eq!(of("s", "b.wast", RunMode::Tiered).whole, Some("only there"));
        assert_eq!(of("s", "b.wast", RunMode::Baseline), Expected::default());
        assert_eq!(of("t", "a.wast", RunMode::Baseline), Expected::default());
        let lines = of("s", "c.wast", RunMode::Tiered);
        assert_eq!((lines.whole, lines.lines), (None, BTreeSet::from([3, 12])));
        let stale: Vec<_> = expectations
            .stale(|_| true, |_, file| file != "b.wast")
            .collect();
        assert_eq!(stale, ["s/b.wast"]);
    }

    #[test]
    fn malformed_lines_are_errors() {
        let mut expectations = Expectations::default();
        assert!(expectations.add("s", "a.wast *").is_err());
        assert!(expectations.add("s", "a.wast fast reason").is_err());
        assert!(expectations.add("s", "a.wast:x * reason").is_err());
    }
}
