//! Creation of a price alert.

use cnop_api::trading::parse::{asset_read, price_read};
use cnop_api::trading::{AlertDirection, AlertRequest, AlertView};
use cnop_api::{Code, FieldError, Problem};
use cnop_domain::{
    AlertId, AssetId, Field, MarketContext, OrderTerms, OrderType, Price, Quantity, Refusal, Side,
    TermsFault, TermsRule, TimeInForce,
};
use cnop_market::Catalogue;
use cnop_store::{Condition, Write};

use crate::account::{AccountCommand, AccountState, Accounts, CommitPlan, Reads};
use crate::error::{Error, Result};
use crate::orders::{market_quote, refused};
use crate::records::{AlertRecord, AutomationEvent, EventKind, alert_key, book_alert_key, encode};
use crate::trigger_books::BookChanges;

/// Most alerts of one account. A new one takes the place of the oldest that has fired.
pub(crate) const ALERTS_MAX: usize = 100;

/// Longest note, in characters.
const NOTE_CHARACTERS_MAX: usize = 200;

/// An alert on its way.
#[derive(Debug)]
pub(super) struct CreateAlert {
    asset_id: AssetId,
    price: Price,
    /// None: the side of the last price that the level is on.
    above: Option<bool>,
    note: Option<Box<str>>,
}

pub(super) fn read(request: &AlertRequest, catalogue: &Catalogue) -> Result<CreateAlert> {
    let mut errors = Vec::new();
    let asset = asset_read(&request.asset_id, catalogue).map_err(|error| errors.push(error)).ok();
    let price = price_read("price", &request.price, asset.as_ref().map(|asset| &asset.rules))
        .map_err(|error| errors.push(error))
        .ok();
    let direction = request.direction.as_deref().and_then(|text| {
        let direction = AlertDirection::from_text(text);
        if direction.is_none() {
            let detail = "The direction must be above or below.";
            errors.push(FieldError::new("direction", "one_of", detail).given(text));
        }
        direction
    });
    let above = direction.map(|direction| direction == AlertDirection::Above);
    let note = request.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    if let Some(note) = note
        && (note.chars().count() > NOTE_CHARACTERS_MAX || note.chars().any(char::is_control))
    {
        let detail = format!("The note must be one line of at most {NOTE_CHARACTERS_MAX} characters.");
        errors.push(FieldError::new("note", "note", detail));
    }
    match (asset, price) {
        (Some(asset), Some(price)) if errors.is_empty() => {
            Ok(CreateAlert { asset_id: asset.asset_id, price, above, note: note.map(Into::into) })
        }
        _ => Err(Error::Invalid(errors)),
    }
}

/// Refuses a level that no price can have, or that is reached already. A stop order at this level keeps the same rules.
fn level_check(asset_id: AssetId, price: Price, above: bool, market: &MarketContext) -> Result<()> {
    let side = if above { Side::Buy } else { Side::Sell };
    let terms = OrderTerms {
        order_type: OrderType::Stop,
        stop: Some(price),
        time_in_force: TimeInForce::Gtc,
        ..OrderTerms::market(asset_id, side, Quantity::ZERO)
    };
    // Whatever else is wrong with that order is its size, which an alert does not have.
    let Err(Refusal::Terms(fault)) = terms.check(market, Quantity::ZERO) else { return Ok(()) };
    let (is_reached, last) = (fault.rule == TermsRule::WouldTrigger, market.quote.last);
    let fault = TermsFault { field: Field::Price, ..fault };
    let mut problem = Problem::from(refused(&Refusal::Terms(fault), asset_id, &[]));
    if is_reached {
        let nearest =
            problem.errors.iter().flat_map(|error| &error.nearest).map(|text| format!(" Nearest: {text}."));
        let nearest: String = nearest.collect();
        problem.detail = format!("The last price {last} USD has reached this level already.{nearest}");
        for error in &mut problem.errors {
            error.detail.clone_from(&problem.detail);
        }
    }
    Err(problem.into())
}

impl AccountCommand for CreateAlert {
    type Output = AlertView;

    fn reads(&self) -> Reads {
        Reads::Alerts
    }

    fn decide(&self, accounts: &Accounts, state: &AccountState<'_>) -> Result<CommitPlan<AlertView>> {
        let market = market_quote(&accounts.context, self.asset_id, state.now_us)?.market;
        let above = self.above.unwrap_or(self.price >= market.quote.last);
        level_check(self.asset_id, self.price, above, &market)?;
        let record = AlertRecord {
            asset_id: self.asset_id,
            price: self.price,
            above,
            note: self.note.clone(),
            created_us: state.now_us,
            fired: None,
        };
        let newest = state.alerts.last().map(|alert| alert.id).unwrap_or_default();
        let alert_id = AlertId::next(state.now_us, accounts.context.environment.entropy.as_ref(), newest);
        let live = record.live(state.account_id);
        let mut writes = vec![
            Write::put(alert_key(state.account_id, alert_id), encode(&record)?, Condition::Absent),
            Write::put(book_alert_key(self.asset_id, alert_id), encode(&live)?, Condition::Absent),
        ];
        let created = AutomationEvent::AlertCreated { alert: alert_id, after: record.clone() };
        let appended = match room(state)? {
            None => state.append_automation(&created)?,
            Some((removed, write)) => {
                writes.push(write);
                let removed = state.append_automation(&removed)?;
                removed.tell(state, EventKind::Enveloped(Box::new(created.seal()?)))?
            }
        };
        let books = BookChanges { entries: vec![live.entry(self.asset_id, alert_id)], hold: None };
        Ok(CommitPlan { appended, writes, books, answer: record.view(alert_id) })
    }
}

/// Removes the oldest alert that has fired when there are as many as there may be.
fn room(state: &AccountState<'_>) -> Result<Option<(AutomationEvent, Write)>> {
    if state.alerts.len() < ALERTS_MAX {
        return Ok(None);
    }
    match state.alerts.iter().find(|alert| alert.record.fired.is_some()) {
        Some(oldest) => {
            let key = alert_key(state.account_id, oldest.id);
            let event = AutomationEvent::AlertRemoved { alert: oldest.id, before: oldest.record.clone() };
            Ok(Some((event, Write::delete(key, Condition::Version(oldest.version)))))
        }
        None => {
            let detail =
                format!("{ALERTS_MAX} alerts are waiting; an account may have no more. Remove one first.");
            Err(Problem::new(Code::AlertTooMany, detail).with_fact("limit", ALERTS_MAX).into())
        }
    }
}
