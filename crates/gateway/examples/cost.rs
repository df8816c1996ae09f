//! Cost of the gateway: the same handler with and without it, one request after the other.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::routing::get;
use cnop_api::accounts::UserRole;
use cnop_api::{Caller, Credentials, Identify, Problem};
use cnop_coordination::LocalCoordinator;
use cnop_domain::Clock;
use cnop_gateway::{Gateway, GatewayConfig, metrics_install};
use tower::ServiceExt;

/// Requests of each measurement.
const REQUESTS: u32 = 200_000;

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    fn now_us(&self) -> i64 {
        let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
    }
}

#[derive(Debug)]
struct OneCaller(Arc<Caller>);

#[async_trait::async_trait]
impl Identify for OneCaller {
    async fn identify(&self, _: Credentials<'_>) -> Result<Arc<Caller>, Problem> {
        Ok(Arc::clone(&self.0))
    }
}

async fn measure(name: &str, router: &Router) -> Result<Duration, Box<dyn std::error::Error>> {
    let started = Instant::now();
    for _ in 0..REQUESTS {
        let request = Request::get("/api/v1/orders/ord_0000000001")
            .header("host", "cnop.example")
            .header("authorization", "Bearer token")
            .header("accept-encoding", "gzip, br")
            .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))))
            .body(Body::empty())?;
        router.clone().oneshot(request).await?;
    }
    let each = started.elapsed() / REQUESTS;
    #[allow(clippy::print_stdout, reason = "the figure is this program's answer")]
    {
        println!("{name}: {:.2} µs a request", each.as_secs_f64() * 1e6);
    }
    Ok(each)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    metrics_install()?;
    let caller = Arc::new(Caller {
        user_id: "usr_0000000001".parse()?,
        account_id: "acc_0000000001".parse()?,
        username: "trader".to_owned(),
        role: UserRole::Customer,
        session_id: "session".to_owned(),
        credentials_end_us: i64::MAX,
    });
    let clock = Arc::new(SystemClock);
    let config = GatewayConfig { quota_multiplier: 100_000, ..GatewayConfig::new("https://cnop.example") };
    let coordinator = Arc::new(LocalCoordinator::new(clock.clone()));
    let gateway = Gateway::new(config, coordinator, Arc::new(OneCaller(caller)), clock);
    let bare = Router::new().route("/api/v1/orders/{id}", get(|| async { "an order" }));
    measure("bare", &bare).await?;
    measure("behind the gateway", &gateway.wrap(bare)).await?;
    Ok(())
}
