//! Registrations, sign-ins and the security trail.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use cnop_api::accounts::{LoginRequest, RegisterRequest};
use cnop_api::{Caller, Credentials, Identify as _};
use cnop_store::TableQuery;

use super::{Cluster, Server};
use crate::auth::ClientDetails;
use crate::auth::record::{SecurityEvent, SecurityEventKind, decode};
use crate::context::PasswordCost;
use crate::mailer::{MailError, Mailer, Notice};

/// The least work that argon2 accepts.
pub(crate) const CHEAP: PasswordCost = PasswordCost { memory_kib: 8, passes: 1, lanes: 1 };

/// The password of [`register_request`].
pub(crate) const PASSWORD: &str = "Correct-Horse-7";

/// A registration that breaks no rule.
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

/// A sign-in with the right password.
pub(crate) fn login_request(username: &str) -> LoginRequest {
    LoginRequest { username: username.to_owned(), password: PASSWORD.to_owned() }
}

/// A sign-in with a wrong password.
pub(crate) fn wrong_request(username: &str) -> LoginRequest {
    LoginRequest { username: username.to_owned(), password: "wrong".to_owned() }
}

/// A client at 192.0.2.1.
pub(crate) fn client() -> ClientDetails {
    client_at("192.0.2.1")
}

/// A client at this address.
pub(crate) fn client_at(address: &str) -> ClientDetails {
    ClientDetails {
        address: address.parse().unwrap(),
        user_agent: Some("test".to_owned()),
        request_id: "request-1".to_owned(),
        device: None,
    }
}

/// The mails that were taken, oldest first.
#[derive(Debug, Default)]
pub(crate) struct NoticeLog(Mutex<Vec<Notice>>);

impl NoticeLog {
    pub(crate) fn taken(&self) -> Vec<Notice> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Mailer for NoticeLog {
    async fn send(&self, notice: &Notice) -> Result<(), MailError> {
        self.0.lock().unwrap().push(notice.clone());
        Ok(())
    }
}

impl Cluster {
    /// The security events of one partition, oldest first.
    pub(crate) async fn trail(&self, partition: &str) -> Vec<SecurityEvent> {
        let page = self.table.query(&TableQuery::prefix(partition, "V#", 1_000)).await.unwrap();
        page.items.iter().map(|item| decode(item).unwrap()).collect()
    }

    /// The kinds of the security events of one partition, oldest first.
    pub(crate) async fn trail_kinds(&self, partition: &str) -> Vec<SecurityEventKind> {
        self.trail(partition).await.iter().map(|event| event.kind).collect()
    }
}

impl Server {
    pub(crate) async fn register(&self, username: &str) {
        self.auth.register(register_request(username), &client()).await.unwrap();
    }

    /// Signs in with a browser: the session's secret and its caller.
    pub(crate) async fn caller(&self, username: &str) -> (String, Arc<Caller>) {
        let session = self.auth.login_browser(login_request(username), &client()).await.unwrap();
        let caller = self.auth.identify(Credentials::Session(&session.secret)).await.unwrap();
        (session.secret.to_string(), caller)
    }
}
