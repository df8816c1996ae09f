//! The request for a private page: the caller, and the query of the address.

use std::ops::Deref;
use std::sync::Arc;

use cnop_api::{Caller, Problem};
use cnop_services::Services;
use http::request::Parts;
use leptos::prelude::{expect_context, use_context};

use crate::context;
use crate::forms::{path_decode, sign_in_redirect};
use crate::islands::path_encode;

/// Longest query that is read.
const QUERY_BYTES_MAX: usize = 4_096;
/// Most members of a query that are read.
const QUERY_MEMBERS_MAX: usize = 40;
/// Members that are about one answer, not about the page.
const PASSING: [&str; 7] = ["result", "problem", "form", "fields", "count", "failed", "order"];

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
        Self { path: uri.path().into(), query: members(uri.query().unwrap_or_default()).into() }
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
        address(&self.query, &self.path, without)
    }
}

/// The request for a private page. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct PageRequest {
    /// Use cases of the venue.
    pub(crate) services: Services,
    /// The signed-in caller of the request.
    pub(crate) caller: Arc<Caller>,
    address: PageAddress,
}

impl PageRequest {
    /// The present request. A visitor is redirected to sign in.
    ///
    /// # Errors
    /// `auth.required` without a session.
    pub(crate) fn signed_in() -> Result<Self, Problem> {
        let services = context::services()?;
        let caller = context::signed_in().inspect_err(|_| sign_in_redirect())?;
        Ok(Self { services, caller, address: PageAddress::current() })
    }
}

impl Deref for PageRequest {
    type Target = PageAddress;

    fn deref(&self) -> &PageAddress {
        &self.address
    }
}

/// The request for the private page that is rendered.
pub(crate) fn use_request() -> PageRequest {
    expect_context::<PageRequest>()
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
        let query = members("asset=BTC&status=&result=canceled&count=7&change=ord_1&note=a+b%26c");
        assert_eq!(address(&query, "/orders", &["change"]), "/orders?asset=BTC&note=a%20b%26c");
        assert_eq!(address(&members("result=x"), "/orders", &[]), "/orders");
        assert_eq!(with_member("/orders?asset=BTC", "result=x"), "/orders?asset=BTC&result=x");
        assert_eq!(with_member("/orders", "result=x"), "/orders?result=x");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(members("a=%zz&b&c=1"), [("c".to_owned(), "1".to_owned())]);
        assert_eq!(members(&"a=1&".repeat(2_000)), []);
        assert_eq!(members(&"a=1&".repeat(100)).len(), QUERY_MEMBERS_MAX);
    }
}
