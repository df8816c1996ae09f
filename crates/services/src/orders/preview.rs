//! What an order would do now. Nothing is written.

use cnop_api::trading::{OrderPreview, OrderRequest, PreviewProblem};
use cnop_api::{Caller, Problem};
use cnop_domain::{Amount, Holder, Quantity, Quote, Side, Size, Ticket, fee, market_fill};

use super::Orders;
use super::place::{Offer, holder, offer, refused};
use super::request::parse;
use crate::{Error, Result};

/// A spread above this share of the ask (1/100) deserves a warning.
const SPREAD_WARNING_HUNDREDTHS: i128 = 1;

impl Orders {
    /// What the order would do now, and what the real call would refuse it for.
    ///
    /// # Errors
    /// The real call's problems when there is nothing to compute with: bad fields, an asset without a price; when
    /// the account cannot be read.
    pub async fn preview(&self, caller: &Caller, request: OrderRequest) -> Result<OrderPreview> {
        let context = &self.accounts.context;
        let parsed = parse(&request, context.environment.market.catalogue())?;
        let ticket = parsed.ticket;
        let state = self.accounts.state(&caller.account_id, Some(ticket.asset_id)).await?;
        let offer = offer(context, &ticket, parsed.asset.rules, parsed.asset.is_active, state.now_us)?;
        let holder = holder(&state)?;
        let filled = market_fill(&ticket, &offer.terms, &holder);
        let mut problems = Vec::new();
        problems.extend(offer.age_check(context).err().map(problem));
        problems.extend(filled.err().map(|refusal| problem(refused(refusal, &ticket))));
        Ok(estimate(&ticket, &offer, &holder, problems))
    }
}

fn problem(error: Error) -> PreviewProblem {
    let Problem { code, detail, errors, .. } = error.into();
    PreviewProblem { code: code.as_str().to_owned(), detail, errors }
}

/// The figures of the order as if nothing stood in its way.
fn estimate(ticket: &Ticket, offer: &Offer, holder: &Holder, problems: Vec<PreviewProblem>) -> OrderPreview {
    let Offer { terms, .. } = offer;
    let price = terms.quote.price_for(ticket.side);
    let quantity = match ticket.size {
        Size::Base(quantity) => quantity,
        Size::Quote(amount) => price.quantity_within(amount).floor_to(terms.rules.step_size),
    };
    let notional = price.value_of(quantity);
    let fee = fee(notional, terms.fee_bps).unwrap_or(Amount::MAX);
    let clipped = |sum: Result<Amount, _>| sum.unwrap_or(Amount::MAX);
    let (total, balance_after, holding_after) = match ticket.side {
        Side::Buy => {
            let total = clipped(notional.checked_add(fee));
            (
                total,
                holder.cash.checked_sub(total).unwrap_or(Amount::MAX.negated()),
                holder.position.quantity.checked_add(quantity).ok(),
            )
        }
        Side::Sell => {
            let total = notional.checked_sub(fee).unwrap_or(Amount::ZERO);
            let after = holder.position.quantity.checked_sub(quantity).ok();
            (total, clipped(holder.cash.checked_add(total)), after)
        }
    };
    OrderPreview {
        side: ticket.side.as_str().to_owned(),
        asset_id: ticket.asset_id,
        quantity,
        price,
        notional,
        fee,
        total,
        balance_after,
        holding_after,
        quote_seq: terms.quote.seq,
        warnings: warnings(ticket, offer, quantity),
        problems,
    }
}

fn warnings(ticket: &Ticket, offer: &Offer, quantity: Quantity) -> Vec<String> {
    let mut warnings = Vec::new();
    let Quote { bid, ask, bid_size, ask_size, .. } = offer.terms.quote;
    let spread = ask.units() - bid.units();
    if spread * 100 > ask.units() * SPREAD_WARNING_HUNDREDTHS {
        warnings.push(format!("Bid and ask are far apart: {bid} and {ask} USD."));
    }
    let (displayed, side) = match ticket.side {
        Side::Buy => (ask_size, "ask"),
        Side::Sell => (bid_size, "bid"),
    };
    if quantity > displayed {
        warnings.push(format!(
            "This is more than the {displayed} {} shown at the {side}; the venue still fills it whole at that price.",
            ticket.asset_id
        ));
    }
    warnings
}
