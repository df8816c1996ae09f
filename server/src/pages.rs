//! The pages and their server functions, the site's files, and what is left of older addresses.

use std::sync::Arc;

use app::context::{AppContext, ClientInfo, RequestCaller};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cnop_gateway::{Identity, method_not_allowed};
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, generate_route_list, render_app_async_with_context};

use crate::site::{Site, serve};
use crate::web::client_of;

/// Addresses of the predecessor and where they are now.
const MOVED: [(&str, &str); 3] = [("/inventory", "/market"), ("/trading", "/trade"), ("/auth", "/login")];
/// What only programs ask for: an unknown address there is a problem, not a page.
const PROGRAM_PATHS: [&str; 5] = ["/api", "/fn", "/health", "/.well-known", "/pkg"];

/// The router of everything that a browser shows, without the API.
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
    // The application's own "everything else" would take the addresses of files and of the API: ours asks them first.
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
    router.fallback(fallback).method_not_allowed_fallback(method_not_allowed).with_state(options)
}

/// Hands what the gateway found out to the pages.
fn request_provide() {
    let Some(parts) = use_context::<Parts>() else { return };
    let caller = parts.extensions.get::<Identity>().and_then(Identity::caller).cloned();
    provide_context(RequestCaller(caller));
    let client = client_of(&parts);
    provide_context(ClientInfo {
        address: client.address,
        user_agent: client.user_agent,
        request_id: client.request_id,
    });
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
    let is_read = matches!(*request.method(), axum::http::Method::GET | axum::http::Method::HEAD);
    if is_program_path(path) || !is_read {
        return cnop_gateway::route_not_found(request).await.into_response();
    }
    let mut answer = page(request).await;
    if answer.status() == StatusCode::OK {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    answer
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
    fn programs_and_people_are_told_apart() {
        for path in ["/api", "/api/v1/nothing", "/fn/x", "/health/x", "/pkg/old.js"] {
            assert!(is_program_path(path), "{path}");
        }
        for path in ["/", "/apis", "/nothing", "/market/api"] {
            assert!(!is_program_path(path), "{path}");
        }
    }
}
