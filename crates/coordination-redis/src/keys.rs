//! Names of keys and channels. All begin with the venue's prefix, so that venues can share a Redis.

use cnop_coordination::{CoordinationError, KEY_BYTES_MAX, key_check};

/// Names of one venue.
#[derive(Debug)]
pub(crate) struct Keys {
    prefix: String,
}

impl Keys {
    /// Names for a venue. Channels are the same in all databases of a Redis, so the database is a part of the prefix.
    ///
    /// # Errors
    /// `Invalid` for an empty or too long name of the venue.
    pub(crate) fn new(venue: &str, database: i64) -> Result<Self, CoordinationError> {
        key_check(venue)?;
        Ok(Self { prefix: format!("cnop:{venue}:{database}:") })
    }

    /// Longest key that is made: prefix, kind and the caller's key.
    pub(crate) const BYTES_MAX: usize = 3 * KEY_BYTES_MAX;

    fn named(&self, kind: &str, key: &str) -> Result<String, CoordinationError> {
        key_check(key)?;
        let mut name = String::with_capacity(self.prefix.len() + kind.len() + key.len());
        for part in [&self.prefix, kind, key] {
            name.push_str(part);
        }
        debug_assert!(name.len() <= Self::BYTES_MAX);
        Ok(name)
    }

    pub(crate) fn quota(&self, key: &str) -> Result<String, CoordinationError> {
        self.named("quota:", key)
    }

    pub(crate) fn lease(&self, key: &str) -> Result<String, CoordinationError> {
        self.named("lease:", key)
    }

    /// Newest epoch of any lease.
    pub(crate) fn epoch(&self) -> String {
        format!("{}epoch", self.prefix)
    }

    pub(crate) fn cache(&self, key: &str) -> Result<String, CoordinationError> {
        self.named("cache:", key)
    }

    /// Counter of a topic's messages.
    pub(crate) fn number(&self, topic: &str) -> Result<String, CoordinationError> {
        self.named("number:", topic)
    }

    pub(crate) fn channel(&self, topic: &str) -> Result<String, CoordinationError> {
        self.named("topic:", topic)
    }

    /// Topic of a channel.
    pub(crate) fn topic<'a>(&self, channel: &'a str) -> Option<&'a str> {
        channel.strip_prefix(self.prefix.as_str())?.strip_prefix("topic:")
    }
}
