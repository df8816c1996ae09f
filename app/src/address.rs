//! Addresses of pages: their queries, written and read.

/// A text as a value of a query or of a cookie.
pub(crate) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Fields as a query or as the body of a form; names are plain words.
pub(crate) fn urlencoded(fields: &[(&str, &str)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    fields.join("&")
}

#[cfg(feature = "ssr")]
pub(crate) use server::*;

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use cnop_api::local_path;
    use http::request::Parts;
    use leptos::prelude::use_context;

    /// Longest query that is read.
    const QUERY_BYTES_MAX: usize = 4_096;
    /// Most members of a query that are read.
    const QUERY_MEMBERS_MAX: usize = 40;
    /// Members that are about one answer, not about the page.
    const PASSING: [&str; 8] = ["result", "problem", "form", "fields", "count", "failed", "order", "sold"];

    /// Path and query of the page that is rendered. Cheap to clone.
    #[derive(Debug, Clone)]
    pub(crate) struct PageAddress {
        path: Arc<str>,
        query: Arc<[(String, String)]>,
    }

    impl PageAddress {
        /// The address of the request that is being answered.
        pub(crate) fn current() -> Self {
            let uri = use_context::<Parts>().map(|parts| parts.uri).unwrap_or_default();
            Self::new(uri.path(), uri.query().unwrap_or_default())
        }

        fn new(path: &str, query: &str) -> Self {
            let query = if query.len() > QUERY_BYTES_MAX { "" } else { query };
            let members = form_urlencoded::parse(query.as_bytes()).take(QUERY_MEMBERS_MAX);
            let members = members.map(|(name, value)| (name.into_owned(), value.trim().to_owned()));
            // Forms and links of the page begin with its path.
            Self { path: local_path(path).unwrap_or("/").into(), query: members.collect() }
        }

        /// A member of the query; empty without it.
        pub(crate) fn query(&self, name: &str) -> &str {
            self.query.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
        }

        /// Path of the request.
        pub(crate) fn path(&self) -> &str {
            &self.path
        }

        /// The address without some members of its query, and without those about one answer.
        pub(crate) fn address(&self, without: &[&str]) -> String {
            let is_kept = |name: &str| !PASSING.contains(&name) && !without.contains(&name);
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(self.query.iter().filter(|(name, value)| !value.is_empty() && is_kept(name)));
            match query.finish().as_str() {
                "" => self.path.to_string(),
                query => format!("{}?{query}", self.path),
            }
        }
    }

    /// An address with one more member in its query.
    pub(crate) fn with_member(address: &str, member: &str) -> String {
        let between = if address.contains('?') { '&' } else { '?' };
        format!("{address}{between}{member}")
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_address_keeps_the_page_and_forgets_the_answer() {
            let query = "asset=BTC&status=&result=canceled&count=7&change=ord_1&note=a+b%26c";
            let page = PageAddress::new("/orders", query);
            assert_eq!(page.address(&["change"]), "/orders?asset=BTC&note=a+b%26c");
            assert_eq!(PageAddress::new("/orders", "result=x").address(&[]), "/orders");
            assert_eq!(with_member("/orders?asset=BTC", "result=x"), "/orders?asset=BTC&result=x");
            assert_eq!(with_member("/orders", "result=x"), "/orders?result=x");
        }

        #[test]
        fn a_query_is_bounded() {
            assert_eq!(*PageAddress::new("/", &"a=1&".repeat(2_000)).query, []);
            assert_eq!(PageAddress::new("/", &"a=1&".repeat(100)).query.len(), QUERY_MEMBERS_MAX);
        }

        /// A page whose path begins with two slashes would draw forms that lead to another host.
        #[test]
        fn a_path_is_one_of_ours() {
            assert_eq!(PageAddress::new("//trade/BTC", "").address(&[]), "/");
        }
    }
}
