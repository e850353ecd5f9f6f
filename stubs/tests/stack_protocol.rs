//! A model of the states of a stack (`stacks`), explored completely: one thread that enters compiled code,
//! calls the host and returns, and one reclaimer that frees the code to which the entry pointed. Each step
//! below is one access to memory that the other side can see, and the signal's handler may run between any
//! two steps of the thread.
//!
//! The model is not the code. It justifies the order of the code's steps, so each order that matters is
//! broken once, and the exploration must find the resulting use of freed code.

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
    /// The host returns to compiled code although its stack is being scanned.
    NotDelayed,
    /// The reclaimer scans a stack in the host without delaying the thread.
    ScanWithoutState,
    /// The handler scans the stack and not the registers.
    NoRegisters,
    /// A stack in compiled code counts as empty.
    NotScanned,
    /// The reclaimer takes a missing response for an empty stack.
    NoResponse,
    /// The stack's state becomes HOST before the address is stored from which it must be scanned.
    StateBeforePlace,
    /// The code is freed before the entry points elsewhere.
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

/// The reclaimer's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reclaimer {
    PointElsewhere,
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
    /// Whether the entry points to the code that is to be freed.
    entry_is_old: bool,
    freed: bool,
    state: State,
    /// Whether the thread has the old code's address in a register.
    register: bool,
    /// Whether its stack holds the old code's address.
    frame: bool,
    /// Whether the address was stored from which the stack must be scanned.
    place: bool,
    request: bool,
    /// Whether the signal was sent and not handled yet.
    signal: bool,
    answer: Option<bool>,
    held: bool,
    step: usize,
    /// How many times the thread has done all its steps.
    rounds: u8,
    reclaimer: Reclaimer,
}

struct Model {
    broken: Broken,
    steps: Vec<Step>,
    seen: HashSet<World>,
    /// Number of uses of freed code that were found.
    faults: usize,
    /// Number of ends at which the code was freed, and at which it was not.
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
            reclaimer: match broken {
                Broken::EntryLast => Reclaimer::Look,
                _ => Reclaimer::PointElsewhere,
            },
        });
        model
    }

    fn visit(&mut self, world: World) {
        if !self.seen.insert(world) {
            return;
        }
        let nexts = [
            self.thread(world),
            self.handler(world),
            self.reclaimer(world),
        ];
        if world.reclaimer == Reclaimer::Done {
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
                if world.state == State::Scanning && self.broken != Broken::NotDelayed {
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

    fn reclaimer(&self, mut world: World) -> Option<World> {
        world.reclaimer = match world.reclaimer {
            Reclaimer::PointElsewhere => {
                world.entry_is_old = false;
                Reclaimer::Look
            }
            Reclaimer::Look => match world.state {
                State::Outside => Reclaimer::Free,
                State::Host => {
                    if self.broken != Broken::ScanWithoutState {
                        world.state = State::Scanning;
                    }
                    Reclaimer::Scan
                }
                State::Wasm if self.broken == Broken::NotScanned => Reclaimer::Free,
                State::Wasm => {
                    (world.request, world.signal) = (true, true);
                    Reclaimer::Wait
                }
                State::Scanning => return None,
            },
            Reclaimer::Scan => {
                // Without the place nothing of the frame is found.
                world.held = world.frame && world.place;
                Reclaimer::EndScan
            }
            Reclaimer::EndScan => {
                if world.state == State::Scanning {
                    world.state = State::Host;
                }
                Reclaimer::Free
            }
            Reclaimer::Wait => match world.answer {
                Some(held) => {
                    world.held = held;
                    Reclaimer::Free
                }
                None if self.broken == Broken::NoResponse => Reclaimer::Free,
                None if world.state != State::Wasm => Reclaimer::TakeBack,
                None => return None,
            },
            // The thread has left compiled code. If its handler has not begun, the stack is looked at anew.
            Reclaimer::TakeBack => {
                if std::mem::take(&mut world.request) {
                    Reclaimer::Look
                } else {
                    Reclaimer::Wait
                }
            }
            Reclaimer::Free => {
                world.freed = !world.held;
                world.entry_is_old = false;
                Reclaimer::Done
            }
            Reclaimer::Done => return None,
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
        Broken::NotDelayed,
        Broken::ScanWithoutState,
        Broken::NoRegisters,
        Broken::NotScanned,
        Broken::NoResponse,
        Broken::StateBeforePlace,
        Broken::EntryLast,
    ] {
        assert!(
            Model::explore(broken).faults > 0,
            "{broken:?} was not found"
        );
    }
}
