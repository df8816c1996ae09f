//! The command line: commands, and settings as flags or environment variables of the same name.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use cnop_domain::{Amount, Price, Quantity};
use ipnet::IpNet;

use crate::failure::Failure;
use crate::settings::{
    CoordinationChoice, LogFilter, MarketSeed, PublicUrl, Secret, contact, cors_origin, drain_grace,
    price_age,
};

/// Start of every environment variable of ours.
const ENVIRONMENT_PREFIX: &str = "CNOP_";
/// Folder of the tools of the repository's scripts: no setting, but there when a script starts the server.
const TOOLS_VARIABLE: &str = "CNOP_TOOLS";

/// Age at which a price of the simulator, which makes several a second, is too old.
const SIMULATOR_PRICE_AGE_MAX: Duration = Duration::from_secs(15);
/// The same for CoinGecko, which is polled once a minute and may fail twice in a row.
const COINGECKO_PRICE_AGE_MAX: Duration = Duration::from_secs(180);

/// Largest limit in dollars that can be set.
const DOLLARS_MAX: i128 = 1_000_000_000;

/// An amount counts 10⁻⁸ dollars.
const UNITS_PER_DOLLAR: i128 = 100_000_000;

/// A crypto trading venue with a simulated market, in one process.
#[derive(Debug, Clone, Parser)]
#[command(name = "cnop", version, disable_help_subcommand = true, max_term_width = 110)]
pub struct CommandLine {
    /// Command to run; `serve` when omitted.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Settings of the program.
    #[command(flatten)]
    pub settings: Settings,
}

/// Commands of the program.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve the venue (the default).
    Serve,
    /// Recompute every balance from the postings. Exit code 0: all agree; 1: a list of differences; 2: the store is in use.
    Audit,
    /// Create the DynamoDB table of the settings, or check it and mend what can be mended. Exit code 0: it is as the venue
    /// needs it; 1: a list of what is wrong; 2: the settings name no such table.
    Migrate {
        /// Number of parts over which the waiting orders of an asset and the due runs are spread, 1 to 64. Their items are
        /// moved, while no server runs. A new table has 8.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=64))]
        spread: Option<u32>,
    },
    /// Write all items of the store into a new file, while no server runs. Exit code 2: the file exists, or the store is in
    /// use.
    Export {
        /// File to write.
        file: PathBuf,
    },
    /// Read a file of `cnop export` into an empty store. Repeat an interrupted import with the same file; no server starts
    /// before it has ended. Exit code 1: the file is damaged, or the store is not empty.
    Import {
        /// File to read.
        file: PathBuf,
    },
    /// Print one item of the store as JSON.
    Inspect {
        /// Partition key, for example `A#acc_…`.
        partition_key: String,
        /// Sort key, for example `HEAD`.
        sort_key: String,
    },
    /// Read an order as JSON from standard input and check it by the venue's rules, without a running venue.
    /// Exit code 0: it would be accepted; 1: it would be refused, with the reason.
    Check(MarketOverrides),
    /// Store the rules of these settings (fee, limits, signing key …) for all servers of the table, after a deliberate
    /// change. A server with other rules than the stored ones does not start.
    AcceptRules,
    /// Ask the running server whether it lives (exit code 0 or 1): for a container's health check.
    Health,
}

/// Prices and balances of an order that is only checked. Prices are the catalog's unless they are given.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct MarketOverrides {
    /// Bid, in dollars per coin.
    #[arg(long)]
    pub bid: Option<Price>,
    /// Ask, in dollars per coin.
    #[arg(long)]
    pub ask: Option<Price>,
    /// Last price, in dollars per coin.
    #[arg(long)]
    pub last: Option<Price>,
    /// Displayed quantity on both sides.
    #[arg(long, default_value = "1000000")]
    pub displayed: Quantity,
    /// Dollars that can be spent.
    #[arg(long, default_value = "1000000")]
    pub cash: Amount,
    /// Coins that can be sold.
    #[arg(long, default_value = "1000000")]
    pub coins: Quantity,
}

/// Store of all state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StoreChoice {
    /// A file in the data directory.
    Embedded,
    /// Amazon DynamoDB or DynamoDB Local.
    Dynamodb,
}

/// Source of prices: simulator or CoinGecko.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FeedChoice {
    /// The simulated market, from a secret.
    Simulator,
    /// CoinGecko's public price API.
    Coingecko,
}

/// Everything that can be set. A flag wins over its environment variable.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Address and port to serve on; port 0 takes a free one.
    #[arg(long, env = "CNOP_LISTEN", default_value = "127.0.0.1:3000", global = true)]
    pub listen: SocketAddr,
    /// Directory of the embedded store, the signing key and the market's secret; made when missing.
    #[arg(long, env = "CNOP_DATA_DIR", default_value = "./data", global = true)]
    pub data_dir: PathBuf,
    /// Address of the venue for browsers and clients; `https://` makes the session cookie secure.
    #[arg(long, env = "CNOP_PUBLIC_URL", default_value = "http://localhost:3000", global = true)]
    pub public_url: PublicUrl,
    /// Store of all state.
    #[arg(long, env = "CNOP_STORE", default_value = "embedded", global = true)]
    pub store: StoreChoice,
    /// Table of the DynamoDB store.
    #[arg(long, env = "CNOP_DYNAMODB_TABLE", global = true)]
    pub dynamodb_table: Option<String>,
    /// DynamoDB endpoint in place of the region's own, for example DynamoDB Local.
    #[arg(long, env = "CNOP_DYNAMODB_ENDPOINT", global = true)]
    pub dynamodb_endpoint: Option<String>,
    /// Coordination of servers: `local` for one server, or the Redis that all servers of a table share, as
    /// `redis://user:password@host:port/database`, or `rediss://` with TLS.
    #[arg(long, env = "CNOP_COORDINATION", default_value = "local", hide_env_values = true, global = true)]
    pub coordination: CoordinationChoice,
    /// Source of prices for quotes and fills.
    #[arg(long, env = "CNOP_FEED", default_value = "simulator", global = true)]
    pub feed: FeedChoice,
    /// Base URL of the CoinGecko API.
    #[arg(
        long,
        env = "CNOP_COINGECKO_URL",
        default_value = "https://api.coingecko.com/api/v3",
        global = true
    )]
    pub coingecko_url: String,
    /// Key of the CoinGecko API; works without.
    #[arg(long, env = "CNOP_COINGECKO_KEY", hide_env_values = true, global = true)]
    pub coingecko_key: Option<Secret>,
    /// Text from which all prices of the simulator follow; another one later is refused. Random when left out,
    /// which is right for everything but tests. One that is easily guessed is refused unless the public URL is
    /// this machine.
    #[arg(long, env = "CNOP_SEED", hide_env_values = true, global = true)]
    pub seed: Option<MarketSeed>,
    /// Maximum age of a price for trading, such as `15s` or `1500ms`. Default: 15s for the simulator, 180s
    /// for CoinGecko, which is polled once a minute.
    #[arg(long, env = "CNOP_PRICE_MAX_AGE", value_parser = price_age, global = true)]
    pub price_max_age: Option<Duration>,
    /// Fee of every fill in basis points of its value, 0 to 1000.
    #[arg(long, env = "CNOP_FEE_BPS", default_value = "10", value_parser = clap::value_parser!(u32).range(0..=1_000), global = true)]
    pub fee_bps: u32,
    /// Dollars that an account can deposit in a UTC day.
    #[arg(long, env = "CNOP_DAILY_DEPOSIT_LIMIT", default_value = "10000", value_parser = dollars, global = true)]
    pub daily_deposit_limit: Amount,
    /// Dollars that an account can withdraw in a UTC day.
    #[arg(long, env = "CNOP_DAILY_WITHDRAW_LIMIT", default_value = "5000", value_parser = dollars, global = true)]
    pub daily_withdraw_limit: Amount,
    /// Largest value of one order in dollars.
    #[arg(long, env = "CNOP_ORDER_NOTIONAL_MAX", default_value = "10000", value_parser = dollars, global = true)]
    pub order_notional_max: Amount,
    /// Every quota, daily allowance and bound per network times this, for load tests.
    #[arg(long, env = "CNOP_QUOTA_MULTIPLIER", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1_000_000), global = true)]
    pub quota_multiplier: u32,
    /// Proxies with a trusted `X-Forwarded-For`: addresses or networks, separated by commas. Name the proxies
    /// alone: every host in a trusted network can make up its client's address.
    #[arg(long, env = "CNOP_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network, global = true)]
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the API with a token, separated by commas.
    #[arg(long, env = "CNOP_CORS_ORIGINS", value_delimiter = ',', value_parser = cors_origin, global = true)]
    pub cors_origins: Vec<String>,
    /// Address and port for `/metrics`; without it there are no metrics to fetch.
    #[arg(long, env = "CNOP_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<SocketAddr>,
    /// Time in which a stopping server still accepts connections while readiness reports "no", so that a load
    /// balancer can notice.
    #[arg(long, env = "CNOP_DRAIN_GRACE", default_value = "500ms", value_parser = drain_grace, global = true)]
    pub drain_grace: Duration,
    /// Files of the keys of access tokens, separated by commas: the first one signs, all of them verify. Without one, a
    /// key is made in the data directory for the embedded store.
    #[arg(long, env = "CNOP_SIGNING_KEY_FILE", value_delimiter = ',', global = true)]
    pub signing_key_file: Vec<PathBuf>,
    /// Contact for reports of vulnerabilities, for `/.well-known/security.txt`: `mailto:…` or `https://…`.
    #[arg(long, env = "CNOP_SECURITY_CONTACT", value_parser = contact, global = true)]
    pub security_contact: Option<String>,
    /// Log filter, such as `info` or `warn,cnop_server=debug`.
    #[arg(long, env = "CNOP_LOG", default_value = "info", global = true)]
    pub log: LogFilter,
    /// Folder of the built site, where the program does not carry it inside.
    #[arg(long, env = "CNOP_SITE_DIR", default_value = "target/site", hide = true, global = true)]
    pub site_dir: PathBuf,
}

impl Settings {
    /// Maximum age of a price for trading: the setting, else the default of the feed.
    #[must_use]
    pub fn price_max_age(&self) -> Duration {
        self.price_max_age.unwrap_or(match self.feed {
            FeedChoice::Simulator => SIMULATOR_PRICE_AGE_MAX,
            FeedChoice::Coingecko => COINGECKO_PRICE_AGE_MAX,
        })
    }
}

fn dollars(text: &str) -> Result<Amount, String> {
    let amount: Amount =
        text.parse().map_err(|_| "it is no amount of dollars such as 10000.00".to_owned())?;
    match amount {
        amount if amount <= Amount::ZERO => Err("it must be above 0".to_owned()),
        amount if amount.units() > DOLLARS_MAX * UNITS_PER_DOLLAR => {
            Err(format!("it may be at most {DOLLARS_MAX}"))
        }
        amount => Ok(amount),
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| "it is no IP address or network such as 10.0.0.0/16".to_owned())
        .and_then(|network| match network.prefix_len() {
            0 => Err("it trusts every address, so that every client could make up its own".to_owned()),
            _ => Ok(network),
        })
}

/// One run of the program, as arguments and environment ask for it.
#[derive(Debug, Clone)]
pub enum Invocation {
    /// Run this command with its settings.
    Run(Box<CommandLine>),
    /// Print this text and end well.
    Print(String),
}

impl CommandLine {
    /// Reads arguments and environment.
    ///
    /// # Errors
    /// One sentence when an argument or a variable is unknown or wrong.
    pub fn read(
        arguments: impl IntoIterator<Item = OsString>,
        environment: impl IntoIterator<Item = OsString>,
    ) -> Result<Invocation, Failure> {
        let command = Self::command().mut_args(|argument| {
            // Compose files pass `${X:-}` on as an empty variable, which means that X was left out.
            let is_empty =
                argument.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
            if is_empty { argument.env(Resettable::Reset) } else { argument }
        });
        let parsed = command
            .try_get_matches_from(arguments)
            .and_then(|mut matches| Self::from_arg_matches_mut(&mut matches));
        if let Err(error) = &parsed
            && matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
        {
            return Ok(Invocation::Print(error.to_string()));
        }
        unknown_variables_refuse(environment)?;
        parsed
            .map(|command_line| Invocation::Run(Box::new(command_line)))
            .map_err(|error| sentence_of(&error))
    }
}

/// The first paragraph of clap's explanation as one sentence.
fn sentence_of(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let joined = first.split_whitespace().collect::<Vec<_>>().join(" ");
    Failure::refused(format!("{joined} (see `cnop --help`)"))
}

fn unknown_variables_refuse(environment: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let command = CommandLine::command();
    let known: BTreeSet<String> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    for name in environment {
        let name = name.to_string_lossy();
        let is_ours = name.starts_with(ENVIRONMENT_PREFIX) && name != TOOLS_VARIABLE;
        if is_ours && !known.contains(name.as_ref()) {
            let nearest = known.iter().min_by_key(|candidate| strsim::levenshtein(&name, candidate));
            let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
            return Err(Failure::refused(format!("the environment variable {name} is unknown{hint}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
