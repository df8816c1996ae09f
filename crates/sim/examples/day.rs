//! Runs a day of simulated trading twice and compares the resulting bytes: `cargo run --release -p cnop-sim
//! --example day [seed] [commands] [accounts]`.
#![allow(clippy::print_stdout, reason = "a program for a person at a terminal")]

use std::time::Instant;

use cnop_sim::{Day, FaultRates, Outcome};

fn main() -> Outcome<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let number = |index: usize, default| numbers.get(index).copied().unwrap_or(default);
    let day = Day {
        seed: number(0, 1),
        commands: number(1, 100_000),
        accounts: usize::try_from(number(2, 1_000))?,
        faults: FaultRates::default(),
    };
    let start = Instant::now();
    let first = day.live_alone()?;
    println!(
        "{} commands of {} accounts, with the audit, in {:?}",
        day.commands,
        day.accounts,
        start.elapsed()
    );
    if first != day.live_alone()? {
        return Err("the second day is not the first one".into());
    }
    let (report, digests) = first;
    let items: u64 = digests.values().map(|(count, _)| count).sum();
    println!("{report:#?}\nboth days left the same {items} items, to the byte, and the audits agree");
    Ok(())
}
