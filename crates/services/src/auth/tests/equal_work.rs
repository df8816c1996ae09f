//! Time tells nobody whether a name exists: a wrong password and an unknown user make the same work.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cnop_api::Code;
use cnop_store::{Item, Key, Query, QueryPage, ScanPage, StoreError, Table, Write};

use crate::auth::fixture::{CHEAP, Venue, client, code, wrong_request};

/// Writes down what is asked of a table: the kind of each item, not its name.
#[derive(Debug)]
struct Listening {
    inner: Arc<dyn Table>,
    heard: Mutex<Vec<String>>,
}

fn kind(key: &Key) -> String {
    let of = |text: &str| text.split('#').next().unwrap().to_owned();
    // Where the trail of a failure stands differs by design: with the user, or with the network.
    if key.sk.starts_with("V#") { "trail".to_owned() } else { format!("{} {}", of(&key.pk), of(&key.sk)) }
}

impl Listening {
    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }
}

#[async_trait]
impl Table for Listening {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.hear(format!("get {}", kind(key)));
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        self.hear("query".to_owned());
        self.inner.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let kinds: Vec<String> = writes.iter().map(|write| kind(write.key())).collect();
        self.hear(format!("transact {}", kinds.join(", ")));
        self.inner.transact(writes).await
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.inner.scan(segment, segments, cursor, limit).await
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_ask_the_same_of_the_table() {
    let venue = Venue::new();
    let inner = Arc::clone(&venue.table) as Arc<dyn Table>;
    let table = Arc::new(Listening { inner, heard: Mutex::default() });
    let server = venue.server_on(Arc::clone(&table) as Arc<dyn Table>, Arc::clone(&venue.coordinator), CHEAP);
    server.register("first_user").await;
    // Up to the fifth failure, which blocks, and while it is blocked.
    for attempt in 0..3 {
        let mut heard = Vec::new();
        for name in ["first_user", "nobody_known"] {
            table.heard.lock().unwrap().clear();
            assert_eq!(
                code(server.auth.login(wrong_request(name), &client()).await),
                Code::AuthWrongPassword
            );
            heard.push(std::mem::take(&mut *table.heard.lock().unwrap()));
            if attempt == 2 {
                break;
            }
        }
        assert!(heard[0].iter().any(|line| line.starts_with("transact")), "{heard:?}");
        assert!(heard.iter().all(|asked| *asked == heard[0]), "{heard:#?}");
    }
    for name in ["first_user", "nobody_known"] {
        table.heard.lock().unwrap().clear();
        assert_eq!(code(server.auth.login(wrong_request(name), &client()).await), Code::AuthBlocked);
        assert_eq!(*table.heard.lock().unwrap(), ["get L FAILURES"], "{name}");
    }
}
