//! Equal work for a wrong password and an unknown user: the time of an answer does not tell whether a name exists.

use cnop_api::Code;
use cnop_store::Key;
use cnop_testkit::TableCall;

use crate::auth::ClientDetails;
use crate::tests::support::{Cluster, client, code, login_request, wrong_request};

/// The kind of an item, without its name.
fn kind(key: &Key) -> String {
    let first = |text: &str| text.split('#').next().unwrap().to_owned();
    // The partition of a failure's security event differs by design: the user's, or the network's.
    if key.sk.starts_with("V#") {
        "trail".to_owned()
    } else {
        format!("{} {}", first(&key.pk), first(&key.sk))
    }
}

fn describe(call: &TableCall) -> String {
    match call {
        TableCall::Get(key) => format!("get {}", kind(key)),
        TableCall::Query(_) => "query".to_owned(),
        TableCall::Transact(keys) => {
            format!("transact {}", keys.iter().map(kind).collect::<Vec<_>>().join(", "))
        }
        TableCall::Scan => "scan".to_owned(),
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_make_the_same_table_calls() {
    let (cluster, table) = Cluster::flaky();
    let server = cluster.server();
    server.register("first_user").await;
    let calls = || table.recorded_calls().iter().map(describe).collect::<Vec<_>>();
    // Up to the fifth failure of each name, which blocks it, and while it is blocked.
    for attempt in 0..7 {
        let expected = if attempt < 5 { Code::AuthWrongPassword } else { Code::AuthBlocked };
        let mut recorded = Vec::new();
        for name in ["first_user", "nobody_known"] {
            table.record_calls();
            assert_eq!(code(server.auth.login(wrong_request(name), &client()).await), expected);
            recorded.push(calls());
        }
        assert_eq!(recorded[0].iter().any(|line| line.starts_with("transact")), attempt < 5, "{recorded:?}");
        assert_eq!(recorded[0], recorded[1]);
    }
}

/// A device cookie must not tell whose name is tried: its item is read for every name.
#[tokio::test]
async fn a_device_of_somebody_else_changes_nothing() {
    let (cluster, table) = Cluster::flaky();
    let server = cluster.server();
    for name in ["first_user", "other_user"] {
        server.register(name).await;
    }
    let browser = server.auth.login_browser(login_request("other_user"), &client()).await.unwrap();
    let stranger = ClientDetails { device: browser.device, ..client() };
    let mut recorded = Vec::new();
    for name in ["first_user", "nobody_known"] {
        table.record_calls();
        assert_eq!(code(server.auth.login(wrong_request(name), &stranger).await), Code::AuthWrongPassword);
        recorded.push(table.recorded_calls().iter().map(describe).collect::<Vec<_>>());
    }
    assert_eq!(recorded[0], recorded[1]);
}
