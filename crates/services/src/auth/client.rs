//! The origin of a request: address, user agent and request id.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};

/// Longest part of a user agent that is kept, in characters.
pub const USER_AGENT_CHARACTERS_MAX: usize = 200;
/// Longest part of a request id that is kept.
const REQUEST_ID_CHARACTERS_MAX: usize = 64;

/// Sender of a request, for security events and for counting failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDetails {
    /// The address, as the gateway has found it.
    pub address: IpAddr,
    /// User agent of the client.
    pub user_agent: Option<String>,
    /// The request's id, the same as in the log.
    pub request_id: String,
}

impl ClientDetails {
    /// Network for which failures are counted. One IPv6 customer has at least a /64, so single addresses
    /// would be useless.
    pub(super) fn network(&self) -> String {
        match self.address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                let mut text = Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string();
                // Writing into a string cannot fail.
                let _ = write!(text, "/64");
                text
            }
        }
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
        ClientDetails { address: address.parse().unwrap(), user_agent: None, request_id: String::new() }
    }

    #[test]
    fn failures_are_counted_by_network() {
        assert_eq!(client("192.0.2.1").network(), "192.0.2.1");
        assert_eq!(client("::ffff:192.0.2.1").network(), "192.0.2.1");
        assert_eq!(client("2001:db8:1:2:3:4:5:6").network(), "2001:db8:1:2::/64");
        assert_eq!(client("2001:db8:1:2:ffff::1").network(), "2001:db8:1:2::/64");
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
