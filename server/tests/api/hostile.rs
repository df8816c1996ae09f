//! Hostile clients, on a real socket.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, RequestExt, TestApp};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// Everything received until the server closes.
async fn raw(app: &TestApp, request: &str) -> String {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut text)).await.unwrap().unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_announced_body_is_refused_before_it_arrives() {
    let app = TestApp::start().await;
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 999999999\r\n\r\n{";
    let answer = raw(&app, head).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("request.too_large"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_its_host_once() {
    let app = TestApp::start().await;
    for hosts in ["", "Host: a\r\nHost: b\r\n"] {
        let answer = raw(&app, &format!("GET /health HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("request.malformed"), "{answer}");
    }
    assert!(raw(&app, "GET /health HTTP/1.0\r\n\r\n").await.starts_with("HTTP/1.0 200 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_come_twice_or_mean_nothing_are_refused() {
    let app = TestApp::start().await;
    let trader = app.trader("twice_as_bad").await;
    for (path, body, field) in [
        ("/balance/deposit", r#"{"amount":"1","note":1,"note":2}"#, "#/note"),
        ("/balance/deposit", r#"{"amount":"1","\u0061mount":"2"}"#, "#/amount"),
        (
            "/orders",
            r#"{"order_type":"market_buy","asset_id":"BTC","quantity":"1","stop_loss":"5"}"#,
            "#/stop_loss",
        ),
        (
            "/orders",
            r#"{"order_type":"market_buy","asset_id":"BTC","quantity":"0.01","post_only":true}"#,
            "#/post_only",
        ),
    ] {
        let answer = trader.request(Method::POST, path).body(body).answer().await;
        let (status, code, found) = answer.refusal();
        assert_eq!(
            (status, code.as_str(), found.as_deref()),
            (422, "request.invalid", Some(field)),
            "{body}"
        );
    }
    let packed =
        trader.request(Method::POST, "/balance/deposit").header("content-encoding", "gzip").body("x");
    assert_eq!(packed.answer().await.refusal().0, 415);
    let unsaid =
        trader.request(Method::POST, "/balance/deposit").header("content-type", "").body(r#"{"amount":"1"}"#);
    assert_eq!(unsaid.answer().await.status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_form_ends_in_a_page_that_says_so() {
    let app = TestApp::start().await;
    for body in ["username=a&username=b&password=x", "username=a&password=x&password=y"] {
        let form = app
            .request(Method::POST, "/fn/login")
            .header("accept", BROWSER)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("referer", app.url("/login"));
        let answer = form.body(body).answer().await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(answer.headers().get("location").is_none(), "{:?}", answer.headers());
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        let page = answer.text();
        assert!(
            page.contains("<h1>") && page.contains("href=\"/login\"") && !page.contains("__err"),
            "{page}"
        );
    }
    let refused = app
        .request(Method::POST, "/fn/login")
        .header("accept", BROWSER)
        .header("content-type", "application/x-www-form-urlencoded");
    let refused = refused.body("username=no&password=x").answer().await;
    assert_eq!(refused.status(), StatusCode::SEE_OTHER, "our own refusals lead back to their form");
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_files_cost_little_and_slashes_are_forgiven() {
    let app = TestApp::start().await;
    for path in ["/icons/none.svg", "/favicon.ico", "/pkg/none.js", "/icons/..%2f..%2fetc/passwd"] {
        assert_eq!(app.get(path).await.refusal().0, 404, "{path}");
    }
    let moved = app.get("/market/?q=bit").await;
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()["location"]),
        (308, &"/market?q=bit".parse().unwrap())
    );
    assert_eq!(app.get("/docs/").await.headers()["location"], "/docs");
    assert!(app.get("//evil.example/").await.headers().get("location").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_count_against_the_quota() {
    let app = TestApp::start().await;
    // A stream has no end to read to.
    let stream = app.request(Method::GET, "/api/v1/stream?topics=system").open().await;
    assert!(stream.headers().contains_key("x-ratelimit-remaining"));
    let odd = app.trader("odd_streamer").await;
    let answer = odd.try_get("/stream?topics=nothing").await;
    let problem: Value = answer.json();
    assert_eq!(problem["errors"][0]["parameter"], "topics");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_called_wrongly_is_no_fault_of_ours() {
    let app = TestApp::start().await;
    for accept in ["application/json", "*/*"] {
        for path in ["/fn/login", "/fn/register", "/fn/theme", "/fn/order/place", "/fn/deposit", "/fn/logout"]
        {
            let call = app
                .request(Method::POST, path)
                .header("accept", accept)
                .header("content-type", "application/x-www-form-urlencoded");
            let status = call.body("key=1&key=2&username=1&username=2&amount=%ff").answer().await.status();
            assert!(status.as_u16() < 500, "{path}: {status}");
        }
    }
    let refused = app.request(Method::POST, "/fn/login").header("accept", "application/json");
    let refused =
        refused.header("content-type", "application/x-www-form-urlencoded").body("username=1&username=2");
    assert_eq!(refused.answer().await.refusal().1, "request.malformed");
}
