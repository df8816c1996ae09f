//! What happens to an order that is there: a cancel, a replacement, a trigger, a fill, the end of its time.

use cnop_api::trading::OrderView;
use cnop_api::{Code, Problem};
use cnop_domain::book::Handed;
use cnop_domain::engine::{cancel, expire, fill_resting, replace, trigger};
use cnop_domain::{Desk, Outcome, Position, Price, Quantity, Quote, Reason, Revision, Venue};

use super::decision::{Offer, Refused, closed, guard_check, not_decided, offer_of, refused};
use super::settle::settle;
use crate::account::{Accounts, Attempt, Command, LoadedOrder, Reads, State};
use crate::books::Taken;
use crate::records::{OrderRecord, QuoteSource, Waits, order_id};
use crate::{Error, Result};

/// A command on one order.
#[derive(Debug)]
pub(crate) struct Act {
    /// The 128 bits of its id.
    pub(crate) number: u128,
    pub(crate) action: Action,
    /// The versions of which the caller wants to change one; any when there is no list.
    pub(crate) if_match: Option<Vec<u32>>,
}

/// What is to happen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Cancel(Reason),
    Replace(Revision),
    /// Its trigger was reached by a quote.
    Trigger {
        quote: Quote,
        mark: Option<Price>,
        source: QuoteSource,
    },
    /// A quote reached its limit, and this much of the displayed size is its.
    Fill {
        quote: Quote,
        granted: Quantity,
        source: QuoteSource,
    },
    /// Its time is over.
    Expire,
}

/// The account's money and the orders of a group, as the domain sees them.
pub(super) fn desk(state: &State<'_>) -> Result<Desk> {
    let (coins_available, coins_reserved, position) = match &state.holding {
        Some((holding, _)) => (holding.available, holding.reserved, holding.position()?),
        None => (Quantity::ZERO, Quantity::ZERO, Position::default()),
    };
    Ok(Desk {
        orders: state.orders.iter().map(|loaded| loaded.record.state).collect(),
        cash_available: state.head.available,
        cash_reserved: state.head.reserved,
        coins_available,
        coins_reserved,
        position,
    })
}

pub(super) fn not_found() -> Error {
    Problem::new(Code::OrderNotFound, "There is no order with this id in your account.").into()
}

fn another_version(now: u32, named: &[u32]) -> Error {
    let named: Vec<String> = named.iter().map(u32::to_string).collect();
    let detail = if named.is_empty() {
        format!("The order is at version {now}, and what you named is no version of it. Read it again.")
    } else {
        let named = named.join(" or ");
        format!("The order has changed since: it is at version {now}, you named {named}. Read it again.")
    };
    Problem::new(Code::OrderVersion, detail).with_fact("version", now).into()
}

impl Act {
    fn find<'s>(&self, state: &'s State<'_>) -> Result<(usize, &'s LoadedOrder)> {
        let mut orders = state.orders.iter().enumerate();
        let (index, loaded) =
            orders.find(|(_, loaded)| loaded.number == self.number).ok_or_else(not_found)?;
        let order = &loaded.record.state;
        if order.status.is_final() {
            return Err(closed(order.status));
        }
        match &self.if_match {
            Some(named) if !named.contains(&order.version) => Err(another_version(order.version, named)),
            Some(_) | None => Ok((index, loaded)),
        }
    }

    /// What a quote reached is done to the order that it reached: not when the order was changed since, or when it is
    /// done already and only its answer was lost.
    fn still_reached(&self, accounts: &Accounts, record: &OrderRecord) -> Result<()> {
        let handed = match self.action {
            Action::Cancel(_) | Action::Replace(_) => return Ok(()),
            Action::Trigger { quote, .. } => Handed::Triggered { quote_seq: quote.seq },
            Action::Fill { quote, granted, .. } => {
                Handed::Granted { granted, left: granted, quote_seq: quote.seq }
            }
            Action::Expire => Handed::Expired,
        };
        let is_handed = Waits::of(record).is_some_and(|waits| {
            accounts.books.is_handed(record.state.terms.asset_id, self.number, handed, &waits)
        });
        if is_handed {
            return Ok(());
        }
        let detail = "The order has changed since the quote that reached it.";
        Err(Problem::new(Code::OrderVersion, detail).with_fact("version", record.state.version).into())
    }

    /// What the domain makes of the action, whose quote it used, and what it took of a displayed size.
    fn outcome(
        &self,
        accounts: &Accounts,
        state: &State<'_>,
        index: usize,
    ) -> Result<(Outcome, QuoteSource, Option<Taken>)> {
        let desk = desk(state)?;
        let loaded = state.orders.get(index).ok_or_else(not_found)?;
        let terms = loaded.record.state.terms;
        let fault = |refusal| refused(refusal, terms.asset_id, &[]);
        let free = |outcome| (outcome, QuoteSource::Simulator, None);
        self.still_reached(accounts, &loaded.record)?;
        let now_us = state.now_us;
        match self.action {
            Action::Cancel(reason) => cancel(&desk, index, reason, now_us).map(free).map_err(fault),
            Action::Expire => expire(&desk, index, now_us).map(free).map_err(fault),
            // Its owner has forbidden it: the switch is committed, and the cancel that follows may be later than a quote.
            Action::Trigger { .. } | Action::Fill { .. } if state.head.guard.at(now_us).kill_switch => {
                cancel(&desk, index, Reason::KillSwitch, now_us).map(free).map_err(fault)
            }
            Action::Trigger { quote, mark, source } => {
                let venue = venue(accounts, state, &quote, terms.asset_id, Quantity::ZERO)?;
                let offer = Offer { venue, source, age_ms: 0 };
                // A limit form arrives, and takes what is left of the displayed size.
                let decided = offer
                    .decide(accounts, terms.asset_id, terms.side, |venue| trigger(&desk, index, venue, mark));
                match decided {
                    Ok((outcome, taken)) => Ok((outcome, source, taken)),
                    // Others were always faster: it wakes all the same, and takes from the next quote.
                    Err(Refused::Busy) => {
                        let outcome = trigger(&desk, index, &venue, mark).map_err(fault)?;
                        Ok((outcome, source, None))
                    }
                    Err(Refused::Rules(refusal)) => Err(fault(refusal)),
                }
            }
            Action::Fill { quote, granted, source } => {
                let venue = venue(accounts, state, &quote, terms.asset_id, granted)?;
                let outcome = fill_resting(&desk, index, granted, &venue).map_err(fault)?;
                Ok((outcome, source, None))
            }
            Action::Replace(mut revision) => {
                revision.mark = accounts.books.trail(terms.asset_id, self.number).map(|(mark, _)| mark);
                let offer = offer_of(&accounts.context, terms.asset_id, state.now_us)?;
                offer.age_check(&accounts.context)?;
                let (outcome, taken) = offer
                    .decide(accounts, terms.asset_id, terms.side, |venue| {
                        replace(&desk, index, &revision, venue)
                    })
                    .map_err(|refusal| not_decided(refusal, terms.asset_id, &[]))?;
                let new_terms = outcome.after.orders.get(index).map(|order| order.terms);
                let before = Some(&loaded.record.state);
                if let Err(error) = guard_check(state, new_terms.as_slice(), before, &offer.venue) {
                    if let Some(taken) = taken {
                        accounts.books.give_back(taken);
                    }
                    return Err(error);
                }
                Ok((outcome, offer.source, taken))
            }
        }
    }
}

fn venue(
    accounts: &Accounts,
    state: &State<'_>,
    quote: &Quote,
    asset_id: cnop_domain::AssetId,
    displayed_left: Quantity,
) -> Result<Venue> {
    let catalogue = accounts.context.environment.market.catalogue();
    let asset =
        catalogue.get(asset_id).ok_or_else(|| Error::Internal("an order's asset is gone".to_owned()))?;
    let config = &accounts.context.config;
    Ok(Venue {
        rules: asset.rules,
        quote: *quote,
        fee_bps: config.fee_bps,
        order_notional_max: config.order_notional_max,
        displayed_left,
        now_us: state.now_us,
    })
}

impl Command for Act {
    type Answer = OrderView;

    fn reads(&self) -> Reads {
        Reads::Order(self.number)
    }

    fn decide(&self, accounts: &Accounts, state: &State<'_>) -> Result<Attempt<OrderView>> {
        let (index, _) = self.find(state)?;
        let (outcome, source, taken) = self.outcome(accounts, state, index)?;
        let mut settled = settle(state, Vec::new(), outcome, source).inspect_err(|_| {
            if let Some(taken) = taken {
                accounts.books.give_back(taken);
            }
        })?;
        settled.books.taken = taken;
        let (number, record) = settled.orders.get(index).ok_or_else(not_found)?;
        let order_id = order_id(*number).ok_or_else(not_found)?;
        let answer = record.view(order_id);
        Ok(Attempt { appended: settled.appended, writes: settled.writes, books: settled.books, answer })
    }
}
