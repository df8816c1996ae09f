//! Contexts of a request: the use cases, the caller, and the preferences of the viewer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cnop_api::cookies::cookie_value;
use cnop_api::{Caller, Code, Problem};
use cnop_domain::QuoteSource;
use cnop_services::Services;
use cnop_services::auth::ClientDetails;
use leptos::prelude::{provide_context, use_context};

use crate::theme::{self, Palette, Theme};
use crate::zone::ReaderZone;

/// Name of the cookie that keeps the reader's time zone. The page's script writes it.
const ZONE_COOKIE: &str = "zone";

/// Provided by the composition root with every request (`leptos_routes_with_context`).
#[derive(Debug, Clone)]
pub struct AppContext {
    /// Use cases of the venue.
    pub services: Services,
    /// Address under which the venue is reached, without a slash at the end.
    pub public_url: Arc<str>,
    /// Source of the site's prices.
    pub source: QuoteSource,
    /// The venue's fee in basis points of the notional.
    pub fee_bps: u32,
    /// True while this server goes on without the others.
    pub is_degraded: Arc<AtomicBool>,
}

impl AppContext {
    /// Returns true if prices are made by the simulator.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.source != QuoteSource::CoinGecko
    }
}

/// Sender of the request, as the gateway found out; provided with every request.
#[derive(Debug, Clone, Default)]
pub struct RequestCaller(pub Option<Arc<Caller>>);

/// Origin of the request; provided with every request.
#[derive(Debug, Clone)]
pub struct ClientInfo(pub ClientDetails);

/// Takes the problems that a page or an action answers with, for the log line of its request.
#[derive(Clone)]
pub struct FaultReport(Arc<dyn Fn(&Problem) + Send + Sync>);

impl std::fmt::Debug for FaultReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaultReport")
    }
}

impl FaultReport {
    /// A report to this function.
    #[must_use]
    pub fn new(report: impl Fn(&Problem) + Send + Sync + 'static) -> Self {
        Self(Arc::new(report))
    }
}

/// Reports the cause of a problem, if it has one, to the log line of this request.
pub(crate) fn fault_report(problem: &Problem) {
    if let Some(FaultReport(report)) = use_context::<FaultReport>() {
        report(problem);
    }
}

/// The viewer of a page, as the frame shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Viewer {
    /// Name of the signed-in user.
    pub(crate) username: Option<String>,
    /// Chosen colors of the page.
    pub(crate) theme: Theme,
    /// Chosen colors of gains and losses.
    pub(crate) palette: Palette,
    /// True if prices are made by the simulator.
    pub(crate) is_simulated: bool,
    /// True while the server of this page goes on without the others.
    pub(crate) is_degraded: bool,
}

impl Viewer {
    /// Returns true if the viewer is signed in.
    pub(crate) const fn is_signed_in(&self) -> bool {
        self.username.is_some()
    }
}

/// Provides the viewer of the request to all components.
pub(crate) fn provide_viewer() {
    provide_context(viewer_of_request());
    provide_context(zone_of_request());
}

/// The reader's time zone.
pub(crate) fn reader_zone() -> ReaderZone {
    use_context::<ReaderZone>().unwrap_or_else(zone_of_request)
}

/// The zone that the request's cookie names; UTC without one.
fn zone_of_request() -> ReaderZone {
    let zone = || {
        let parts = use_context::<http::request::Parts>()?;
        let name = cookie_value(&parts.headers, ZONE_COOKIE)?;
        ReaderZone::named(name, app_context()?.services.clock().now_us())
    };
    zone().unwrap_or_default()
}

/// The viewer of the page.
#[must_use]
pub(crate) fn use_viewer() -> Viewer {
    use_context::<Viewer>().unwrap_or_else(viewer_of_request)
}

fn viewer_of_request() -> Viewer {
    Viewer {
        username: caller().map(|caller| caller.username.clone()),
        theme: theme::of_request(),
        palette: theme::palette_of_request(),
        is_simulated: app_context().is_none_or(|app| app.is_simulated()),
        is_degraded: app_context().is_some_and(|app| app.is_degraded.load(Ordering::Relaxed)),
    }
}

/// The composition root's context; none while the route list is generated.
#[must_use]
pub fn app_context() -> Option<AppContext> {
    use_context::<AppContext>()
}

/// The use cases of this request.
///
/// # Errors
/// `service.unavailable` outside a request.
pub fn services() -> Result<Services, Problem> {
    app_context().map(|app| app.services).ok_or_else(starting)
}

fn starting() -> Problem {
    Problem::new(Code::Unavailable, "The venue is starting. Try again in a moment.")
}

/// The signed-in caller, if any.
#[must_use]
pub fn caller() -> Option<Arc<Caller>> {
    use_context::<RequestCaller>().and_then(|caller| caller.0)
}

/// The signed-in caller.
///
/// # Errors
/// `auth.required` (401) without a session.
pub fn signed_in() -> Result<Arc<Caller>, Problem> {
    caller().ok_or_else(|| Problem::new(Code::AuthRequired, "Sign in to go on."))
}

/// Origin of the request, for the trail of security events.
///
/// # Errors
/// `service.unavailable` outside a request.
pub(crate) fn client() -> Result<ClientDetails, Problem> {
    use_context::<ClientInfo>().map(|info| info.0).ok_or_else(starting)
}
