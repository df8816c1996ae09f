//! Places: bodies on their way, requests in flight, health questions.

use std::pin::pin;

use axum::body::Body;
use cnop_coordination::PlaceLimits;
use futures::FutureExt as _;

use crate::support::{TestGateway, chunked};

/// Polls after which a request waits for its body, however often it looked before.
const POLLS: usize = 32;

/// A body of which nothing ever arrives.
fn never() -> Body {
    Body::from_stream(futures::stream::pending::<Result<bytes::Bytes, std::convert::Infallible>>())
}

/// A request was in flight while its body trickled in, so a few thousand unfinished ones refused everybody.
#[tokio::test]
async fn a_body_on_its_way_takes_no_place_of_a_request() {
    let gateway = TestGateway::with(|config| config.in_flight.all_max = 1);
    let mut slow = pin!(gateway.send_body("POST /api/v1/ignores-body", &[], never()));
    for _ in 0..POLLS {
        assert!(slow.as_mut().now_or_never().is_none());
    }
    assert_eq!(gateway.send("GET /api/v1/market", &[]).await.status, 200);
}

#[tokio::test]
async fn bodies_on_their_way_are_bounded_by_network_and_in_all() {
    let limits = PlaceLimits { all_max: 8, network_max: 2 };
    let gateway = TestGateway::with(|config| config.bodies_waiting = limits);
    let mut waiting = Vec::new();
    let mut refusals = Vec::new();
    for network in 0..8 {
        for _ in 0..3 {
            let peer = format!("203.0.113.{network}:9");
            let fields = [("peer", peer.as_str())];
            let mut slow =
                Box::pin(async_send(&gateway, fields.map(|(name, value)| (name, value.to_owned()))));
            let answer = (0..POLLS).find_map(|_| slow.as_mut().now_or_never());
            match answer {
                Some((status, code)) => refusals.push((network, status, code)),
                None => waiting.push(slow),
            }
        }
    }
    assert_eq!(waiting.len(), 8);
    assert_eq!(refusals[0], (0, 429, "quota.exceeded".to_owned()), "a network has its share");
    assert_eq!(refusals[refusals.len() - 1], (7, 503, "service.overloaded".to_owned()));
    let here = gateway.send_body("POST /api/v1/ignores-body", &[], chunked(2, 1_024)).await;
    assert_eq!(here.status, 200, "a body that is there needs no such place");
    drop(waiting);
    let mut slow = Box::pin(async_send(&gateway, [("peer", "203.0.113.0:9".to_owned())]));
    assert!((0..POLLS).all(|_| slow.as_mut().now_or_never().is_none()), "places come back");
}

async fn async_send(gateway: &TestGateway, fields: [(&str, String); 1]) -> (u16, String) {
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = gateway.send_body("POST /api/v1/ignores-body", &fields, never()).await;
    (answer.status, answer.code())
}

/// A client with slow requests took every place, and others were refused for it.
#[tokio::test]
async fn a_network_has_only_its_share_of_requests_in_flight() {
    let limits = PlaceLimits { all_max: 100, network_max: 2 };
    let gateway = TestGateway::with(|config| config.in_flight = limits);
    let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(gateway.open("GET /api/v1/never", &[]))).collect();
    assert!(waiting.iter_mut().all(|request| request.as_mut().now_or_never().is_none()));
    let refused = gateway.send("GET /api/v1/market", &[]).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "service.overloaded"));
    assert_eq!(gateway.send("GET /api/v1/market", &[("peer", "203.0.113.2:9")]).await.status, 200);
}

/// A health question with a slow body was waited for, without being counted.
#[tokio::test]
async fn health_and_files_take_no_body() {
    let gateway = TestGateway::new();
    for line in ["POST /health/live", "GET /health/live", "GET /pkg/cnop.css"] {
        for body in [Body::from("x"), never()] {
            let refused = gateway.send_body(line, &[], body).now_or_never().expect("answered at once");
            assert_eq!((refused.status, refused.code().as_str()), (400, "request.malformed"), "{line}");
        }
    }
}

#[tokio::test]
async fn health_questions_are_bounded_and_never_starved() {
    let gateway = TestGateway::with(|config| config.in_flight.all_max = 1);
    let mut busy = pin!(gateway.open("GET /api/v1/never", &[]));
    assert!(busy.as_mut().now_or_never().is_none());
    assert_eq!(gateway.send("GET /health/live", &[]).await.status, 200, "a loaded server lives");
    let mut probes: Vec<_> = (0..64).map(|_| Box::pin(gateway.open("GET /health/never", &[]))).collect();
    assert!(probes.iter_mut().all(|probe| probe.as_mut().now_or_never().is_none()));
    let refused = gateway.send("GET /health/live", &[]).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "service.overloaded"));
    drop(probes);
    assert_eq!(gateway.send("GET /health/live", &[]).await.status, 200);
}

/// A full listener did not accept the load balancer's question, so a busy server was taken for a dead one.
#[tokio::test]
async fn a_connection_beyond_the_limit_is_there_for_health_alone() {
    let gateway = TestGateway::new();
    let beyond = [("health-only", "")];
    assert_eq!(gateway.send("GET /health/live", &beyond).await.status, 200);
    for line in ["GET /", "GET /api/v1/market", "POST /fn/login", "GET /pkg/cnop.css"] {
        let refused = gateway.send(line, &beyond).await;
        assert_eq!(refused.status, 503, "{line}");
    }
}
