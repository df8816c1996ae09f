//! The network of a client: the unit for which requests, connections, streams and failures are counted.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Prefix of the network that one IPv6 customer has at least: single addresses would be useless.
const CLIENT_PREFIX: u8 = 64;
/// Wider IPv6 networks that one customer may have too, with the multiple of a client's share that each gets.
/// Tunnel brokers give away a /48, so counting by /64 alone would give one person 65,536 shares.
const WIDER: [(u8, u32); 2] = [(56, 4), (48, 16)];

/// An IPv4 address, or an IPv6 network of a certain width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    /// The first address, in canonical form.
    first: IpAddr,
    /// Length of an IPv6 prefix; 32 for an IPv4 address.
    prefix: u8,
}

/// A network that a client counts for, with its multiple of the share of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkShare {
    /// Network of the client, or a wider one that contains it.
    pub network: Network,
    /// Multiple of the share of one client that this network gets.
    pub multiple: u32,
}

impl Network {
    /// The narrowest network of a client: its IPv4 address, or its IPv6 /64.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        Self::with_prefix(address, CLIENT_PREFIX)
    }

    /// Every network that the client counts for, from the narrowest to the widest.
    pub fn shares(address: IpAddr) -> impl Iterator<Item = NetworkShare> {
        let narrowest = NetworkShare { network: Self::of(address), multiple: 1 };
        let is_v6 = narrowest.network.first.is_ipv6();
        let wider = WIDER.into_iter().filter(move |_| is_v6).map(move |(prefix, multiple)| NetworkShare {
            network: Self::with_prefix(address, prefix),
            multiple,
        });
        std::iter::once(narrowest).chain(wider)
    }

    /// Length of an IPv6 prefix; `None` for an IPv4 address.
    #[must_use]
    pub const fn prefix(self) -> Option<u8> {
        match self.first {
            IpAddr::V4(_) => None,
            IpAddr::V6(_) => Some(self.prefix),
        }
    }

    const fn with_prefix(address: IpAddr, prefix: u8) -> Self {
        match address.to_canonical() {
            address @ IpAddr::V4(_) => Self { first: address, prefix: 32 },
            IpAddr::V6(address) => {
                let mask = u128::MAX << (128 - prefix as u32);
                Self { first: IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask)), prefix }
            }
        }
    }
}

/// Writes `192.0.2.1`, or `2001:db8::/64`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/{}", self.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_client_is_its_network() {
        let network = |text: &str| Network::of(text.parse().unwrap()).to_string();
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
    }

    #[test]
    fn wider_networks_have_a_multiple_of_the_share() {
        let shares = |text: &str| {
            let shares = Network::shares(text.parse().unwrap());
            shares.map(|share| format!("{} x{}", share.network, share.multiple)).collect::<Vec<_>>()
        };
        assert_eq!(shares("203.0.113.9"), ["203.0.113.9 x1"]);
        assert_eq!(
            shares("2001:db8:1:23ff:3:4:5:6"),
            ["2001:db8:1:23ff::/64 x1", "2001:db8:1:2300::/56 x4", "2001:db8:1::/48 x16"]
        );
    }
}
