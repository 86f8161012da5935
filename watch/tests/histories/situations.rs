//! Histories that are rare among the generated ones. Each leads to one bound of repairs, and
//! then past it: so many operations are started, and no other.

use crate::history::{Day, Event, History, Other, Plain, Run, Stack};

/// A history, and how many operations the watch starts in it.
pub struct Situation {
    pub name: &'static str,
    pub history: History,
    pub operations: usize,
}

/// All of them.
pub fn situations() -> Vec<Situation> {
    let failed = || vec![member(Stack::Current), member(Stack::Throttled)];
    let mut without_recorder = failed();
    without_recorder[1].has_recorder = false;
    let mut third = failed();
    third.push(member(Stack::Current));
    let crowd = History {
        crowd: true,
        ..history(vec![member(Stack::Current)], vec![quiet(); 3])
    };
    let slow = Run {
        slow: true,
        ..Run::default()
    };
    let denied = Run {
        record_denied: true,
        ..Run::default()
    };
    let lost = Run {
        lost_after: Some(1),
        ..Run::default()
    };
    let mut off = quiet();
    off.switches = Some((false, true));
    let updated = |other| Day {
        other: Some(other),
        ..quiet()
    };
    let outdated = vec![member(Stack::Current), member(Stack::Outdated)];
    let fails_too = happens(2, Event::Stack(Stack::Throttled));
    let of = |name, history, operations| Situation {
        name,
        history,
        operations,
    };
    vec![
        of(
            "another stack fails while an operation of the watch has not ended",
            history(third, vec![quiet(), runs(vec![slow]), fails_too, quiet()]),
            2,
        ),
        of(
            "a suspended account",
            history(
                failed(),
                vec![happens(1, Event::IsSuspended), quiet(), quiet()],
            ),
            0,
        ),
        of("52 accounts without a stack", crowd, 2),
        of(
            "latest.json cannot be read",
            history(failed(), vec![quiet(), runs(vec![denied]), quiet()]),
            1,
        ),
        of(
            "attempts that fail, of which the first is not recorded",
            history(
                without_recorder.clone(),
                [vec![quiet(), runs(vec![lost])], vec![quiet(); 4]].concat(),
            ),
            3,
        ),
        of(
            "a stack that nobody has updated",
            history(outdated, vec![quiet(); 3]),
            0,
        ),
        of("repair is off", history(failed(), vec![quiet(), off]), 0),
        of(
            "somebody updates the StackSet",
            history(failed(), vec![quiet(), updated(Other::Runs), quiet()]),
            1,
        ),
        of(
            "an update that stopped, and is not repeated",
            history(failed(), vec![quiet(), updated(Other::Stopped), quiet()]),
            0,
        ),
        of(
            "an update that stopped, and then succeeds",
            history(
                failed(),
                vec![quiet(), updated(Other::Stopped), updated(Other::Succeeded)],
            ),
            1,
        ),
        of(
            "two runs on one day",
            history(
                without_recorder,
                vec![quiet(), runs(vec![Run::default(); 2])],
            ),
            1,
        ),
    ]
}

/// The function dies at the request of that number of a run that repairs, and somebody else
/// begins to update the StackSet.
pub fn updated_meanwhile(request: usize) -> History {
    let dies = Run {
        crashes: vec![(request, false)],
        updated_meanwhile: true,
        ..Run::default()
    };
    let members = vec![member(Stack::Current), member(Stack::Throttled)];
    history(members, vec![quiet(), runs(vec![dies]), quiet()])
}

fn member(stack: Stack) -> Plain {
    Plain {
        has_key: false,
        has_recorder: true,
        in_unit: true,
        stack,
    }
}

fn history(members: Vec<Plain>, days: Vec<Day>) -> History {
    History {
        members,
        crowd: false,
        days,
        confirmed_on: 1,
    }
}

/// A day on which nothing happens.
fn quiet() -> Day {
    runs(vec![Run::default()])
}

fn runs(runs: Vec<Run>) -> Day {
    Day {
        events: Vec::new(),
        switches: Some((true, true)),
        other: None,
        runs,
    }
}

fn happens(member: usize, event: Event) -> Day {
    Day {
        events: vec![(member, event)],
        ..quiet()
    }
}
