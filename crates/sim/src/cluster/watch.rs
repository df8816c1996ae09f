//! Checks on the way, by a server that reads the table and changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use cnop_coordination::LocalCoordinator;
use cnop_domain::book::{Interest, Resting};
use cnop_domain::{AccountId, AssetId, BookEntryId, Clock, Entropy, Price, Side};
use cnop_market::Market;
use cnop_services::auth::SigningKey;
use cnop_services::{Environment, Services};
use cnop_store::Table;
use cnop_testkit::{ManualClock, SeededEntropy};

use crate::server::config;
use crate::{Outcome, Prices};

/// µs from a quote that reaches an order to the action of some server: 5 s until the order is in its owner's book, and 5 s
/// for a take-over.
const ACTED_WITHIN_US: i64 = 10_000_000;

/// A waiting order or alert, as it waits since a time.
type WaitingKey = (AssetId, BookEntryId, i64);

/// Orders and alerts that wait, as the table has them.
pub(super) type Waiting = Vec<(AssetId, BookEntryId, Resting<AccountId>)>;

/// The watching server and its memory.
#[derive(Debug)]
pub(super) struct Watch {
    environment: Environment,
    signing_key: SigningKey,
    clock: Arc<ManualClock>,
    /// Entries that are reached at every look, since the first one.
    reached: BTreeMap<WaitingKey, i64>,
    /// Marks of trailing stops at the last look.
    marks: BTreeMap<WaitingKey, Price>,
    pub(super) delay_max_us: i64,
}

impl Watch {
    pub(super) fn new(seed: u64, table: Arc<dyn Table>, market: Market, clock: &Arc<ManualClock>) -> Self {
        let entropy = Arc::new(SeededEntropy::new(seed.wrapping_add(1))) as Arc<dyn Entropy>;
        let signing_key = SigningKey::generate(entropy.as_ref());
        let of_day = Arc::clone(clock) as Arc<dyn Clock>;
        let environment = Environment {
            table,
            coordinator: Arc::new(LocalCoordinator::new(Arc::clone(&of_day))),
            market,
            clock: of_day,
            entropy,
            mailer: Arc::new(cnop_services::mailer::NoMailer),
        };
        let (reached, marks) = (BTreeMap::new(), BTreeMap::new());
        Self { environment, signing_key, clock: Arc::clone(clock), reached, marks, delay_max_us: 0 }
    }

    /// A server of its own on the table, with the books as the table has them.
    pub(super) async fn looker(&self) -> Outcome<Services> {
        let coordinator = Arc::new(LocalCoordinator::new(Arc::clone(&self.environment.clock)));
        let environment = Environment { coordinator, ..self.environment.clone() };
        let services = Services::new(environment, config(), self.signing_key.clone());
        services.engine.rebuild().await?;
        Ok(services)
    }

    /// Nothing that is reached waits for longer than the bound, and no mark has gone back. Times of trouble start
    /// the bound anew.
    pub(super) async fn check(&mut self, prices: &Prices, troubled_us: i64) -> Outcome<()> {
        let waiting = self.looker().await?.engine.waiting();
        self.marks_check(&waiting)?;
        let now_us = self.clock.now_us();
        let before = std::mem::take(&mut self.reached);
        for (asset_id, entry_id, entry) in waiting {
            let Interest::Trigger { above, price } = entry.interest else { continue };
            let Some(quote) = prices.quote(asset_id) else { continue };
            let is_reached = if above { quote.last >= price } else { quote.last <= price };
            if !is_reached || entry.expires_us.is_some_and(|expires_us| expires_us <= now_us) {
                continue;
            }
            let key = (asset_id, entry_id, entry.since_us);
            let since_us = before.get(&key).copied().unwrap_or(now_us);
            self.reached.insert(key, since_us);
            let waited_us = now_us - since_us.max(troubled_us);
            self.delay_max_us = self.delay_max_us.max(waited_us);
            if waited_us > ACTED_WITHIN_US {
                return Err(
                    format!("{entry_id:?} of {asset_id} is reached for {waited_us} µs: {entry:?}").into()
                );
            }
        }
        Ok(())
    }

    fn marks_check(&mut self, waiting: &Waiting) -> Outcome<()> {
        let before = std::mem::take(&mut self.marks);
        for (asset_id, entry_id, entry) in waiting {
            let Interest::Trail { side, mark, .. } = entry.interest else { continue };
            let key = (*asset_id, *entry_id, entry.since_us);
            if let Some(known) = before.get(&key) {
                let went_back = match side {
                    Side::Sell => mark < *known,
                    Side::Buy => mark > *known,
                };
                if went_back {
                    return Err(format!("the mark of {entry_id:?} went back from {known} to {mark}").into());
                }
            }
            self.marks.insert(key, mark);
        }
        Ok(())
    }
}
