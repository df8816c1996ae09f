//! Whole simulated days, with and without faults.

use cnop_sim::{ClusterDay, ClusterReport, Day, DayReport, Digests, FaultRates};
use cnop_testkit::CoordinatorFaultRates;

/// Commands of the day that is lived twice. More: `CNOP_SIM_COMMANDS`.
const COMMANDS: u64 = 15_000;
/// Traders of that day. More: `CNOP_SIM_ACCOUNTS`.
const ACCOUNTS: usize = 1_000;

fn number<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn live(day: Day) -> (DayReport, Digests) {
    let lived = day.live_alone();
    assert!(lived.is_ok(), "{day:?}: {:?}", lived.err().map(|fault| fault.to_string()));
    lived.unwrap_or_default()
}

#[test]
fn a_day_that_is_lived_twice_leaves_the_same_bytes() {
    let day = Day {
        seed: number("CNOP_SIM_SEED", 1),
        accounts: number("CNOP_SIM_ACCOUNTS", ACCOUNTS),
        commands: number("CNOP_SIM_COMMANDS", COMMANDS),
        faults: FaultRates::default(),
    };
    let (first, second) = (live(day), live(day));
    println!("{:#?}", first.0);
    assert_eq!(first.0, second.0);
    assert!(first.1 == second.1, "{:?}", first.1.iter().find(|(pk, sum)| second.1.get(*pk) != Some(sum)));
    assert!(first.0.ticks.filled > 0 && first.0.ticks.triggered > 0 && first.0.ticks.expired > 0);
    assert!(first.0.ticks.alerts > 0 && first.0.ticks.runs > 0);
    for wish in [
        "order",
        "group",
        "cancel",
        "replace",
        "cancel all",
        "close",
        "alert",
        "recurring",
        "guards",
        "deposit",
        "withdrawal",
    ] {
        assert!(first.0.done.get(wish).is_some_and(|count| *count > 0), "no {wish} was done");
    }
}

#[test]
fn another_seed_is_another_day() {
    let day = |seed| Day { seed, accounts: 10, commands: 200, faults: FaultRates::default() };
    assert_ne!(live(day(1)).1, live(day(2)).1);
}

#[test]
fn days_full_of_faults_lose_nothing_and_double_nothing() {
    let first = number("CNOP_SIM_SEED", 1);
    for seed in first..first + number("CNOP_SIM_DAYS", 4) {
        let day = Day { seed, accounts: 40, commands: 2_000, faults: FaultRates::BAD_DAY };
        let (report, bytes) = live(day);
        println!("seed {seed}: {report:#?}");
        assert!(report.faults.lost_after > 0 && report.restarts > 0);
        assert!(live(day).1 == bytes, "seed {seed} is not the same day when it is lived again");
    }
}

/// A day of two to four servers.
fn cluster_day(seed: u64) -> ClusterDay {
    ClusterDay {
        seed,
        servers: match seed % 3 {
            0 => 2,
            1 => 3,
            _ => 4,
        },
        accounts: 12,
        rounds: 160,
        commands: 2,
        faults: FaultRates::BAD_DAY,
        coordinator: CoordinatorFaultRates::BAD_DAY,
        troubles: 60,
    }
}

fn live_together(day: ClusterDay) -> ClusterReport {
    let lived = day.live();
    assert!(lived.is_ok(), "{day:?}: {:?}", lived.err().map(|fault| fault.to_string()));
    lived.unwrap_or_default()
}

#[test]
fn servers_without_faults_share_a_day() {
    for seed in 1..=number("CNOP_SIM_DAYS", 6).min(100) {
        let day = ClusterDay {
            faults: FaultRates::default(),
            coordinator: CoordinatorFaultRates::default(),
            troubles: 0,
            ..cluster_day(seed)
        };
        let report = live_together(day);
        assert_eq!(report.ticks.failed, 0, "{day:?}: {report:?}");
        assert!(report.ticks.triggered > 0 && report.ticks.filled > 0, "{day:?}: {report:?}");
    }
}

#[test]
fn servers_that_fail_lose_nothing_and_double_nothing() {
    let first = number("CNOP_SIM_SEED", 1);
    let (mut kills, mut cuts, mut pauses, mut lost) = (0, 0, 0, 0);
    for seed in first..first + number("CNOP_SIM_DAYS", 12) {
        let report = live_together(cluster_day(seed));
        (kills, cuts, pauses) = (kills + report.kills, cuts + report.cuts, pauses + report.pauses);
        lost += report.coordinator.iter().map(|counts| counts.messages_lost).sum::<u64>();
    }
    println!("{kills} servers killed, {cuts} cut off, {pauses} paused, {lost} messages lost");
    assert!(kills > 0 && cuts > 0 && pauses > 0 && lost > 0);
}

#[test]
fn a_day_of_several_servers_can_be_lived_again() {
    assert_eq!(live_together(cluster_day(7)), live_together(cluster_day(7)));
}
