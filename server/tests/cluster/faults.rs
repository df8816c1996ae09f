//! The faults, one after the other, each with an end.

use std::time::{Duration, Instant};

use cnop_testkit::SeededRng;

use crate::delays::Outages;
use crate::figures::now_us;
use crate::parts::{Member, Parts};

/// Length of a fault in ms.
const FAULT_MS: (u64, u64) = (500, 4_000);
/// Time between two faults in ms: the next one often comes before everything has settled.
const QUIET_MS: (u64, u64) = (1_000, 4_000);

/// One kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A server is killed with SIGKILL and started again.
    Kill,
    /// A server is stopped with SIGSTOP and goes on as if nothing had happened.
    Pause,
    /// A server ends in order and is started again.
    Restart,
    /// Redis is killed, and comes back without what it knew.
    RedisStop,
    /// Redis does not answer for a while.
    RedisPause,
    /// DynamoDB does not answer for a while.
    DynamodbFreeze,
}

/// Every kind comes once, then by chance.
const FIRST: [Fault; 6] =
    [Fault::Kill, Fault::Pause, Fault::RedisStop, Fault::DynamodbFreeze, Fault::Restart, Fault::RedisPause];
const LATER: [Fault; 10] = [
    Fault::Kill,
    Fault::Kill,
    Fault::Kill,
    Fault::Pause,
    Fault::Pause,
    Fault::Pause,
    Fault::Restart,
    Fault::RedisStop,
    Fault::RedisPause,
    Fault::DynamodbFreeze,
];

/// Makes faults for some time, and returns the number of them when all parts are back.
pub(crate) async fn run(parts: &Parts, outages: &Outages, time: Duration, seed: u64) -> usize {
    let mut rng = SeededRng::new(seed, "chaos");
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < time {
        let (from, to) = QUIET_MS;
        tokio::time::sleep(Duration::from_millis(rng.between(from, to))).await;
        let fault = FIRST.get(count).copied().or_else(|| rng.pick(&LATER)).unwrap();
        let (from, to) = FAULT_MS;
        let length = Duration::from_millis(rng.between(from, to));
        let index = usize::try_from(rng.below(u64::try_from(parts.members.len()).unwrap())).unwrap();
        eprintln!("{:>6} ms: {fault:?} of server {index} for {length:?}", started.elapsed().as_millis());
        make(parts, outages, fault, &parts.members[index], length).await;
        count += 1;
    }
    parts.all_ready().await;
    count
}

async fn make(parts: &Parts, outages: &Outages, fault: Fault, member: &Member, length: Duration) {
    let from_us = now_us();
    match fault {
        Fault::Kill => {
            member.kill();
            tokio::time::sleep(length).await;
            parts.member_start(member);
            parts.ready(member).await;
        }
        Fault::Pause => {
            member.pause(true);
            tokio::time::sleep(length).await;
            member.pause(false);
        }
        Fault::Restart => {
            member.end().await;
            parts.member_start(member);
            parts.ready(member).await;
        }
        Fault::RedisStop => {
            parts.redis_stop();
            tokio::time::sleep(length).await;
            parts.redis_restart();
            outages.add(from_us);
        }
        Fault::RedisPause => {
            parts.redis_pause(true);
            tokio::time::sleep(length).await;
            parts.redis_pause(false);
            outages.add(from_us);
        }
        Fault::DynamodbFreeze => {
            parts.dynamodb.pause();
            tokio::time::sleep(length).await;
            parts.dynamodb.resume();
            outages.add(from_us);
        }
    }
}
