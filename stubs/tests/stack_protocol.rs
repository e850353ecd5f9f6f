//! A model of the states of a stack (`stacks`), explored completely: one thread that enters compiled code, calls the host
//! and returns, and one asker that frees the code which the entry led to. Each step below is one access to memory that the
//! other side can see, and the signal's handler may run between any two steps of the thread.
//!
//! The model is not the code; it is what the code's order of steps is chosen by. So each order that matters is broken
//! once, and the exploration must find the use of freed code that follows.

use std::collections::HashSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Outside,
    Wasm,
    Host,
    Scanning,
}

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// The thread loads the entry before it says that it is in compiled code.
    EntryFirst,
    /// The host returns to compiled code though its stack is being scanned.
    NotHeldBack,
    /// The asker scans a stack in the host without holding the thread back.
    ScanWithoutState,
    /// The handler looks at the stack and not at the registers.
    NoRegisters,
    /// A stack in compiled code counts as one that holds nothing.
    NotAsked,
    /// The asker takes no answer for a no.
    NoPatience,
    /// The stack says that it is in the host before the place from which it is to be scanned is noted.
    StateBeforePlace,
    /// The code is freed before the entry leads elsewhere.
    EntryLast,
}

/// The thread's steps, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Enter,
    LoadEntry,
    Call,
    NotePlace,
    EnterHost,
    LeaveHost,
    Return,
    Leave,
}

/// The asker's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asker {
    LeadElsewhere,
    Look,
    Scan,
    EndScan,
    Wait,
    TakeBack,
    Free,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct World {
    /// Whether the entry leads to the code that is to be freed.
    entry_is_old: bool,
    freed: bool,
    state: State,
    /// What the thread has in a register: the old code's address?
    register: bool,
    /// What stands on its stack.
    frame: bool,
    /// Whether the place from which the frame is found was noted.
    place: bool,
    request: bool,
    /// The signal is on its way.
    signal: bool,
    answer: Option<bool>,
    held: bool,
    step: usize,
    /// How many times the thread has gone round.
    rounds: u8,
    asker: Asker,
}

struct Model {
    broken: Broken,
    steps: Vec<Step>,
    seen: HashSet<World>,
    /// Ways to a use of freed code.
    faults: usize,
    /// Ends at which the code was freed, and at which it was not.
    ends: [usize; 2],
}

impl Model {
    fn explore(broken: Broken) -> Model {
        use Step::*;
        let mut steps = vec![
            Enter, LoadEntry, Call, NotePlace, EnterHost, LeaveHost, Return, Leave,
        ];
        match broken {
            Broken::EntryFirst => steps.swap(0, 1),
            Broken::StateBeforePlace => steps.swap(3, 4),
            _ => {}
        }
        let mut model = Model {
            broken,
            steps,
            seen: HashSet::new(),
            faults: 0,
            ends: [0; 2],
        };
        model.visit(World {
            entry_is_old: true,
            freed: false,
            state: State::Outside,
            register: false,
            frame: false,
            place: false,
            request: false,
            signal: false,
            answer: None,
            held: false,
            step: 0,
            rounds: 0,
            asker: match broken {
                Broken::EntryLast => Asker::Look,
                _ => Asker::LeadElsewhere,
            },
        });
        model
    }

    fn visit(&mut self, world: World) {
        if !self.seen.insert(world) {
            return;
        }
        let nexts = [self.thread(world), self.handler(world), self.asker(world)];
        if world.asker == Asker::Done {
            self.ends[usize::from(world.freed)] += 1;
        }
        for next in nexts.into_iter().flatten() {
            self.visit(next);
        }
    }

    /// The thread's next step, if it can take it.
    fn thread(&mut self, mut world: World) -> Option<World> {
        if world.rounds == 2 {
            return None;
        }
        match self.steps[world.step] {
            Step::Enter => world.state = State::Wasm,
            Step::LoadEntry => world.register = world.entry_is_old,
            Step::Call => {
                self.use_code(world.register && world.freed)?;
                world.frame = world.register;
                world.register = false;
            }
            Step::NotePlace => world.place = true,
            Step::EnterHost => world.state = State::Host,
            Step::LeaveHost => {
                if world.state == State::Scanning && self.broken != Broken::NotHeldBack {
                    return None;
                }
                world.state = State::Wasm;
                world.place = false;
            }
            Step::Return => {
                self.use_code(world.frame && world.freed)?;
                world.frame = false;
            }
            Step::Leave => world.state = State::Outside,
        }
        world.step += 1;
        if world.step == self.steps.len() {
            world.step = 0;
            world.rounds += 1;
        }
        Some(world)
    }

    /// Counts a use of freed code, after which nothing follows.
    fn use_code(&mut self, of_freed: bool) -> Option<()> {
        self.faults += usize::from(of_freed);
        (!of_freed).then_some(())
    }

    fn handler(&self, mut world: World) -> Option<World> {
        if !world.signal {
            return None;
        }
        world.signal = false;
        if std::mem::take(&mut world.request) {
            let register = world.register && self.broken != Broken::NoRegisters;
            world.answer = Some(register || world.frame);
        }
        Some(world)
    }

    fn asker(&self, mut world: World) -> Option<World> {
        world.asker = match world.asker {
            Asker::LeadElsewhere => {
                world.entry_is_old = false;
                Asker::Look
            }
            Asker::Look => match world.state {
                State::Outside => Asker::Free,
                State::Host => {
                    if self.broken != Broken::ScanWithoutState {
                        world.state = State::Scanning;
                    }
                    Asker::Scan
                }
                State::Wasm if self.broken == Broken::NotAsked => Asker::Free,
                State::Wasm => {
                    (world.request, world.signal) = (true, true);
                    Asker::Wait
                }
                State::Scanning => return None,
            },
            Asker::Scan => {
                // Without the place nothing of the frame is found.
                world.held = world.frame && world.place;
                Asker::EndScan
            }
            Asker::EndScan => {
                if world.state == State::Scanning {
                    world.state = State::Host;
                }
                Asker::Free
            }
            Asker::Wait => match world.answer {
                Some(held) => {
                    world.held = held;
                    Asker::Free
                }
                None if self.broken == Broken::NoPatience => Asker::Free,
                None if world.state != State::Wasm => Asker::TakeBack,
                None => return None,
            },
            // The thread has left compiled code. If its handler has not begun, the stack is looked at anew.
            Asker::TakeBack => {
                if std::mem::take(&mut world.request) {
                    Asker::Look
                } else {
                    Asker::Wait
                }
            }
            Asker::Free => {
                world.freed = !world.held;
                world.entry_is_old = false;
                Asker::Done
            }
            Asker::Done => return None,
        };
        Some(world)
    }
}

#[test]
fn no_order_of_steps_uses_freed_code() {
    let model = Model::explore(Broken::Nothing);
    assert_eq!(model.faults, 0, "in {} states", model.seen.len());
    let [kept, freed] = model.ends;
    assert!(kept > 0 && freed > 0, "both ends are reached");
}

#[test]
fn each_broken_order_does() {
    for broken in [
        Broken::EntryFirst,
        Broken::NotHeldBack,
        Broken::ScanWithoutState,
        Broken::NoRegisters,
        Broken::NotAsked,
        Broken::NoPatience,
        Broken::StateBeforePlace,
        Broken::EntryLast,
    ] {
        assert!(
            Model::explore(broken).faults > 0,
            "{broken:?} was not found"
        );
    }
}
