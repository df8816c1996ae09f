//! Quotas by class, cost and network.

use cnop_gateway::RequestCost;

use crate::support::TestGateway;

const COOKIE: (&str, &str) = ("cookie", "__Host-cnop=good");
const EVIL: (&str, &str) = ("origin", "https://evil.example");
const ASKS: (&str, &str) = ("access-control-request-method", "POST");

/// Counted alike, a request that costs a thousand times as much as another was as free as that.
#[tokio::test]
async fn a_dear_request_takes_more() {
    let gateway = TestGateway::with(|config| {
        config.request_cost = RequestCost::new(|_, uri| if uri.query() == Some("dear") { 4_000 } else { 0 });
    });
    assert_eq!(gateway.send("GET /api/v1/market", &[]).await.header("ratelimit"), "\"requests\";r=9999;t=1");
    for remaining in ["5999", "1999"] {
        let answer = gateway.send("GET /api/v1/market?dear", &[]).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-remaining")), (200, remaining));
    }
    let refused = gateway.send("GET /api/v1/market?dear", &[]).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "quota.exceeded"));
    assert_eq!(refused.header("retry-after"), "13", "4,000 come in 24 s, and 1,999 are there");
    assert!(refused.body.contains("costs 4000"), "{}", refused.body);
    assert_eq!(gateway.send("GET /api/v1/market", &[]).await.status, 200, "a cheap one is possible");
}

/// A cost above the whole quota could never be allowed.
#[tokio::test]
async fn the_dearest_request_is_possible_alone() {
    let gateway = TestGateway::with(|config| config.request_cost = RequestCost::new(|_, _| u32::MAX));
    let answer = gateway.send("GET /api/v1/market", &[]).await;
    assert_eq!((answer.status, answer.header("x-ratelimit-remaining")), (200, "0"));
    assert_eq!(gateway.send("GET /api/v1/market", &[]).await.status, 429);
}

/// One page of a hostile site emptied the sign-in quota of everybody behind its visitor's address.
#[tokio::test]
async fn requests_of_other_sites_empty_no_quota_of_a_person() {
    let gateway = TestGateway::new();
    let cross_site = ("sec-fetch-site", "cross-site");
    for index in 0..700 {
        let status = gateway.send("POST /fn/login", &[EVIL, cross_site]).await.status;
        assert_eq!(status, if index < 600 { 403 } else { 429 }, "{index}");
    }
    for line in ["GET /", "GET /api/v1/market", "OPTIONS /api/v1/orders"] {
        assert_eq!(gateway.send(line, &[EVIL, ASKS, cross_site, COOKIE]).await.status, 429, "{line}");
    }
    let own = gateway.send("POST /fn/login", &[]).await;
    assert_eq!((own.status, own.header("ratelimit")), (200, "\"sign-in\";r=59;t=1"));
    assert_eq!(gateway.send("GET /", &[]).await.header("ratelimit"), "\"pages\";r=599;t=1");
    let followed = [cross_site, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    assert_eq!(gateway.send("GET /", &followed).await.status, 200, "a link to us is a visit");
}

#[tokio::test]
async fn preflights_count_apart() {
    let gateway =
        TestGateway::with(|config| config.cors_origins = vec!["https://partner.example".to_owned()]);
    let partner = ("origin", "https://partner.example");
    for index in 0..700 {
        let status = gateway.send("OPTIONS /api/v1/orders", &[partner, ASKS]).await.status;
        assert_eq!(status, if index < 600 { 204 } else { 429 }, "{index}");
    }
    let asked = gateway.send("GET /api/v1/market", &[partner]).await;
    assert_eq!(asked.header("ratelimit"), "\"requests\";r=9999;t=1");
}

/// Guesses of passwords ended the sessions of everybody behind the same address: no token could be renewed.
#[tokio::test]
async fn refresh_has_a_quota_of_its_own() {
    let gateway = TestGateway::new();
    for _ in 0..61 {
        gateway.send("POST /fn/login", &[]).await;
    }
    assert_eq!(gateway.send("POST /fn/login", &[]).await.status, 429);
    let refresh = gateway.send("POST /api/v1/auth/refresh", &[]).await;
    assert_eq!(refresh.header("ratelimit"), "\"refresh\";r=119;t=1");
}

/// A client with a /48 has 65,536 networks of /64, each with a full quota.
#[tokio::test]
async fn wider_ipv6_networks_have_a_multiple() {
    let gateway = TestGateway::new();
    let mut tried = 0;
    let mut last = None;
    for subnet in 0..=0x1ff_u16 {
        for _ in 0..60 {
            let peer = format!("[2001:db8:0:{subnet:x}::1]:9");
            let answer = gateway.send("POST /fn/login", &[("peer", &peer)]).await;
            if answer.status == 200 {
                tried += 1;
            } else {
                last = Some(answer.header("ratelimit").to_owned());
                break;
            }
        }
        if subnet == 0xff {
            assert_eq!((tried, last.as_deref()), (240, Some("\"sign-in-56\";r=0;t=60")));
        }
    }
    assert_eq!(tried, 480, "two networks of /56");
    assert_eq!(gateway.send("POST /fn/login", &[("peer", "[2001:db8:1::1]:9")]).await.status, 200);
}
