//! The address of a Redis.

use std::fmt;
use std::str::FromStr;

use redis::{Client, ConnectionAddr, IntoConnectionInfo as _};
use thiserror::Error;

/// A text is no address of a Redis. The message does not repeat it, because it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the address of a Redis is redis://host:port/database or rediss://user:password@host:port/database")]
pub struct AddressError;

/// Host, credentials and database of a Redis. Only the host and the database are ever shown.
#[derive(Clone)]
pub struct RedisAddress {
    client: Client,
    host: String,
    database: i64,
}

impl RedisAddress {
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) const fn database(&self) -> i64 {
        self.database
    }
}

impl FromStr for RedisAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let is_known = text.starts_with("redis://") || text.starts_with("rediss://");
        if !is_known || text.contains(['#', '?']) {
            return Err(AddressError);
        }
        // With the feature of another crate, rustls has no provider of its own choice. One that is set stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let information = text.into_connection_info().map_err(|_| AddressError)?;
        let host = match information.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. }
                if host.contains(':') =>
            {
                format!("[{host}]:{port}")
            }
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                format!("{host}:{port}")
            }
            _ => return Err(AddressError),
        };
        let database = information.redis_settings().db();
        if database < 0 {
            return Err(AddressError);
        }
        let client = Client::open(information).map_err(|_| AddressError)?;
        Ok(Self { client, host, database })
    }
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({}/{})", self.host, self.database)
    }
}

impl PartialEq for RedisAddress {
    fn eq(&self, other: &Self) -> bool {
        let [one, two] = [self, other].map(|address| {
            let settings = address.client.get_connection_info().redis_settings();
            (&address.host, address.database, settings.username(), settings.password())
        });
        one == two
    }
}

impl Eq for RedisAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_no_password() {
        let address: RedisAddress = "rediss://ada:lovelace@cache.example:7000/3".parse().unwrap();
        assert_eq!(address.to_string(), "cache.example:7000");
        assert_eq!(format!("{address:?}"), "RedisAddress(cache.example:7000/3)");
        let settings = address.client.get_connection_info().redis_settings();
        assert_eq!((settings.username(), settings.password()), (Some("ada"), Some("lovelace")));
        assert_eq!("redis://[::1]".parse::<RedisAddress>().unwrap().to_string(), "[::1]:6379");
    }

    #[test]
    fn other_texts_are_refused_and_not_repeated() {
        for text in [
            "",
            "local",
            "redis",
            "redis://",
            "http://localhost:6379",
            "unix:///run/redis.sock",
            "redis://localhost:port",
            "redis://localhost/database",
            "redis://localhost/-1",
            "redis://:secret@localhost:99999",
            "rediss://localhost/#insecure",
            "redis://localhost/?protocol=resp3",
        ] {
            let error = text.parse::<RedisAddress>().unwrap_err();
            assert!(!error.to_string().contains("secret"), "{text}");
        }
    }
}
