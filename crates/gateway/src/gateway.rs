//! The path of every request through the gateway, and of its response.
//!
//! One function instead of a stack of layers: the order reads from top to bottom. Panics and the deadline end
//! in the same place as every refusal, with span, metrics and headers. Only compression is a layer of
//! tower-http.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use cnop_api::{Code, Identify, Problem};
use cnop_coordination::{Coordinator, LocalCoordinator};
use cnop_domain::Clock;
use futures::FutureExt;
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use tracing::Instrument;

use crate::body::Bodies;
use crate::context::{ClientAddress, HealthOnly, Identity, ProblemRejection, RequestContext, RequestId};
use crate::fault::{Fault, FaultNote};
use crate::identity::PresentedCredentials;
use crate::metrics::{Measure, Requests};
use crate::origin::Origins;
use crate::quotas::{GatewayQuotas, QuotaStates};
use crate::request_id::{REQUEST_ID, RequestIds};
use crate::route::{QuotaClass, RouteKind};
use crate::shedding::{InFlight, Shedding};
use crate::{
    GatewayConfig, address, body, cors, encoding, fallback, headers, problem, refusal_page, shedding,
};

/// `Retry-After` of a request that exceeded the deadline.
const TIMEOUT_RETRY_AFTER_SECONDS: u32 = 1;

/// The gateway in front of a router. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gateway {
    inner: Arc<GatewayInner>,
}

#[derive(Debug)]
struct GatewayInner {
    config: GatewayConfig,
    clock: Arc<dyn Clock>,
    identify: Arc<dyn Identify>,
    quotas: GatewayQuotas,
    origins: Origins,
    bodies: Bodies,
    shedding: Shedding,
    /// True once the log has said that an undeclared proxy forwards addresses.
    proxy_warned: AtomicBool,
    requests: Arc<Requests>,
    request_ids: RequestIds,
    problem_base: Arc<str>,
    cookie_name: &'static str,
    is_https: bool,
}

/// Properties of a request before it is admitted.
struct Visit {
    context: RequestContext,
    kind: RouteKind,
    address: ClientAddress,
    method: Method,
    fault: FaultNote,
    /// The `Origin` of a listed page.
    cors_origin: Option<HeaderValue>,
    /// For a refusal that a person sees, the page to link back to.
    person: Option<Option<String>>,
}

impl Gateway {
    /// A gateway with a coordinator for quotas, an identity provider and a clock.
    #[must_use]
    pub fn new(
        config: GatewayConfig,
        coordinator: Arc<dyn Coordinator>,
        identify: Arc<dyn Identify>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let own = Arc::new(LocalCoordinator::new(Arc::clone(&clock)));
        let inner = GatewayInner {
            quotas: GatewayQuotas::new(coordinator, own, config.quota_multiplier),
            origins: Origins::new(&config.public_url, &config.cors_origins),
            bodies: Bodies::new(config.multiplied(config.bodies_waiting)),
            shedding: Shedding::new(config.multiplied(config.in_flight)),
            proxy_warned: AtomicBool::new(false),
            requests: Arc::default(),
            request_ids: RequestIds::new(clock.now_us()),
            problem_base: format!("{}/problems/", config.public_url.trim_end_matches('/')).into(),
            cookie_name: config.session_cookie_name(),
            is_https: config.is_https(),
            identify,
            clock,
            config,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Puts the gateway in front of a router. Pass the finished router: routes added later bypass the
    /// gateway.
    pub fn wrap(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(Arc::clone(&self.inner), pass)).layer(encoding::compression())
    }
}

/// One request, from its first byte to the head of its answer.
async fn pass(State(gateway): State<Arc<GatewayInner>>, mut request: Request, next: Next) -> Response {
    let started_us = gateway.clock.now_us();
    let visit = gateway.visit(&mut request);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut measure = Measure::start(&gateway.requests, &visit.method, route);
    let span = tracing::info_span!(
        "request",
        request.id = %visit.context.request_id,
        client.address = %visit.address.0,
        http.method = %visit.method,
        http.route = measure.route(),
        user.id = tracing::field::Empty,
    );
    let mut states = QuotaStates::default();
    let answer =
        tokio::time::timeout(gateway.config.deadline, gateway.admit(request, &visit, &mut states, next));
    let answer = match AssertUnwindSafe(answer).catch_unwind().instrument(span.clone()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => refusal(timeout()),
        Err(panic) => {
            let detail = "It was logged. Quote the instance when you report it.";
            let cause = format!("a handler panicked: {}", panic_text(&*panic));
            refusal(Problem::new(Code::Internal, detail).caused_by(cause))
        }
    };
    if let Some(problem) = answer.extensions().get::<Problem>() {
        visit.fault.note(problem);
    }
    let now_us = gateway.clock.now_us();
    let answer = gateway.finish(answer, &visit, &states, now_us);
    let elapsed = Duration::from_micros(u64::try_from(now_us - started_us).unwrap_or(0));
    measure.answered(answer.status(), elapsed);
    span.in_scope(|| log(answer.status(), elapsed, visit.kind, visit.fault.get()));
    answer
}

impl GatewayInner {
    /// Reads the head and adds the context for handlers.
    fn visit(&self, request: &mut Request) -> Visit {
        let request_id = self.request_ids.of(request.headers());
        let context = RequestContext { request_id, problem_base: Arc::clone(&self.problem_base) };
        let trusted = &self.config.trusted_proxies;
        self.proxy_warn(request.extensions(), request.headers());
        let address =
            ClientAddress(address::client_address(request.extensions(), request.headers(), trusted));
        let kind = RouteKind::of(request.method(), request.uri().path(), &self.config);
        let cors_origin = kind.is_api.then(|| self.origins.allowed(request.headers())).flatten();
        let cors_origin = cors_origin.and_then(|origin| HeaderValue::from_str(origin).ok());
        let is_shown = kind.is_for_people && refusal_page::is_wanted(request.headers());
        let person = is_shown.then(|| {
            refusal_page::back(request.headers(), |origin| self.origins.is_own(origin, request.headers()))
        });
        let method = request.method().clone();
        let extensions = request.extensions_mut();
        extensions.insert(RequestId(context.request_id.clone()));
        extensions.insert(context.clone());
        extensions.insert(address);
        let fault = FaultNote::default();
        extensions.insert(fault.clone());
        Visit { context, kind, address, method, fault, cors_origin, person }
    }

    /// Says once that a proxy is not declared: all its clients then share one network's quotas and lock-out.
    fn proxy_warn(&self, extensions: &Extensions, headers: &HeaderMap) {
        let Some(peer) = address::undeclared_proxy(extensions, headers, &self.config.trusted_proxies) else {
            return;
        };
        if !self.proxy_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %peer,
                "X-Forwarded-For came from an address that is not in CNOP_TRUSTED_PROXIES and is ignored; \
                 if a proxy of yours is there, all its clients share one quota and one lock-out"
            );
        }
    }

    /// The rules on the way in, then the handler.
    async fn admit(&self, request: Request, visit: &Visit, states: &mut QuotaStates, next: Next) -> Response {
        if visit.kind.is_api && cors::is_preflight(&visit.method, request.headers()) {
            return self.preflight(request, visit, states).await.unwrap_or_else(refusal);
        }
        let request = match self.count(request, visit, states).await {
            Ok(request) => request,
            Err(problem) => return refusal(problem),
        };
        if let Some(redirect) = fallback::without_slash(request.uri()) {
            return redirect;
        }
        match self.enter(request, visit, states).await {
            // The place is held until the head of the answer is there.
            Ok((request, _place)) => next.run(request).await,
            Err(problem) => refusal(problem),
        }
    }

    /// Answers a preflight, which has quotas of its own: no page can use up those of a person.
    async fn preflight(
        &self,
        request: Request,
        visit: &Visit,
        states: &mut QuotaStates,
    ) -> Result<Response, Problem> {
        // The body, which none has, is not `Sync` and must not be borrowed over an await.
        let (head, _) = request.into_parts();
        health_only_check(&head.extensions, visit.kind)?;
        let is_listed = self.origins.allowed(&head.headers).is_some();
        let class = if is_listed { QuotaClass::Preflight } else { QuotaClass::CrossSite };
        self.quotas.address_take(class, visit.address.0, 1, states).await?;
        host_check(head.version, &head.headers)?;
        Ok(cors::preflight(&self.origins, &head.headers))
    }

    /// Takes the cost of the request from its quota. What another site's page makes a browser send is counted apart.
    async fn count(
        &self,
        request: Request,
        visit: &Visit,
        states: &mut QuotaStates,
    ) -> Result<Request, Problem> {
        let kind = visit.kind;
        health_only_check(request.extensions(), kind)?;
        let credentials = PresentedCredentials::of(request.headers(), self.cookie_name);
        let origin = self.origins.write_check(&visit.method, request.headers(), credentials, kind.is_api);
        let is_foreign = kind.class != QuotaClass::Static
            && (origin.is_err() || self.origins.is_foreign_read(request.headers()));
        let class = if is_foreign { QuotaClass::CrossSite } else { kind.class };
        let cost = self.config.request_cost.of(&visit.method, request.uri());
        self.quotas.address_take(class, visit.address.0, cost, states).await?;
        origin?;
        host_check(request.version(), request.headers())?;
        Ok(request)
    }

    /// Reads the body and takes a place. A request is in flight once its body is there: one that is still on its way
    /// takes no place from those that could be answered.
    async fn enter(
        &self,
        request: Request,
        visit: &Visit,
        states: &mut QuotaStates,
    ) -> Result<(Request, InFlight), Problem> {
        let (kind, address) = (visit.kind, visit.address.0);
        if kind.class == QuotaClass::Static {
            body::none_check(&request)?;
        }
        let request = self.bodies.read(request, address).await?;
        let place =
            if kind.is_health { self.shedding.enter_health()? } else { self.shedding.enter(address)? };
        Ok((self.identify(request, visit, states).await?, place))
    }

    /// The checks that depend on the caller.
    async fn identify(
        &self,
        mut request: Request,
        visit: &Visit,
        states: &mut QuotaStates,
    ) -> Result<Request, Problem> {
        let identity = if visit.kind.class == QuotaClass::Static {
            Identity::Anonymous
        } else {
            let credentials = PresentedCredentials::of(request.headers(), self.cookie_name);
            credentials.identify(&*self.identify).await
        };
        if let Identity::Refused(problem) = &identity {
            visit.fault.note(problem);
        }
        if let Some(caller) = identity.caller() {
            tracing::Span::current().record("user.id", caller.user_id.as_str());
            if visit.kind.is_order {
                self.quotas.account_take(&caller.account_id, states).await?;
            }
        }
        request.extensions_mut().insert(identity);
        Ok(request)
    }

    /// The rules on the way out.
    fn finish(&self, answer: Response, visit: &Visit, states: &QuotaStates, now_us: i64) -> Response {
        let mut answer = self.written(answer, visit);
        let headers = answer.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&visit.context.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        states.write(headers, now_us);
        if visit.kind.is_api && self.origins.any_allowed() {
            cors::permit(visit.cors_origin.as_ref(), headers);
        }
        headers::protect(headers, self.is_https, visit.kind.is_api);
        answer
    }

    /// Writes out a problem, also where the router itself answered with a bare status.
    fn written(&self, mut answer: Response, visit: &Visit) -> Response {
        let is_bare = answer.body().size_hint().exact() == Some(0);
        let status = answer.status();
        if visit.method == Method::OPTIONS && status == StatusCode::METHOD_NOT_ALLOWED {
            // The router adds `Allow`, which is the whole answer.
            return StatusCode::NO_CONTENT.into_response();
        }
        let refused = answer.extensions_mut().remove::<Problem>().or_else(|| match status {
            StatusCode::NOT_FOUND if is_bare => Some(fallback::not_found()),
            StatusCode::METHOD_NOT_ALLOWED if is_bare => Some(fallback::not_allowed()),
            _ => None,
        });
        let Some(refused) = refused else { return answer };
        // Other headers of the handler, such as a cookie, stay.
        let (parts, _) = answer.into_parts();
        let mut written = match &visit.person {
            Some(back) => refusal_page::refusal_page(&refused, &visit.context, back.as_deref()),
            None => problem::problem_response(&refused, &visit.context),
        };
        if visit.kind.is_for_people {
            written.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
        }
        for (name, value) in &parts.headers {
            if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
                written.headers_mut().append(name.clone(), value.clone());
            }
        }
        written
    }
}

fn refusal(problem: Problem) -> Response {
    ProblemRejection(problem).into_response()
}

/// A full server answers health questions alone on the connections that it takes beyond its limit.
fn health_only_check(extensions: &Extensions, kind: RouteKind) -> Result<(), Problem> {
    if extensions.get::<HealthOnly>().is_some() && !kind.is_health {
        return Err(shedding::overloaded());
    }
    Ok(())
}

/// RFC 9112: a request has exactly one Host field; only versions before HTTP/1.1 may omit it.
fn host_check(version: Version, headers: &HeaderMap) -> Result<(), Problem> {
    let hosts = headers.get_all(header::HOST).iter().count();
    if hosts == 1 || (hosts == 0 && version != Version::HTTP_11) {
        return Ok(());
    }
    Err(Problem::new(Code::RequestMalformed, "A request has exactly one Host field."))
}

fn timeout() -> Problem {
    let detail = "Whether it was done is not known. Look, or send it again with the same Idempotency-Key.";
    Problem::new(Code::RequestTimeout, detail).retry_after(TIMEOUT_RETRY_AFTER_SECONDS)
}

/// The sentence of a panic, if it has one.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a sentence")
}

/// One log line per response: server errors as warnings with their cause, static files only at debug level.
fn log(status: StatusCode, elapsed: Duration, kind: RouteKind, fault: Option<&Fault>) {
    let (status, duration_us) = (status.as_u16(), u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
    if let Some(Fault { code, cause }) = fault.filter(|fault| fault.is_defect()) {
        tracing::error!(http.status = status, duration_us, code = code.as_str(), cause, "answered");
    } else if let Some(Fault { code, cause }) = fault {
        tracing::warn!(http.status = status, duration_us, code = code.as_str(), cause, "answered");
    } else if status >= 500 {
        tracing::warn!(http.status = status, duration_us, "answered");
    } else if kind.class == QuotaClass::Static {
        tracing::debug!(http.status = status, duration_us, "answered");
    } else {
        tracing::info!(http.status = status, duration_us, "answered");
    }
}
