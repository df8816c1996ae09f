//! Admission of connections: a share for each network, and a few beyond the limit for health questions.

use std::net::IpAddr;
use std::sync::Arc;

use cnop_coordination::{Place, PlaceLimits, PlaceRefusal, Places};
use ipnet::IpNet;

/// Connections beyond the limit, which answer health questions alone. A full server would otherwise be taken for a
/// dead one, and be restarted.
pub(super) const HEALTH_CONNECTIONS_MAX: u32 = 64;
/// Such connections of one network: a probe needs one.
const HEALTH_PER_NETWORK_MAX: u32 = 4;
/// One in so many of them is kept for this machine and for trusted proxies.
const HEALTH_RESERVED_ONE_IN: u32 = 2;

/// Places for connections.
#[derive(Debug)]
pub(super) struct Admissions {
    ordinary: Places,
    health: Places,
    trusted_proxies: Arc<[IpNet]>,
}

/// A place of a connection, until dropped.
#[derive(Debug)]
pub(super) struct Admission {
    /// True if the connection is there for health questions alone.
    pub(super) is_health_only: bool,
    _place: Place,
}

impl Admissions {
    pub(super) fn new(limits: PlaceLimits, trusted_proxies: Arc<[IpNet]>) -> Self {
        let health = PlaceLimits { all_max: HEALTH_CONNECTIONS_MAX, network_max: HEALTH_PER_NETWORK_MAX };
        Self { ordinary: Places::new(limits), health: Places::new(health), trusted_proxies }
    }

    /// Admits a connection.
    ///
    /// # Errors
    /// The bound that refuses it.
    pub(super) fn admit(&self, peer: IpAddr) -> Result<Admission, PlaceRefusal> {
        let peer = peer.to_canonical();
        let is_proxy = self.trusted_proxies.iter().any(|network| network.contains(&peer));
        // The clients behind a proxy are counted by the gateway, which knows their addresses.
        let ordinary = if is_proxy { self.ordinary.take_shared() } else { self.ordinary.take(peer, 0) };
        let is_near = is_proxy || peer.is_loopback();
        let (place, is_health_only) = match ordinary {
            Ok(place) => (place, false),
            Err(PlaceRefusal::Network) if !is_near => return Err(PlaceRefusal::Network),
            Err(_) if is_near => (self.health.take_shared()?, true),
            Err(_) => (self.health.take(peer, HEALTH_RESERVED_ONE_IN)?, true),
        };
        Ok(Admission { is_health_only, _place: place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admissions(all_max: u32, network_max: u32) -> Admissions {
        Admissions::new(PlaceLimits { all_max, network_max }, Arc::from(["10.0.0.0/8".parse().unwrap()]))
    }

    fn admit_all(admissions: &Admissions, peer: &str) -> (Vec<Admission>, PlaceRefusal) {
        let mut held = Vec::new();
        loop {
            match admissions.admit(peer.parse().unwrap()) {
                Ok(admission) => held.push(admission),
                Err(refusal) => return (held, refusal),
            }
        }
    }

    /// One machine took every connection that the server had.
    #[test]
    fn a_network_has_its_share_of_connections() {
        let admissions = admissions(1_000, 100);
        let (held, refusal) = admit_all(&admissions, "203.0.113.1");
        assert_eq!((held.len(), refusal), (100, PlaceRefusal::Network));
        assert!(!admissions.admit("203.0.113.2".parse().unwrap()).unwrap().is_health_only);
    }

    #[test]
    fn a_trusted_proxy_has_no_share_of_its_own() {
        let admissions = admissions(1_000, 100);
        let (held, _) = admit_all(&admissions, "10.1.2.3");
        assert_eq!(held.iter().filter(|admission| !admission.is_health_only).count(), 1_000);
    }

    /// A full server did not even answer its own health check.
    #[test]
    fn a_full_server_takes_connections_for_health() {
        let admissions = admissions(100, 100);
        let mut crowd = Vec::new();
        for network in 0..250 {
            crowd.extend(admit_all(&admissions, &format!("203.0.113.{network}")).0);
        }
        let beyond = crowd.iter().filter(|admission| admission.is_health_only).count();
        assert_eq!((crowd.len(), beyond), (132, 32), "half of them are kept");
        for near in ["127.0.0.1", "::1", "10.0.0.1", "::ffff:127.0.0.1"] {
            assert!(admissions.admit(near.parse().unwrap()).unwrap().is_health_only, "{near}");
        }
        let (near, _) = admit_all(&admissions, "127.0.0.1");
        assert_eq!(near.len(), 32, "and these are bounded too");
    }
}
