//! Tests of the rules that servers share.

use std::sync::Arc;

use cnop_services::auth::SigningKey;
use cnop_testkit::{ManualClock, MemoryTable};

use super::*;
use crate::command_line::{CommandLine, Invocation};

fn table() -> MemoryTable {
    MemoryTable::new(Arc::new(ManualClock::default()))
}

fn settings(arguments: &[&str]) -> Settings {
    let all = std::iter::once("cnop").chain(arguments.iter().copied());
    let Invocation::Run(line) = CommandLine::read(all.map(Into::into), []).unwrap() else {
        panic!("settings")
    };
    line.settings
}

fn keys(signer: u8, others: &[u8]) -> SigningKeys {
    let key = |seed: &u8| SigningKey::from_bytes(&[*seed; 32]);
    SigningKeys::new(key(&signer), others.iter().map(key).collect())
}

/// Two servers with different fees filled the same order at different prices.
#[tokio::test]
async fn a_server_with_another_rule_is_refused_and_the_rule_is_named() {
    let (table, keys) = (table(), keys(1, &[]));
    check(&table, &settings(&["--fee-bps", "10"]), &keys).await.unwrap();
    check(&table, &settings(&[]), &keys).await.unwrap();
    for (arguments, named) in [
        (["--fee-bps", "20"], "CNOP_FEE_BPS is 20 here and 10 on"),
        (["--daily-withdraw-limit", "1"], "CNOP_DAILY_WITHDRAW_LIMIT is "),
        (["--price-max-age", "3s"], "CNOP_PRICE_MAX_AGE is 3000ms here and 15000ms on"),
        (["--public-url", "https://v.example"], "CNOP_PUBLIC_URL is https://v.example here"),
    ] {
        let refused = check(&table, &settings(&arguments), &keys).await.unwrap_err();
        assert_eq!(refused.kind, crate::failure::FailureKind::Refused);
        assert!(refused.sentence.starts_with(named), "{refused}");
    }
}

#[tokio::test]
async fn an_accepted_change_holds_for_all_later_starts() {
    let (table, keys) = (table(), keys(1, &[]));
    let (old, new) = (settings(&[]), settings(&["--fee-bps", "20"]));
    check(&table, &old, &keys).await.unwrap();
    accept(&table, &new, &keys).await.unwrap();
    check(&table, &new, &keys).await.unwrap();
    assert!(check(&table, &old, &keys).await.is_err());
}

/// A session of one server was unknown to the other.
#[tokio::test]
async fn a_server_that_does_not_know_the_signing_key_is_refused() {
    let (table, settings) = (table(), settings(&[]));
    check(&table, &settings, &keys(1, &[])).await.unwrap();
    let refused = check(&table, &settings, &keys(2, &[])).await.unwrap_err();
    assert!(refused.sentence.starts_with("CNOP_SIGNING_KEY_FILE does not have"), "{refused}");
    // A key is replaced: first all know both, then the new one signs, then it is enough.
    for keys in [keys(1, &[2]), keys(2, &[1]), keys(2, &[])] {
        check(&table, &settings, &keys).await.unwrap();
    }
    assert!(check(&table, &settings, &keys(1, &[])).await.is_err());
}

/// A rule of a newer version must not keep an older server from starting, and the other way round.
#[tokio::test]
async fn rules_that_only_one_version_knows_are_left_alone() {
    let (table, settings, keys) = (table(), settings(&[]), keys(1, &[]));
    let mut other = rules(&settings, &keys);
    other.settings.retain(|(name, _)| name != "CNOP_FEED");
    other.settings.push(("CNOP_NEWER".to_owned(), "1".to_owned()));
    write(&table, &other, Condition::Absent).await.unwrap();
    check(&table, &settings, &keys).await.unwrap();
    let (stored, _) = read(&table).await.unwrap().unwrap();
    for name in ["CNOP_FEED", "CNOP_NEWER"] {
        assert!(stored.settings.iter().any(|(other, _)| other == name), "{name}");
    }
}

/// A body whose fields move is unreadable to older servers.
#[test]
fn stored_bytes_stay_readable() {
    let body = [1, 1, b's', 1, 1, b'a', 2, b'1', b'0'];
    let shown = describe(&key(), &body).unwrap();
    assert_eq!(shown, serde_json::json!({ "signer": "s", "settings": { "a": "10" } }));
}
