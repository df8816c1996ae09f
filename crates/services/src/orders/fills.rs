//! The fills of one order, and the explanation of each.

use cnop_api::trading::{FillExplanation, FillInputs, FillRule, FillView, RecomputedFill, RuleApplied};
use cnop_api::{Caller, Code, Problem, Timestamp};
use cnop_domain::matching::{explain, recompute};
use cnop_domain::{Amount, Basis, Fill, OrderId, OrderState, OrderTerms, Progress, Quantity, Side};

use super::Orders;
use super::decision::not_found;
use super::view::trail_parts;
use crate::error::{Error, Result};
use crate::records::{FillRecord, OrderRecord};

impl Orders {
    /// The fills of an order, first one first.
    ///
    /// # Errors
    /// `order.not_found` when there is no such order in the caller's account.
    pub async fn fills(&self, caller: &Caller, order_id: OrderId) -> Result<Vec<FillView>> {
        Ok(self.record(caller, order_id).await?.fill_views())
    }

    /// Recomputes one fill (1 is the first) from stored data.
    ///
    /// # Errors
    /// `order.not_found`, `order.fill_not_found`.
    pub async fn explain(&self, caller: &Caller, order_id: OrderId, number: u32) -> Result<FillExplanation> {
        let record = self.record(caller, order_id).await?;
        let before_it = usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1);
        let fill = record.fills.get(before_it).ok_or_else(|| {
            let detail = format!("The order has {} fills.", record.fills.len());
            Error::from(Problem::new(Code::OrderFillNotFound, detail))
        })?;
        let mut before = Progress::default();
        for earlier in record.fills.iter().take(before_it) {
            let sum = before.after(&earlier.fill.fill);
            before = sum.map_err(|_| Error::Invariant("the fills of an order do not add up".to_owned()))?;
        }
        Ok(explanation(order_id, &record, fill, number, &before))
    }

    async fn record(&self, caller: &Caller, order_id: OrderId) -> Result<OrderRecord> {
        let loaded = self.accounts.order(&caller.account_id, order_id).await?.ok_or_else(not_found)?;
        Ok(loaded.record)
    }
}

fn explanation(
    order_id: OrderId,
    record: &OrderRecord,
    fill: &FillRecord,
    number: u32,
    before: &Progress,
) -> FillExplanation {
    let terms = OrderTerms { limit: fill.limit, quantity: fill.ordered, ..record.state.terms };
    // An order of the first schema has no fee rate; its one fill has the fee.
    let fee_bps = record.state.fee_bps;
    let Progress { filled, notional, fees, fills } = *before;
    let order = OrderState { terms, filled, notional, fees, fills, ..record.state };
    let seen = fill.model.seen();
    let mismatch = explain(&order, seen, &fill.fill).err();
    // An order that could not fill then has no fill.
    let nothing = Fill {
        quantity: Quantity::ZERO,
        notional: Amount::ZERO,
        fee: Amount::ZERO,
        price: fill.fill.fill.quote.price_for(terms.side),
        ..fill.fill.fill
    };
    let recomputed = recompute(&order, seen, &fill.fill).unwrap_or(nothing);
    let (trail_bps, trail_amount) = trail_parts(terms.trail);
    FillExplanation {
        order_id,
        fill: fill.view(number),
        inputs: FillInputs {
            asset_id: terms.asset_id,
            side: terms.side,
            kind: terms.order_type,
            quantity: terms.quantity,
            quote_quantity: terms.quote_quantity,
            limit_price: terms.limit,
            trigger_price: record.state.trigger,
            mark_price: record.state.mark,
            trail_bps,
            trail_amount,
            time_in_force: terms.time_in_force.kind(),
            expires_at: terms.time_in_force.expires_us().map(Timestamp),
            post_only: terms.post_only,
            fee_bps,
            filled_quantity: before.filled,
            filled_notional: before.notional,
            fees: before.fees,
            displayed_left: seen.and_then(|seen| seen.displayed_left),
            tick_size: seen.map(|seen| seen.tick_size),
            step_size: seen.map(|seen| seen.step_size),
        },
        rules: rules(record, fill, &terms, before),
        recomputed: RecomputedFill {
            price: recomputed.price,
            quantity: recomputed.quantity,
            notional: recomputed.notional,
            fee: recomputed.fee,
        },
        verified: mismatch.is_none(),
        mismatch: mismatch.map(|mismatch| mismatch.to_string()),
    }
}

/// The published rules that made a fill, in the order they were applied.
fn rules(record: &OrderRecord, fill: &FillRecord, terms: &OrderTerms, before: &Progress) -> Vec<RuleApplied> {
    let given = &fill.fill.fill;
    let quote = &given.quote;
    let (word, other, size) = match terms.side {
        Side::Buy => ("ask", quote.ask, quote.ask_size),
        Side::Sell => ("bid", quote.bid, quote.bid_size),
    };
    let most = match fill.model.seen().and_then(|seen| seen.displayed_left) {
        Some(left) => format!("at most the {left} that it could have of the {size} displayed"),
        None => format!("at most the {size} displayed"),
    };
    let mut rules = Vec::with_capacity(4);
    let mut add = |rule: FillRule, detail: String| rules.push(RuleApplied { rule, detail });
    if let Some(trigger) = record.state.trigger.filter(|_| terms.order_type.waits()) {
        let how = if terms.order_type.triggers_above(terms.side) { "rose to" } else { "fell to" };
        add(
            FillRule::Trigger,
            format!("The order triggered when the last price {how} the trigger of {trigger} USD or beyond."),
        );
    }
    match (fill.fill.basis, terms.limit) {
        (Basis::Venue, _) => {
            add(
                FillRule::Venue,
                format!("A market order fills in full at the quote: the {word} was {other} USD."),
            );
        }
        (Basis::Taker, _) => add(
            FillRule::Taker,
            format!(
                "On arrival the limit was at or beyond the {word}, so the order took the quote's price, {other} USD, {most}."
            ),
        ),
        (Basis::Maker, limit) => {
            let limit = limit.unwrap_or(given.price);
            add(
                FillRule::Maker,
                format!(
                    "The {word} reached {other} USD, so the resting order filled at the limit of {limit} USD, {most}."
                ),
            );
        }
    }
    add(FillRule::Notional, format!("{} × {} USD = {} USD.", given.quantity, given.price, given.notional));
    add(
        FillRule::Fee,
        format!(
            "{} basis points of everything filled so far, rounded up, less {} USD charged before: {} USD.",
            record.state.fee_bps, before.fees, given.fee
        ),
    );
    rules
}
