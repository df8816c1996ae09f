//! Checks of settings that start the server but leave it open: each is a sentence in the log.

use crate::command_line::{Settings, StoreChoice};
use crate::settings::CoordinationChoice;

/// Shortest prefixes of a trusted proxy's network. In a wider one there are hosts that are no proxies, and each of
/// them can make up the address of its client.
const PROXY_PREFIX_V4_MIN: u8 = 16;
const PROXY_PREFIX_V6_MIN: u8 = 48;
/// Largest multiplier of the quotas that still bounds a client.
const QUOTA_MULTIPLIER_MAX: u32 = 100;

/// Says in the log what the settings leave open.
pub(crate) fn warn(settings: &Settings) {
    for warning in warnings(settings) {
        tracing::warn!("{warning}");
    }
}

/// One sentence for each danger.
fn warnings(settings: &Settings) -> Vec<String> {
    let mut found = Vec::new();
    let public_url = settings.public_url.as_str();
    let is_https = public_url.starts_with("https://");
    if !is_https && !settings.listen.ip().is_loopback() {
        found.push(format!(
            "other machines reach {}, but CNOP_PUBLIC_URL is {public_url}: passwords and session cookies travel \
             unencrypted; put a proxy with TLS in front and set CNOP_PUBLIC_URL to its https address",
            settings.listen
        ));
    }
    if is_https && settings.trusted_proxies.is_empty() {
        found.push(
            "CNOP_PUBLIC_URL is https, but CNOP_TRUSTED_PROXIES is empty: without the address of the proxy in front, \
             all clients share one quota, and a few wrong passwords can stop the sign-in of everybody"
                .to_owned(),
        );
    }
    for network in &settings.trusted_proxies {
        let min = if network.addr().is_ipv4() { PROXY_PREFIX_V4_MIN } else { PROXY_PREFIX_V6_MIN };
        if network.prefix_len() < min {
            found.push(format!(
                "CNOP_TRUSTED_PROXIES has the wide network {network}: every host in it can make up its client's \
                 address; name the proxies alone"
            ));
        }
    }
    if let Some(metrics) = settings.metrics_listen.filter(|address| !address.ip().is_loopback()) {
        found.push(format!(
            "metrics are served without a password on {metrics}, which other machines may reach; make sure that a \
             firewall admits only the collector"
        ));
    }
    if settings.store == StoreChoice::Dynamodb && settings.coordination == CoordinationChoice::Local {
        found.push(
            "CNOP_STORE=dynamodb with CNOP_COORDINATION=local is for one server alone: of several, each would have \
             quotas, prices and displayed sizes of its own; name a Redis before you start a second one"
                .to_owned(),
        );
    }
    if settings.quota_multiplier > QUOTA_MULTIPLIER_MAX {
        found.push(format!(
            "CNOP_QUOTA_MULTIPLIER is {}: quotas and bounds per network protect nobody; it is for load tests",
            settings.quota_multiplier
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::{CommandLine, Invocation};

    fn warnings_of(arguments: &[&str]) -> Vec<String> {
        let arguments = std::iter::once("cnop").chain(arguments.iter().copied()).map(Into::into);
        match CommandLine::read(arguments, []).unwrap() {
            Invocation::Run(line) => warnings(&line.settings),
            Invocation::Print(_) => panic!("settings were expected"),
        }
    }

    /// Each of these started without a word.
    #[test]
    fn what_leaves_a_server_open_is_said() {
        let https = ["--public-url", "https://venue.example"];
        for (arguments, words) in [
            (&["--listen", "0.0.0.0:3000"][..], "unencrypted"),
            (&["--listen", "[::]:3000", "--public-url", "http://venue.example"], "unencrypted"),
            (&https, "CNOP_TRUSTED_PROXIES is empty"),
            (&[https[0], https[1], "--trusted-proxies", "10.0.0.0/8"], "10.0.0.0/8"),
            (&[https[0], https[1], "--trusted-proxies", "fd00::/8"], "fd00::/8"),
            (&["--metrics-listen", "0.0.0.0:9000"], "metrics"),
            (&["--quota-multiplier", "1000"], "CNOP_QUOTA_MULTIPLIER is 1000"),
        ] {
            let found = warnings_of(arguments);
            assert_eq!(found.len(), 1, "{arguments:?}: {found:?}");
            assert!(found.iter().all(|warning| warning.contains(words)), "{found:?}");
        }
    }

    #[test]
    fn a_sound_start_is_silent() {
        for arguments in [
            &[][..],
            &["--metrics-listen", "127.0.0.1:9000", "--quota-multiplier", "10"],
            &[
                "--listen",
                "0.0.0.0:3000",
                "--public-url",
                "https://v.example",
                "--trusted-proxies",
                "10.0.0.7",
            ],
            &["--public-url", "https://v.example", "--trusted-proxies", "172.16.0.0/16,fd00:1:2::/48"],
        ] {
            assert_eq!(warnings_of(arguments), Vec::<String>::new(), "{arguments:?}");
        }
    }
}
