//! One quota for all servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;

use crate::parts::{Parts, is_skipped};

/// A site whose preflights are counted: they cost the servers least.
const SITE: &str = "https://site.example";
/// The quota of preflights of a network: so many at once, and so many more in a second.
const BURST: f64 = 600.0;
const PER_SECOND: f64 = 10.0;
/// Length of the measurement.
const TIME: Duration = Duration::from_secs(8);
/// Connections to each server.
const CONNECTIONS: usize = 3;
/// Largest difference, as a part of the quota.
const TOLERANCE: f64 = 0.01;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "`make chaos` runs it; the run of all tests does not yet"]
async fn three_servers_let_through_what_one_quota_allows() {
    if is_skipped() {
        return;
    }
    let parts = Parts::start(3, &["--cors-origins", SITE]).await;
    let http = reqwest::Client::new();
    let (allowed, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let started = Instant::now();
    let mut tasks = Vec::new();
    for member in parts.members.iter().cycle().take(parts.members.len() * CONNECTIONS) {
        let (http, allowed, refused) = (http.clone(), Arc::clone(&allowed), Arc::clone(&refused));
        let url = format!("{}/api/v1/orders", member.address);
        tasks.push(tokio::spawn(async move {
            while started.elapsed() < TIME {
                let request = http.request(Method::OPTIONS, &url).header("origin", SITE);
                let request = request.header("access-control-request-method", "POST");
                let answer = request.header("x-forwarded-for", "10.3.0.1").send().await.unwrap();
                match answer.status().as_u16() {
                    200..=299 => allowed.fetch_add(1, Ordering::SeqCst),
                    429 => refused.fetch_add(1, Ordering::SeqCst),
                    status => panic!("a preflight is answered {status}"),
                };
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let count = |of: &AtomicU64| f64::from(u32::try_from(of.load(Ordering::SeqCst)).unwrap());
    let (allowed, refused) = (count(&allowed), count(&refused));
    let expected = BURST + PER_SECOND * started.elapsed().as_secs_f64();
    eprintln!("three servers let {allowed} through and refused {refused}; the quota allows {expected:.1}");
    assert!(refused > 0.0, "the quota was never reached");
    assert!((allowed - expected).abs() <= expected * TOLERANCE, "{allowed} instead of {expected:.1}");
}
