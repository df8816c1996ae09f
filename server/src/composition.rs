//! The composition root: the only place that connects ports with adapters.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::context::AppContext;
use axum::Router;
use cnop_domain::{Clock, Entropy};
use cnop_gateway::{Drain, Gateway, GatewayConfig, RequestCost};
use cnop_market::{FeedGroup, Market, coingecko, simulator};
use cnop_services::auth::{KeyError, SigningKey, SigningKeys};
use cnop_services::{Config, Environment, Services};
use cnop_store::Table;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api;
use crate::api::state::{ApiState, ApiStateInner};
use crate::command_line::{FeedChoice, Settings, StoreChoice};
use crate::coordination::Coordination;
use crate::disk_space::FileSystem;
use crate::environment::{OsEntropy, SystemClock};
use crate::failure::{Failure, chain};
use crate::feed_figures::FeedFigures;
use crate::guarded_feed::GuardedFeed;
use crate::log_mailer::LogMailer;
use crate::open_table::{Access, SIGNING_KEY_FILE, table_open};
use crate::recent::Recent;
use crate::site::{Files, Site};
use crate::store_probe::StoreProbe;
use crate::stream::{PriceStream, ReplayQuota, StreamLimits, Streams};
use crate::supervisor::{Run, Supervisor};
use crate::unfinished_import::unfinished_import_check;
use crate::{costs, disk_space, pages, seed, venue_rules};

/// Longest time that a command on a table on the network may take, so that its client hears within a second.
const COMMAND_TIME_MAX: Duration = Duration::from_millis(950);

/// A venue, put together and ready to serve.
#[derive(Debug)]
pub(crate) struct Composed {
    /// Everything behind the listener.
    pub(crate) router: Router,
    /// The use cases; at the end the shards are given away through them.
    pub(crate) services: Services,
    /// Announces the shutdown to streams and readiness.
    pub(crate) drain: Drain,
    /// Ends the background tasks.
    pub(crate) shutdown: CancellationToken,
    /// Completes after `shutdown`, when running jobs are committed.
    pub(crate) engine: JoinHandle<()>,
    /// Says when a background task was given up.
    pub(crate) supervisor: Supervisor,
}

/// Puts a venue together.
///
/// # Errors
/// One sentence when a part cannot be had.
pub(crate) async fn compose(settings: &Settings) -> Result<Composed, Failure> {
    let system_clock = Arc::new(SystemClock::default());
    let clock: Arc<dyn Clock> = Arc::clone(&system_clock) as _;
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let opened = table_open(settings, Arc::clone(&clock), Access::Serve).await?;
    unfinished_import_check(&*opened.table).await?;
    let table = Arc::clone(&opened.table);
    let signing_keys = signing_keys_open(settings, &*table, &*entropy).await?;
    if settings.store == StoreChoice::Dynamodb {
        venue_rules::check(&*table, settings, &signing_keys).await?;
    }
    let coordination = Coordination::open(settings, &clock).await?;
    let coordinator = Arc::clone(&coordination.port);
    let shutdown = CancellationToken::new();
    let supervisor = Supervisor::new(shutdown.clone());
    coordination.watch(&clock, &supervisor, &shutdown);
    let drain = Drain::new();
    let group = FeedGroup { coordinator: Arc::clone(&coordinator), server: server_name(&*entropy) };
    let tasks = FeedTasks { supervisor: &supervisor, drain: &drain, shutdown: &shutdown };
    let market = feed_start(settings, &*table, &clock, &*entropy, group, tasks).await?;
    let environment = Environment {
        table: Arc::clone(&table),
        coordinator: Arc::clone(&coordinator),
        market: market.clone(),
        clock: Arc::clone(&clock),
        entropy,
        mailer: Arc::new(LogMailer),
    };
    let services = Services::new(environment, rules(settings), signing_keys);
    if settings.store == StoreChoice::Embedded {
        let disk = Arc::new(FileSystem { directory: settings.data_dir.clone() });
        disk_space::watch(services.free_space().clone(), disk, shutdown.clone()).await;
    }
    let engine = engine_start(&services, &supervisor, &shutdown).await?;
    opened.serve();
    let streams = Streams {
        services: services.clone(),
        prices: prices_start(&market, &supervisor, &shutdown),
        market: market.clone(),
        limits: StreamLimits::new(settings.quota_multiplier),
        replays: ReplayQuota::new(Arc::clone(&coordinator), settings.quota_multiplier),
        drain: drain.clone(),
        is_degraded: Arc::clone(&coordination.is_degraded),
    };
    let public_url: Arc<str> = settings.public_url.as_str().into();
    let app_context = AppContext {
        services: services.clone(),
        public_url: Arc::clone(&public_url),
        source: market.snapshot().source,
        fee_bps: settings.fee_bps,
        is_degraded: Arc::clone(&coordination.is_degraded),
    };
    let store = StoreProbe::new(table, Arc::clone(&clock), services.entropy());
    let venue = ApiState::from(ApiStateInner {
        streams,
        store,
        coordination,
        store_state: Recent::default(),
        clock: system_clock,
        public_url,
        security_contact: settings.security_contact.clone(),
    });
    let site = Site::new(Files::open(&settings.site_dir));
    let router = api::router(venue).merge(pages::router(app_context, site));
    let gateway =
        Gateway::new(gateway_config(settings, market), coordinator, Arc::new(services.auth.clone()), clock);
    Ok(Composed { router: gateway.wrap(router), services, drain, shutdown, engine, supervisor })
}

/// Fills the trigger books and lets them run. Orders are taken only after this.
async fn engine_start(
    services: &Services,
    supervisor: &Supervisor,
    shutdown: &CancellationToken,
) -> Result<JoinHandle<()>, Failure> {
    let resting = services
        .engine
        .rebuild()
        .await
        .map_err(|error| Failure::failed(format!("the open orders cannot be read: {}", chain(&error))))?;
    tracing::info!(resting, "trigger books rebuilt");
    let (sizes, ends) = (services.displayed_sizes.clone(), shutdown.clone());
    supervisor.run("displayed-sizes", move |_| sizes.clone().run(ends.clone()));
    let (engine, shutdown) = (services.engine.clone(), shutdown.clone());
    Ok(supervisor.run("engine", move |run| {
        if run == Run::Again {
            engine.recover();
        }
        engine.clone().run(shutdown.clone())
    }))
}

/// Starts the messages with prices.
fn prices_start(market: &Market, supervisor: &Supervisor, shutdown: &CancellationToken) -> PriceStream {
    let (prices, shutdown) = (PriceStream::new(market.clone()), shutdown.clone());
    let running = prices.clone();
    supervisor.run("prices", move |_| running.clone().run(shutdown.clone()));
    prices
}

/// Loads the signing keys that the settings name, or those of the data directory.
///
/// # Errors
/// One sentence when there is none or it cannot be used.
pub(crate) async fn signing_keys_open(
    settings: &Settings,
    table: &dyn Table,
    entropy: &dyn Entropy,
) -> Result<SigningKeys, Failure> {
    let refused = |error: KeyError| Failure::refused(error.to_string());
    if let Some(keys) = SigningKeys::load(&settings.signing_key_file).map_err(refused)? {
        return Ok(keys);
    }
    match settings.store {
        StoreChoice::Embedded => {
            let path: PathBuf = settings.data_dir.join(SIGNING_KEY_FILE);
            lost_key_check(&path, table).await?;
            SigningKey::load_or_create(&path, entropy).map(Into::into).map_err(refused)
        }
        StoreChoice::Dynamodb => Err(Failure::refused(
            "CNOP_STORE=dynamodb needs CNOP_SIGNING_KEY_FILE: every server must sign with the same key",
        )),
    }
}

/// Refuses a store with content whose signing key is missing. The key is made before the first item is written, so it was
/// lost, and a new one would end every access token in silence.
async fn lost_key_check(key: &Path, table: &dyn Table) -> Result<(), Failure> {
    if key.exists() {
        return Ok(());
    }
    let first = table.scan(0, 1, None, 1).await.map_err(|error| Failure::failed(chain(&error)))?;
    if first.items.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{} is missing, although the venue ran here before; restore it, or name a new key with CNOP_SIGNING_KEY_FILE to end every access token",
        key.display()
    )))
}

/// Everything that a feed's task needs.
struct FeedTasks<'a> {
    supervisor: &'a Supervisor,
    drain: &'a Drain,
    shutdown: &'a CancellationToken,
}

/// A random name for this server among all that share a coordinator.
fn server_name(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// Starts the feed: this server leads it or follows its leader.
async fn feed_start(
    settings: &Settings,
    table: &dyn Table,
    clock: &Arc<dyn Clock>,
    entropy: &dyn Entropy,
    group: FeedGroup,
    tasks: FeedTasks<'_>,
) -> Result<Market, Failure> {
    let FeedTasks { supervisor, drain, shutdown } = tasks;
    let shutdown = shutdown.clone();
    // The feed is given away as soon as the drain starts: the others must not wait for its end.
    let leaving = drain_token(drain);
    let (market, status) = match settings.feed {
        FeedChoice::Simulator => {
            let started = seed::settings(table, settings, &**clock, entropy).await?;
            let feed = simulator::SimulatedFeed::new(&started, Arc::clone(clock), group);
            feed.begin().await;
            let (market, status) = (feed.market(), feed.status());
            supervisor.run("feed", move |_| feed.clone().run(leaving.clone(), shutdown.clone()));
            (market, status)
        }
        FeedChoice::Coingecko => {
            let feed = coingecko::CoingeckoSettings {
                base_url: settings.coingecko_url.trim_end_matches('/').to_owned(),
                guard: Some(Arc::new(GuardedFeed::new("coingecko", Arc::clone(clock)))),
                api_key: settings.coingecko_key.as_ref().map(|key| key.expose().to_owned()),
                ..coingecko::CoingeckoSettings::default()
            };
            let feed = coingecko::CoingeckoFeed::new(feed, Arc::clone(clock), group)
                .map_err(|error| Failure::refused(chain(&error)))?;
            let (market, status) = (feed.market(), feed.status());
            supervisor.run("feed", move |_| feed.clone().run(leaving.clone(), shutdown.clone()));
            (market, status)
        }
    };
    let figures = FeedFigures { market: market.clone(), status, clock: Arc::clone(clock) };
    let shutdown = tasks.shutdown.clone();
    supervisor.run("feed-figures", move |_| figures.clone().run(shutdown.clone()));
    Ok(market)
}

/// A token that is canceled when the drain starts.
fn drain_token(drain: &Drain) -> CancellationToken {
    let (drain, token) = (drain.clone(), CancellationToken::new());
    let cancels = token.clone();
    tokio::spawn(async move {
        drain.started().await;
        cancels.cancel();
    });
    token
}

/// Rules set by the operator.
pub(crate) fn rules(settings: &Settings) -> Config {
    let usual = Config::default();
    Config {
        fee_bps: settings.fee_bps,
        order_notional_max: settings.order_notional_max,
        daily_deposit_limit: settings.daily_deposit_limit,
        daily_withdraw_limit: settings.daily_withdraw_limit,
        price_max_age_ms: u64::try_from(settings.price_max_age().as_millis()).unwrap_or(u64::MAX),
        public_url: settings.public_url.as_str().to_owned(),
        events_per_day: usual.events_per_day.saturating_mul(settings.quota_multiplier.into()),
        registrations_per_day: usual.registrations_per_day.saturating_mul(settings.quota_multiplier),
        command_time_max: (settings.store == StoreChoice::Dynamodb).then_some(COMMAND_TIME_MAX),
        ..usual
    }
}

fn gateway_config(settings: &Settings, market: Market) -> GatewayConfig {
    GatewayConfig {
        trusted_proxies: settings.trusted_proxies.clone(),
        cors_origins: settings.cors_origins.clone(),
        quota_multiplier: settings.quota_multiplier,
        request_cost: RequestCost::new(move |method, uri| costs::request_cost(&market, method, uri)),
        ..GatewayConfig::new(settings.public_url.as_str())
    }
}
