//! What the venue offers for an asset at one moment.

use cnop_api::{Code, Problem};
use cnop_domain::{AssetId, Outcome, Quantity, Refusal, Side, Venue};

use super::record::QuoteSource;
use crate::account::Accounts;
use crate::books::Taken;
use crate::{Context, Error, Result};

/// How often a decision is made anew because another order took the displayed size in the meantime.
const DISPLAYED_ATTEMPTS: u32 = 8;

/// What is charged and allowed now, and where the quote comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) venue: Venue,
    pub(super) source: QuoteSource,
    pub(super) age_ms: u64,
}

/// What the venue offers for an asset now.
pub(crate) fn offer_of(context: &Context, asset_id: AssetId, now_us: i64) -> Result<Offer> {
    let environment = &context.environment;
    let asset = environment.market.catalogue().get(asset_id).filter(|asset| asset.is_active);
    let snapshot = environment.market.snapshot();
    let state = snapshot.get(asset_id).filter(|state| state.tradable);
    let (Some(asset), Some(state)) = (asset, state) else {
        let detail = format!("{asset_id} cannot be traded now. Prices of other assets are not affected.");
        return Err(Problem::new(Code::AssetNotTradable, detail).with_fact("asset_id", asset_id).into());
    };
    let venue = Venue {
        rules: asset.rules,
        quote: state.quote,
        fee_bps: context.config.fee_bps,
        order_notional_max: context.config.order_notional_max,
        displayed_left: Quantity::ZERO,
        now_us,
    };
    let age_ms = u64::try_from((now_us - state.quote.time_us) / 1_000).unwrap_or(0);
    Ok(Offer { venue, source: snapshot.source.into(), age_ms })
}

impl Offer {
    /// Refuses a price that is too old to trade on.
    pub(crate) fn age_check(&self, context: &Context) -> Result<()> {
        let max_ms = context.config.price_max_age_ms;
        if self.age_ms <= max_ms { Ok(()) } else { Err(Error::PriceStale { age_ms: self.age_ms, max_ms }) }
    }

    /// Decides with what is left of the displayed size, and takes what the decision used.
    pub(super) fn decide(
        &self,
        accounts: &Accounts,
        asset_id: AssetId,
        side: Side,
        decide: impl Fn(&Venue) -> Result<Outcome, Refusal>,
    ) -> Result<(Outcome, Option<Taken>), Refused> {
        for _ in 0..DISPLAYED_ATTEMPTS {
            let displayed_left = accounts.books.displayed_left(asset_id, side, &self.venue.quote);
            let outcome = decide(&Venue { displayed_left, ..self.venue }).map_err(Refused::Rules)?;
            if outcome.displayed_used.is_zero() {
                return Ok((outcome, None));
            }
            let taken = accounts.books.take(asset_id, side, &self.venue.quote, outcome.displayed_used);
            if taken.is_some() {
                return Ok((outcome, taken));
            }
        }
        Err(Refused::Busy)
    }
}

/// Why nothing was decided.
#[derive(Debug)]
pub(super) enum Refused {
    /// A rule, or too little money.
    Rules(Refusal),
    /// Others were always faster.
    Busy,
}
