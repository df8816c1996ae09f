//! Places that clients take for a while, such as connections and streams: bounded in all and for each network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Network;

/// Above half of the places, and again above three quarters, a network may take only this fraction of its share. So a
/// few networks with many connections each cannot take the rest from everybody else.
const SHARE_DIVISOR: u32 = 4;

/// Bounds of a kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceLimits {
    /// Places of all clients together.
    pub all_max: u32,
    /// Places of one client's network; a wider network may have a multiple.
    pub network_max: u32,
}

/// Places for clients. Cheap to clone; clones share the places.
#[derive(Debug, Clone)]
pub struct Places {
    limits: PlaceLimits,
    taken: Arc<Mutex<TakenPlaces>>,
}

/// Counts of taken places. Networks without a place have no entry, so the map is bounded as the places are.
#[derive(Debug, Default)]
struct TakenPlaces {
    all: u32,
    networks: HashMap<Network, u32>,
}

/// One place, until dropped.
#[derive(Debug)]
#[must_use = "the place is free again as soon as this is dropped"]
pub struct Place {
    taken: Arc<Mutex<TakenPlaces>>,
    /// Client that the place counts for; `None` when no network is counted.
    address: Option<IpAddr>,
}

/// The bound that refused a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceRefusal {
    /// All places are taken.
    All,
    /// The network of the client has its share.
    Network,
}

impl Places {
    /// Free places with these bounds.
    #[must_use]
    pub fn new(limits: PlaceLimits) -> Self {
        Self { limits, taken: Arc::default() }
    }

    /// Takes a place for a client. `one_in_reserved` keeps one of so many places free, in all and for the network, for
    /// others; 0 keeps none.
    ///
    /// # Errors
    /// The bound that refused it.
    pub fn take(&self, address: IpAddr, one_in_reserved: u32) -> Result<Place, PlaceRefusal> {
        let mut taken = locked(&self.taken);
        let PlaceLimits { all_max, network_max } = self.limits;
        let available = |max: u32| max - max.checked_div(one_in_reserved).unwrap_or(0);
        if taken.all >= available(all_max) {
            return Err(PlaceRefusal::All);
        }
        let network_max = available(network_max) / divisor(taken.all, all_max);
        for share in Network::shares(address) {
            let of_network = taken.networks.get(&share.network).copied().unwrap_or(0);
            if of_network >= network_max.max(1).saturating_mul(share.multiple) {
                return Err(PlaceRefusal::Network);
            }
        }
        taken.all += 1;
        for share in Network::shares(address) {
            *taken.networks.entry(share.network).or_default() += 1;
        }
        Ok(Place { taken: Arc::clone(&self.taken), address: Some(address) })
    }

    /// Takes a place without counting a network: for a peer that many clients share, such as a trusted proxy.
    ///
    /// # Errors
    /// `All`.
    pub fn take_shared(&self) -> Result<Place, PlaceRefusal> {
        let mut taken = locked(&self.taken);
        if taken.all >= self.limits.all_max {
            return Err(PlaceRefusal::All);
        }
        taken.all += 1;
        Ok(Place { taken: Arc::clone(&self.taken), address: None })
    }

    /// Number of taken places.
    #[must_use]
    pub fn taken(&self) -> u32 {
        locked(&self.taken).all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = locked(&self.taken);
        taken.all = taken.all.saturating_sub(1);
        for share in self.address.into_iter().flat_map(Network::shares) {
            if let Some(count) = taken.networks.get_mut(&share.network) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    taken.networks.remove(&share.network);
                }
            }
        }
    }
}

/// Divisor of a network's share when so many places are taken.
const fn divisor(taken: u32, all_max: u32) -> u32 {
    if taken >= all_max - all_max / 4 {
        SHARE_DIVISOR * SHARE_DIVISOR
    } else if taken >= all_max - all_max / 2 {
        SHARE_DIVISOR
    } else {
        1
    }
}

fn locked(taken: &Mutex<TakenPlaces>) -> MutexGuard<'_, TakenPlaces> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(all_max: u32, network_max: u32) -> Places {
        Places::new(PlaceLimits { all_max, network_max })
    }

    fn v4(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    /// The places that an address gets until it is refused, and the refusal.
    fn take_all(places: &Places, address: IpAddr, one_in_reserved: u32) -> (Vec<Place>, PlaceRefusal) {
        let mut taken = Vec::new();
        loop {
            match places.take(address, one_in_reserved) {
                Ok(place) => taken.push(place),
                Err(refusal) => return (taken, refusal),
            }
        }
    }

    #[test]
    fn a_network_has_its_share_and_gives_it_back() {
        let places = places(100, 10);
        let (taken, refusal) = take_all(&places, v4(1), 0);
        assert_eq!((taken.len(), refusal), (10, PlaceRefusal::Network));
        assert!(places.take(v4(2), 0).is_ok());
        drop(taken);
        assert!(places.take(v4(1), 0).is_ok());
        assert_eq!(locked(&places.taken).networks.len(), 0);
        assert_eq!(places.taken(), 0);
    }

    /// Counted by full address, one IPv6 customer would have as many shares as they like.
    #[test]
    fn the_addresses_of_an_ipv6_network_share_its_places() {
        let places = places(10_000, 10);
        let mut taken = Vec::new();
        for subnet in 0..1_000_u16 {
            for host in 0..20_u16 {
                let address = format!("2001:db8:1:{subnet:x}::{host:x}").parse().unwrap();
                taken.extend(places.take(address, 0).ok());
            }
            if subnet == 0 {
                assert_eq!(taken.len(), 10, "of a /64");
            }
            if subnet == 0xff {
                assert_eq!(taken.len(), 40, "of a /56");
            }
        }
        assert_eq!(taken.len(), 160, "of a /48");
    }

    /// With a fixed share, ten networks would take everything from everybody else.
    #[test]
    fn the_share_of_a_network_shrinks_as_places_get_scarce() {
        let places = places(320, 32);
        let mut taken = Vec::new();
        let counts: Vec<usize> = (0..20)
            .map(|network| {
                let (more, _) = take_all(&places, v4(network), 0);
                let count = more.len();
                taken.extend(more);
                count
            })
            .collect();
        assert_eq!(counts, [32, 32, 32, 32, 32, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 2, 2, 2, 2, 2]);
        assert!(places.take(v4(200), 0).is_ok(), "a network with few places still gets one");
    }

    #[test]
    fn reserved_places_stay_free() {
        let places = places(100, 20);
        let (anonymous, refusal) = take_all(&places, v4(1), 4);
        assert_eq!((anonymous.len(), refusal), (15, PlaceRefusal::Network));
        let (signed_in, _) = take_all(&places, v4(1), 0);
        assert_eq!(signed_in.len(), 5);
    }

    #[test]
    fn a_shared_peer_counts_for_no_network() {
        let places = places(3, 1);
        let _shared = [places.take_shared().unwrap(), places.take_shared().unwrap()];
        assert!(places.take(v4(1), 0).is_ok());
        let _third = places.take_shared().unwrap();
        assert_eq!(places.take_shared().unwrap_err(), PlaceRefusal::All);
    }

    proptest! {
        /// Whatever is taken and given back, the counts agree with the places that exist.
        #[test]
        fn counts_agree(steps in proptest::collection::vec((any::<bool>(), 0_u8..6), 1..200)) {
            let places = places(16, 4);
            let mut held: Vec<Place> = Vec::new();
            for (takes, network) in steps {
                if takes {
                    held.extend(places.take(v4(network), 0).ok());
                } else if !held.is_empty() {
                    drop(held.swap_remove(usize::from(network) % held.len()));
                }
                prop_assert_eq!(usize::try_from(places.taken()).unwrap(), held.len());
            }
            held.clear();
            prop_assert!(locked(&places.taken).networks.is_empty());
        }
    }
}
