//! Times of calls to a Redis, one after the other and by many at once. The Redis is at the address that is given, or is
//! started on this machine.
#![allow(clippy::print_stdout, reason = "the figures are this program's answer")]

use std::error::Error;
use std::time::{Duration, Instant};

use cnop_coordination::{Coordinator, LocalCoordinator, Quota, QuotaTake};
use cnop_coordination_redis::RedisCoordinator;
use cnop_testkit::{ManualClock, RedisServer};

/// Calls of each measurement.
const CALLS: usize = 20_000;
/// Callers at once.
const CALLERS: usize = 64;

/// Kinds of calls.
#[derive(Debug, Clone, Copy)]
enum Call {
    /// The quota of an IPv4 client.
    OneQuota,
    /// The three quotas of an IPv6 client.
    ThreeQuotas,
    /// A message.
    Publish,
}

async fn call(
    coordinator: &dyn Coordinator,
    kind: Call,
    number: usize,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let quota = Quota::per_minute(1_000_000_000);
    let keys = ["quota:requests:192.0.2.1", "quota:requests-56:2001:db8::", "quota:requests-48:2001:db8::"];
    let takes = keys.map(|key| QuotaTake { key, quota, cost: 1 });
    match kind {
        Call::OneQuota => drop(coordinator.quotas_take(takes.get(..1).unwrap_or_default()).await?),
        Call::ThreeQuotas => drop(coordinator.quotas_take(&takes).await?),
        Call::Publish => coordinator.publish("account", number.to_string().into()).await?,
    }
    Ok(())
}

async fn measure(
    name: &str,
    coordinator: &(impl Coordinator + Clone + 'static),
    kind: Call,
    callers: usize,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let begin = Instant::now();
    let mut tasks = Vec::with_capacity(callers);
    for _ in 0..callers {
        let coordinator = coordinator.clone();
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::with_capacity(CALLS / callers);
            for number in 0..CALLS / callers {
                let begin = Instant::now();
                call(&coordinator, kind, number).await?;
                times.push(begin.elapsed());
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(times)
        }));
    }
    let mut times: Vec<Duration> = Vec::with_capacity(CALLS);
    for task in tasks {
        times.extend(task.await??);
    }
    let rate = times.len() as f64 / begin.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    println!("{name}, {kind:?}, {callers} at once: {rate:.0}/s, p50 {:?}, p99 {:?}", at(50), at(99));
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let given = std::env::args().nth(1);
    let started = given.is_none().then(RedisServer::start);
    let address = given.or(started.as_ref().map(RedisServer::url)).unwrap_or_default();
    let redis = RedisCoordinator::connect(address.parse()?, "redis-cost").await?;
    let local = LocalCoordinator::new(std::sync::Arc::new(ManualClock::default()));
    for kind in [Call::OneQuota, Call::ThreeQuotas, Call::Publish] {
        for callers in [1, CALLERS] {
            measure("redis", &redis, kind, callers).await?;
            measure("local", &local, kind, callers).await?;
        }
    }
    Ok(())
}
