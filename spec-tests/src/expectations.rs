//! Which scripts are expected to fail, as data with reasons.
//!
//! One file for each suite in `expectations/`, named after the suite; a line is
//!
//! ```text
//! file.wast mode reason to the end of the line
//! ```
//!
//! where the mode may be `*`. Lines that begin with `#` and empty lines say nothing. A script that is
//! expected to fail and passes is a failure, so that the lists cannot rot.

use crate::modes::RunMode;
use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The expectations of all suites.
#[derive(Debug, Default)]
pub struct Expectations {
    /// By suite and script; `None` stands for every mode.
    reasons: HashMap<(String, String), Vec<(Option<RunMode>, String)>>,
}

impl Expectations {
    /// Reads every `.txt` file of a folder.
    ///
    /// # Errors
    /// If the folder or a file cannot be read, or a line says nothing that can be understood.
    pub fn read(folder: &Path) -> Result<Expectations> {
        let mut expectations = Expectations::default();
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let suite = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                expectations.add(&suite, &text).with_context(|| path.display().to_string())?;
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
            let mut parts = line.splitn(3, char::is_whitespace);
            let (Some(file), Some(mode), Some(reason)) = (parts.next(), parts.next(), parts.next())
            else {
                bail!("line {}: expected a script, a mode and a reason, found {line:?}", at + 1);
            };
            let mode = match mode {
                "*" => None,
                name => match RunMode::from_name(name) {
                    Some(mode) => Some(mode),
                    None => bail!("line {}: there is no mode {name:?}", at + 1),
                },
            };
            self.reasons
                .entry((suite.to_string(), file.to_string()))
                .or_default()
                .push((mode, reason.trim().to_string()));
        }
        Ok(())
    }

    /// Why this script is expected to fail in this mode, if it is.
    pub fn reason(&self, suite: &str, file: &str, mode: RunMode) -> Option<&str> {
        let reasons = self.reasons.get(&(suite.to_string(), file.to_string()))?;
        reasons
            .iter()
            .find(|(of, _)| of.is_none_or(|of| of == mode))
            .map(|(_, reason)| reason.as_str())
    }

    /// Lines about scripts that do not exist, of the suites for which `has_suite` holds.
    pub fn stale<'a>(
        &'a self,
        has_suite: impl Fn(&str) -> bool + 'a,
        has_script: impl Fn(&str, &str) -> bool + 'a,
    ) -> impl Iterator<Item = String> + 'a {
        self.reasons
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
        let text = "# about\n\na.wast * needs something\nb.wast tiered only there\n";
        expectations.add("s", text).unwrap();
        assert_eq!(expectations.reason("s", "a.wast", RunMode::Baseline), Some("needs something"));
        assert_eq!(expectations.reason("s", "b.wast", RunMode::Tiered), Some("only there"));
        assert_eq!(expectations.reason("s", "b.wast", RunMode::Baseline), None);
        assert_eq!(expectations.reason("t", "a.wast", RunMode::Baseline), None);
        let stale: Vec<_> = expectations.stale(|_| true, |_, file| file == "a.wast").collect();
        assert_eq!(stale, ["s/b.wast"]);
    }

    #[test]
    fn lines_that_say_nothing_are_errors() {
        let mut expectations = Expectations::default();
        assert!(expectations.add("s", "a.wast *").is_err());
        assert!(expectations.add("s", "a.wast fast reason").is_err());
    }
}
