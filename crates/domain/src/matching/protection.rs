//! Exits protect what their purchase has bought: they become active with its first part, grow with every further
//! one, and stay for exactly what was bought when it ends. A purchase whose exits end without its owner's doing ends, too.

use super::close::{close, entry_cancel, is_over};
use super::decision::{DecisionBuilder, MarketContext, ReserveChange, is_carrier, is_entry};
use super::reserve::Reserve;
use crate::{OrderChange, OrderState, OrderStatus, OrderTerms, Quantity, Reason, Refusal};

/// Follows a fill of `part` coins of the order at `index` in its group. Exits of a purchase become active or grow.
/// An exit that has sold all that was bought ends the purchase.
pub(super) fn follow_fill(
    builder: &mut DecisionBuilder,
    index: usize,
    part: Quantity,
    market: &MarketContext,
) -> Result<(), Refusal> {
    if !is_entry(builder.order(index)?) {
        return purchase_end(builder, index);
    }
    if builder.held_exits().is_empty() { grow(builder, part) } else { activate(builder, index, market) }
}

/// Activates the held exits of the purchase at `index` for what it has bought so far. Exits whose time in force is
/// over expire.
pub(super) fn activate(
    builder: &mut DecisionBuilder,
    index: usize,
    market: &MarketContext,
) -> Result<(), Refusal> {
    for exit in builder.held_exits() {
        let order = *builder.order(exit)?;
        if order.is_open() && is_over(&order, market.now_us) {
            close(builder, exit, OrderChange::Expired(Reason::GtdReached))?;
        }
    }
    // Coins bought before exits followed parts may have been sold meanwhile.
    let covered = builder.order(index)?.filled.min(builder.state.coins_available);
    let exits = builder.held_exits();
    for exit in exits.iter().copied() {
        resize(builder, exit, covered)?;
    }
    for exit in exits {
        builder.mark_set(exit, market.quote.last, market)?;
        // Both exits sell the same coins, so they share one reserve, shown by the stop-loss.
        if builder.sibling(exit).is_some() && !is_carrier(builder.order(exit)?) {
            builder.record_moved(exit, OrderChange::Activated, Reserve::NOTHING)?;
        } else {
            builder.record(exit, OrderChange::Activated)?;
        }
    }
    Ok(())
}

/// Gives a held exit, which reserves nothing, the quantity that it will sell.
fn resize(builder: &mut DecisionBuilder, exit: usize, quantity: Quantity) -> Result<(), Refusal> {
    let order = *builder.order(exit)?;
    if order.terms.quantity == quantity {
        return Ok(());
    }
    builder.record(exit, resized(&order, quantity))
}

/// The live exits sell a further part of the purchase.
fn grow(builder: &mut DecisionBuilder, part: Quantity) -> Result<(), Refusal> {
    let mut grown = Vec::with_capacity(2);
    for exit in builder.live_exits() {
        let order = *builder.order(exit)?;
        let change = resized(&order, order.terms.quantity.checked_add(part)?);
        grown.push((exit, is_carrier(&order), order.held(), order.apply(&change)?.need()?, change));
    }
    match grown.as_slice() {
        [] => Ok(()),
        [(exit, _, before, need, change)] => {
            builder.record_with(*exit, *change, ReserveChange { own: *need, before: *before, after: *need })
        }
        pair => {
            let (mut before, mut pool) = (Reserve::NOTHING, Reserve::NOTHING);
            for (_, _, held, need, _) in pair {
                (before, pool) = (before.with(*held)?, pool.max(*need));
            }
            for (exit, is_carrier, _, _, change) in pair {
                if *is_carrier {
                    builder.record_with(*exit, *change, ReserveChange { own: pool, before, after: pool })?;
                } else {
                    builder.record_moved(*exit, *change, Reserve::NOTHING)?;
                }
            }
            Ok(())
        }
    }
}

fn resized(order: &OrderState, quantity: Quantity) -> OrderChange {
    let terms = OrderTerms { quantity, quote_quantity: None, ..order.terms };
    OrderChange::Replaced { terms, reason: Reason::EntryFill }
}

/// Ends the rest of a purchase whose exit at `index` has sold everything bought: further coins would have no exit.
fn purchase_end(builder: &mut DecisionBuilder, index: usize) -> Result<(), Refusal> {
    if builder.order(index)?.status != OrderStatus::Completed {
        return Ok(());
    }
    entry_cancel(builder, Reason::ExitFilled)
}

impl DecisionBuilder {
    /// The exits that are active.
    fn live_exits(&self) -> Vec<usize> {
        let is_live = |(_, order): &(usize, &OrderState)| {
            order.is_open()
                && order.status != OrderStatus::Held
                && order.link.is_some_and(|link| link.is_held_first())
        };
        self.state.orders.iter().enumerate().filter(is_live).map(|(index, _)| index).collect()
    }
}
