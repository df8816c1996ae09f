//! The client's address. A forwarded address counts only as far as trusted proxies vouch for it, read from
//! the nearest hop outwards. A header written by the client itself lies further out and is never reached.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};
use ipnet::IpNet;

/// The header that proxies append to.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Maximum forwarded hops; longer chains of our own proxies do not exist.
const FORWARDED_HOPS_MAX: usize = 16;

/// Finds the client's address.
pub(crate) fn client_address(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip().to_canonical());
    if trusted.is_empty() || !is_trusted(peer, trusted) {
        return peer;
    }
    let mut client = peer;
    let mut hops = 0;
    for value in headers.get_all(FORWARDED_FOR).iter().rev() {
        let Ok(value) = value.to_str() else { return client };
        for hop in value.rsplit(',') {
            hops += 1;
            let Some(address) = hop_address(hop) else { return client };
            client = address;
            if hops >= FORWARDED_HOPS_MAX || !is_trusted(address, trusted) {
                return client;
            }
        }
    }
    client
}

/// The peer, if it forwards an address and is not trusted to: an undeclared proxy, or a client that makes it up.
pub(crate) fn undeclared_proxy(
    extensions: &Extensions,
    headers: &HeaderMap,
    trusted: &[IpNet],
) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
    (headers.contains_key(FORWARDED_FOR) && !is_trusted(peer, trusted)).then_some(peer)
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// An address, perhaps with a port or in brackets.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    hop.parse::<IpAddr>()
        .or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(&extensions, &headers, &trusted).to_string()
    }

    #[test]
    fn no_proxy_is_trusted_by_default() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn the_nearest_untrusted_hop_is_the_client() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(seen("10.0.0.1", &[], &proxies), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"], &proxies), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4", "198.51.100.1", "10.0.0.2"], &proxies), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["10.9.9.9, 10.0.0.2"], &proxies), "10.9.9.9");
        assert_eq!(seen("fd00::1", &["[2001:db8::7]:443"], &proxies), "2001:db8::7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1:5000"], &proxies), "198.51.100.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], &proxies), "198.51.100.1");
    }

    #[test]
    fn nonsense_ends_the_chain() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, unknown"], &proxies), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, , 10.0.0.2"], &proxies), "10.0.0.2");
        let long = vec!["10.0.0.2"; 100].join(",");
        assert_eq!(seen("10.0.0.1", &[&format!("1.2.3.4,{long}")], &proxies), "10.0.0.2");
    }

    #[test]
    fn a_peer_that_forwards_without_trust_is_noticed() {
        let noticed = |peer: &str, fields: &[&str]| {
            let mut extensions = Extensions::new();
            extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
            let headers = fields.iter().map(|value| (FORWARDED_FOR.parse().unwrap(), value.parse().unwrap()));
            undeclared_proxy(&extensions, &headers.collect(), &["10.0.0.0/8".parse().unwrap()])
        };
        assert_eq!(noticed("172.17.0.1", &["198.51.100.1"]), Some("172.17.0.1".parse().unwrap()));
        assert_eq!(noticed("172.17.0.1", &[]), None);
        assert_eq!(noticed("10.0.0.1", &["198.51.100.1"]), None);
    }
}
