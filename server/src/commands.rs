//! The commands `cnop audit`, `cnop inspect`, `cnop accept-rules` and `cnop health`.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cnop_domain::Clock;
use cnop_services::ledger::audit;
use cnop_store::{Item, Key};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::command_line::{Settings, StoreChoice};
use crate::composition::signing_keys_open;
use crate::environment::{OsEntropy, SystemClock};
use crate::failure::{Failure, FailureKind, chain};
use crate::open_table::{Access, table_open};
use crate::unfinished_import::unfinished_import_check;
use crate::{seed, venue_rules};

/// Longest time that a running server has to say that it lives.
const HEALTH_TIME_MAX: Duration = Duration::from_secs(3);
/// Bytes of the status line that are read.
const STATUS_LINE_BYTES: usize = 12;

/// Recomputes every balance from the postings.
///
/// # Errors
/// Exit code 1 when balances and postings differ (the list goes to stdout), 2 when the store is in use.
pub(crate) async fn audit(settings: &Settings) -> Result<(), Failure> {
    store_exists(settings)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let table = table_open(settings, clock, Access::Command).await?.table;
    unfinished_import_check(&*table).await?;
    let report = audit::run(&*table).await.map_err(|error| Failure::failed(chain(&error)))?;
    for difference in &report.differences {
        print(difference)?;
    }
    if report.agrees() {
        return print(&format!(
            "books and balances agree: {} accounts, {} events, {} orders",
            report.accounts, report.events, report.orders
        ));
    }
    let listed = u64::try_from(report.differences.len()).unwrap_or(u64::MAX);
    let count = listed.saturating_add(report.differences_left_out);
    Err(Failure::failed(format!("books and balances differ in {count} places")))
}

/// Prints an item as JSON.
///
/// # Errors
/// There is no such item or the store cannot be read.
pub(crate) async fn inspect(settings: &Settings, partition_key: &str, sort_key: &str) -> Result<(), Failure> {
    store_exists(settings)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let table = table_open(settings, clock, Access::Command).await?.table;
    let key = Key::new(partition_key, sort_key);
    let item = table.get(&key).await.map_err(|error| Failure::failed(chain(&error)))?;
    let item = item.ok_or_else(|| Failure::failed(format!("there is no item {partition_key} {sort_key}")))?;
    let text = serde_json::to_string_pretty(&Inspected {
        pk: &item.key.pk,
        sk: &item.key.sk,
        version: item.version,
        expires_at: item.expires_at,
        body: body_of(&item)?,
    });
    print(&text.map_err(|error| Failure::failed(error.to_string()))?)
}

/// An item as it is printed.
#[derive(Serialize)]
struct Inspected<'a> {
    pk: &'a str,
    sk: &'a str,
    version: u64,
    expires_at: Option<i64>,
    body: Box<RawValue>,
}

fn body_of(item: &Item) -> Result<Box<RawValue>, Failure> {
    let own = seed::describe(&item.key, &item.body).or_else(|| venue_rules::describe(&item.key, &item.body));
    if let Some(shown) = own {
        return to_raw_value(&shown).map_err(|error| Failure::failed(error.to_string()));
    }
    match cnop_services::inspect(item) {
        Some(shown) => shown.map_err(|error| Failure::failed(chain(&error))),
        None => Err(Failure::failed("the item is none that this program writes")),
    }
}

/// Stores the rules of these settings for all servers of the table.
///
/// # Errors
/// The store has one server, or the table cannot be written.
pub(crate) async fn rules_accept(settings: &Settings) -> Result<(), Failure> {
    if settings.store == StoreChoice::Embedded {
        return Err(Failure::refused(
            "an embedded store has one server, whose settings are its rules: there is nothing to accept",
        ));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let table = table_open(settings, clock, Access::Command).await?.table;
    unfinished_import_check(&*table).await?;
    let keys = signing_keys_open(settings, &*table, &OsEntropy).await?;
    venue_rules::accept(&*table, settings, &keys).await?;
    print("the rules are stored; restart every server with the same settings")
}

/// An audit must not create the store that it checks.
pub(crate) fn store_exists(settings: &Settings) -> Result<(), Failure> {
    if settings.store == StoreChoice::Embedded && !settings.data_dir.is_dir() {
        let directory = settings.data_dir.display();
        return Err(Failure::failed(format!(
            "there is no store in {directory}: the directory does not exist"
        )));
    }
    Ok(())
}

/// Checks whether the running server is healthy.
///
/// # Errors
/// The server does not answer correctly in time.
pub(crate) async fn health(settings: &Settings) -> Result<(), Failure> {
    let address = reachable(settings.listen);
    let asked = tokio::time::timeout(HEALTH_TIME_MAX, status_line(address)).await;
    match asked {
        Ok(Ok(line)) if line.ends_with(" 200") => Ok(()),
        Ok(Ok(line)) => Err(Failure::failed(format!("the server at {address} answers {line:?}"))),
        Ok(Err(error)) => Err(Failure::failed(format!("the server at {address} cannot be reached: {error}"))),
        Err(_) => Err(Failure::failed(format!("the server at {address} does not answer in time"))),
    }
}

/// Loopback address of a server that listens on all interfaces.
const fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => {
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port())
        }
        IpAddr::V6(ip) if ip.is_unspecified() => {
            SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), listen.port())
        }
        _ => listen,
    }
}

async fn status_line(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /health/live HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut line = [0; STATUS_LINE_BYTES];
    stream.read_exact(&mut line).await?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// Writes a line to stdout. A closed reader is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure {
            kind: FailureKind::Failed,
            sentence: format!("the output cannot be written: {error}"),
        }),
        _ => Ok(()),
    }
}
