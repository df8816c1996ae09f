//! Hostile clients beside an honest one, on the real program: whatever they ask, the trader is served.
//!
//! The short form asserts that nothing of the trader's is refused or left out. `make hostile` is the long form on the
//! release: it also bounds the trader's times by those of a quiet server, measured in the same run.

mod attack;
mod honest;
mod program;
mod wire;

use self::attack::{Attack, Kind};
use self::honest::{Honest, Seen};
use self::program::Program;

/// Set by `make hostile`: the program to start, and that times are compared.
const LONG_FORM: &str = "CNOP_HOSTILE_PROGRAM";
/// Rounds of the trader beside each attack.
const ROUNDS_SHORT: usize = 12;
const ROUNDS_LONG: usize = 300;
/// Multiple of the quiet server's times that the trader may see under attack.
const SLOWER_MAX: u32 = 2;
/// Files that both sides of the longest attack hold in this process.
const OPEN_FILES: u64 = 16_384;

/// Each of these once refused or stalled everybody else. Unfinished bodies held every place of a request. Idle and
/// unread connections held every connection, anonymous streams every stream, and costly requests every core.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_client_is_refused_for_what_another_one_asks() {
    rlimit::increase_nofile_limit(OPEN_FILES).unwrap();
    let long = std::env::var_os(LONG_FORM);
    let rounds = if long.is_some() { ROUNDS_LONG } else { ROUNDS_SHORT };
    let program = Program::start(long.as_deref());
    let honest = Honest::start(program.address).await;
    let quiet = honest.trade(rounds).await;
    report("quiet", &quiet, 0);
    let mut slow = Vec::new();
    for kind in Kind::ALL {
        let attack = Attack::start(kind, program.address, long.is_some()).await;
        let seen = honest.trade(rounds).await;
        report(kind.name(), &seen, attack.attempts());
        assert_eq!(seen.refused, Vec::<String>::new(), "beside {}", kind.name());
        if seen.is_slower_than(&quiet, SLOWER_MAX) {
            slow.push(kind.name());
        }
        attack.stop().await;
    }
    if long.is_some() {
        assert_eq!(slow, Vec::<&str>::new(), "slower than {SLOWER_MAX} times the quiet server");
    }
}

#[allow(clippy::print_stdout, reason = "the figures are read where the test runs")]
fn report(name: &str, seen: &Seen, attempts: u64) {
    println!("{name}: {attempts} hostile attempts; p50 / p99: {seen}; refused: {}", seen.refused.len());
}
