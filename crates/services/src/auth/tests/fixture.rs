//! What the tests of sign-in and profiles share: a clock that stands still, randomness from a seed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use cnop_api::accounts::{LoginRequest, RegisterRequest};
use cnop_api::{Caller, Code, Credentials, Identify as _, Problem};
use cnop_coordination::LocalCoordinator;
use cnop_domain::{Clock, Entropy};
use cnop_market::fixed::FixedMarket;
use cnop_store::memory::MemoryTable;
use cnop_store::{Query, Table};
use sha2::{Digest as _, Sha256};

use crate::auth::record::{SecurityEvent, SecurityEventKind, decode};
use crate::auth::{Auth, Client, SigningKey};
use crate::context::PasswordCost;
use crate::users::Users;
use crate::{Config, Context, Environment};

/// The least work that argon2 takes: tests are about what happens, not how long it takes.
pub(crate) const CHEAP: PasswordCost = PasswordCost { memory_kib: 8, passes: 1, lanes: 1 };

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    /// 2026-11-21T10:00:00Z.
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(1_795_255_200_000_000))
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.advance_us(seconds * 1_000_000);
    }

    pub(crate) fn advance_us(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_us(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Random bytes that are the same for the same seed.
#[derive(Debug)]
pub(crate) struct SeededEntropy(Mutex<[u8; 32]>);

impl SeededEntropy {
    pub(crate) fn new(seed: u8) -> Self {
        Self(Mutex::new([seed; 32]))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
        for chunk in buffer.chunks_mut(32) {
            *state = Sha256::digest(*state).into();
            let output = Sha256::digest([state.as_slice(), b"output"].concat());
            chunk.copy_from_slice(&output[..chunk.len()]);
        }
    }
}

/// A registration that follows every rule.
pub(crate) fn register_request(username: &str) -> RegisterRequest {
    RegisterRequest {
        username: username.to_owned(),
        email: format!("{username}@example.com"),
        password: PASSWORD.to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        phone: None,
        date_of_birth: None,
        marketing_emails_consent: true,
    }
}

/// The password of [`register_request`].
pub(crate) const PASSWORD: &str = "Correct-Horse-7";

/// A venue's ports in memory, with a clock that stands still, and what is built on them.
#[derive(Debug)]
pub(crate) struct Venue {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) table: Arc<MemoryTable>,
    pub(crate) coordinator: Arc<LocalCoordinator>,
    pub(crate) entropy: Arc<SeededEntropy>,
}

/// One server of a venue.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) auth: Auth,
    pub(crate) users: Users,
}

impl Venue {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self {
            table: Arc::new(MemoryTable::new(Arc::clone(&clock) as Arc<dyn Clock>)),
            coordinator: Arc::new(LocalCoordinator::new(Arc::clone(&clock) as Arc<dyn Clock>)),
            entropy: Arc::new(SeededEntropy::new(1)),
            clock,
        }
    }

    /// A server on the venue's table and coordinator.
    pub(crate) fn server(&self) -> Server {
        self.server_with(Arc::clone(&self.coordinator), CHEAP)
    }

    /// A server with a coordinator and a password cost of its own.
    pub(crate) fn server_with(
        &self,
        coordinator: Arc<LocalCoordinator>,
        password_cost: PasswordCost,
    ) -> Server {
        self.server_on(Arc::clone(&self.table) as Arc<dyn Table>, coordinator, password_cost)
    }

    /// The same with a table of its own.
    pub(crate) fn server_on(
        &self,
        table: Arc<dyn Table>,
        coordinator: Arc<LocalCoordinator>,
        password_cost: PasswordCost,
    ) -> Server {
        let environment = Environment {
            table,
            coordinator,
            market: FixedMarket::new(self.clock.now_us()).market(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&self.entropy) as Arc<dyn Entropy>,
        };
        let config = Config { password_cost, ..Config::default() };
        let context = Arc::new(Context { environment, config });
        let auth = Auth::new(Arc::clone(&context), SigningKey::from_bytes(&[9; 32]));
        Server { auth, users: Users::new(context) }
    }

    /// The trail of one partition, oldest first.
    pub(crate) async fn trail(&self, partition: &str) -> Vec<SecurityEvent> {
        let page = self.table.query(&Query::prefix(partition, "V#", 1_000)).await.unwrap();
        page.items.iter().map(|item| decode(item).unwrap()).collect()
    }

    /// The kinds of one partition's trail, oldest first.
    pub(crate) async fn trail_kinds(&self, partition: &str) -> Vec<SecurityEventKind> {
        self.trail(partition).await.iter().map(|event| event.kind).collect()
    }
}

impl Server {
    pub(crate) async fn register(&self, username: &str) {
        self.auth.register(register_request(username), &client()).await.unwrap();
    }

    /// Signs a browser in and says who it is.
    pub(crate) async fn caller(&self, username: &str) -> (String, Arc<Caller>) {
        let session = self.auth.login_browser(login_request(username), &client()).await.unwrap();
        let caller = self.auth.identify(Credentials::Session(&session.secret)).await.unwrap();
        (session.secret.to_string(), caller)
    }
}

/// A client at 192.0.2.1.
pub(crate) fn client() -> Client {
    client_at("192.0.2.1")
}

/// A client at this address.
pub(crate) fn client_at(address: &str) -> Client {
    Client {
        address: address.parse().unwrap(),
        user_agent: Some("test".to_owned()),
        request_id: "request-1".to_owned(),
    }
}

/// A sign-in with the right password.
pub(crate) fn login_request(username: &str) -> LoginRequest {
    LoginRequest { username: username.to_owned(), password: PASSWORD.to_owned() }
}

/// A sign-in with a wrong password.
pub(crate) fn wrong_request(username: &str) -> LoginRequest {
    LoginRequest { username: username.to_owned(), password: "wrong".to_owned() }
}

/// The code of a refusal.
pub(crate) fn code<T>(result: crate::Result<T>) -> Code {
    match result {
        Ok(_) => panic!("this should have been refused"),
        Err(error) => Problem::from(error).code,
    }
}
