//! The background threads: the one that takes jobs, and late ones that it has replaced.
//!
//! The first is started for the first job and never before. What the program may call next is compiled before
//! what is already slow, and the newest of it first: it takes microseconds, and only pays if it is done in
//! time. Then come loops that run, then the function that is hottest for its size. If a job takes very long,
//! another thread takes over the queue, and the late thread ends after its job: so one function that is hard
//! to compile does not block the others. Waiting jobs hold only weak references, and the counts of spent
//! budgets: a dropped module is freed, however long the queue is, and its jobs are skipped. A running job
//! keeps its linkage and the engine alive. If the last reference to an engine is dropped on a background
//! thread, that thread is not joined; it ends by itself.
//!
//! If the process has one core, all this takes it from the program, so the thread has a lower priority, and
//! none takes over from it.

use crate::policy::{
    self, BYTES_PER_BUDGET, JOB_IS_LATE, OPTIMISING_THREADS, QUEUE_LIMIT, RETRY_THREADS,
};
use crate::state::SpentCounts;
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::{JoinHandle, ThreadId};
use std::time::Instant;

/// Work on a function.
pub(crate) struct Job {
    pub linkage: Weak<Linkage>,
    pub func: DefinedFunc,
    pub work: Work,
    /// Bytes of the function's bytecode.
    pub size: usize,
    /// How often the functions of its linkage have spent their budgets by now.
    pub spent: SpentCounts,
}

impl Job {
    /// Whether the function has spent more budgets than another, for what it takes to be promoted.
    fn is_hotter(&self, other: &Job) -> bool {
        let spent = |job: &Job| u64::from(job.spent[job.func.index()].load(Ordering::Relaxed));
        let cost = |job: &Job| (BYTES_PER_BUDGET + job.size) as u64;
        spent(self) * cost(other) > spent(other) * cost(self)
    }
}

/// What is done with a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Baseline code is made of the functions that it calls.
    Callees,
    /// It is optimised.
    Optimise,
    /// OSR code is made that starts at the `loop` instruction at this offset.
    Loop(u32),
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// The jobs of kind [`Work::Callees`].
    ahead: VecDeque<Job>,
    /// Threads that wait for a job.
    asleep: usize,
    stopping: bool,
    /// The number of the thread that takes jobs. Other threads end when they ask for the next job.
    taker: u32,
    /// When that thread started its current job, if it has one.
    busy_since: Option<Instant>,
    /// When the system last refused to start a thread.
    refused: Option<Instant>,
    threads: Vec<JoinHandle<()>>,
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.ahead.is_empty()
    }

    fn pop(&mut self) -> Option<Job> {
        let next = self.ahead.pop_back();
        next.or_else(|| self.jobs.remove(self.first()?))
    }

    /// The position of the job that is done first: one for a loop, or else that of the hottest function.
    fn first(&self) -> Option<usize> {
        let mut jobs = self.jobs.iter().enumerate();
        let (mut first, mut job) = jobs.next()?;
        if job.work == Work::Optimise {
            for (at, other) in jobs {
                if other.is_hotter(job) {
                    (first, job) = (at, other);
                }
            }
        }
        Some(first)
    }

    /// Adds a job, or returns it if there are too many.
    fn push(&mut self, job: Job) -> Result<(), Job> {
        if job.work == Work::Callees {
            // What has waited for long has been called by now.
            if self.ahead.len() >= policy::ahead::WAITING {
                self.ahead.pop_front();
            }
            self.ahead.push_back(job);
            return Ok(());
        }
        if self.jobs.len() >= QUEUE_LIMIT {
            self.jobs.retain(|job| job.linkage.strong_count() > 0);
        }
        if self.jobs.len() >= QUEUE_LIMIT {
            return Err(job);
        }
        match job.work {
            // A frame is running that loop now.
            Work::Loop(_) => self.jobs.push_front(job),
            Work::Optimise | Work::Callees => self.jobs.push_back(job),
        }
        Ok(())
    }

    /// Whether a thread must be started for the waiting jobs. With one core, none takes over from a late one.
    fn wants_thread(&mut self, has_cores: bool) -> bool {
        self.threads.retain(|thread| !thread.is_finished());
        let late = self
            .busy_since
            .is_some_and(|since| since.elapsed() > JOB_IS_LATE);
        let refused = self.refused.is_some_and(|at| at.elapsed() < RETRY_THREADS);
        !self.is_empty()
            && !self.stopping
            && !refused
            && (self.threads.is_empty()
                || late && self.threads.len() < OPTIMISING_THREADS && has_cores)
    }
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

    /// The next job for the thread with this number, or `None` if the thread must end. `idle` is called
    /// each time the queue becomes empty.
    fn next(&self, number: u32, idle: &dyn Fn()) -> Option<Job> {
        let mut queue = self.lock();
        let takes = |queue: &Queue| queue.taker == number && !queue.stopping;
        if takes(&queue) {
            queue.busy_since = None;
        }
        if queue.is_empty() && takes(&queue) {
            drop(queue);
            idle();
            queue = self.lock();
        }
        loop {
            if !takes(&queue) {
                return None;
            }
            if let Some(job) = queue.pop() {
                queue.busy_since = Some(Instant::now());
                return Some(job);
            }
            queue.asleep += 1;
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
            queue.asleep -= 1;
        }
    }
}

/// The queue, and the threads that were started.
#[derive(Default)]
pub(crate) struct Worker {
    shared: Arc<Shared>,
}

impl Worker {
    /// Queues a job, and returns the jobs that no thread will do: this one if the queue is full or the
    /// engine is shutting down, all of them if no thread can be started. `make` returns what a thread does
    /// with a job, and what it does when there is none.
    pub(crate) fn push<J, I>(&self, job: Job, make: impl FnOnce() -> (J, I)) -> Vec<Job>
    where
        J: Fn(Job) + Send + 'static,
        I: Fn() + Send + 'static,
    {
        let mut queue = self.shared.lock();
        if queue.stopping {
            return vec![job];
        }
        if let Err(job) = queue.push(job) {
            return vec![job];
        }
        let abandoned = self.serve(&mut queue, make);
        // Waking costs a system call.
        let asleep = queue.asleep > 0;
        drop(queue);
        if asleep {
            self.shared.changed.notify_one();
        }
        abandoned
    }

    /// Starts a thread if jobs are waiting and there is no thread, or the one that takes them is late.
    /// Returns the jobs that no thread will do, because there is none and none can be started.
    pub(crate) fn ensure_thread<J, I>(&self, make: impl FnOnce() -> (J, I)) -> Vec<Job>
    where
        J: Fn(Job) + Send + 'static,
        I: Fn() + Send + 'static,
    {
        self.serve(&mut self.shared.lock(), make)
    }

    fn serve<J, I>(&self, queue: &mut Queue, make: impl FnOnce() -> (J, I)) -> Vec<Job>
    where
        J: Fn(Job) + Send + 'static,
        I: Fn() + Send + 'static,
    {
        if queue.wants_thread(has_cores()) {
            self.start_thread(queue, make());
        }
        if queue.threads.is_empty() {
            queue.ahead.clear();
            return queue.jobs.drain(..).collect();
        }
        Vec::new()
    }

    fn start_thread<J, I>(&self, queue: &mut Queue, (work, idle): (J, I))
    where
        J: Fn(Job) + Send + 'static,
        I: Fn() + Send + 'static,
    {
        let number = queue.taker + 1;
        let shared = self.shared.clone();
        let run = move || {
            if !has_cores() {
                // A thread that keeps its priority does the same work.
                let _ = rustix::process::nice(policy::NICE_ON_ONE_CORE);
            }
            // Whether a job since the last idle time has replaced code, which leaves something to do.
            let replaced = Cell::new(false);
            let idle = || {
                if replaced.take() {
                    idle();
                }
            };
            while let Some(job) = shared.next(number, &idle) {
                replaced.set(replaced.get() || job.work != Work::Callees);
                work(job);
            }
        };
        let thread = std::thread::Builder::new().name("compile".to_string());
        match thread.spawn(run) {
            Ok(thread) => {
                queue.taker = number;
                queue.busy_since = None;
                queue.threads.push(thread);
            }
            // A late thread continues with the waiting jobs after its own.
            Err(_) => queue.refused = Some(Instant::now()),
        }
    }

    /// Ends the threads after their current jobs. Queued jobs are dropped.
    pub(crate) fn stop(&self) {
        let threads = {
            let mut queue = self.shared.lock();
            queue.stopping = true;
            queue.jobs.clear();
            queue.ahead.clear();
            std::mem::take(&mut queue.threads)
        };
        self.shared.changed.notify_all();
        for thread in threads {
            join_unless_own(Some(thread));
        }
    }
}

/// Whether there is more than one processor core for this process. It is asked once: a process that is given
/// more or fewer cores later is treated as before.
pub(super) fn has_cores() -> bool {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, |cores| cores.get())) > 1
}

/// Joins a thread, unless it is the calling thread.
pub(crate) fn join_unless_own(thread: Option<JoinHandle<()>>) {
    let own: ThreadId = std::thread::current().id();
    if let Some(thread) = thread.filter(|thread| thread.thread().id() != own) {
        // A panic of the thread was reported when it happened.
        let _ = thread.join();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU16;

    fn job(func: u32, work: Work, size: usize, spent: &SpentCounts) -> Job {
        Job {
            linkage: Weak::new(),
            func: DefinedFunc(func),
            work,
            size,
            spent: spent.clone(),
        }
    }

    fn waiting() -> Queue {
        let spent = [AtomicU16::new(1)].into();
        Queue {
            jobs: [job(0, Work::Optimise, 0, &spent)].into(),
            ..Queue::default()
        }
    }

    #[test]
    fn callees_come_first_then_loops_then_what_is_hottest_for_its_size() {
        let spent: SpentCounts = [1, 60, 2, 1].map(AtomicU16::new).into();
        let mut queue = Queue::default();
        for (func, work, size) in [
            (0, Work::Optimise, 0),
            (1, Work::Optimise, 100 << 10),
            (2, Work::Optimise, 100),
            (3, Work::Optimise, 0),
            (1, Work::Loop(5), 100 << 10),
            (0, Work::Callees, 0),
        ] {
            assert!(queue.push(job(func, work, size, &spent)).is_ok());
        }
        // It is spent more often while it waits.
        spent[3].store(3, Ordering::Relaxed);
        let order = std::iter::from_fn(|| queue.pop()).map(|job| (job.func.0, job.work));
        assert_eq!(
            order.collect::<Vec<_>>(),
            [
                (0, Work::Callees),
                (1, Work::Loop(5)),
                (3, Work::Optimise),
                (2, Work::Optimise),
                (0, Work::Optimise),
                (1, Work::Optimise),
            ]
        );
    }

    #[test]
    fn a_refused_thread_is_not_asked_for_again_at_once() {
        let mut queue = waiting();
        assert!(queue.wants_thread(true));
        queue.refused = Some(Instant::now());
        assert!(!queue.wants_thread(true));
        queue.refused = Instant::now().checked_sub(RETRY_THREADS * 2);
        assert!(queue.wants_thread(true));
    }

    #[test]
    fn a_late_thread_is_replaced_only_if_there_is_a_core_for_another() {
        let mut queue = waiting();
        queue.threads.push(std::thread::spawn(std::thread::park));
        queue.busy_since = Some(Instant::now());
        assert!(!queue.wants_thread(true));
        queue.busy_since = Instant::now().checked_sub(JOB_IS_LATE * 2);
        assert!(!queue.wants_thread(false));
        assert!(queue.wants_thread(true));
        let late = queue.threads.remove(0);
        late.thread().unpark();
        late.join().unwrap();
    }

    #[test]
    fn a_queue_that_is_empty_or_ends_wants_no_thread() {
        assert!(!Queue::default().wants_thread(true));
        let mut queue = waiting();
        queue.stopping = true;
        assert!(!queue.wants_thread(true));
    }
}
