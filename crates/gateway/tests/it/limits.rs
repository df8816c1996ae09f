//! Limits of rate, body size, time and concurrency.

use std::time::Duration;

use axum::body::Body;
use futures::FutureExt;

use crate::support::{NOW_US, TestGateway, chunked};

const BEARER: (&str, &str) = ("authorization", "Bearer good");

#[tokio::test]
async fn every_counted_answer_says_where_the_client_stands() {
    let gateway = TestGateway::new();
    let answer = gateway.send("GET /api/v1/market", &[]).await;
    assert_eq!(answer.header("ratelimit-policy"), "\"requests\";q=10000;w=60");
    assert_eq!(answer.header("ratelimit"), "\"requests\";r=9999;t=1");
    assert_eq!(answer.header("x-ratelimit-limit"), "10000");
    assert_eq!(answer.header("x-ratelimit-remaining"), "9999");
    assert_eq!(answer.header("x-ratelimit-reset"), (NOW_US / 1_000_000 + 1).to_string());
    let page = gateway.send("GET /", &[]).await;
    assert_eq!(page.header("ratelimit-policy"), "\"pages\";q=600;w=60");
    assert_eq!(page.header("x-ratelimit-remaining"), "599");
    let unknown = gateway.send("GET /api/v1/nothing", &[]).await;
    assert_eq!(unknown.header("x-ratelimit-remaining"), "9998");
    for line in ["GET /pkg/cnop.css", "GET /health/live"] {
        let free = gateway.send(line, &[]).await;
        assert_eq!(free.header("ratelimit"), "");
        assert_eq!(free.header("x-ratelimit-limit"), "");
    }
    let stream = gateway.open("GET /api/v1/stream", &[]).await;
    assert_eq!(
        stream.headers()["x-ratelimit-remaining"],
        "9997",
        "opening a stream is a request like others"
    );
}

#[tokio::test]
async fn sign_in_has_a_small_quota_of_its_own() {
    let gateway = TestGateway::new();
    for index in 0..60 {
        let line = if index % 2 == 0 { "POST /api/v1/auth/login" } else { "POST /fn/login" };
        assert_eq!(gateway.send(line, &[]).await.status, 200);
    }
    let refused = gateway.send("POST /api/v1/auth/login", &[]).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "quota.exceeded"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("ratelimit"), "\"sign-in\";r=0;t=60");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert_eq!(gateway.send("GET /", &[]).await.status, 200);
    assert_eq!(gateway.send("POST /fn/login", &[("peer", "203.0.113.2:9")]).await.status, 200);
    gateway.advance(Duration::from_secs(1));
    assert_eq!(gateway.send("POST /fn/login", &[]).await.status, 200);
    assert_eq!(gateway.send("POST /fn/login", &[]).await.status, 429);
}

#[tokio::test]
async fn a_multiplier_raises_every_quota() {
    let gateway = TestGateway::with(|config| config.quota_multiplier = 50);
    let answer = gateway.send("POST /api/v1/orders", &[BEARER]).await;
    assert_eq!(answer.header("ratelimit-policy"), "\"requests\";q=500000;w=60, \"orders\";q=5000;w=1");
}

#[tokio::test]
async fn orders_count_against_the_account_from_any_address() {
    let gateway = TestGateway::new();
    for index in 0..100 {
        let peer = format!("203.0.113.{}:9", index % 5);
        assert_eq!(gateway.send("POST /api/v1/orders", &[BEARER, ("peer", &peer)]).await.status, 200);
    }
    let refused = gateway.send("POST /api/v1/orders", &[BEARER]).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "quota.exceeded"));
    assert_eq!(refused.header("ratelimit"), "\"requests\";r=9979;t=1, \"orders\";r=0;t=1");
    assert_eq!(refused.header("x-ratelimit-limit"), "100");
    assert_eq!(gateway.send("GET /api/v1/orders", &[BEARER]).await.status, 200);
    gateway.advance(Duration::from_millis(10));
    assert_eq!(gateway.send("POST /api/v1/orders", &[BEARER]).await.status, 200);
}

#[tokio::test]
async fn a_forged_forwarded_address_changes_nothing() {
    let gateway = TestGateway::new();
    for index in 0..60 {
        let forged = format!("198.51.100.{index}");
        gateway.send("POST /fn/login", &[("x-forwarded-for", &forged)]).await;
    }
    assert_eq!(gateway.send("POST /fn/login", &[("x-forwarded-for", "192.0.2.1")]).await.status, 429);
    let behind = TestGateway::with(|config| config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]);
    let proxy = ("peer", "10.0.0.1:9");
    for index in 0..60 {
        let forged = format!("192.0.2.{index}, 198.51.100.7");
        behind.send("POST /fn/login", &[proxy, ("x-forwarded-for", &forged)]).await;
    }
    let forwarded = ("x-forwarded-for", "192.0.2.99, 198.51.100.7");
    assert_eq!(behind.send("POST /fn/login", &[proxy, forwarded]).await.status, 429);
    let other = ("x-forwarded-for", "198.51.100.8");
    assert_eq!(behind.send("POST /fn/login", &[proxy, other]).await.status, 200);
    assert!(behind.send("GET /api/v1/who", &[proxy, other]).await.body.contains(" 198.51.100.8 "));
}

#[tokio::test]
async fn an_ipv6_network_is_one_client() {
    let gateway = TestGateway::new();
    for index in 0..60 {
        gateway.send("POST /fn/login", &[("peer", &format!("[2001:db8::{index:x}]:9"))]).await;
    }
    assert_eq!(gateway.send("POST /fn/login", &[("peer", "[2001:db8::ffff]:9")]).await.status, 429);
    assert_eq!(gateway.send("POST /fn/login", &[("peer", "[2001:db8:0:1::1]:9")]).await.status, 200);
}

#[tokio::test]
async fn bad_credentials_close_only_what_needs_good_ones() {
    let gateway = TestGateway::new();
    let bad = [
        ("authorization", "Bearer expired"),
        ("authorization", "Basic Zm9v"),
        ("authorization", "Bearer  good"),
        ("cookie", "__Host-cnop=expired"),
    ];
    for field in bad {
        assert_eq!(gateway.send("GET /api/v1/market", &[field]).await.status, 200);
        assert_eq!(gateway.send("GET /", &[field]).await.status, 200);
        let refused = gateway.send("GET /api/v1/orders", &[field]).await;
        assert_eq!((refused.status, refused.code().as_str()), (401, "auth.invalid_credentials"));
        assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"cnop\", error=\"invalid_token\"");
    }
    let nobody = gateway.send("GET /api/v1/orders", &[("cookie", "cnop=good")]).await;
    assert_eq!((nobody.status, nobody.code().as_str()), (401, "auth.required"));
    let down = gateway.send("GET /api/v1/orders", &[("authorization", "Bearer down")]).await;
    assert_eq!((down.status, down.code().as_str()), (503, "service.unavailable"));
    assert_eq!(down.header("retry-after"), "2");
}

#[tokio::test]
async fn a_token_or_the_cookie_is_enough() {
    let gateway = TestGateway::new();
    for field in [BEARER, ("cookie", "theme=dark; __Host-cnop=good")] {
        assert_eq!(gateway.send("GET /api/v1/orders", &[field]).await.body, "trader");
    }
    let both = [("cookie", "__Host-cnop=good"), ("authorization", "Bearer expired")];
    assert_eq!(gateway.send("GET /api/v1/orders", &both).await.status, 401);
}

#[tokio::test]
async fn bodies_have_a_limit_with_and_without_a_content_length() {
    let gateway = TestGateway::new();
    let fits = gateway.send_body("POST /api/v1/orders", &[BEARER], Body::from(vec![b'x'; 65_536])).await;
    assert_eq!((fits.status, fits.body.as_str()), (200, "65536"));
    let fits = gateway.send_body("POST /api/v1/orders", &[BEARER], chunked(64, 1_024)).await;
    assert_eq!((fits.status, fits.body.as_str()), (200, "65536"));
    for body in [Body::from(vec![b'x'; 65_537]), chunked(65, 1_024), chunked(1_000_000, 65_536)] {
        let refused = gateway.send_body("POST /api/v1/ignores-body", &[BEARER], body).await;
        assert_eq!((refused.status, refused.code().as_str()), (413, "request.too_large"));
        assert!(!refused.header("ratelimit").is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_arrives_is_a_malformed_request() {
    let gateway = TestGateway::new();
    let never = futures::stream::pending::<Result<bytes::Bytes, std::convert::Infallible>>();
    let slow = gateway.send_body("POST /api/v1/ignores-body", &[], Body::from_stream(never)).await;
    assert_eq!((slow.status, slow.code().as_str()), (400, "request.malformed"));
}

#[tokio::test]
async fn requests_above_the_concurrency_limit_are_refused_at_once() {
    let gateway = TestGateway::with(|config| config.in_flight.all_max = 1);
    let waiting = gateway.open("GET /api/v1/never", &[]);
    tokio::pin!(waiting);
    assert!(waiting.as_mut().now_or_never().is_none());
    let refused = gateway.send("GET /api/v1/market", &[]).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "service.overloaded"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(gateway.send("GET /health/live", &[]).await.status, 200);
}

#[tokio::test]
async fn an_open_stream_holds_no_place() {
    let gateway = TestGateway::with(|config| config.in_flight.all_max = 1);
    let stream = gateway.open("GET /api/v1/stream", &[]).await;
    assert_eq!(stream.status(), 200);
    assert_eq!(gateway.send("GET /api/v1/market", &[]).await.status, 200);
    drop(stream);
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_its_place() {
    let gateway = TestGateway::with(|config| config.in_flight.all_max = 1);
    {
        let waiting = gateway.open("GET /api/v1/never", &[]);
        tokio::pin!(waiting);
        assert!(waiting.as_mut().now_or_never().is_none());
    }
    assert_eq!(gateway.send("GET /api/v1/market", &[]).await.status, 200);
}
