//! Which files and folders of a package may use which others.

/// A name, and the names that it may use.
pub type Row<'a> = (&'a str, &'a [&'a str]);

/// Package folder, and for each file or folder of its `src`, without `.rs`, those that it may use by
/// `crate::` (what `super::` names is not seen). The longest row that is the beginning of a path counts, so
/// `a/b` can have a row of its own beside `a`. The file with `mod` lines at the top, which may use all, has
/// no row.
pub const FOLDER_ARROWS: &[(&str, &[Row<'_>])] = &[
    (
        "tiering",
        &[
            ("compiled", &[]),
            ("counters", &[]),
            ("events", &[]),
            ("bytecode", &[]),
            ("policy", &["compiled"]),
            ("records", &["compiled", "events"]),
            ("clif", &["bytecode", "compiled", "policy", "records"]),
            ("baseline", &["bytecode", "compiled"]),
            ("optimise", &["clif", "compiled"]),
            ("reference", &["clif", "compiled"]),
            (
                "compilers",
                &["baseline", "clif", "compiled", "optimise", "reference"],
            ),
            ("state", &["bytecode", "counters", "policy"]),
            ("inlining", &["bytecode", "compiled", "policy", "state"]),
            (
                "pipeline",
                &[
                    "compiled",
                    "compilers",
                    "counters",
                    "events",
                    "inlining",
                    "policy",
                    "records",
                    "state",
                ],
            ),
            ("transitions", &["counters", "pipeline", "policy", "state"]),
            (
                "tiers",
                &[
                    "clif",
                    "counters",
                    "events",
                    "pipeline",
                    "policy",
                    "records",
                    "state",
                    "transitions",
                ],
            ),
        ],
    ),
    (
        "engine",
        &[
            ("config", &[]),
            ("ids", &[]),
            ("shown", &[]),
            ("trap", &[]),
            ("types", &["lib"]),
            ("objects/ids", &["ids"]),
            ("boundary/libcalls", &[]),
            ("boundary/layout", &["ids", "objects/ids"]),
            ("boundary/door", &[]),
            ("boundary/vmctx", &["boundary/layout", "ids", "objects/ids"]),
            (
                "type_registry",
                &["boundary/door", "config", "ids", "lib", "types"],
            ),
            (
                "module",
                &[
                    "boundary/layout",
                    "config",
                    "ids",
                    "lib",
                    "shown",
                    "type_registry",
                    "types",
                ],
            ),
            ("linkage", &["ids", "lib", "module"]),
            (
                "boundary",
                &[
                    "boundary/door",
                    "boundary/layout",
                    "boundary/libcalls",
                    "boundary/vmctx",
                    "config",
                    "ids",
                    "lib",
                    "linkage",
                    "module",
                    "trap",
                    "types",
                ],
            ),
            (
                "objects",
                &[
                    "boundary",
                    "boundary/door",
                    "boundary/layout",
                    "boundary/vmctx",
                    "ids",
                    "lib",
                    "linkage",
                    "module",
                    "objects/ids",
                    "shown",
                    "trap",
                    "type_registry",
                    "types",
                ],
            ),
            (
                "boundary/runtime_calls",
                &[
                    "boundary",
                    "boundary/layout",
                    "ids",
                    "objects",
                    "objects/ids",
                    "trap",
                ],
            ),
        ],
    ),
    (
        "cli",
        &[
            ("allocator", &[]),
            ("errors", &[]),
            ("units", &[]),
            ("generated", &["errors"]),
            ("invoke", &["errors"]),
            ("stats", &["units"]),
            ("explanation", &["units"]),
            ("observe", &["errors", "explanation"]),
            ("profile", &["errors"]),
            (
                "options",
                &["errors", "observe", "profile", "stats", "units"],
            ),
            ("wast", &["errors", "options"]),
            ("reactor", &["errors"]),
            ("lazy", &["errors", "explanation", "options", "reactor"]),
            ("load", &["errors", "lazy", "options"]),
            (
                "task",
                &["errors", "invoke", "lazy", "load", "options", "reactor"],
            ),
            ("report", &["errors", "observe", "stats"]),
            (
                "run",
                &[
                    "errors",
                    "explanation",
                    "lazy",
                    "load",
                    "observe",
                    "options",
                    "report",
                    "task",
                    "units",
                ],
            ),
            ("explain", &["errors", "explanation", "options", "run"]),
        ],
    ),
    (
        "wasi-shim",
        &[
            ("errno", &[]),
            ("types", &[]),
            ("clocks", &["errno", "types"]),
            ("guest", &["errno", "types"]),
            ("fds", &["errno", "types"]),
            ("paths", &["errno", "types"]),
            ("writes", &["errno", "fds", "types"]),
            ("ctx", &["errno", "fds", "paths", "writes"]),
            (
                "preview1",
                &[
                    "clocks", "ctx", "errno", "fds", "guest", "paths", "types", "writes",
                ],
            ),
            ("link", &["ctx", "errno", "guest", "preview1", "types"]),
        ],
    ),
];

/// In place of a row, the types that lib.rs itself defines: `LIB_TYPES`. What it re-exports is named by the
/// file that defines it.
pub const LIB: &str = "lib";
pub const LIB_TYPES: &[&str] = &["Engine", "EngineInner"];

/// Packages of `FOLDER_ARROWS` in which a row may name only rows above it: no two of their files use each
/// other.
pub const WITHOUT_CIRCLES: &[&str] = &["tiering", "engine", "cli", "wasi-shim"];
