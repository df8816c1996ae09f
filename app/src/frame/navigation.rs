//! The venue's rooms, and which one a page belongs to.

use crate::components::Icon;

/// An entry of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// Path of the link.
    pub(super) path: &'static str,
    /// Label of this value.
    pub(super) label: &'static str,
    /// Its sign, in the bar of a phone.
    pub(super) icon: Icon,
}

/// The rooms, in the order of both bars.
pub(super) const ROOMS: [Room; 5] = [
    Room { path: "/market", label: "Market", icon: Icon::Market },
    Room { path: "/trade", label: "Trade", icon: Icon::Trade },
    Room { path: "/portfolio", label: "Portfolio", icon: Icon::Portfolio },
    Room { path: "/orders", label: "Orders", icon: Icon::Orders },
    Room { path: "/account", label: "Account", icon: Icon::Account },
];

impl Room {
    /// Returns true if a page belongs to this room.
    pub(super) fn holds(self, path: &str) -> bool {
        path.strip_prefix(self.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_the_room_of_its_first_segment() {
        let room = |path: &str| ROOMS.iter().find(|room| room.holds(path)).map(|room| room.label);
        assert_eq!(room("/market"), Some("Market"));
        assert_eq!(room("/market/BTC"), Some("Market"));
        assert_eq!(room("/trade/ETH"), Some("Trade"));
        assert_eq!(room("/marketing"), None);
        assert_eq!(room("/"), None);
    }
}
