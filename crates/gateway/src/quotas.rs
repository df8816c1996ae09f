//! Request quotas, and the headers that report them.

use std::fmt::Write;
use std::net::IpAddr;
use std::time::Duration;

use cnop_api::{Code, Problem};
use cnop_coordination::{Coordinator, Decision, Network, Quota, QuotaTake};
use cnop_domain::AccountId;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::route::QuotaClass;

/// A quota of a client's network, and its names for that network and the wider ones around it.
#[derive(Debug, Clone, Copy)]
struct NetworkQuota {
    /// Names of lower-case letters, digits and `-`: of the client's network, its IPv6 /56 and its /48.
    policies: [&'static str; 3],
    quota: Quota,
}

/// Sign-in attempts: a person needs a few, a guesser thousands.
const SIGN_INS: NetworkQuota =
    NetworkQuota { policies: ["sign-in", "sign-in-56", "sign-in-48"], quota: Quota::per_minute(60) };
/// New tokens for a refresh token. They compute no password hash, and a network full of guessers must not end the
/// sessions of the people in it.
const REFRESHES: NetworkQuota =
    NetworkQuota { policies: ["refresh", "refresh-56", "refresh-48"], quota: Quota::per_minute(120) };
/// Pages.
const PAGES: NetworkQuota =
    NetworkQuota { policies: ["pages", "pages-56", "pages-48"], quota: Quota::per_minute(600) };
/// Everything else.
const REQUESTS: NetworkQuota =
    NetworkQuota { policies: ["requests", "requests-56", "requests-48"], quota: Quota::per_minute(10_000) };
/// Requests that another site's page makes a browser send: they take nothing from the person's own quotas.
const CROSS_SITES: NetworkQuota = NetworkQuota {
    policies: ["cross-site", "cross-site-56", "cross-site-48"],
    quota: Quota::per_minute(600),
};
/// Preflights of listed sites. Browsers remember the answer for hours.
const PREFLIGHTS: NetworkQuota =
    NetworkQuota { policies: ["preflight", "preflight-56", "preflight-48"], quota: Quota::per_minute(600) };
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
    /// Name of the policy.
    policy: &'static str,
    window: Duration,
    cost: u32,
    decision: Decision,
}

/// A quota with its key, for one take.
#[derive(Debug)]
struct KeyedQuota {
    policy: &'static str,
    key: String,
    quota: Quota,
    cost: u32,
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

    /// Takes the cost of a request from the quotas of its client's networks, the narrowest first. So a network that
    /// has used its quota takes no more from those around it.
    ///
    /// # Errors
    /// `quota.exceeded`.
    pub(crate) async fn address_take(
        &self,
        class: QuotaClass,
        address: IpAddr,
        cost: u32,
        states: &mut QuotaStates,
    ) -> Result<(), Problem> {
        let NetworkQuota { policies, quota } = match class {
            QuotaClass::Static => return Ok(()),
            QuotaClass::SignIn => SIGN_INS,
            QuotaClass::Refresh => REFRESHES,
            QuotaClass::Page => PAGES,
            QuotaClass::Request => REQUESTS,
            QuotaClass::CrossSite => CROSS_SITES,
            QuotaClass::Preflight => PREFLIGHTS,
        };
        // The most expensive request is possible, if it is the only one.
        let cost = cost.clamp(1, quota.burst);
        let keyed = Network::shares(address).zip(policies).map(|(share, policy)| KeyedQuota {
            policy,
            key: format!("quota:{policy}:{}", share.network),
            quota: quota.times(share.multiple).times(self.multiplier),
            cost,
        });
        let taken = self.take(&keyed.collect::<Vec<_>>()).await;
        states.address = taken.iter().find(|state| !state.decision.allowed).or(taken.first()).copied();
        refuse(states.address, "This network")
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
        let (key, quota) = (format!("quota:orders:{account}"), ORDER_QUOTA.times(self.multiplier));
        states.account =
            self.take(&[KeyedQuota { policy: "orders", key, quota, cost: 1 }]).await.first().copied();
        refuse(states.account, "This account")
    }

    /// Takes in one round trip. Ends at the first refusal, which is then the last state.
    async fn take(&self, keyed: &[KeyedQuota]) -> Vec<QuotaState> {
        let takes: Vec<QuotaTake<'_>> =
            keyed.iter().map(|one| QuotaTake { key: &one.key, quota: one.quota, cost: one.cost }).collect();
        let decisions = match self.shared.quotas_take(&takes).await {
            Ok(decisions) => decisions,
            Err(error) => {
                for one in keyed {
                    // Counted instead of logged: it would be one line per request during an outage.
                    metrics::counter!("cnop_quota_fallback_total", "policy" => one.policy).increment(1);
                }
                tracing::debug!(%error, "the coordinator does not answer; this server counts its share of the quotas alone");
                self.own.quotas_take(&shares(takes, self.shared.servers())).await.unwrap_or_default()
            }
        };
        let states = keyed.iter().zip(decisions);
        states
            .map(|(one, decision)| QuotaState {
                policy: one.policy,
                window: one.quota.window,
                cost: one.cost,
                decision,
            })
            .collect()
    }
}

/// The same takes from the share of one of several servers.
fn shares(takes: Vec<QuotaTake<'_>>, servers: u32) -> Vec<QuotaTake<'_>> {
    takes
        .into_iter()
        .map(|take| {
            let quota = take.quota.share(servers);
            // The most expensive request is possible, if it is the only one.
            QuotaTake { quota, cost: take.cost.min(quota.burst), ..take }
        })
        .collect()
}

fn refuse(state: Option<QuotaState>, who: &str) -> Result<(), Problem> {
    let Some(state) = state.filter(|state| !state.decision.allowed) else { return Ok(()) };
    metrics::counter!("cnop_quota_refusals_total", "policy" => state.policy).increment(1);
    let seconds = seconds_up(state.decision.retry_after).max(1);
    let (limit, window) = (state.decision.limit, state.window.as_secs());
    let cost = state.cost;
    let detail = if cost == 1 {
        format!("{who} may call {limit} times in {window} s. Try again in {seconds} s.")
    } else {
        format!(
            "{who} may spend {limit} in {window} s, and this request costs {cost}. Try again in {seconds} s."
        )
    };
    Err(Problem::new(Code::QuotaExceeded, detail)
        .with_fact("policy", state.policy)
        .with_fact("limit", limit)
        .with_fact("cost", cost)
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
            let QuotaState { policy, window, decision, .. } = state;
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
