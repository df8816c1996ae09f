//! Delays after failed sign-ins: for a name from a network, for a whole network, and for a name from everywhere.
//!
//! Conditional writes of the shared table keep the counts exact across servers, restarts and simultaneous attempts. Names
//! that do not exist count like names that do. An attempt that ends after the delay began is refused, whatever its
//! password.
//!
//! A browser that the user has signed in with before has a counter of its own, and none of the others delays it. So
//! nobody can shut a trader out of their own browser, neither by guessing at their name nor from their network.

mod device;
mod guesses;
mod network;

use cnop_api::{Code, Problem};
use cnop_store::{Table, Write};

use self::device::KnownDevice;
use self::guesses::NameGuesses;
use self::network::NetworkFailures;
use super::SECOND_US;
use super::client::ClientDetails;
use crate::error::{Error, Result};

/// The state of all counters that an attempt with one name touches.
#[derive(Debug)]
pub(super) struct Lockout {
    /// The device, if its cookie is genuine and of this name. It stands in for the other counters.
    device: Option<KnownDevice>,
    networks: Vec<NetworkFailures>,
    guesses: NameGuesses,
    name: [u8; 8],
    now_us: i64,
}

impl Lockout {
    /// Reads the counters of this client and this name, known or not.
    pub(super) async fn load(
        table: &dyn Table,
        client: &ClientDetails,
        name: &str,
        now_us: i64,
    ) -> Result<Self> {
        let mut networks = Vec::new();
        for (place, network) in client.networks().iter().enumerate() {
            networks.push(NetworkFailures::load(table, network, place, now_us).await?);
        }
        Ok(Self {
            networks,
            guesses: NameGuesses::load(table, name, now_us).await?,
            device: KnownDevice::load(table, client, name).await?,
            name: network::name_of(name),
            now_us,
        })
    }

    /// Returns true if the user has signed in with this browser before.
    pub(super) const fn is_known_device(&self) -> bool {
        self.device.is_some()
    }

    /// The refusal, during a delay.
    pub(super) fn check(&self) -> Result<()> {
        if self.device.is_some() {
            return Ok(());
        }
        let until_us = self.networks.iter().filter_map(|network| network.blocked_until_us(&self.name)).max();
        if let Some(until_us) = until_us.filter(|until_us| *until_us > self.now_us) {
            return Err(self.blocked(until_us, "from your address. Sign-in from it is open again in"));
        }
        match self.guesses.open_at_us() {
            open_at_us if open_at_us > self.now_us => {
                Err(self.blocked(open_at_us, "with this username. The next one is possible in"))
            }
            _ => Ok(()),
        }
    }

    fn blocked(&self, until_us: i64, what: &str) -> Error {
        let seconds = (until_us - self.now_us + SECOND_US - 1) / SECOND_US;
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        let sentence = format!("Too many failed sign-ins {what} {seconds} seconds.");
        Problem::new(Code::AuthBlocked, sentence).retry_after(seconds).into()
    }

    /// The writes that count one more failure, and whether a delay begins with it.
    pub(super) fn failure(&self) -> Result<(Vec<Write>, bool)> {
        if let Some(device) = &self.device {
            let (write, is_forgotten) = device.failure()?;
            return Ok((vec![write], is_forgotten));
        }
        let mut writes = Vec::new();
        let mut blocks = false;
        for network in &self.networks {
            let (write, begins) = network.failure(self.name)?;
            writes.push(write);
            blocks |= begins;
        }
        let (write, begins) = self.guesses.failure()?;
        writes.push(write);
        Ok((writes, blocks || begins))
    }

    /// The writes that clear this name's failures, and fail if a failure came in between. Failures of other names stay:
    /// an own account must not help in guessing other passwords. A known device clears its own only: sign-ins of the
    /// user must not give a guesser elsewhere new tries.
    pub(super) fn success(&self) -> Result<Vec<Write>> {
        if let Some(device) = &self.device {
            return Ok(vec![device.success(self.now_us)?]);
        }
        let mut writes = Vec::new();
        for network in &self.networks {
            writes.push(network.success(self.name)?);
        }
        writes.push(self.guesses.success());
        Ok(writes)
    }
}
