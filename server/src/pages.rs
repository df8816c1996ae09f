//! Router of the pages, their server functions, the site's files, and redirects from earlier paths.

use std::sync::Arc;

use app::context::{AppContext, ClientInfo, FaultReport, RequestCaller};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cnop_api::{Code, Problem, local_part, local_path};
use cnop_gateway::{FaultNote, Identity, ProblemRejection, method_not_allowed};
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, generate_route_list, render_app_async_with_context};

use crate::site::{Site, serve};
use crate::web::client_of;

/// Addresses of the predecessor and where they are now.
const MOVED: [(&str, &str); 3] = [("/inventory", "/market"), ("/trading", "/trade"), ("/auth", "/login")];
/// Paths for programs only: an unknown one is a problem, not a page. Files are among them, because rendering
/// a page for a missing file is expensive, and files have no quota.
const PROGRAM_PATHS: [&str; 10] = [
    "/api",
    "/fn",
    "/health",
    "/.well-known",
    "/pkg",
    "/icons",
    "/favicon.ico",
    "/favicon.svg",
    "/manifest.webmanifest",
    "/robots.txt",
];
/// Response header with which the framework marks a refused server function.
const FUNCTION_REFUSED: &str = "serverfnerror";
/// Longest refusal of a server function that is read.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// The router of everything for browsers, without the API.
pub(crate) fn router(app_context: AppContext, site: Site) -> Router {
    let options = LeptosOptions::builder().output_name("cnop").build();
    let context = {
        move || {
            provide_context(app_context.clone());
            request_provide();
        }
    };
    let shell = {
        let site = site.clone();
        move || app::shell(site.names())
    };
    // The application's catch-all route would take the paths of files and of the API, so ours is checked
    // first.
    let routes: Vec<AxumRouteListing> =
        generate_route_list(app::App).into_iter().filter(|route| !route.path().contains("{*")).collect();
    let page = Arc::new(render_app_async_with_context(context.clone(), shell.clone()));
    let fallback = move |request: Request| {
        let (site, page) = (site.clone(), Arc::clone(&page));
        async move { elsewhere(&site, request, |request| page(request)).await }
    };
    let mut router = Router::new().leptos_routes_with_context(&options, routes, context, shell);
    for (from, to) in MOVED {
        router = router.route(from, get(move || async move { moved(to) }));
    }
    let router = router.fallback(fallback).method_not_allowed_fallback(method_not_allowed);
    router.layer(middleware::from_fn(function_refusal)).with_state(options)
}

/// Refusals by the framework itself, such as a tampered form. The framework answers programs with 500. It
/// redirects a browser without scripts to its previous page, with the error in a URL that no page reads. Here
/// both become a plain refusal with the problem's own status, which the gateway writes out. Refusals of our
/// own functions already have their status, or lead to their form's page (303), and stay unchanged.
async fn function_refusal(mut request: Request, next: Next) -> Response {
    referer_localize(request.headers_mut());
    let is_post = *request.method() == Method::POST;
    let answer = next.run(request).await;
    let is_raw = match answer.status() {
        StatusCode::INTERNAL_SERVER_ERROR => true,
        StatusCode::FOUND => is_post,
        _ => false,
    };
    if !is_raw || !answer.headers().contains_key(FUNCTION_REFUSED) {
        return answer;
    }
    let body = axum::body::to_bytes(answer.into_body(), REFUSAL_BYTES_MAX).await.unwrap_or_default();
    let problem = serde_json::from_slice(&body).unwrap_or_else(|_| {
        Problem::new(
            Code::RequestMalformed,
            "The form could not be read. Load the page again and fill it in once more.",
        )
    });
    ProblemRejection(problem).into_response()
}

/// Keeps of the previous page's address only its path on this site. The framework leads a browser back to it after a
/// function that names no page, and must not lead to another site.
fn referer_localize(headers: &mut HeaderMap) {
    let Some(referer) = headers.remove(header::REFERER) else { return };
    let path = referer.to_str().ok().and_then(local_part).map(|(_, path)| path);
    if let Some(path) = path.and_then(|path| HeaderValue::from_str(path).ok()) {
        headers.insert(header::REFERER, path);
    }
}

/// Passes the gateway's request context to the pages.
fn request_provide() {
    let Some(parts) = use_context::<Parts>() else { return };
    let caller = parts.extensions.get::<Identity>().and_then(Identity::caller).cloned();
    provide_context(RequestCaller(caller));
    if let Some(fault) = parts.extensions.get::<FaultNote>().cloned() {
        provide_context(FaultReport::new(move |problem| fault.note(problem)));
    }
    provide_context(ClientInfo(client_of(&parts)));
}

/// A file of the site, the API's "not found", or the page that says so.
async fn elsewhere<F>(site: &Site, request: Request, page: impl FnOnce(Request<Body>) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let path = request.uri().path();
    if let Some(file) = serve(site, request.method(), path, request.headers()).await {
        return file;
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_program_path(path) || !is_read {
        return cnop_gateway::route_not_found(request).await.into_response();
    }
    if let Some(location) = without_slash(request.uri()) {
        return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response();
    }
    let mut answer = page(request).await;
    if answer.status() == StatusCode::OK {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    answer
}

/// The address without the slashes at its end, which people type: no page has one. Never one that leads elsewhere.
fn without_slash(uri: &Uri) -> Option<HeaderValue> {
    let path = uri.path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.len() == path.len() {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    HeaderValue::from_str(local_path(&format!("{trimmed}{query}"))?).ok()
}

fn is_program_path(path: &str) -> bool {
    PROGRAM_PATHS
        .iter()
        .any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn moved(to: &'static str) -> Response {
    let location = [(header::LOCATION, HeaderValue::from_static(to))];
    (StatusCode::PERMANENT_REDIRECT, location).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_browsers_are_distinguished() {
        for path in [
            "/api",
            "/api/v1/nothing",
            "/fn/x",
            "/health/x",
            "/pkg/old.js",
            "/icons/none.svg",
            "/favicon.ico",
        ] {
            assert!(is_program_path(path), "{path}");
        }
        for path in ["/", "/apis", "/nothing", "/market/api"] {
            assert!(!is_program_path(path), "{path}");
        }
    }

    #[test]
    fn slashes_at_the_end_are_dropped_and_lead_nowhere_else() {
        let of = |text: &str| {
            without_slash(&text.parse().unwrap()).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(of("/market/").as_deref(), Some("/market"));
        assert_eq!(of("/market/BTC///?a=1").as_deref(), Some("/market/BTC?a=1"));
        for text in ["/", "/market", "//evil.example/", "///", "/?a=/", "//"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
