//! Request quotas, and the headers that report them.

use std::fmt::Write;
use std::net::IpAddr;
use std::time::Duration;

use cnop_api::{Code, Problem};
use cnop_coordination::{Coordinator, Decision, Quota};
use cnop_domain::AccountId;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::route::QuotaClass;

/// Sign-in attempts of an address: a person needs a few, a guesser thousands.
const SIGN_IN_QUOTA: Quota = Quota::per_minute(60);
/// Pages of an address.
const PAGE_QUOTA: Quota = Quota::per_minute(600);
/// Everything else of an address.
const REQUEST_QUOTA: Quota = Quota::per_minute(10_000);
/// Orders of an account.
const ORDER_QUOTA: Quota = Quota::per_second(100);

/// µs of a second.
const SECOND_US: u128 = 1_000_000;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const X_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// State of one quota for this request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QuotaState {
    /// Name of the policy, of lower-case letters and `-`.
    policy: &'static str,
    window: Duration,
    decision: Decision,
}

/// Quotas of the request: that of its address and, for an order, that of its account.
#[derive(Debug, Default)]
pub(crate) struct QuotaStates {
    address: Option<QuotaState>,
    account: Option<QuotaState>,
}

/// Quotas from the shared coordinator, or from this server while the coordinator is unavailable.
#[derive(Debug)]
pub(crate) struct GatewayQuotas {
    shared: std::sync::Arc<dyn Coordinator>,
    own: std::sync::Arc<dyn Coordinator>,
    multiplier: u32,
}

impl GatewayQuotas {
    pub(crate) fn new(
        shared: std::sync::Arc<dyn Coordinator>,
        own: std::sync::Arc<dyn Coordinator>,
        multiplier: u32,
    ) -> Self {
        Self { shared, own, multiplier: multiplier.max(1) }
    }

    /// Counts the request against its address.
    ///
    /// # Errors
    /// `quota.exceeded`.
    pub(crate) async fn address_take(
        &self,
        class: QuotaClass,
        address: IpAddr,
        states: &mut QuotaStates,
    ) -> Result<(), Problem> {
        let (policy, quota) = match class {
            QuotaClass::Static => return Ok(()),
            QuotaClass::SignIn => ("sign-in", SIGN_IN_QUOTA),
            QuotaClass::Page => ("pages", PAGE_QUOTA),
            QuotaClass::Request => ("requests", REQUEST_QUOTA),
        };
        let address = crate::address::quota_address(address);
        states.address = self.take(policy, &format!("quota:{policy}:{address}"), quota).await;
        refuse(states.address, "This address")
    }

    /// Counts the order against its account.
    ///
    /// # Errors
    /// `quota.exceeded`.
    pub(crate) async fn account_take(
        &self,
        account: &AccountId,
        states: &mut QuotaStates,
    ) -> Result<(), Problem> {
        states.account = self.take("orders", &format!("quota:orders:{account}"), ORDER_QUOTA).await;
        refuse(states.account, "This account")
    }

    async fn take(&self, policy: &'static str, key: &str, quota: Quota) -> Option<QuotaState> {
        let quota = quota.times(self.multiplier);
        let decision = match self.shared.quota_take(key, quota, 1).await {
            Ok(decision) => Some(decision),
            Err(error) => {
                // Counted instead of logged: it would be one line per request during an outage.
                metrics::counter!("cnop_quota_fallback_total", "policy" => policy).increment(1);
                tracing::debug!(%error, policy, "the shared quota does not answer; counting on this server alone");
                self.own.quota_take(key, quota, 1).await.ok()
            }
        };
        decision.map(|decision| QuotaState { policy, window: quota.window, decision })
    }
}

fn refuse(state: Option<QuotaState>, who: &str) -> Result<(), Problem> {
    let Some(state) = state.filter(|state| !state.decision.allowed) else { return Ok(()) };
    metrics::counter!("cnop_quota_refusals_total", "policy" => state.policy).increment(1);
    let seconds = seconds_up(state.decision.retry_after).max(1);
    let (limit, window) = (state.decision.limit, state.window.as_secs());
    let detail = format!("{who} may call {limit} times in {window} s. Try again in {seconds} s.");
    Err(Problem::new(Code::QuotaExceeded, detail)
        .with_fact("policy", state.policy)
        .with_fact("limit", limit)
        .retry_after(u32::try_from(seconds).unwrap_or(u32::MAX)))
}

impl QuotaStates {
    /// Writes the fields; `now_us` turns the older reset field into a time of day.
    pub(crate) fn write(&self, headers: &mut HeaderMap, now_us: i64) {
        // The older fields have room for one quota: the one with which the least is left.
        let nearest = [self.account, self.address].into_iter().flatten().min_by_key(|state| {
            u64::from(state.decision.remaining) * 1_000 / u64::from(state.decision.limit.max(1))
        });
        let Some(nearest) = nearest else { return };
        let (mut policies, mut limits) = (String::with_capacity(48), String::with_capacity(48));
        for state in [self.address, self.account].into_iter().flatten() {
            let separator = if policies.is_empty() { "" } else { ", " };
            let QuotaState { policy, window, decision } = state;
            let (limit, window) = (decision.limit, window.as_secs());
            let (remaining, reset) = (decision.remaining, seconds_up(decision.reset_after));
            // Writing to a string cannot fail.
            let _ = write!(policies, "{separator}\"{policy}\";q={limit};w={window}");
            let _ = write!(limits, "{separator}\"{policy}\";r={remaining};t={reset}");
        }
        insert_text(headers, RATE_LIMIT_POLICY, policies);
        insert_text(headers, RATE_LIMIT, limits);
        headers.insert(X_LIMIT, HeaderValue::from(nearest.decision.limit));
        headers.insert(X_REMAINING, HeaderValue::from(nearest.decision.remaining));
        let now = Duration::from_micros(u64::try_from(now_us).unwrap_or(0));
        headers.insert(X_RESET, HeaderValue::from(seconds_up(now + nearest.decision.reset_after)));
    }
}

fn insert_text(headers: &mut HeaderMap, name: HeaderName, text: String) {
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(name, value);
    }
}

/// Whole seconds, rounded up.
fn seconds_up(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros().div_ceil(SECOND_US)).unwrap_or(u64::MAX)
}
