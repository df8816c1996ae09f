//! Rules that all servers of a table share. The first server stores them, and a server with others does not start.
//!
//! An operator changes a rule on purpose with `cnop accept-rules` and then restarts every server.

use cnop_services::auth::SigningKeys;
use cnop_store::{Condition, Key, StoreError, Table, Write};
use serde::{Deserialize, Serialize};

use crate::command_line::Settings;
use crate::failure::{Failure, chain};

/// Schema of the body.
const SCHEMA: u8 = 1;
/// Looks at the item when servers start at the same moment.
const ATTEMPTS_MAX: usize = 8;

/// The stored rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredRules {
    /// Id of the key that signs.
    signer: String,
    /// Names of settings with their values, sorted. Rules that a version does not know are left alone.
    settings: Vec<(String, String)>,
}

fn key() -> Key {
    Key::new("VENUE", "RULES")
}

/// The rules of this server.
fn rules(settings: &Settings, keys: &SigningKeys) -> StoredRules {
    let mut named = vec![
        ("CNOP_DAILY_DEPOSIT_LIMIT", settings.daily_deposit_limit.to_string()),
        ("CNOP_DAILY_WITHDRAW_LIMIT", settings.daily_withdraw_limit.to_string()),
        ("CNOP_FEED", format!("{:?}", settings.feed).to_lowercase()),
        ("CNOP_FEE_BPS", settings.fee_bps.to_string()),
        ("CNOP_ORDER_NOTIONAL_MAX", settings.order_notional_max.to_string()),
        ("CNOP_PRICE_MAX_AGE", format!("{}ms", settings.price_max_age().as_millis())),
        ("CNOP_PUBLIC_URL", settings.public_url.as_str().to_owned()),
        ("CNOP_QUOTA_MULTIPLIER", settings.quota_multiplier.to_string()),
    ];
    named.sort_unstable();
    let settings = named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    StoredRules { signer: keys.signer().id().to_owned(), settings }
}

/// Compares this server with the others of the table; the first one stores its rules.
///
/// # Errors
/// One sentence with the setting that differs.
pub(crate) async fn check(table: &dyn Table, settings: &Settings, keys: &SigningKeys) -> Result<(), Failure> {
    let own = rules(settings, keys);
    for _ in 0..ATTEMPTS_MAX {
        let (wanted, condition) = match read(table).await? {
            None => (own.clone(), Condition::Absent),
            Some((stored, version)) => {
                differences_refuse(&own, &stored, keys)?;
                // Keys are replaced one server after the other: each knows the key before.
                let wanted = StoredRules { signer: own.signer.clone(), ..merged(&own, &stored) };
                if wanted == stored {
                    return Ok(());
                }
                (wanted, Condition::Version(version))
            }
        };
        match write(table, &wanted, condition).await {
            Ok(()) => return Ok(()),
            // Another server was first; its rules are compared.
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(unusable(&error)),
        }
    }
    Err(Failure::failed("the rules in the table keep changing; start again"))
}

/// Stores the rules of these settings for all servers that start from now on.
///
/// # Errors
/// The table cannot be written.
pub(crate) async fn accept(
    table: &dyn Table,
    settings: &Settings,
    keys: &SigningKeys,
) -> Result<(), Failure> {
    write(table, &rules(settings, keys), Condition::Any).await.map_err(|error| unusable(&error))
}

fn differences_refuse(own: &StoredRules, stored: &StoredRules, keys: &SigningKeys) -> Result<(), Failure> {
    for (name, here) in &own.settings {
        let there = stored.settings.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        if let Some(there) = there.filter(|there| *there != here) {
            return Err(Failure::refused(format!(
                "{name} is {here} here and {there} on the other servers of this table: use their value, or store the \
                 new one with `cnop accept-rules` and restart every server"
            )));
        }
    }
    if keys.iter().all(|known| known.id() != stored.signer) {
        return Err(Failure::refused(
            "CNOP_SIGNING_KEY_FILE does not have the key that the other servers of this table sign with: use their key, \
             or to replace it give every server both, or store the new one with `cnop accept-rules`",
        ));
    }
    Ok(())
}

/// The stored rules, with those that only this version knows.
fn merged(own: &StoredRules, stored: &StoredRules) -> StoredRules {
    let mut merged = stored.clone();
    for (name, value) in &own.settings {
        if merged.settings.iter().all(|(other, _)| other != name) {
            merged.settings.push((name.clone(), value.clone()));
        }
    }
    merged.settings.sort_unstable();
    merged
}

async fn read(table: &dyn Table) -> Result<Option<(StoredRules, u64)>, Failure> {
    let Some(item) = table.get(&key()).await.map_err(|error| unusable(&error))? else { return Ok(None) };
    let stored = decode(&item.body);
    let stored = stored.ok_or_else(|| Failure::failed("the rules in the table cannot be read"))?;
    Ok(Some((stored, item.version)))
}

fn decode(body: &[u8]) -> Option<StoredRules> {
    let (_, body) = body.split_first().filter(|(schema, _)| **schema == SCHEMA)?;
    postcard::from_bytes(body).ok()
}

async fn write(table: &dyn Table, rules: &StoredRules, condition: Condition) -> Result<(), StoreError> {
    let mut body = vec![SCHEMA];
    body.extend(postcard::to_allocvec(rules).unwrap_or_default());
    table.transact(vec![Write::put(key(), body, condition)]).await
}

fn unusable(error: &StoreError) -> Failure {
    Failure::failed(chain(error))
}

/// The stored rules as JSON, for `cnop inspect`.
pub(crate) fn describe(key_read: &Key, body: &[u8]) -> Option<serde_json::Value> {
    let stored = decode(body).filter(|_| *key_read == key())?;
    let settings: serde_json::Map<_, _> =
        stored.settings.into_iter().map(|(name, value)| (name, value.into())).collect();
    Some(serde_json::json!({ "signer": stored.signer, "settings": settings }))
}

#[cfg(test)]
mod tests;
