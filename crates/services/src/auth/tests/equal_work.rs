//! Equal work for a wrong password and an unknown user: the time of an answer does not tell whether a name exists.

use cnop_api::Code;
use cnop_store::Key;
use cnop_testkit::TableCall;

use crate::tests::support::{Cluster, client, code, wrong_request};

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
    // Up to the fifth failure, which blocks, and while it is blocked.
    for attempt in 0..3 {
        let mut recorded = Vec::new();
        for name in ["first_user", "nobody_known"] {
            table.record_calls();
            assert_eq!(
                code(server.auth.login(wrong_request(name), &client()).await),
                Code::AuthWrongPassword
            );
            recorded.push(calls());
            if attempt == 2 {
                break;
            }
        }
        assert!(recorded[0].iter().any(|line| line.starts_with("transact")), "{recorded:?}");
        assert!(recorded.iter().all(|calls| *calls == recorded[0]), "{recorded:#?}");
    }
    for name in ["first_user", "nobody_known"] {
        table.record_calls();
        assert_eq!(code(server.auth.login(wrong_request(name), &client()).await), Code::AuthBlocked);
        assert_eq!(calls(), ["get L FAILURES"], "{name}");
    }
}
