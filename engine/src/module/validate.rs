//! Validation of all function bodies, in parallel where there is much of it.
//!
//! The specification requires that an invalid module is rejected before any of it runs, so the start of a
//! big program waits for this ([VALID]). Small modules are checked on the calling thread: starting threads
//! would cost more than it saves.
//!
//! A body that is given later, in the place of one of the module's, is validated against what the sections
//! before the code say. They are read once more for the first one.

use super::ModuleData;
use crate::ids::{DefinedFunc, FuncIndex};
use anyhow::Result;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidatorAllocations, FunctionBody, Parser, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

/// Bytes of code from which more threads are used. A thread starts in about 50 us, in which some 8 KB
/// are validated; with more than ten times that, threads clearly pay.
const PARALLEL_FROM: usize = 128 << 10;

/// Bodies taken at a time by one thread, so that the shared counter is no bottleneck.
const BATCH: usize = 64;

type Body<'a> = (FuncToValidate<ValidatorResources>, FunctionBody<'a>);

/// Validates every body.
///
/// # Errors
/// For the first invalid body in the module's order: its function, and the validator's error.
pub(crate) fn bodies(
    data: &ModuleData,
    bodies: Vec<Body<'_>>,
) -> std::result::Result<(), (FuncIndex, wasmparser::Error)> {
    let total: usize = data.bodies.iter().map(|body| body.len()).sum();
    let threads = match total < PARALLEL_FROM {
        true => 1,
        false => std::thread::available_parallelism()
            .map_or(1, |n| n.get())
            .min(bodies.len()),
    };
    let failure = if threads <= 1 {
        let mut allocations = FuncValidatorAllocations::default();
        bodies.into_iter().enumerate().find_map(|(at, body)| {
            validate(body, &mut allocations)
                .err()
                .map(|error| (at, error))
        })
    } else {
        in_parallel(bodies, threads)
    };
    match failure {
        None => Ok(()),
        Some((at, error)) => Err((data.func_index(DefinedFunc::from(at)), error)),
    }
}

/// The largest body that the validator accepts in a module.
const LARGEST_BODY: usize = 7_654_321;

/// What bodies of a finished module are validated against.
///
/// # Errors
/// If the module cannot be read, which is a bug: it was read before.
pub(crate) fn resources(data: &ModuleData, features: WasmFeatures) -> Result<ValidatorResources> {
    let mut validator = Validator::new_with_features(features);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(&data.bytes) {
        if let ValidPayload::Func(func, _) = validator.payload(&payload?)? {
            return Ok(func.resources);
        }
    }
    anyhow::bail!("{} has no function", data.label())
}

/// An entry of a code section without the size that may be before it. A body cannot be mistaken for one with
/// a size: it begins with the number of its groups of locals, each of which takes at least two bytes.
pub(crate) fn without_size(entry: &[u8]) -> &[u8] {
    let mut reader = BinaryReader::new(entry, 0);
    match reader.read_var_u32() {
        Ok(size) if size as usize == reader.bytes_remaining() => {
            &entry[entry.len() - size as usize..]
        }
        _ => entry,
    }
}

/// Validates a body in the place of a function's own.
///
/// # Errors
/// The validator's error, with the offset in the body.
pub(crate) fn given_body(
    data: &ModuleData,
    resources: &ValidatorResources,
    features: WasmFeatures,
    func: DefinedFunc,
    body: &[u8],
) -> Result<()> {
    anyhow::ensure!(
        body.len() <= LARGEST_BODY,
        "it has {} bytes; a body has at most {LARGEST_BODY}",
        body.len()
    );
    let index = data.func_index(func);
    let func = FuncToValidate {
        resources: resources.clone(),
        index: index.0,
        ty: data.type_of(index).0,
        features,
    };
    let body = FunctionBody::new(BinaryReader::new_features(body, 0, features));
    validate((func, body), &mut FuncValidatorAllocations::default())?;
    Ok(())
}

fn validate(
    body: Body<'_>,
    allocations: &mut FuncValidatorAllocations,
) -> std::result::Result<(), wasmparser::Error> {
    let (func, body) = body;
    let mut validator = func.into_validator(std::mem::take(allocations));
    let result = validator.validate(&body);
    *allocations = validator.into_allocations();
    result
}

fn in_parallel(bodies: Vec<Body<'_>>, threads: usize) -> Option<(usize, wasmparser::Error)> {
    let count = bodies.len();
    let batches: Vec<Mutex<Vec<Body<'_>>>> = {
        let mut batches = Vec::with_capacity(count.div_ceil(BATCH));
        let mut bodies = bodies.into_iter();
        loop {
            let batch: Vec<_> = bodies.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break batches;
            }
            batches.push(Mutex::new(batch));
        }
    };
    let next = AtomicUsize::new(0);
    let first_failure: Mutex<Option<(usize, wasmparser::Error)>> = Mutex::new(None);
    let work = || {
        let mut allocations = FuncValidatorAllocations::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = batches.get(at) else { return };
            let batch = std::mem::take(&mut *batch.lock().expect("each batch is taken once"));
            for (within, body) in batch.into_iter().enumerate() {
                if let Err(error) = validate(body, &mut allocations) {
                    let mut failure = first_failure
                        .lock()
                        .expect("nothing panics while it is held");
                    let position = at * BATCH + within;
                    if failure
                        .as_ref()
                        .is_none_or(|(earlier, _)| position < *earlier)
                    {
                        *failure = Some((position, error));
                    }
                    // Later batches can only have later failures; batches already taken are finished.
                    next.store(batches.len(), Ordering::Relaxed);
                    return;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // If the system allows no more threads, the existing ones do the work.
            if std::thread::Builder::new()
                .spawn_scoped(scope, work)
                .is_err()
            {
                break;
            }
        }
        work();
    });
    first_failure
        .into_inner()
        .expect("nothing panics while it is held")
}
