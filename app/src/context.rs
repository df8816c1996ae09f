//! What every page knows: on the server the use cases and the request, in the browser who is signed in.

use cnop_domain::QuoteSource;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::theme::{Palette, Theme};

#[cfg(feature = "ssr")]
pub(crate) use server::fault_report;
#[cfg(feature = "ssr")]
pub use server::{
    AppContext, ClientInfo, FaultReport, RequestCaller, app_context, caller, client, signed_in,
};

/// What the shell shows about the request, the same on the server and in the browser. Holds no secret: it is
/// written into the page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Viewer {
    /// Name of the signed-in user.
    pub username: Option<String>,
    /// The colours that were chosen.
    pub theme: Theme,
    /// The colours of gains and losses that were chosen.
    #[serde(default)]
    pub palette: Palette,
    /// Where prices come from.
    pub source: Option<QuoteSource>,
}

impl Viewer {
    /// Whether somebody is signed in.
    #[must_use]
    pub const fn is_signed_in(&self) -> bool {
        self.username.is_some()
    }

    /// Whether prices are made up by the simulator.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.source != Some(QuoteSource::CoinGecko)
    }
}

/// Determines the viewer once per page and provides it to all components.
pub(crate) fn provide_viewer() {
    let viewer = SharedValue::<_, Json>::new_with_encoding(viewer_of_request).into_inner();
    provide_context(viewer);
}

/// Who looks at the page.
#[must_use]
pub fn use_viewer() -> Viewer {
    use_context::<Viewer>().unwrap_or_default()
}

#[cfg(feature = "ssr")]
fn viewer_of_request() -> Viewer {
    Viewer {
        username: caller().map(|caller| caller.username.clone()),
        theme: crate::theme::of_request(),
        palette: crate::theme::palette_of_request(),
        source: app_context().map(|app| app.source),
    }
}

#[cfg(not(feature = "ssr"))]
fn viewer_of_request() -> Viewer {
    Viewer::default()
}

#[cfg(feature = "ssr")]
mod server {
    use std::net::IpAddr;
    use std::sync::Arc;

    use cnop_api::{Caller, Code, Problem};
    use cnop_domain::QuoteSource;
    use cnop_services::Services;
    use leptos::prelude::use_context;

    /// What the composition root provides with every request (`leptos_routes_with_context`).
    #[derive(Debug, Clone)]
    pub struct AppContext {
        /// The use cases.
        pub services: Services,
        /// Address under which the venue is reached, without a slash at the end.
        pub public_url: Arc<str>,
        /// Where prices come from.
        pub source: QuoteSource,
        /// The venue's fee in basis points of the notional.
        pub fee_bps: u32,
    }

    /// Who sends the request, as the gateway found out; provided with every request.
    #[derive(Debug, Clone, Default)]
    pub struct RequestCaller(pub Option<Arc<Caller>>);

    /// Where the request comes from; provided with every request.
    #[derive(Debug, Clone)]
    pub struct ClientInfo {
        /// Address of the client, behind trusted proxies.
        pub address: IpAddr,
        /// What it calls itself.
        pub user_agent: Option<String>,
        /// The request's number, also in the logs.
        pub request_id: String,
    }

    /// Takes the problems that a page or a server function answers with, for the log line of its request.
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
        app_context()
            .map(|app| app.services)
            .ok_or_else(|| Problem::new(Code::Unavailable, "The venue is starting. Try again in a moment."))
    }

    /// Who is signed in, if anybody.
    #[must_use]
    pub fn caller() -> Option<Arc<Caller>> {
        use_context::<RequestCaller>().and_then(|caller| caller.0)
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// `auth.required` (401) when nobody is.
    pub fn signed_in() -> Result<Arc<Caller>, Problem> {
        caller().ok_or_else(|| Problem::new(Code::AuthRequired, "Sign in to go on."))
    }

    /// Where the request comes from.
    #[must_use]
    pub fn client() -> Option<ClientInfo> {
        use_context::<ClientInfo>()
    }
}

#[cfg(feature = "ssr")]
pub use server::services;
