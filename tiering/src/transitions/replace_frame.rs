//! On-stack replacement: code that starts at a loop, for frames that run it.

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
    // A function that was withdrawn has forgotten its loops.
    if status.state != State::Optimised {
        return;
    }
    match compilers.publish_aside(linkage, func, status.generation, Some(offset)) {
        // The linkages that it refers to are held until the code is known to belong to the function.
        Ok(published) => {
            // If the function was withdrawn meanwhile, the code may refer to what is gone.
            let ready = LoopCode::Ready(published.body.clone());
            if !code.loops.set(func, offset, Some(ready), current) {
                code.space().unpin(&published.body);
            }
        }
        Err(refusal) => {
            code.loops
                .set(func, offset, Some(LoopCode::Refused), current);
            compilers.note_refusal(linkage, func, Tier::OPTIMISED, &Error::from(refusal));
        }
    }
}
