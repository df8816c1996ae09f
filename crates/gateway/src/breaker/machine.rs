//! The state machine of a breaker, pure, with time as an argument.

use std::time::Duration;

/// Thresholds of a breaker.
#[derive(Debug, Clone, Copy)]
pub struct BreakerPolicy {
    /// Length of the sliding window.
    pub window: Duration,
    /// With fewer calls in the window it stays closed.
    pub calls_min: u32,
    /// It opens when at least this share of the calls were faults, 1 to 100.
    pub faults_percentage: u32,
    /// It also opens after so many faults without a good call between them. On a busy server the share alone is reached
    /// late: the good calls of the last seconds outnumber the few that wait for a dependency that hangs.
    pub faults_in_a_row: u32,
    /// A call that its caller gives up after so long without an answer is a fault. Otherwise callers who are less patient
    /// than the dependency's timeout would keep the breaker closed forever.
    pub silence: Duration,
    /// Time for which it stays open.
    pub open: Duration,
    /// Number of probe calls after that; if all succeed the breaker closes.
    pub probes: u32,
}

impl Default for BreakerPolicy {
    /// Half of at least 20 calls in 10 s, or 20 faults in a row; closed again after 5 s and 3 good calls.
    fn default() -> Self {
        Self {
            window: Duration::from_secs(10),
            calls_min: 20,
            faults_percentage: 50,
            faults_in_a_row: 20,
            silence: Duration::from_secs(5),
            open: Duration::from_secs(5),
            probes: 3,
        }
    }
}

/// Parts of the window: calls leave it one part at a time.
const SLOTS: usize = 10;

/// Outcome of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallOutcome {
    /// The dependency answered normally.
    Success,
    /// The dependency has failed.
    Fault,
    /// The caller went away.
    Abandoned,
}

/// The right to make one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Permit {
    /// State that issued it: a call from before a state change does not count afterwards.
    era: u64,
    /// µs since 1970 at which the call began.
    started_us: i64,
    /// True if the call decides whether the breaker closes.
    is_probe: bool,
}

impl Permit {
    pub(super) const fn is_probe(self) -> bool {
        self.is_probe
    }
}

#[derive(Debug, Clone, Copy)]
enum BreakerState {
    Closed,
    Open { until_us: i64 },
    HalfOpen { running: u32, succeeded: u32 },
}

/// Calls of one part of the window.
#[derive(Debug, Clone, Copy, Default)]
struct WindowBucket {
    /// Number of the part of all time.
    number: i64,
    calls: u32,
    faults: u32,
}

/// The state machine of one breaker.
#[derive(Debug)]
pub(super) struct Machine {
    policy: BreakerPolicy,
    state: BreakerState,
    /// Grows with every change of state.
    era: u64,
    /// Faults since the last good call.
    in_a_row: u32,
    slots: [WindowBucket; SLOTS],
}

impl Machine {
    pub(super) fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            state: BreakerState::Closed,
            era: 0,
            in_a_row: 0,
            slots: [WindowBucket::default(); SLOTS],
        }
    }

    pub(super) const fn is_closed(&self) -> bool {
        matches!(self.state, BreakerState::Closed)
    }

    /// 0 closed, 1 half open, 2 open.
    pub(super) const fn state_number(&self) -> u8 {
        match self.state {
            BreakerState::Closed => 0,
            BreakerState::HalfOpen { .. } => 1,
            BreakerState::Open { .. } => 2,
        }
    }

    /// Lets a call through, or says when to come again.
    pub(super) fn admit(&mut self, now_us: i64) -> Result<Permit, Duration> {
        if let BreakerState::Open { until_us } = self.state {
            if now_us < until_us {
                return Err(Duration::from_micros(u64::try_from(until_us - now_us).unwrap_or(0)));
            }
            self.change(BreakerState::HalfOpen { running: 0, succeeded: 0 });
        }
        if let BreakerState::HalfOpen { running, succeeded } = &mut self.state {
            if *running + *succeeded >= self.policy.probes.max(1) {
                return Err(self.policy.open);
            }
            *running += 1;
        }
        let is_probe = matches!(self.state, BreakerState::HalfOpen { .. });
        Ok(Permit { era: self.era, started_us: now_us, is_probe })
    }

    /// The outcome of a call that was given up: a fault after a long silence.
    fn judged(&self, permit: Permit, outcome: CallOutcome, now_us: i64) -> CallOutcome {
        let waited_us = u128::try_from(now_us.saturating_sub(permit.started_us)).unwrap_or(0);
        if outcome == CallOutcome::Abandoned && waited_us >= self.policy.silence.as_micros() {
            return CallOutcome::Fault;
        }
        outcome
    }

    /// Learns how a call ended.
    pub(super) fn report(&mut self, permit: Permit, outcome: CallOutcome, now_us: i64) {
        if permit.era != self.era {
            return;
        }
        let outcome = self.judged(permit, outcome, now_us);
        match (&mut self.state, outcome) {
            (BreakerState::Closed, CallOutcome::Abandoned) | (BreakerState::Open { .. }, _) => {}
            (BreakerState::Closed, _) => {
                self.count(outcome, now_us);
                // Only a fault opens it, never the success after one.
                if outcome == CallOutcome::Fault && self.is_failing(now_us) {
                    self.open(now_us);
                }
            }
            (BreakerState::HalfOpen { .. }, CallOutcome::Fault) => self.open(now_us),
            (BreakerState::HalfOpen { running, .. }, CallOutcome::Abandoned) => {
                *running = running.saturating_sub(1)
            }
            (BreakerState::HalfOpen { running, succeeded }, CallOutcome::Success) => {
                *running = running.saturating_sub(1);
                *succeeded += 1;
                if *succeeded >= self.policy.probes.max(1) {
                    self.slots = [WindowBucket::default(); SLOTS];
                    self.change(BreakerState::Closed);
                }
            }
        }
    }

    fn open(&mut self, now_us: i64) {
        let open_us = i64::try_from(self.policy.open.as_micros()).unwrap_or(i64::MAX);
        self.change(BreakerState::Open { until_us: now_us.saturating_add(open_us) });
    }

    fn change(&mut self, state: BreakerState) {
        self.state = state;
        self.era += 1;
        self.in_a_row = 0;
    }

    fn slot_number(&self, now_us: i64) -> i64 {
        let slots = u128::try_from(SLOTS).unwrap_or(1);
        let slot_us = i64::try_from(self.policy.window.as_micros() / slots).unwrap_or(i64::MAX);
        now_us.div_euclid(slot_us.max(1))
    }

    fn count(&mut self, outcome: CallOutcome, now_us: i64) {
        self.in_a_row = if outcome == CallOutcome::Fault { self.in_a_row.saturating_add(1) } else { 0 };
        let number = self.slot_number(now_us);
        let slots = i64::try_from(SLOTS).unwrap_or(1);
        let index = usize::try_from(number.rem_euclid(slots)).unwrap_or(0);
        if let Some(slot) = self.slots.get_mut(index) {
            if slot.number != number {
                *slot = WindowBucket { number, ..WindowBucket::default() };
            }
            slot.calls = slot.calls.saturating_add(1);
            slot.faults = slot.faults.saturating_add(u32::from(outcome == CallOutcome::Fault));
        }
    }

    fn is_failing(&self, now_us: i64) -> bool {
        if self.in_a_row >= self.policy.faults_in_a_row.max(1) {
            return true;
        }
        let newest = self.slot_number(now_us);
        let oldest = newest - i64::try_from(SLOTS).unwrap_or(1) + 1;
        let recent = self.slots.iter().filter(|slot| (oldest..=newest).contains(&slot.number));
        let (calls, faults) = recent.fold((0_u64, 0_u64), |(calls, faults), slot| {
            (calls + u64::from(slot.calls), faults + u64::from(slot.faults))
        });
        faults > 0
            && calls >= u64::from(self.policy.calls_min)
            && faults * 100 >= calls * u64::from(self.policy.faults_percentage)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn run(machine: &mut Machine, outcome: CallOutcome, now_us: i64) {
        let permit = machine.admit(now_us).unwrap();
        machine.report(permit, outcome, now_us);
    }

    fn opened(now_us: i64) -> Machine {
        let mut machine = Machine::new(BreakerPolicy::default());
        for _ in 0..20 {
            run(&mut machine, CallOutcome::Fault, now_us);
        }
        assert_eq!(machine.state_number(), 2);
        machine
    }

    #[test]
    fn opens_probes_and_closes() {
        let mut machine = opened(0);
        assert_eq!(machine.admit(SECOND), Err(Duration::from_secs(4)));
        let probes: Vec<Permit> = (0..3).map(|_| machine.admit(5 * SECOND).unwrap()).collect();
        assert!(machine.admit(5 * SECOND).is_err());
        for probe in probes {
            machine.report(probe, CallOutcome::Success, 5 * SECOND);
        }
        assert!(machine.is_closed());
        run(&mut machine, CallOutcome::Fault, 5 * SECOND);
        assert!(machine.is_closed(), "the past was not forgotten");
    }

    #[test]
    fn a_failed_probe_opens_again_and_an_abandoned_one_makes_room() {
        let mut machine = opened(0);
        let late = machine.admit(5 * SECOND).unwrap();
        run(&mut machine, CallOutcome::Abandoned, 5 * SECOND);
        run(&mut machine, CallOutcome::Abandoned, 5 * SECOND);
        run(&mut machine, CallOutcome::Fault, 5 * SECOND);
        assert!(machine.admit(9 * SECOND).is_err());
        machine.report(late, CallOutcome::Success, 9 * SECOND);
        assert_eq!(machine.state_number(), 2, "a call of an earlier era counted");
    }

    #[test]
    fn old_faults_leave_the_window() {
        let policy = BreakerPolicy { faults_in_a_row: u32::MAX, ..BreakerPolicy::default() };
        let mut machine = Machine::new(policy);
        for second in 0..1_000 {
            run(&mut machine, CallOutcome::Fault, second * SECOND);
            assert!(machine.is_closed(), "10 calls in a window are too few to judge");
        }
    }

    /// Each write waited for 6 s, so a window of 10 s never had the 20 calls that were needed to judge.
    #[test]
    fn slow_faults_in_a_row_open_whatever_the_window_has() {
        let policy = BreakerPolicy { faults_in_a_row: 5, ..BreakerPolicy::default() };
        let mut machine = Machine::new(policy);
        for number in 0..5 {
            assert!(machine.is_closed());
            run(&mut machine, CallOutcome::Fault, number * 6 * SECOND);
        }
        assert_eq!(machine.state_number(), 2);
    }

    /// A thousand good calls before the dependency hung made half of the window a matter of seconds.
    #[test]
    fn faults_in_a_row_open_on_a_busy_server() {
        let policy = BreakerPolicy { faults_in_a_row: 5, ..BreakerPolicy::default() };
        let mut machine = Machine::new(policy);
        for _ in 0..1_000 {
            run(&mut machine, CallOutcome::Success, 0);
        }
        for _ in 0..4 {
            run(&mut machine, CallOutcome::Fault, SECOND);
        }
        run(&mut machine, CallOutcome::Success, SECOND);
        for _ in 0..5 {
            assert!(machine.is_closed());
            run(&mut machine, CallOutcome::Fault, SECOND);
        }
        assert_eq!(machine.state_number(), 2);
    }

    /// Clients with a timeout shorter than the dependency's never let one call end, and none counted.
    #[test]
    fn a_call_that_is_given_up_after_a_long_silence_is_a_fault() {
        let policy = BreakerPolicy {
            faults_in_a_row: 3,
            silence: Duration::from_millis(250),
            ..BreakerPolicy::default()
        };
        let mut machine = Machine::new(policy);
        for number in 0..3 {
            let permit = machine.admit(number * SECOND).unwrap();
            machine.report(permit, CallOutcome::Abandoned, number * SECOND + 249_999);
        }
        assert!(machine.is_closed());
        for number in 3..6 {
            let permit = machine.admit(number * SECOND).unwrap();
            machine.report(permit, CallOutcome::Abandoned, number * SECOND + 250_000);
        }
        assert_eq!(machine.state_number(), 2);
    }

    #[test]
    fn a_success_never_opens() {
        let policy = BreakerPolicy { calls_min: 2, faults_percentage: 1, ..BreakerPolicy::default() };
        let mut machine = Machine::new(policy);
        run(&mut machine, CallOutcome::Fault, 0);
        run(&mut machine, CallOutcome::Success, 0);
        assert!(machine.is_closed());
        run(&mut machine, CallOutcome::Fault, 0);
        assert!(!machine.is_closed());
    }

    fn outcomes() -> impl Strategy<Value = Vec<(i64, u8)>> {
        proptest::collection::vec((0..2 * SECOND, 0_u8..3), 1..400)
    }

    proptest! {
        /// Answers and callers who went away never open it.
        #[test]
        fn only_faults_open(steps in outcomes()) {
            let mut machine = Machine::new(BreakerPolicy::default());
            let mut now = 0;
            for (gap, kind) in steps {
                now += gap;
                run(&mut machine, if kind == 0 { CallOutcome::Success } else { CallOutcome::Abandoned }, now);
                prop_assert!(machine.is_closed());
            }
        }

        /// Invariants under any sequence: no call passes while it is open, probes are bounded, it opens only
        /// when the count over the window says so, and a recovered dependency is used again.
        #[test]
        fn the_breaker_keeps_its_bounds_under_any_sequence(steps in outcomes(), calls_min in 1_u32..10, percentage in 1_u32..100) {
            let policy = BreakerPolicy {
                calls_min,
                faults_percentage: percentage,
                faults_in_a_row: u32::MAX,
                ..BreakerPolicy::default()
            };
            let mut machine = Machine::new(policy);
            let mut now = 0;
            let mut seen: Vec<(i64, bool)> = Vec::new();
            for (gap, kind) in steps {
                now += gap;
                let was_open = matches!(machine.state, BreakerState::Open { until_us } if now < until_us);
                let Ok(permit) = machine.admit(now) else {
                    prop_assert!(!machine.is_closed());
                    continue;
                };
                prop_assert!(!was_open, "a call passed an open breaker");
                if let BreakerState::HalfOpen { running, succeeded } = machine.state {
                    prop_assert!(running + succeeded <= policy.probes);
                }
                let was_closed = machine.is_closed();
                let outcome = [CallOutcome::Success, CallOutcome::Fault, CallOutcome::Abandoned][usize::from(kind)];
                machine.report(permit, outcome, now);
                if was_closed && outcome != CallOutcome::Abandoned {
                    seen.push((now, outcome == CallOutcome::Fault));
                }
                if was_closed && !machine.is_closed() {
                    let recent = seen.iter().filter(|(at, _)| now - at <= 10 * SECOND);
                    prop_assert!(recent.clone().any(|(_, fault)| *fault));
                    prop_assert!(recent.count() >= usize::try_from(calls_min).unwrap());
                    seen.clear();
                }
            }
            now += 5 * SECOND;
            for _ in 0..3 {
                if let Ok(permit) = machine.admit(now) {
                    machine.report(permit, CallOutcome::Success, now);
                }
            }
            prop_assert!(machine.is_closed());
        }
    }
}
