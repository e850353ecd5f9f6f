//! The background thread of the optimising tier.
//!
//! It is started by the first promotion and never before. Jobs that wait hold nothing: a module that is dropped is gone,
//! however long the queue is, and its jobs with it. The job that runs holds its linkage and the engine; when
//! the last reference to an engine is dropped on this very thread, the thread is left to end by itself.

use crate::policy::QUEUE_LIMIT;
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{JoinHandle, ThreadId};

/// A function to be optimised.
pub(crate) struct Job {
    pub linkage: Weak<Linkage>,
    pub func: DefinedFunc,
    /// If only code that starts at a loop is wanted: the offset of its `loop` instruction.
    pub start_at: Option<u32>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    stopping: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, or `None` when it is time to end. `idle` is called each time the queue runs empty.
    fn next(&self, idle: &dyn Fn()) -> Option<Job> {
        let mut queue = self.lock();
        if queue.jobs.is_empty() && !queue.stopping {
            drop(queue);
            idle();
            queue = self.lock();
        }
        loop {
            if queue.stopping {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The thread, if it was started, and its queue.
#[derive(Default)]
pub(crate) struct Worker {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    /// Queues a job; false if the queue is full or the engine is ending. `make` gives what the thread
    /// does with a job, and what when there is none, if the thread must be started.
    pub(crate) fn push<J, I>(&self, job: Job, make: impl FnOnce() -> (J, I)) -> bool
    where
        J: Fn(Job) + Send + 'static,
        I: Fn() + Send + 'static,
    {
        {
            let mut queue = self.shared.lock();
            if queue.jobs.len() >= QUEUE_LIMIT {
                queue.jobs.retain(|job| job.linkage.strong_count() > 0);
            }
            if queue.stopping || queue.jobs.len() >= QUEUE_LIMIT {
                return false;
            }
            match job.start_at {
                None => queue.jobs.push_back(job),
                // Somebody goes round in that loop.
                Some(_) => queue.jobs.push_front(job),
            }
        }
        self.shared.changed.notify_one();
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let shared = self.shared.clone();
            let (work, idle) = make();
            let run = move || {
                while let Some(job) = shared.next(&idle) {
                    work(job);
                }
            };
            *thread = std::thread::Builder::new()
                .name("optimise".to_string())
                .spawn(run)
                .ok();
        }
        let running = thread.is_some();
        drop(thread);
        if !running {
            self.shared.lock().jobs.clear();
        }
        running
    }

    /// Ends the thread after the job it is at; what is queued is dropped.
    pub(crate) fn stop(&self) {
        {
            let mut queue = self.shared.lock();
            queue.stopping = true;
            queue.jobs.clear();
        }
        self.shared.changed.notify_all();
        join_unless_own(
            self.thread
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }
}

/// Waits for a thread, unless it is the calling one.
pub(crate) fn join_unless_own(thread: Option<JoinHandle<()>>) {
    let own: ThreadId = std::thread::current().id();
    if let Some(thread) = thread.filter(|thread| thread.thread().id() != own) {
        // A panic of the thread was reported when it happened.
        let _ = thread.join();
    }
}
