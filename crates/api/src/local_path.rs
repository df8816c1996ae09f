//! Addresses within this site.

/// Longest address that is followed.
const ADDRESS_BYTES_MAX: usize = 4_096;

/// The address, if it leads to a page of this site wherever a browser reads it. That may be as a link, as the target of
/// a form, in `Location`, or (its path) in a cookie's attribute.
///
/// Its path has letters, digits, `-` and `_` between single slashes, as all of ours have. So it names no other host and
/// holds nothing that a browser or a header reads in another way. A query and a fragment may follow.
#[must_use]
pub fn local_path(address: &str) -> Option<&str> {
    let path = path_of(address);
    let segments = path.strip_prefix('/')?;
    let is_plain = |segment: &str| {
        !segment.is_empty()
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let is_safe = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    (address.len() <= ADDRESS_BYTES_MAX
        && address.bytes().all(is_safe)
        && (segments.is_empty() || segments.split('/').all(is_plain)))
    .then_some(address)
}

/// Origin and local path of an address with a host, such as a `Referer`; none if its path is none of ours.
#[must_use]
pub fn local_part(url: &str) -> Option<(&str, &str)> {
    let start = url.find("://")? + 3;
    let (origin, path) = url.split_at_checked(start + url.get(start..)?.find('/')?)?;
    Some((origin, local_path(path)?))
}

/// An address without its query and its fragment.
#[must_use]
pub fn path_of(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn our_own_addresses_are_followed() {
        for address in [
            "/",
            "/?q=1",
            "/trade/BTC?side=sell&type=stop_limit#ticket",
            "/orders/ord_1#story",
            "/login?next=%2F%2Fevil.example",
            "/market?q=a@b:c//d",
        ] {
            assert_eq!(local_path(address), Some(address));
        }
    }

    /// A link to this site must not lead to another one.
    #[test]
    fn addresses_that_leave_the_site_are_not() {
        for address in [
            "",
            "trade",
            "?next=/",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/a\nb",
            "/a\r\nLocation: //evil.example",
            "/a b",
            "http:evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/%2f%2fevil.example",
            "/%2F/evil.example",
            "/..//evil.example",
            "/./evil.example",
            "/@evil.example",
            "/a//evil.example",
            "/a/",
            "/orders;Domain=example",
            "/orders; Domain=example",
            "/ü",
            "/trade?q=a\\b",
            "/trade?q=\u{0}",
        ] {
            assert_eq!(local_path(address), None, "{address:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(ADDRESS_BYTES_MAX))), None);
    }

    #[test]
    fn the_local_part_of_an_address_has_no_host() {
        let of = local_part;
        assert_eq!(
            of("https://cnop.example/trade/BTC?a=1"),
            Some(("https://cnop.example", "/trade/BTC?a=1"))
        );
        for url in [
            "https://cnop.example",
            "https://cnop.example//evil.example",
            "/trade",
            "x://",
            "",
            "javascript:/a",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }

    fn nasty() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("/"),
            Just("//"),
            Just("\\"),
            Just("."),
            Just(".."),
            Just("%2f"),
            Just("%5C"),
            Just("@"),
            Just(":"),
            Just("http:"),
            Just("https://"),
            Just("javascript:"),
            Just("evil.example"),
            Just("a"),
            Just("trade"),
            Just("\t"),
            Just("\n"),
            Just("\r"),
            Just("\u{0}"),
            Just(" "),
            Just(";"),
            Just(","),
            Just("\""),
            Just("?"),
            Just("#"),
            Just("ü"),
            Just("\u{2028}"),
            Just("\u{ff0f}"),
        ];
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        /// The rules of browsers (URL standard): they drop tabs and line ends, read `\` as `/`, resolve dots, and take
        /// what follows two slashes, or a scheme, as another place.
        #[test]
        fn what_is_followed_stays_on_this_site(address in nasty()) {
            if let Some(followed) = local_path(&address) {
                let read = followed.replace(['\t', '\n', '\r'], "").replace('\\', "/");
                prop_assert_eq!(&read, followed);
                prop_assert!(read.starts_with('/') && !read.starts_with("//"));
                let path = path_of(&read);
                prop_assert!(!path.contains("//") && !path.contains(['.', '%', ':', '@', ';', ',', '"', ' ']));
                prop_assert!(read.is_ascii());
            }
        }
    }
}
