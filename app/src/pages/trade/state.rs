//! What the ticket remembers, in the page's body.

use cnop_api::Problem;
use cnop_domain::{OrderType, Side, TimeInForceKind};
use leptos::prelude::*;

use crate::forms::{FormState, focus, focus_first_invalid};
use crate::functions::{Kind, OrderForm, OrderPlace, Placed};
use crate::remote::Sending;

/// Prefix of the form's ids and name of its flash.
pub(super) const FORM: &str = "ticket";

/// What the ticket remembers.
#[derive(Clone, Copy)]
pub(super) struct TicketState {
    pub(super) form: FormState,
    pub(super) side: Memo<Side>,
    pub(super) kind: Memo<Kind>,
    pub(super) unit: RwSignal<String>,
    pub(super) amount: RwSignal<String>,
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
    /// The draft that is being looked at a second time.
    pub(super) confirming: RwSignal<Option<OrderForm>>,
    /// Whether the address asks for the second look and it has not been taken.
    pub(super) asked: StoredValue<bool>,
    /// What came of the order before, as the server draws it.
    pub(super) placed: RwSignal<Option<String>>,
    pub(super) sending: Sending<Placed>,
}

impl TicketState {
    /// The ticket as the address, or what came back of a refusal, fills it in. Call it in a component's body.
    pub(super) fn new(side: Memo<Side>, kind: Memo<Kind>, read: &dyn Fn(&str) -> String) -> Self {
        let form = FormState::new(FORM);
        let field = |name: &'static str, otherwise: &str| {
            let given = read(name);
            form.field(name, if given.is_empty() { otherwise.to_owned() } else { given })
        };
        let state = Self {
            form,
            side,
            kind,
            unit: field("unit", "asset"),
            amount: field("amount", ""),
            price: field("price", ""),
            stop_price: field("stop_price", ""),
            trail: field("trail", ""),
            trail_unit: field("trail_unit", "percent"),
            time_in_force: field("time_in_force", TimeInForceKind::Gtc.as_str()),
            expires_at: field("expires_at", ""),
            post_only: field("post_only", "false"),
            take_profit: field("take_profit", ""),
            stop_loss_type: field("stop_loss_type", OrderType::Stop.as_str()),
            stop_loss: field("stop_loss", ""),
            stop_loss_price: field("stop_loss_price", ""),
            stop_loss_trail: field("stop_loss_trail", ""),
            stop_loss_unit: field("stop_loss_unit", "percent"),
            confirming: RwSignal::new(None),
            asked: StoredValue::new(read("review") == "1"),
            placed: RwSignal::new(None),
            sending: Sending::to::<OrderPlace>(),
        };
        state.follow();
        state
    }

    fn follow(self) {
        self.form.follow(self.sending, move |placed: Placed| {
            self.placed.set(Some(placed.html));
            self.amount.set(String::new());
            self.confirming.set(None);
            request_animation_frame(|| focus("result"));
        });
        Effect::new(move |_| {
            if self.sending.is_refused() {
                self.confirming.set(None);
                focus_first_invalid(FORM);
            }
        });
        // A second look is at one kind of order only, and so is a refusal.
        Effect::new(move |before: Option<()>| {
            self.side.track();
            self.kind.track();
            if before.is_some() {
                self.confirming.set(None);
                self.form.problem.set(None);
                // Dollars never become coins: of a kind that is sized in coins alone the amount is asked for anew.
                if !self.kind.get_untracked().by_value() && self.unit.get_untracked() == "usd" {
                    self.unit.set("asset".to_owned());
                    self.amount.set(String::new());
                }
            }
        });
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

    /// Closes the second look and goes back to the amount.
    pub(super) fn look_away(self) {
        self.confirming.set(None);
        request_animation_frame(|| focus("ticket-amount"));
    }

    /// Opens the second look, or says what is wrong at its field.
    pub(super) fn look_again(self, fault: Option<Problem>) {
        if self.sending.pending().get_untracked() {
            return;
        }
        self.placed.set(None);
        if fault.is_some() {
            self.form.problem.set(fault);
            focus_first_invalid(FORM);
        } else {
            self.form.problem.set(None);
            self.confirming.set(Some(untrack(|| self.draft())));
            request_animation_frame(|| focus("confirm"));
        }
    }
}
