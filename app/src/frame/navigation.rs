//! The sections of the venue's pages, and the section of each page.

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

/// The sections, in the order of both bars.
pub(super) const ROOMS: [Room; 5] = [
    Room { path: "/market", label: "Market", icon: Icon::Market },
    Room { path: "/trade", label: "Trade", icon: Icon::Trade },
    Room { path: "/portfolio", label: "Portfolio", icon: Icon::Portfolio },
    Room { path: "/orders", label: "Orders", icon: Icon::Orders },
    Room { path: "/account", label: "Account", icon: Icon::Account },
];

/// Pages that belong to a section without being below its path.
const RELATED: [(&str, &str); 5] = [
    ("/dashboard", "/portfolio"),
    ("/recurring", "/orders"),
    ("/alerts", "/orders"),
    ("/guards", "/orders"),
    ("/profile", "/account"),
];

impl Room {
    /// The section's `aria-current` on a page: the page itself, one of the section, or none.
    pub(super) fn current(self, path: &str) -> Option<&'static str> {
        let is_related = RELATED.contains(&(path, self.path));
        if self.holds(path) { Some("page") } else { is_related.then_some("true") }
    }

    /// Returns true if a page belongs to this room.
    fn holds(self, path: &str) -> bool {
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

    /// Six pages showed no place in the navigation.
    #[test]
    fn a_related_page_marks_its_room() {
        let marked = |path: &str| ROOMS.iter().find_map(|room| Some((room.label, room.current(path)?)));
        assert_eq!(marked("/alerts"), Some(("Orders", "true")));
        assert_eq!(marked("/dashboard"), Some(("Portfolio", "true")));
        assert_eq!(marked("/orders/ord_1"), Some(("Orders", "page")));
        assert_eq!(marked("/login"), None);
    }
}
