//! On-stack replacement: compiles code that starts at a loop, for the frames that are running the loop.

use crate::pipeline::Compilers;
use crate::state::loops::LoopCode;
use crate::state::{LinkageCode, State};
use anyhow::Error;
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use std::sync::Arc;
use stubs::Tier;

/// Compiles code that starts at the loop at `offset`.
pub(super) fn compile(
    compilers: &Compilers,
    linkage: &Arc<Linkage>,
    func: DefinedFunc,
    offset: u32,
) {
    let code = LinkageCode::of(linkage);
    let status = code.states.of(func);
    let current = || code.states.of(func) == status;
    // The loops of a withdrawn function have been forgotten.
    if status.state != State::Optimised {
        return;
    }
    match compilers.publish_aside(linkage, func, status.generation, Some(offset)) {
        // The linkages that the code refers to are kept alive until the code is recorded as the function's.
        Ok(published) => {
            // If the function was withdrawn in the meantime, the code may refer to dropped linkages. If an
            // inlined function was replaced, the code may be asked for again.
            let ready = LoopCode::Ready(published.body.clone());
            let ready = published.is_current().then_some(ready);
            let is_used = ready.is_some();
            if !code.loops.set(func, offset, ready, current) || !is_used {
                code.space().unpin(&published.body);
            }
        }
        // Where the function was replaced in the meantime, there may be no loop there.
        Err(refusal) => {
            if code
                .loops
                .set(func, offset, Some(LoopCode::Refused), current)
            {
                compilers.note_refusal(linkage, func, Tier::OPTIMISED, &Error::from(refusal));
            }
        }
    }
}
