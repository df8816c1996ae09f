//! The server binary: configuration, composition root, HTTP API, streams, site files and command line.
//!
//! [`run`] is the program. [`Server`] is a server for tests in their own process. [`api_document`] is the OpenAPI
//! document without a server.
//!
//! Modules in order of dependency; each uses only modules above it:
//!
//! | module | subject |
//! |---|---|
//! | `failure` | [`Failure`]: an error that ends the program, with its exit code |
//! | `feed_figures` | metrics of the feed |
//! | `settings`, `command_line` | values of settings; flags and environment variables |
//! | `start_checks` | warnings about settings that leave the server open |
//! | `logs`, `guard_clock`, `environment` | the log; a clock that follows no jump; the system's randomness |
//! | `recent`, `costs` | a value remembered for a moment; the cost of a request |
//! | `supervisor` | background tasks that are started again after a panic |
//! | `coordination` | the coordinator, in process or in Redis, and the distance from its clock |
//! | `store_probe`, `disk_space` | the store's part of readiness; the free space of its disk |
//! | `web` | extractors of handlers: JSON bodies, paths, queries, versions |
//! | `stream` | server-sent events: account events and prices |
//! | `site` | static files |
//! | `api` | the handlers of the HTTP API, and their OpenAPI document |
//! | `pages` | the pages of the application |
//! | `guarded_feed`, `guarded_table` | circuit breakers around price feed and table |
//! | `open_table` | the store that the settings name |
//! | `unfinished_import` | the mark of a store whose import has not ended |
//! | `log_mailer` | notices to users, as lines of the log |
//! | `seed`, `venue_rules` | secret and start of the simulated market; rules that all servers of a table share |
//! | `composition` | the composition root |
//! | `health` | liveness and readiness |
//! | `open_files`, `connections`, `starting`, `serve` | the limit of open files; the accept loop; answers before the venue is put together; [`Server`] and its shutdown |
//! | `commands`, `check`, `migrate`, `transfer` | `cnop audit`, `inspect`, `accept-rules` and `health`; `cnop check`; `migrate`; `export` and `import` |
#![recursion_limit = "512"]

mod api;
mod check;
mod command_line;
mod commands;
mod composition;
mod connections;
mod coordination;
mod costs;
mod disk_space;
mod environment;
mod failure;
mod feed_figures;
mod guard_clock;
mod guarded_feed;
mod guarded_table;
mod health;
mod log_mailer;
mod logs;
mod migrate;
mod open_files;
mod open_table;
mod pages;
mod recent;
mod seed;
mod serve;
mod settings;
mod site;
mod start_checks;
mod starting;
mod store_probe;
mod stream;
mod supervisor;
mod transfer;
mod unfinished_import;
mod venue_rules;
mod web;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

pub use api::{ApiDocument, document as api_document};
pub use command_line::{Command, CommandLine, FeedChoice, Invocation, Settings, StoreChoice};
pub use failure::{Failure, FailureKind};
pub use serve::Server;
pub use settings::{CoordinationChoice, LogFilter, MarketSeed, PublicUrl, Secret};

/// Fewest worker threads: pages that wait for data must not keep each other waiting on a small machine.
const WORKER_THREADS_MIN: usize = 4;
/// Longest time that work on other threads has to end with the program.
const LAST_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(5);

/// The program: reads arguments and environment, runs the command, says why it failed.
#[must_use]
pub fn run() -> ExitCode {
    match run_command() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&failure);
            failure.exit_code()
        }
    }
}

/// Prints the final error message.
fn say(failure: &Failure) {
    let _ = writeln!(std::io::stderr(), "cnop: {failure}");
}

fn run_command() -> Result<(), Failure> {
    let names = std::env::vars_os().map(|(name, _): (OsString, OsString)| name);
    let command_line = match CommandLine::read(std::env::args_os(), names)? {
        Invocation::Print(text) => {
            // A closed pager, for example, needs no error.
            let _ = write!(std::io::stdout(), "{text}");
            return Ok(());
        }
        Invocation::Run(command_line) => *command_line,
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.max(WORKER_THREADS_MIN))
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime cannot be started: {error}")))?;
    let CommandLine { command, settings } = command_line;
    logs::start(&settings.log);
    logs::panics_catch();
    let ended = runtime.block_on(async {
        match command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(&settings).await,
            Command::Audit => commands::audit(&settings).await,
            Command::Migrate { spread } => migrate::run(&settings, spread).await,
            Command::Export { file } => transfer::export(&settings, &file).await,
            Command::Import { file } => transfer::import(&settings, &file).await,
            Command::Inspect { partition_key, sort_key } => {
                commands::inspect(&settings, &partition_key, &sort_key).await
            }
            Command::AcceptRules => commands::rules_accept(&settings).await,
            Command::Check(circumstances) => check::run(&settings, &circumstances),
            Command::Health => commands::health(&settings).await,
        }
    });
    // A store that is still being repaired must not keep the process from ending.
    runtime.shutdown_timeout(LAST_TIME_MAX);
    ended
}
