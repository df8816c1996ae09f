//! Refusals as pages for browsers.

use axum::body::Body;

use crate::support::TestGateway;

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const OWN: (&str, &str) = ("referer", "https://cnop.example/login?next=%2Ftrade");

#[tokio::test]
async fn a_browser_is_shown_a_page_with_the_same_status() {
    let gateway = TestGateway::new();
    for _ in 0..60 {
        gateway.send("POST /fn/login", &[BROWSER, FORM]).await;
    }
    let refused = gateway.send("POST /fn/login", &[BROWSER, FORM, OWN, ("x-request-id", "mine-1")]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert_eq!(refused.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(refused.header("cache-control"), "no-store");
    assert!(refused.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    for part in ["<h1>Too many requests</h1>", "Wait 1 s", "href=\"/login?next=%2Ftrade\"", "Request mine-1"]
    {
        assert!(refused.body.contains(part), "{part} is missing in {}", refused.body);
    }
    let program = gateway.send("POST /fn/login", &[FORM, ("accept", "application/json")]).await;
    assert_eq!(program.code(), "quota.exceeded");
}

#[tokio::test]
async fn every_refusal_of_the_gateway_has_its_page() {
    let gateway = TestGateway::new();
    let large = gateway.send_body("POST /fn/login", &[BROWSER, FORM], Body::from(vec![b'x'; 70_000])).await;
    let foreign = gateway.send("POST /fn/login", &[BROWSER, FORM, ("origin", "https://evil.example")]).await;
    let method = gateway.send("GET /fn/login", &[BROWSER]).await;
    let unknown = gateway.send("POST /fn/none", &[BROWSER, FORM]).await;
    for (answer, status) in [(large, 413), (foreign, 403), (method, 405), (unknown, 404)] {
        assert_eq!(answer.status, status);
        assert!(answer.body.starts_with("<!DOCTYPE html>"), "{}", answer.body);
        assert!(answer.body.contains("href=\"/\"") && !answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn the_api_answers_a_browser_as_it_answers_programs() {
    let gateway = TestGateway::new();
    for line in ["GET /api/v1/nothing", "GET /health/nothing", "GET /.well-known/nothing"] {
        assert_eq!(gateway.send(line, &[BROWSER]).await.code(), "route.not_found", "{line}");
    }
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let gateway = TestGateway::new();
    let twice =
        gateway.send("GET /api/v1/market", &[("host", "cnop.example"), ("host", "evil.example")]).await;
    assert_eq!((twice.status, twice.code().as_str()), (400, "request.malformed"));
}
