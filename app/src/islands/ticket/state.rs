//! Signals of the order ticket.

use cnop_api::Problem;
use cnop_domain::{OrderType, Price, Side, TimeInForceKind};
use leptos::prelude::*;

use super::data::TicketStart;
use super::draft::EstimateContext;
use crate::islands::browser::{focus_first_invalid, focus_soon, query};
use crate::order_form::{OrderForm, TicketKind};

/// Prefix of the form's ids and name of its flash.
pub(crate) const FORM: &str = "ticket";
/// Members of the address that open the sheet of a phone.
const OPENING: [&str; 4] = ["side", "review", "placed", "problem"];

/// Returns true if an address opens the sheet of a phone: by a side, or by an outcome.
pub(crate) fn opens_sheet(read: impl Fn(&str) -> String) -> bool {
    OPENING.iter().any(|name| !read(name).is_empty())
}

/// The ticket's signals. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TicketState {
    /// Idempotency key of the next order.
    pub(super) key: StoredValue<String>,
    /// The refusal that is shown.
    pub(super) problem: RwSignal<Option<Problem>>,
    /// True if the sheet of a phone is open.
    pub(super) open: RwSignal<bool>,
    pub(super) side: RwSignal<Side>,
    pub(super) kind: RwSignal<TicketKind>,
    pub(super) unit: RwSignal<String>,
    pub(super) amount: RwSignal<String>,
    /// The amount in the other unit before the last change of the unit, and what it became.
    converted: StoredValue<(String, String)>,
    pub(super) price: RwSignal<String>,
    pub(super) stop_price: RwSignal<String>,
    pub(super) trail: RwSignal<String>,
    pub(super) trail_unit: RwSignal<String>,
    pub(super) time_in_force: RwSignal<String>,
    pub(super) expires_at: RwSignal<String>,
    pub(super) post_only: RwSignal<String>,
    pub(super) take_profit: RwSignal<String>,
    pub(super) stop_loss_type: RwSignal<String>,
    pub(super) stop_loss: RwSignal<String>,
    pub(super) stop_loss_price: RwSignal<String>,
    pub(super) stop_loss_trail: RwSignal<String>,
    pub(super) stop_loss_unit: RwSignal<String>,
    /// True once the trader has changed something: from then on reasons are given while they type.
    edited: RwSignal<bool>,
    /// True once a submit was refused: from then on missing fields are named too.
    asked: RwSignal<bool>,
    /// The draft that the trader confirms.
    pub(super) confirming: RwSignal<Option<OrderForm>>,
}

impl TicketState {
    pub(super) fn new(start: TicketStart) -> Self {
        let TicketStart { order, key, problem, is_confirming, is_open } = start;
        let confirming = RwSignal::new(is_confirming.then(|| order.clone()));
        let (side, kind) = (order.side(), order.kind());
        let field = |text: String| RwSignal::new(text);
        let or = |text: String, otherwise: &str| {
            RwSignal::new(if text.is_empty() { otherwise.to_owned() } else { text })
        };
        Self {
            key: StoredValue::new(key),
            problem: RwSignal::new(problem),
            open: RwSignal::new(is_open),
            side: RwSignal::new(side),
            kind: RwSignal::new(kind),
            unit: or(order.unit, "asset"),
            amount: field(order.amount),
            converted: StoredValue::new((String::new(), String::new())),
            price: field(order.price),
            stop_price: field(order.stop_price),
            trail: field(order.trail),
            trail_unit: or(order.trail_unit, "percent"),
            time_in_force: or(order.time_in_force, TimeInForceKind::Gtc.as_str()),
            expires_at: field(order.expires_at),
            post_only: or(order.post_only, "false"),
            take_profit: field(order.take_profit),
            stop_loss_type: or(order.stop_loss_type, OrderType::Stop.as_str()),
            stop_loss: field(order.stop_loss),
            stop_loss_price: field(order.stop_loss_price),
            stop_loss_trail: field(order.stop_loss_trail),
            stop_loss_unit: or(order.stop_loss_unit, "percent"),
            edited: RwSignal::new(false),
            asked: RwSignal::new(false),
            confirming,
        }
    }

    /// The ticket as it is filled in (tracked).
    pub(super) fn draft(self) -> OrderForm {
        OrderForm {
            side: self.side.get().as_str().to_owned(),
            kind: self.kind.get().as_str().to_owned(),
            unit: self.unit.get(),
            amount: self.amount.get(),
            price: self.price.get(),
            stop_price: self.stop_price.get(),
            trail: self.trail.get(),
            trail_unit: self.trail_unit.get(),
            time_in_force: self.time_in_force.get(),
            expires_at: self.expires_at.get(),
            post_only: self.post_only.get(),
            take_profit: self.take_profit.get(),
            stop_loss_type: self.stop_loss_type.get(),
            stop_loss: self.stop_loss.get(),
            stop_loss_price: self.stop_loss_price.get(),
            stop_loss_trail: self.stop_loss_trail.get(),
            stop_loss_unit: self.stop_loss_unit.get(),
        }
    }

    /// Returns true once the trader has changed something (tracked).
    pub(super) fn is_edited(self) -> bool {
        self.edited.get()
    }

    /// The part of a refusal that is shown while the trader types (tracked): what is missing is no fault yet.
    pub(super) fn typed_problem(self, refusal: Option<&Problem>) -> Option<Problem> {
        if !self.edited.get() {
            return None;
        }
        let mut problem = refusal?.clone();
        if !self.asked.get() {
            problem.errors.retain(|error| error.rule != "required");
        }
        (!problem.errors.is_empty()).then_some(problem)
    }

    /// Notes changes of the input. The refusal of another input is withdrawn.
    pub(super) fn watch_input(self) {
        Effect::new(move |before: Option<OrderForm>| {
            let draft = self.draft();
            if before.is_some_and(|before| before != draft) {
                self.edited.set(true);
                if self.problem.with_untracked(Option::is_some) {
                    self.problem.set(None);
                }
            }
            draft
        });
    }

    /// Fills in another order.
    pub(super) fn fill(self, order: &OrderForm) {
        self.confirming.set(None);
        self.side.set(order.side());
        self.kind.set(order.kind());
        self.unit.set(order.unit.clone());
        self.amount.set(order.amount.clone());
        self.price.set(order.price.clone());
        self.stop_price.set(order.stop_price.clone());
    }

    /// Takes a price of the quote: as the limit, of a limit order unless the present kind has one.
    pub(super) fn take_price(self, price: Price) {
        let has_limit =
            matches!(self.kind.get_untracked(), TicketKind::One(order_type) if order_type.has_limit());
        self.price.set(price.to_string());
        if !has_limit {
            self.kind.set(TicketKind::One(OrderType::Limit));
        }
    }

    /// Takes side, type and sheet from the address of the page.
    pub(super) fn follow_address(self) {
        let side = Side::from_text(&query("side")).unwrap_or(Side::Buy);
        let kind = TicketKind::from_text(&query("type"));
        self.open.set(opens_sheet(query));
        if (side, kind) == (self.side.get_untracked(), self.kind.get_untracked()) {
            return;
        }
        self.side.set(side);
        self.kind.set(kind);
        // A confirmation is of one type of order, and so is a refusal.
        self.confirming.set(None);
        self.problem.set(None);
        // Dollars never become coins: of a type that is sized in coins alone the amount is empty again.
        if !kind.by_value() && self.unit.get_untracked() == "usd" {
            self.unit.set("asset".to_owned());
            self.amount.set(String::new());
        }
    }

    /// Changes the unit of the amount. The number is converted: the same digits would be another size. Back again, it
    /// is the number that was typed.
    pub(super) fn unit_change(self, unit: &str, context: &EstimateContext) {
        let form = untrack(|| self.draft());
        if form.unit == unit {
            return;
        }
        let (before, after) = self.converted.get_value();
        let is_back = !form.amount.is_empty() && after == form.amount;
        let amount = if is_back { before } else { context.amount_in(unit, &form) };
        self.converted.set_value((form.amount, amount.clone()));
        self.problem.set(None);
        self.unit.set(unit.to_owned());
        self.amount.set(amount);
    }

    /// Opens the confirmation, or shows the fault at its field.
    pub(super) fn confirm(self, fault: Option<Problem>) {
        if fault.is_some() {
            self.edited.set(true);
            self.asked.set(true);
            self.problem.set(fault);
            focus_first_invalid(FORM);
        } else {
            self.problem.set(None);
            self.confirming.set(Some(untrack(|| self.draft())));
            focus_soon("confirm");
        }
    }

    /// Closes the confirmation and goes back to the amount.
    pub(super) fn edit(self) {
        self.confirming.set(None);
        focus_soon("ticket-amount");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_opens_the_sheet_by_a_side_or_by_an_outcome() {
        let opens = |name: &'static str| {
            opens_sheet(move |member| if member == name { "1".to_owned() } else { String::new() })
        };
        for name in OPENING {
            assert!(opens(name), "{name}");
        }
        assert!(!opens("range") && !opens(""));
    }
}
