//! Redirects and targets of forms: they lead to pages of this site only.

use cnop_api::local_path;
use reqwest::{Method, RequestBuilder, StatusCode, header};

use crate::support::{Answer, PASSWORD, RequestExt, TestApp, Trader};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
/// Addresses that lead to another site or that a header or a cookie would read in another way.
const ELSEWHERE: [&str; 12] = [
    "https://evil.example/signin",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/%2f%2fevil.example",
    "/..//evil.example",
    "javascript:alert(1)",
    "/orders\r\nLocation: https://evil.example",
    "/orders; Domain=example",
    "/@evil.example",
];

async fn posted(request: RequestBuilder, fields: &[(&str, &str)]) -> Answer {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.header(header::ACCEPT, BROWSER).body(body.finish()).answer().await
}

fn location(answer: &Answer) -> Option<&str> {
    answer.headers().get(header::LOCATION).map(|value| value.to_str().unwrap())
}

#[track_caller]
fn is_local(answer: &Answer, tried: &str) {
    if let Some(location) = location(answer) {
        assert_eq!(local_path(location), Some(location), "{tried:?}");
    }
    for cookie in answer.headers().get_all(header::SET_COOKIE) {
        assert!(!cookie.to_str().unwrap().to_lowercase().contains("domain"), "{tried:?}: {cookie:?}");
    }
}

/// A link on another site to a function of ours would bring the visitor back there, and tell who is signed in.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_does_not_lead_back_to_another_site() {
    let app = TestApp::start().await;
    let trader = app.trader("referred_1").await;
    for referer in [
        "https://evil.example/signin",
        "https://evil.example//evil.example/x",
        "https://evil.example/\\evil.example",
        "https://evil.example",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        for path in ["/fn/theme", "/fn/login", "/fn/logout", "/fn/order/place", "/fn/market/top", "/fn"] {
            for request in
                [app.request(Method::GET, path), app.request(Method::GET, path).bearer_auth(&trader.token)]
            {
                let request = request.header(header::REFERER, referer).header(header::ACCEPT, BROWSER);
                let answer = request.answer().await;
                assert!(matches!(answer.status().as_u16(), 404 | 405), "{path}: {}", answer.status());
                assert_eq!(location(&answer), None, "{path} {referer}");
            }
            let answer = posted(
                app.request(Method::POST, path).header(header::REFERER, referer),
                &[("theme", "dark")],
            );
            is_local(&answer.await, referer);
        }
    }
    let request =
        app.request(Method::POST, "/fn/theme").header(header::REFERER, app.url("/trade/BTC?side=sell"));
    let answer = posted(request, &[("theme", "dark")]).await;
    assert_eq!(location(&answer), Some("/trade/BTC?side=sell"), "a page of ours is led back to");
}

/// A link to our own sign-in would end on another site.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_ends_on_this_site() {
    let app = TestApp::start().await;
    let trader = app.trader("next_1").await;
    for next in ELSEWHERE {
        let fields = [("username", "next_1"), ("password", PASSWORD), ("next", next)];
        let answer = posted(app.request(Method::POST, "/fn/login"), &fields).await;
        assert_eq!(
            (answer.status(), location(&answer)),
            (StatusCode::SEE_OTHER, Some("/dashboard")),
            "{next:?}"
        );
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let answer = page(&trader, &format!("/login?{query}")).await;
        assert_eq!(location(&answer), Some("/dashboard"), "{next:?}");
    }
}

async fn page(trader: &Trader<'_>, address: &str) -> Answer {
    let request = trader.app.request(Method::GET, address).bearer_auth(&trader.token);
    request.header(header::ACCEPT, BROWSER).answer().await
}

/// A tampered form would lead to another site, or set its cookie for another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_names_its_page_is_answered_by_a_page_of_ours() {
    let app = TestApp::start().await;
    let trader = app.trader("back_1").await;
    trader.deposit("5000").await;
    for back in ELSEWHERE {
        for (path, fields) in [
            ("/fn/order/cancel", [("order_id", "ord_none"), ("x", "")]),
            ("/fn/order/replace", [("order_id", "ord_none"), ("version", "")]),
            ("/fn/orders/cancel", [("asset_id", ""), ("x", "")]),
            ("/fn/position/close", [("asset_id", "BTC"), ("percent", "100")]),
        ] {
            let mut fields = fields.to_vec();
            fields.extend([("back", back), ("page", back)]);
            let request = app.request(Method::POST, path).bearer_auth(&trader.token);
            let answer = posted(request, &fields).await;
            assert!(answer.status() != StatusCode::SEE_OTHER || location(&answer).is_some(), "{path}");
            is_local(&answer, back);
            is_local(&posted(app.request(Method::POST, path), &fields).await, back);
        }
    }
}

/// Address in the notice that the license of the chart asks for.
const CHART_NOTICE: &str = "https://www.tradingview.com/";

/// A link to our own page would draw a form that sends to another site.
#[tokio::test(flavor = "multi_thread")]
async fn no_member_of_a_query_becomes_the_target_of_a_form() {
    let app = TestApp::start().await;
    let trader = app.trader("query_1").await;
    trader.deposit("5000").await;
    trader.buy("BTC", "1000").await;
    for value in ELSEWHERE {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for name in
            ["at", "back", "next", "page", "asset", "own", "percent", "kind", "status", "type", "side"]
        {
            query.append_pair(name, value);
        }
        let query = query.append_pair("close", "BTC").append_pair("look", "1").finish();
        for path in ["/portfolio", "/orders", "/trade/BTC", "/account", "/recurring", "/alerts", "/login"] {
            let answer = page(&trader, &format!("{path}?{query}")).await;
            is_local(&answer, value);
            let html = answer.text();
            for start in ["action=\"", "href=\"", "src=\""] {
                for (_, rest) in html.match_indices(start).map(|(at, _)| html.split_at(at + start.len())) {
                    let address = rest.split('"').next().unwrap().replace("&amp;", "&");
                    let is_ours = local_path(&address).is_some() || is_file(&address) || address.is_empty();
                    let is_ours = is_ours || address == CHART_NOTICE;
                    assert!(is_ours || address.starts_with('#'), "{path} {value:?}: {address}");
                }
            }
        }
    }
}

/// Files of the site have a point in their names, and no text of a query.
fn is_file(address: &str) -> bool {
    ["/pkg/", "/icons/", "/favicon.", "/manifest.", "/docs", "/api/v1/openapi.json"]
        .iter()
        .any(|start| address.starts_with(start))
        && !address.contains("evil")
}
