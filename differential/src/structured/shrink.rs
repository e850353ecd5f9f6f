//! Makes a program smaller while it still shows something.
//!
//! A body consists of spans that nest. The largest one that is not needed is replaced by the simplest values
//! of its types, or by a part of it that pushes the same types; then the next one. A part may have lost the
//! block to which it branches, so each attempt is validated.

use super::Structured;
use super::body::{Made, Span, zero};
use crate::generate::Program;
use wasm_encoder::Encode as _;
use wasmparser::{Validator, WasmFeatures};

impl Structured {
    /// The smallest program that was found for which `shows` still holds.
    pub fn shrink(mut self, shows: &mut dyn FnMut(&Program) -> bool) -> Structured {
        loop {
            let before = self.size();
            for module in 0..self.drafts.len() {
                for body in 0..self.drafts[module].bodies.len() {
                    self.shrink_body(module, body, shows);
                }
            }
            if self.size() == before {
                return self;
            }
        }
    }

    fn size(&self) -> usize {
        let bodies = self.drafts.iter().flat_map(|draft| &draft.bodies);
        bodies.map(|body| body.code.len()).sum()
    }

    fn shrink_body(&mut self, module: usize, body: usize, shows: &mut dyn FnMut(&Program) -> bool) {
        let mut at = 0;
        loop {
            let made = self.drafts[module].bodies[body].clone();
            let mut spans: Vec<Span> = made.spans.clone();
            spans.sort_by_key(|span| (span.start, usize::MAX - span.end));
            let Some(span) = spans.get(at) else { return };
            let mut attempts = vec![made.without(span)];
            let inner = spans[at + 1..].iter();
            let inner = inner.take_while(|inner| inner.start < span.end);
            let alike = inner.filter(|inner| inner.types == span.types && *inner != span);
            attempts.extend(alike.take(6).map(|inner| made.with_part(span, inner)));
            let smaller = attempts.into_iter().flatten().find(|attempt| {
                let mut changed = self.clone();
                changed.drafts[module].bodies[body] = attempt.clone();
                let program = changed.program();
                let valid = program.iter().all(|wasm| {
                    Validator::new_with_features(WasmFeatures::all())
                        .validate_all(wasm)
                        .is_ok()
                });
                valid && shows(&program)
            });
            match smaller {
                Some(smaller) => self.drafts[module].bodies[body] = smaller,
                None => at += 1,
            }
        }
    }
}

impl Made {
    /// Without a span, if that is shorter.
    fn without(&self, span: &Span) -> Option<Made> {
        let mut simple = Vec::new();
        for ty in &span.types {
            zero(*ty).encode(&mut simple);
        }
        self.replaced(span, &simple, &[])
    }

    /// With a part of a span in its place.
    fn with_part(&self, span: &Span, part: &Span) -> Option<Made> {
        let kept = self
            .spans
            .iter()
            .filter(|inner| part.start <= inner.start && inner.end <= part.end && *inner != part);
        let moved: Vec<Span> = kept
            .map(|inner| Span {
                start: inner.start - part.start + span.start,
                end: inner.end - part.start + span.start,
                types: inner.types.clone(),
            })
            .collect();
        self.replaced(span, &self.code[part.start..part.end], &moved)
    }

    fn replaced(&self, span: &Span, new: &[u8], inner: &[Span]) -> Option<Made> {
        if new.len() >= span.end - span.start {
            return None;
        }
        let shorter = span.end - span.start - new.len();
        let code = [&self.code[..span.start], new, &self.code[span.end..]].concat();
        let mut spans = inner.to_vec();
        for other in &self.spans {
            let mut other = other.clone();
            if other.end <= span.start {
                spans.push(other);
            } else if other.start >= span.end {
                other.start -= shorter;
                other.end -= shorter;
                spans.push(other);
            } else if other.start <= span.start && span.end <= other.end {
                // The span itself stays too, for further parts of it.
                other.end -= shorter;
                spans.push(other);
            }
        }
        Some(Made {
            locals: self.locals.clone(),
            code,
            spans,
        })
    }
}
