//! The headers of every answer.

use std::time::Duration;

use cnop_gateway::metrics_install;
use http_body_util::BodyExt;

use crate::support::TestGateway;

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let gateway = TestGateway::new();
    let own = gateway.send("GET /api/v1/who", &[("x-request-id", "trade-7.a_b")]).await;
    assert_eq!(own.header("x-request-id"), "trade-7.a_b");
    assert!(own.body.starts_with("trade-7.a_b 203.0.113.1 "));
    for line in ["GET /", "GET /nothing", "GET /api/v1/panics", "POST /", "OPTIONS /api/v1/market"] {
        let answer = gateway.send(line, &[("x-request-id", "not well formed")]).await;
        assert!(answer.header("x-request-id").starts_with("req-"), "{line}");
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_without_details() {
    let gateway = TestGateway::new();
    let answer = gateway.send("GET /api/v1/panics", &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "service.internal"));
    assert!(!answer.body.contains("secret"));
    assert!(!answer.header("ratelimit").is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_a_problem() {
    let gateway = TestGateway::with(|config| config.deadline = Duration::from_millis(50));
    let answer = gateway.send("GET /api/v1/never", &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "request.timeout"));
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn a_refusal_keeps_what_the_handler_said_besides() {
    let gateway = TestGateway::new();
    let answer = gateway.send("GET /api/v1/refuses", &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "auth.blocked"));
    assert_eq!(answer.header("retry-after"), "300");
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    assert!(answer.body.contains("\"tries\":\"6\""));
}

#[tokio::test]
async fn addresses_and_methods_that_do_not_exist() {
    let gateway = TestGateway::new();
    let answer = gateway.send("GET /api/v1/nothing", &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "route.not_found"));
    let answer = gateway.send("PUT /api/v1/orders", &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (405, "route.method_not_allowed"));
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    let answer = gateway.send("OPTIONS /api/v1/orders", &[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    let answer = gateway.send("HEAD /", &[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(answer.header("content-length"), "6500");
    assert_eq!(gateway.send("BREW /", &[]).await.status, 405);
}

#[tokio::test]
async fn security_fields() {
    let gateway = TestGateway::new();
    for line in ["GET /", "GET /api/v1/nothing", "GET /pkg/cnop.css", "GET /health/live"] {
        let answer = gateway.send(line, &[]).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("content-security-policy", "default-src 'none'; form-action 'none'; frame-ancestors 'none'"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{line}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
    }
    let answer = gateway.send("GET /own-policy", &[]).await;
    assert_eq!(answer.header("content-security-policy"), "default-src 'self'");
    let plain = TestGateway::with(|config| config.public_url = "http://localhost:3000".to_owned());
    assert_eq!(plain.send("GET /", &[]).await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn how_long_an_answer_may_be_kept() {
    let gateway = TestGateway::new();
    assert_eq!(gateway.send("GET /api/v1/market", &[]).await.header("cache-control"), "no-store");
    assert_eq!(gateway.send("GET /api/v1/nothing", &[]).await.header("cache-control"), "no-store");
    assert_eq!(gateway.send("GET /pkg/cnop.css", &[]).await.header("cache-control"), "immutable");
    assert_eq!(gateway.send("GET /", &[]).await.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn dynamic_text_is_compressed() {
    let gateway = TestGateway::new();
    let encoding = async |line: &str, accept: &str| {
        let answer = gateway.open(line, &[("accept-encoding", accept)]).await;
        answer.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(encoding("GET /", "gzip, br").await.as_deref(), Some("br"));
    assert_eq!(encoding("GET /", "gzip").await.as_deref(), Some("gzip"));
    assert_eq!(encoding("GET /", "identity").await, None);
    assert_eq!(encoding("GET /api/v1/large", "br").await.as_deref(), Some("br"));
    assert_eq!(encoding("GET /api/v1/market", "br").await, None, "too small");
    assert_eq!(encoding("GET /api/v1/stream", "br").await, None, "an event stream");
    assert_eq!(encoding("GET /api/v1/encoded", "gzip").await.as_deref(), Some("br"), "encoded already");
    let answer = gateway.open("GET /", &[("accept-encoding", "br")]).await;
    assert_eq!(answer.headers()["vary"], "accept-encoding");
    assert!(answer.into_body().collect().await.unwrap().to_bytes().len() < 500);
}

#[tokio::test]
async fn every_answer_is_counted_by_its_route() {
    let metrics = metrics_install().unwrap();
    assert!(metrics_install().is_ok());
    let gateway = TestGateway::with(|config| config.sign_in_paths = vec!["/api/v1/ignores-body".to_owned()]);
    for id in ["ord_secret", "ord_other"] {
        gateway.send(&format!("GET /api/v1/orders/{id}"), &[]).await;
    }
    gateway.send("GET /user-input", &[]).await;
    gateway.send("BREW /user-input", &[]).await;
    gateway.send("GET /api/v1/orders", &[]).await;
    for _ in 0..61 {
        gateway.send("POST /api/v1/ignores-body", &[]).await;
    }
    let text = metrics.render();
    for line in [
        r#"cnop_http_requests_total{method="GET",route="/api/v1/orders/{id}",status="200"} 2"#,
        r#"cnop_http_requests_total{method="GET",route="unmatched",status="404"} 1"#,
        r#"cnop_http_requests_total{method="OTHER",route="unmatched",status="404"} 1"#,
        r#"cnop_http_requests_total{method="GET",route="/api/v1/orders",status="401"} 1"#,
        r#"cnop_http_requests_total{method="POST",route="/api/v1/ignores-body",status="429"} 1"#,
        r#"cnop_http_request_duration_seconds_bucket{method="GET",route="/api/v1/orders/{id}",status="200",le="0.0005"} 2"#,
        r#"cnop_quota_refusals_total{policy="sign-in"} 1"#,
        "cnop_http_requests_in_flight 0",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("secret") && !text.contains("user-input") && !text.contains("BREW"));
}
