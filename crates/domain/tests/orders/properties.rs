//! Random days of one trader in one asset, and a check that they reach every case.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::commands::plans;
use crate::day::Day;
use crate::model::Reached;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_random_day_keeps_every_promise(plan in plans()) {
        Day::play(&plan);
    }
}

/// A generator that never reaches a case proves nothing about it.
#[test]
fn random_days_reach_every_case() {
    const DAYS: u32 = 900;
    const CASES: usize = 36;
    const LEAST: u32 = 5;
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let mut total = Reached::default();
    for _ in 0..DAYS {
        let plan = plans().new_tree(&mut runner).unwrap().current();
        for (case, count) in Day::play(&plan).reached.0 {
            *total.0.entry(case).or_default() += count;
        }
    }
    let rare: Vec<_> = total.0.iter().filter(|(_, count)| **count < LEAST).collect();
    assert!(
        rare.is_empty() && total.0.len() == CASES,
        "too rare: {rare:?} of {} cases: {total:?}",
        total.0.len()
    );
}
