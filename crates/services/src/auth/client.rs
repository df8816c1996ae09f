//! The origin of a request: address, user agent and request id.

use std::fmt;
use std::net::IpAddr;

use cnop_coordination::{Network, NetworkShare};
use zeroize::Zeroizing;

/// Longest part of a user agent that is kept, in characters.
pub const USER_AGENT_CHARACTERS_MAX: usize = 200;
/// Longest part of a request id that is kept.
const REQUEST_ID_CHARACTERS_MAX: usize = 64;

/// Sender of a request, for security events and for counting failures.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientDetails {
    /// The address, as the gateway has found it.
    pub address: IpAddr,
    /// User agent of the client.
    pub user_agent: Option<String>,
    /// The request's id, the same as in the log.
    pub request_id: String,
    /// Value of the device cookie, if the client is a browser that a user has signed in with before.
    pub device: Option<Zeroizing<String>>,
}

impl fmt::Debug for ClientDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientDetails")
            .field("address", &self.address)
            .field("user_agent", &self.user_agent)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl ClientDetails {
    /// The smallest network for which failures are counted: an IPv4 address, or an IPv6 /64.
    pub(super) fn network(&self) -> String {
        Network::of(self.address).to_string()
    }

    /// Networks that the client belongs to and the multiples of a limit that they have, the smallest first.
    pub(super) fn shares(&self) -> impl Iterator<Item = NetworkShare> {
        Network::shares(self.address)
    }

    /// Networks for which failures are counted, the smallest first.
    pub(super) fn networks(&self) -> Vec<String> {
        self.shares().map(|share| share.network.to_string()).collect()
    }

    /// The network that takes turns with others: everything that one customer may use.
    pub(super) fn site(&self) -> String {
        self.networks().pop().unwrap_or_default()
    }

    /// The user agent, short and without control characters.
    pub(super) fn user_agent_kept(&self) -> Option<String> {
        self.user_agent.as_deref().map(|text| bounded(text, USER_AGENT_CHARACTERS_MAX))
    }

    /// The request id, short and without control characters.
    pub(super) fn request_id_kept(&self) -> String {
        bounded(&self.request_id, REQUEST_ID_CHARACTERS_MAX)
    }
}

fn bounded(text: &str, characters_max: usize) -> String {
    text.chars().filter(|character| !character.is_control()).take(characters_max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> ClientDetails {
        ClientDetails {
            address: address.parse().unwrap(),
            user_agent: None,
            request_id: String::new(),
            device: None,
        }
    }

    #[test]
    fn failures_are_counted_by_network() {
        assert_eq!(client("192.0.2.1").network(), "192.0.2.1");
        assert_eq!(client("::ffff:192.0.2.1").network(), "192.0.2.1");
        assert_eq!(client("2001:db8:1:2:3:4:5:6").network(), "2001:db8:1:2::/64");
        assert_eq!(client("2001:db8:1:2:ffff::1").network(), "2001:db8:1:2::/64");
        assert_eq!(client("192.0.2.1").networks(), ["192.0.2.1"]);
        let networks = client("2001:db8:1:2345::1").networks();
        assert_eq!(networks, ["2001:db8:1:2345::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"]);
        assert_eq!(client("2001:db8:1:2345::1").site(), "2001:db8:1::/48");
    }

    #[test]
    fn a_device_cookie_does_not_print() {
        let client = ClientDetails { device: Some(Zeroizing::new("secret".to_owned())), ..client("::1") };
        assert!(!format!("{client:?}").contains("secret"));
    }

    #[test]
    fn what_is_kept_of_a_user_agent_is_bounded() {
        let agent = ClientDetails {
            user_agent: Some("x\n\u{0}".to_owned() + &"é".repeat(500)),
            ..client("192.0.2.1")
        };
        let kept = agent.user_agent_kept().unwrap();
        assert_eq!(kept.chars().count(), USER_AGENT_CHARACTERS_MAX);
        assert!(kept.starts_with("xé"));
    }
}
