//! Settings and commands as arguments and environment give them.

use super::*;

fn read(arguments: &[&str], environment: &[&str]) -> Result<Invocation, Failure> {
    let arguments = std::iter::once("cnop").chain(arguments.iter().copied()).map(OsString::from);
    CommandLine::read(arguments, environment.iter().map(OsString::from))
}

fn refusal(arguments: &[&str], environment: &[&str]) -> String {
    read(arguments, environment).unwrap_err().sentence
}

#[test]
fn defaults_are_those_of_the_contract() {
    let Invocation::Run(line) = read(&[], &["PATH", "CNOP_TOOLS"]).unwrap() else { panic!("runs") };
    assert_eq!(line.command, None);
    assert_eq!(line.settings.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(line.settings.fee_bps, 10);
    assert_eq!(line.settings.price_max_age().as_millis(), 15_000);
    assert_eq!(line.settings.store, StoreChoice::Embedded);
}

#[test]
fn a_slow_feed_has_a_longer_default_price_age() {
    for (arguments, millis) in [
        (&["--feed", "coingecko"][..], 180_000),
        (&["--feed", "coingecko", "--price-max-age", "15s"], 15_000),
        (&["--price-max-age", "3s"], 3_000),
    ] {
        let Invocation::Run(line) = read(arguments, &[]).unwrap() else { panic!("runs") };
        assert_eq!(line.settings.price_max_age().as_millis(), millis, "{arguments:?}");
    }
}

#[test]
fn settings_stand_before_and_after_the_command() {
    for arguments in [["--fee-bps", "7", "serve"], ["serve", "--fee-bps", "7"]] {
        let Invocation::Run(line) = read(&arguments, &[]).unwrap() else { panic!("runs") };
        assert_eq!((line.command, line.settings.fee_bps), (Some(Command::Serve), 7));
    }
}

#[test]
fn an_unknown_variable_is_refused_with_the_nearest() {
    assert_eq!(
        refusal(&[], &["CNOP_LISTN"]),
        "the environment variable CNOP_LISTN is unknown; did you mean CNOP_LISTEN?"
    );
}

#[test]
fn every_fault_is_one_line() {
    for arguments in [
        &["--listen", "nowhere"][..],
        &["--fee-bps", "1001"],
        &["--public-url", "localhost"],
        &["--daily-deposit-limit", "0"],
        &["--daily-deposit-limit", "1000000000.01"],
        &["--daily-withdraw-limit", "9999999999999999999999"],
        &["--order-notional-max", "-1"],
        &["--fee-bps", "10001"],
        &["--fee-bps", "-1"],
        &["--drain-grace", "1h"],
        &["--public-url", "http://localhost:99999"],
        &["--order-notional-max", "1e3"],
        &["--trusted-proxies", "everyone"],
        &["--trusted-proxies", "0.0.0.0/0"],
        &["--trusted-proxies", "10.0.0.1,::/0"],
        &["--cors-origins", "*"],
        &["--price-max-age", "soon"],
        &["--store", "postgres"],
        &["--log", "cnop=loud"],
        &["--seed", ""],
        &["frobnicate"],
        &["--frobnicate"],
        &["inspect"],
    ] {
        let sentence = refusal(arguments, &[]);
        assert!(!sentence.contains('\n') && sentence.len() > 20, "{sentence:?}");
    }
}

#[test]
fn help_names_every_variable() {
    let Invocation::Print(text) = read(&["--help"], &["CNOP_WRONG"]).unwrap() else { panic!("prints") };
    for name in ["CNOP_LISTEN", "CNOP_SEED", "CNOP_SIGNING_KEY_FILE", "CNOP_QUOTA_MULTIPLIER"] {
        assert!(text.contains(name), "{name}");
    }
}
