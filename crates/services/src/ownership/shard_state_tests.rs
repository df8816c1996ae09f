//! The life of shards on several servers with one model of the lease, in all orders that a seed finds.

use cnop_testkit::SeededRng;
use proptest::prelude::*;

use super::shard_state::{LEASE_US, LeaseAnswer, LeaseCall, Seen, ShardChange, ShardPhase, ShardState};

/// Time of one turn, in µs.
const TURN_US: i64 = 125_000;

/// The lease of one shard, as the coordinator keeps it.
#[derive(Debug, Default)]
struct ModelLease {
    owner: Option<(usize, u64)>,
    expires_us: i64,
    epoch: u64,
}

impl ModelLease {
    fn holder(&self, now_us: i64) -> Option<(usize, u64)> {
        self.owner.filter(|_| self.expires_us > now_us)
    }

    fn answer(&mut self, server: usize, call: LeaseCall, epoch: Option<u64>, now_us: i64) -> LeaseAnswer {
        match (call, self.holder(now_us)) {
            (LeaseCall::Renew, Some((owner, held))) if owner == server && Some(held) == epoch => {
                self.expires_us = now_us + LEASE_US;
                LeaseAnswer::Held(held)
            }
            (LeaseCall::Acquire | LeaseCall::Renew, None) => {
                self.epoch += 1;
                self.owner = Some((server, self.epoch));
                self.expires_us = now_us + LEASE_US;
                LeaseAnswer::Held(self.epoch)
            }
            (LeaseCall::Release, Some((owner, held))) if owner == server && Some(held) == epoch => {
                self.owner = None;
                LeaseAnswer::NotHeld
            }
            _ => LeaseAnswer::NotHeld,
        }
    }
}

struct Model {
    lease: ModelLease,
    states: Vec<ShardState>,
    /// Servers that run and reach the coordinator.
    reaches: Vec<bool>,
    runs: Vec<bool>,
    now_us: i64,
    releases: usize,
}

impl Model {
    fn new(servers: usize) -> Self {
        Self {
            lease: ModelLease::default(),
            states: vec![ShardState::default(); servers],
            reaches: vec![true; servers],
            runs: vec![true; servers],
            now_us: 1_000_000_000,
            releases: 0,
        }
    }

    /// The first server that runs and is heard is the preferred one.
    fn preferred(&self, of: usize) -> usize {
        let hears =
            |other: usize| other == of || (self.runs[other] && self.reaches[other] && self.reaches[of]);
        (0..self.states.len()).find(|other| hears(*other)).unwrap_or(of)
    }

    fn turn(&mut self, server: usize) {
        let held_elsewhere = (0..self.states.len()).any(|other| {
            other != server
                && self.runs[other]
                && self.reaches[other]
                && self.reaches[server]
                && self.states[other].epoch().is_some()
        });
        let seen = Seen {
            now_us: self.now_us,
            is_preferred: self.preferred(server) == server,
            is_held: held_elsewhere,
            is_alone: self.states.len() == 1,
            has_jobs: false,
        };
        let state = &mut self.states[server];
        if let Some(call) = state.call(&seen) {
            let answer = if self.reaches[server] {
                self.lease.answer(server, call, state.epoch(), self.now_us)
            } else {
                LeaseAnswer::Away
            };
            match state.answer(call, answer, &seen) {
                Some(ShardChange::Rebuild { epoch }) => {
                    assert_eq!(answer, LeaseAnswer::Held(epoch));
                    state.rebuilt(epoch);
                }
                Some(ShardChange::Released) => self.releases += 1,
                _ => {}
            }
        }
        state.yield_it(self.now_us, false);
    }

    fn pass(&mut self, turns: usize) {
        for _ in 0..turns {
            self.now_us += TURN_US;
            for server in 0..self.states.len() {
                if self.runs[server] {
                    self.turn(server);
                }
            }
        }
    }

    fn owners(&self) -> Vec<usize> {
        let owned = |server: &usize| matches!(self.states[*server].phase(), ShardPhase::Owned { .. });
        (0..self.states.len()).filter(|server| self.runs[*server]).filter(owned).collect()
    }
}

/// The turns of this many seconds.
const fn seconds(count: usize) -> usize {
    count * 8
}

#[test]
fn one_server_owns_at_its_first_turn_and_for_ever() {
    let mut model = Model::new(1);
    model.pass(1);
    assert_eq!(model.owners(), [0]);
    let epoch = model.states[0].epoch();
    model.pass(seconds(60));
    assert_eq!((model.owners(), model.states[0].epoch()), (vec![0], epoch));
    // The process stood still for longer than its lease: nobody else can have had the shard.
    model.now_us += 10 * LEASE_US;
    model.pass(1);
    assert_eq!(model.owners(), [0]);
    assert!(model.states[0].epoch() > epoch);
}

#[test]
fn the_shard_of_a_dead_server_has_an_owner_after_three_seconds() {
    let mut model = Model::new(3);
    model.pass(seconds(5));
    assert_eq!(model.owners(), [0]);
    model.runs[0] = false;
    model.pass(seconds(3));
    assert_eq!(model.owners(), [1]);
}

/// Without the hysteresis each heartbeat that comes late would move shards.
#[test]
fn a_better_server_gets_the_shard_in_order_and_a_short_visit_moves_nothing() {
    let mut model = Model::new(2);
    model.runs[0] = false;
    model.pass(seconds(5));
    assert_eq!(model.owners(), [1]);
    model.runs[0] = true;
    model.pass(4);
    model.runs[0] = false;
    model.pass(seconds(5));
    assert_eq!((model.owners(), model.releases), (vec![1], 0));
    model.runs[0] = true;
    model.pass(seconds(3));
    assert_eq!((model.owners(), model.releases), (vec![0], 1));
}

/// The coordinator is away: nothing is lost, and the owner goes on.
#[test]
fn an_outage_of_the_coordinator_takes_nothing_away() {
    let mut model = Model::new(2);
    model.pass(seconds(5));
    model.reaches = vec![false; 2];
    model.pass(seconds(20));
    assert_eq!(model.owners(), [0]);
    assert!(model.states[0].is_away());
    model.reaches = vec![true; 2];
    model.pass(seconds(5));
    assert_eq!(model.owners(), [0]);
    assert!(!model.states[0].is_away());
}

proptest! {
    /// At every moment the lease has one owner at most among the servers that reach the coordinator. Five seconds after
    /// the last fault the preferred server alone owns the shard.
    #[test]
    fn one_owner_after_any_day(servers in 1_usize..5, seed in any::<u64>()) {
        let mut model = Model::new(servers);
        let mut rng = SeededRng::new(seed, "shard");
        for _ in 0..40 {
            let server = usize::try_from(rng.below(u64::try_from(servers).unwrap())).unwrap();
            match rng.below(5) {
                0 => model.runs[server] = !model.runs[server],
                1 => model.reaches[server] = !model.reaches[server],
                2 => model.now_us += i64::try_from(rng.below(3_000_000)).unwrap(),
                _ => {}
            }
            model.pass(usize::try_from(rng.below(24)).unwrap());
            let holder = model.lease.holder(model.now_us);
            let epochs = model.states.iter().filter_map(ShardState::epoch);
            prop_assert!(epochs.filter(|epoch| holder.is_some_and(|(_, held)| held == *epoch)).count() <= 1);
        }
        model.runs = vec![true; servers];
        model.reaches = vec![true; servers];
        model.pass(seconds(6));
        prop_assert_eq!(model.owners(), [0]);
    }
}
