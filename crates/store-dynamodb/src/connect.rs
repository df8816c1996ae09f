//! Endpoint, region and credentials of the table.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Region;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use cnop_domain::{Clock, Entropy};

use crate::DynamoTable;
use crate::retry_budget::RetryBudget;

/// Maximum attempts of one read after a network or DynamoDB error, within its time. Transactions count their own attempts. The
/// SDK has a budget of retries besides: when most requests fail, it stops repeating them.
const ATTEMPTS_MAX: u32 = 4;
/// The first pause between two of them lasts about so long, each further one twice as long.
const BACKOFF_FIRST: Duration = Duration::from_millis(25);
/// No pause lasts longer.
const BACKOFF_MAX: Duration = Duration::from_millis(100);
/// Region and credentials for an endpoint on this machine when none are set: DynamoDB Local accepts any.
const LOCAL: (&str, &str) = ("local", "local");

/// Longest times of a request, after which it is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DynamoTimeouts {
    /// Time to connect.
    pub connect: Duration,
    /// Time of one attempt.
    pub attempt: Duration,
    /// Time of a request or transaction with all its attempts.
    pub operation: Duration,
}

impl DynamoTimeouts {
    /// For requests that a client waits for: no client may wait longer than a second, and a command ends with the first
    /// request that fails. DynamoDB itself answers within milliseconds.
    pub const SERVING: Self = Self {
        connect: Duration::from_millis(300),
        attempt: Duration::from_millis(450),
        operation: Duration::from_millis(900),
    };
    /// For the commands of an operator, and for a table that is only being created.
    pub const PATIENT: Self = Self {
        connect: Duration::from_secs(2),
        attempt: Duration::from_secs(5),
        operation: Duration::from_secs(20),
    };

    fn config(self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }
}

/// Location of the table.
#[derive(Debug, Clone, Default)]
pub struct DynamoOptions {
    /// Name of the DynamoDB table.
    pub table: String,
    /// Endpoint that replaces the region's own, for example `http://127.0.0.1:8000`.
    pub endpoint: Option<String>,
    /// The region; otherwise that of the environment.
    pub region: Option<String>,
    /// Credentials; otherwise those of the environment (variables, profile, container or machine role).
    pub credentials: Option<AwsCredentials>,
    /// Prefixes of the keys of partitions that the table spreads over several: those that many accounts write to. After
    /// its prefix, such a key has no `#`.
    pub spread_prefixes: &'static [&'static str],
}

impl DynamoOptions {
    /// Returns true if the endpoint is on this machine, as DynamoDB Local is: there the table may be created at once.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let authority = self.endpoint.as_deref().and_then(|endpoint| endpoint.split("://").nth(1));
        let authority = authority.and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        host == "localhost" || host == "[::1]" || host.starts_with("127.")
    }
}

/// Credentials that sign the requests.
#[derive(Clone)]
pub struct AwsCredentials {
    /// Id of the access key.
    pub access_key_id: String,
    /// Secret of the access key.
    pub secret_access_key: String,
    /// Belongs to temporary credentials.
    pub session_token: Option<String>,
}

impl fmt::Debug for AwsCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// Error while connecting to DynamoDB.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The table's name is not one that DynamoDB takes.
    #[error("`{0}` is no name of a DynamoDB table: 3 to 255 letters, digits, `_`, `-` and `.`")]
    TableName(String),
    /// No region is configured.
    #[error("no AWS region is configured; set AWS_REGION")]
    Region,
}

impl DynamoTable {
    /// Prepares requests to the table. Sends none: see [`DynamoTable::table_check`] and
    /// [`DynamoTable::table_create_if_missing`].
    ///
    /// The clock decides which items have expired. The entropy names each transaction, so that a retried one
    /// counts once.
    ///
    /// # Errors
    /// [`ConnectError`] when the configuration is unusable.
    pub async fn connect(
        options: DynamoOptions,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ConnectError> {
        if !is_table_name(&options.table) {
            return Err(ConnectError::TableName(options.table));
        }
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS_MAX)
            .with_initial_backoff(BACKOFF_FIRST)
            .with_max_backoff(BACKOFF_MAX);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(DynamoTimeouts::PATIENT.config())
            .retry_config(retries);
        let is_local = options.is_local();
        if let Some(region) = options.region.or_else(|| is_local.then(|| LOCAL.0.to_owned())) {
            loader = loader.region(Region::new(region));
        }
        let local = || AwsCredentials {
            access_key_id: LOCAL.0.to_owned(),
            secret_access_key: LOCAL.1.to_owned(),
            session_token: None,
        };
        if let Some(credentials) = options.credentials.or_else(|| is_local.then(local)) {
            let AwsCredentials { access_key_id, secret_access_key, session_token } = credentials;
            loader = loader.credentials_provider(aws_sdk_dynamodb::config::Credentials::new(
                access_key_id,
                secret_access_key,
                session_token,
                None,
                "configuration",
            ));
        }
        if let Some(endpoint) = options.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let configuration = loader.load().await;
        if configuration.region().is_none() {
            return Err(ConnectError::Region);
        }
        let serving = aws_sdk_dynamodb::config::Builder::from(&configuration)
            .timeout_config(DynamoTimeouts::SERVING.config())
            .build();
        Ok(Self {
            serving: Client::from_conf(serving),
            patient: Client::new(&configuration),
            is_serving: AtomicBool::new(false),
            table: options.table,
            spread_prefixes: options.spread_prefixes,
            parts: AtomicU32::new(1),
            retries: RetryBudget::default(),
            clock,
            entropy,
        })
    }
}

impl DynamoTable {
    /// From now on clients wait for the answers: reads and transactions have [`DynamoTimeouts::SERVING`]. Before, while the
    /// books are rebuilt or for a command of the operator, they have [`DynamoTimeouts::PATIENT`].
    pub fn serve(&self) {
        self.is_serving.store(true, Ordering::Relaxed);
    }

    /// The client for reads and transactions.
    pub(crate) fn client(&self) -> &Client {
        if self.is_serving.load(Ordering::Relaxed) { &self.serving } else { &self.patient }
    }

    /// Longest time of a transaction with all its attempts.
    pub(crate) fn operation_time_max(&self) -> Duration {
        let is_serving = self.is_serving.load(Ordering::Relaxed);
        if is_serving { DynamoTimeouts::SERVING.operation } else { DynamoTimeouts::PATIENT.operation }
    }
}

fn is_table_name(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::{AwsCredentials, DynamoOptions, is_table_name};

    #[test]
    fn local_endpoints() {
        let is_local = |endpoint: &str| {
            DynamoOptions { endpoint: Some(endpoint.to_owned()), ..DynamoOptions::default() }.is_local()
        };
        assert!(is_local("http://127.0.0.1:8000"));
        assert!(is_local("http://localhost:8000/"));
        assert!(is_local("https://[::1]:1/"));
        assert!(!is_local("https://dynamodb.eu-central-1.amazonaws.com"));
        assert!(!is_local("http://localhost.example.com:80"));
        assert!(!DynamoOptions::default().is_local());
    }

    #[test]
    fn table_names() {
        assert!(is_table_name("cnop-main_1.a"));
        for name in ["", "ab", "a b c", "über", &"a".repeat(256)] {
            assert!(!is_table_name(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let credentials = AwsCredentials {
            access_key_id: "id".to_owned(),
            secret_access_key: "hidden-1".to_owned(),
            session_token: Some("hidden-2".to_owned()),
        };
        assert!(!format!("{credentials:?}").contains("hidden"));
    }
}
