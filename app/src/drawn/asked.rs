//! What a part is asked for: by whom, and with which query.

use std::sync::Arc;

use cnop_api::Caller;
use cnop_services::Services;

use crate::forms::{path_decode, path_encode};

/// Longest query that is read.
const QUERY_BYTES_MAX: usize = 4_096;
/// Most members of a query that are read.
const QUERY_MEMBERS_MAX: usize = 40;
/// Members that are about one answer, not about the page.
const PASSING: [&str; 9] = ["told", "turn", "problem", "form", "fields", "count", "failed", "at", "order"];

/// The question for a part.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The use cases.
    pub(crate) services: Services,
    /// Who asks.
    pub(crate) caller: Arc<Caller>,
    query: Vec<(String, String)>,
}

impl Asked {
    /// Reads the query; what cannot be read is left out.
    pub(crate) fn new(services: Services, caller: Arc<Caller>, query: &str) -> Self {
        Self { services, caller, query: members(query) }
    }

    /// A member of the query; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.query.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The same page, without some members of its query and without what was about one answer.
    pub(crate) fn address(&self, path: &str, without: &[&str]) -> String {
        address(&self.query, path, without)
    }
}

fn members(query: &str) -> Vec<(String, String)> {
    let query = if query.len() > QUERY_BYTES_MAX { "" } else { query };
    let member = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((path_decode(name)?, path_decode(value)?.trim().to_owned()))
    };
    query.split('&').take(QUERY_MEMBERS_MAX).filter_map(member).collect()
}

fn address(query: &[(String, String)], path: &str, without: &[&str]) -> String {
    let kept = query
        .iter()
        .filter(|(name, value)| {
            let name = name.as_str();
            !value.is_empty() && !PASSING.contains(&name) && !without.contains(&name)
        })
        .map(|(name, value)| format!("{}={}", path_encode(name), path_encode(value)))
        .collect::<Vec<_>>()
        .join("&");
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{kept}") }
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
        let query = members("at=%2Forders&asset=BTC&status=&told=canceled&turn=7&change=ord_1&note=a+b%26c");
        assert_eq!(address(&query, "/orders", &["change"]), "/orders?asset=BTC&note=a%20b%26c");
        assert_eq!(address(&members("turn=7"), "/orders", &[]), "/orders");
        assert_eq!(with_member("/orders?asset=BTC", "told=x"), "/orders?asset=BTC&told=x");
        assert_eq!(with_member("/orders", "told=x"), "/orders?told=x");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(members("a=%zz&b&c=1"), [("c".to_owned(), "1".to_owned())]);
        assert_eq!(members(&"a=1&".repeat(2_000)), []);
        assert_eq!(members(&"a=1&".repeat(100)).len(), QUERY_MEMBERS_MAX);
    }
}
