//! Requests from pages of other sites.

use crate::support::TestGateway;

const COOKIE: (&str, &str) = ("cookie", "__Host-cnop=good");
const EVIL: (&str, &str) = ("origin", "https://evil.example");

fn partner() -> TestGateway {
    TestGateway::with(|config| config.cors_origins = vec!["https://partner.example/".to_owned()])
}

#[tokio::test]
async fn another_site_cannot_write_with_a_persons_cookie() {
    let gateway = TestGateway::new();
    for fields in [
        vec![COOKIE, EVIL],
        vec![COOKIE, ("sec-fetch-site", "cross-site")],
        vec![COOKIE, ("sec-fetch-site", "same-site")],
        vec![COOKIE, ("origin", "null")],
        vec![EVIL],
    ] {
        let refused = gateway.send("POST /api/v1/orders", &fields).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "auth.cross_site"), "{fields:?}");
        assert_eq!(gateway.send("POST /fn/login", &fields).await.status, 403);
        assert_eq!(gateway.send("DELETE /api/v1/orders/1", &fields).await.status, 403);
        assert_eq!(gateway.send("GET /api/v1/market", &fields).await.status, 200);
    }
}

#[tokio::test]
async fn our_own_pages_and_programs_can() {
    let gateway = TestGateway::new();
    for fields in [
        vec![COOKIE],
        vec![COOKIE, ("origin", "https://cnop.example")],
        vec![COOKIE, ("sec-fetch-site", "same-origin"), ("origin", "https://cnop.example")],
        vec![COOKIE, ("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")],
        vec![("authorization", "Bearer good"), EVIL],
    ] {
        assert_eq!(gateway.send("POST /api/v1/orders", &fields).await.status, 200, "{fields:?}");
    }
}

#[tokio::test]
async fn listed_sites_may_ask_first() {
    let gateway = partner();
    let ask = [("origin", "https://partner.example"), ("access-control-request-method", "POST")];
    let answer = gateway.send("OPTIONS /api/v1/orders", &ask).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "https://partner.example");
    assert!(answer.header("access-control-allow-headers").contains("idempotency-key"));
    assert!(answer.header("access-control-allow-methods").contains("DELETE"));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(answer.header("vary"), "origin");
    let answer = gateway.send("OPTIONS /api/v1/orders", &[EVIL, ask[1]]).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, ""));
    assert_eq!(answer.header("access-control-allow-methods"), "");
}

#[tokio::test]
async fn listed_sites_may_call_the_api_without_cookies() {
    let gateway = partner();
    let origin = ("origin", "https://partner.example");
    let answer = gateway.send("GET /api/v1/market", &[origin]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://partner.example");
    assert!(answer.header("access-control-expose-headers").contains("x-ratelimit-remaining"));
    let fields = [origin, ("sec-fetch-site", "cross-site")];
    let answer = gateway.send("POST /api/v1/auth/login", &fields).await;
    assert_eq!(answer.status, 200);
    assert_eq!(gateway.send("POST /fn/login", &fields).await.status, 403, "server functions are ours alone");
    let refused =
        gateway.send("POST /api/v1/orders", &[origin, ("sec-fetch-site", "cross-site"), COOKIE]).await;
    assert_eq!(refused.code(), "auth.cross_site");
    assert_eq!(refused.header("access-control-allow-origin"), "https://partner.example");
}

#[tokio::test]
async fn unlisted_origins_are_not_permitted() {
    let gateway = partner();
    let answer = gateway.send("GET /api/v1/market", &[EVIL]).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""));
    let page = gateway.send("GET /", &[("origin", "https://partner.example")]).await;
    assert_eq!(page.header("access-control-allow-origin"), "");
    let wildcard = TestGateway::with(|config| config.cors_origins = vec!["*".to_owned()]);
    assert_eq!(wildcard.send("GET /api/v1/market", &[EVIL]).await.header("access-control-allow-origin"), "");
}
