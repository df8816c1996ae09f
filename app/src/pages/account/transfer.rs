//! The two forms that move dollars in and out.

use cnop_api::money::{Balance, TransferReceipt};
use cnop_api::{FieldError, Problem};
use cnop_domain::Amount;
use leptos::form::FromFormData;
use leptos::prelude::*;

use super::super::private::{PageData, show};
use crate::format;
use crate::forms::{FormState, ProblemSummary, Submit, TextField, focus_first_invalid};
use crate::functions::{Deposit, Withdraw};
use crate::live::Live;

/// Units in one cent: amounts that move in and out have at most two decimals.
const UNITS_PER_CENT: i128 = 1_000_000;
/// Amounts that one tap fills in.
const QUICK: [&str; 4] = ["100", "500", "1000", "5000"];

/// Which way dollars go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Deposit.
    In,
    /// Withdrawal.
    Out,
}

/// The action of one of the two forms.
#[derive(Clone, Copy)]
enum Sending {
    In(ServerAction<Deposit>),
    Out(ServerAction<Withdraw>),
}

/// One of the two forms.
#[derive(Clone, Copy)]
pub(super) struct Transfer {
    direction: Direction,
    form: FormState,
    amount: RwSignal<String>,
    sending: Sending,
    told: RwSignal<Option<String>>,
}

impl Direction {
    const fn name(self) -> &'static str {
        match self {
            Self::In => "deposit",
            Self::Out => "withdraw",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::In => "Deposit",
            Self::Out => "Withdraw",
        }
    }

    fn receipt(self, amount: &str) -> String {
        let amount = amount.trim().parse().map_or_else(|_| format!("{amount} USD"), format::usd);
        match self {
            Self::In => format!("{amount} deposited."),
            Self::Out => format!("{amount} withdrawn."),
        }
    }
}

impl Transfer {
    /// Call it in the page's body.
    pub(super) fn new(direction: Direction, told: RwSignal<Option<String>>) -> Self {
        let form = FormState::new(direction.name());
        let amount = form.field("amount", "");
        let booked = move |_: TransferReceipt| {
            told.set(Some(direction.receipt(&amount.get_untracked())));
            amount.set(String::new());
        };
        let sending = match direction {
            Direction::In => {
                let action = ServerAction::<Deposit>::new();
                form.follow(action, booked);
                Sending::In(action)
            }
            Direction::Out => {
                let action = ServerAction::<Withdraw>::new();
                form.follow(action, booked);
                Sending::Out(action)
            }
        };
        Self { direction, form, amount, sending, told }
    }

    fn pending(self) -> Memo<bool> {
        match self.sending {
            Sending::In(action) => action.pending(),
            Sending::Out(action) => action.pending(),
        }
    }

    /// Stops what the venue would refuse anyway, with the same sentence.
    fn check(self, event: &leptos::ev::SubmitEvent) {
        let amount = match self.direction {
            Direction::In => Deposit::from_event(event).map(|input| input.amount),
            Direction::Out => Withdraw::from_event(event).map(|input| input.amount),
        };
        let fault = amount.ok().and_then(|amount| amount_fault(&amount));
        if self.pending().get_untracked() || fault.is_some() {
            event.prevent_default();
        }
        self.told.set(None);
        if let Some(fault) = fault {
            self.form.problem.set(Some(Problem::invalid(vec![fault])));
            focus_first_invalid(self.direction.name());
        }
    }

    /// The form, with what its daily limit leaves.
    pub(super) fn view(self, balance: PageData<Balance>) -> AnyView {
        let name = self.direction.name();
        let heading = format!("{name}-title");
        let summary = match self.direction {
            Direction::In => "deposit-problem",
            Direction::Out => "withdraw-problem",
        };
        let fields = move || {
            view! {
                <input r#type="hidden" name="key" value=move || self.form.key.get() />
                <TextField
                    form=name
                    name="amount"
                    label="Amount in USD"
                    value=self.amount
                    problem=self.form.problem
                    inputmode="decimal"
                />
                {self.quick(balance)}
                <Submit label=self.direction.title() waiting="Sending…" pending=self.pending() />
            }
        };
        let check = move |event: leptos::ev::SubmitEvent| self.check(&event);
        let form = match self.sending {
            Sending::In(action) => view! {
                <ActionForm action=action attr:class="form" attr:novalidate="" on:submit:capture=check>{fields()}</ActionForm>
            }
            .into_any(),
            Sending::Out(action) => view! {
                <ActionForm action=action attr:class="form" attr:novalidate="" on:submit:capture=check>{fields()}</ActionForm>
            }
            .into_any(),
        };
        view! {
            <section class="panel" aria-labelledby=format!("{name}-title")>
                <div class="panel-head">
                    <h2 id=heading>{self.direction.title()}</h2>
                    {show(balance, move |balance| self.left(&balance))}
                </div>
                <div class="form">
                    <ProblemSummary id=summary form=name problem=self.form.problem />
                    {form}
                </div>
            </section>
        }
        .into_any()
    }

    fn left(self, balance: &Balance) -> AnyView {
        let left = match self.direction {
            Direction::In => balance.deposit_left_today,
            Direction::Out => balance.withdraw_left_today,
        };
        view! { <p class="muted small">{format!("{} left today (UTC)", format::usd(left))}</p> }.into_any()
    }

    /// Buttons that fill the amount in; they need scripts, so they appear with them.
    fn quick(self, balance: PageData<Balance>) -> AnyView {
        let fill = move |amount: String| self.amount.set(amount);
        if self.direction == Direction::In {
            let button = move |amount: &'static str| {
                view! {
                    <button r#type="button" class="chip" on:click=move |_| fill(amount.to_owned())>
                        {amount.parse().map_or_else(|_| amount.to_owned(), format::usd)}
                    </button>
                }
            };
            return view! { <div class="chips scripted">{QUICK.map(button).into_iter().collect_view()}</div> }.into_any();
        }
        let live = Live::current();
        let all = move || {
            let read = balance.get_untracked().and_then(Result::ok).map(|balance| balance.available);
            if let Some(available) = live.available().or(read) {
                fill(whole_cents(available).to_string());
            }
        };
        view! {
            <div class="chips scripted">
                <button r#type="button" class="chip" on:click=move |_| untrack(all)>"All that is available"</button>
            </div>
        }
        .into_any()
    }
}

/// The amount rounded down to cents: a withdrawal of everything must be payable.
fn whole_cents(amount: Amount) -> Amount {
    Amount::from_units(amount.units() / UNITS_PER_CENT * UNITS_PER_CENT).unwrap_or(Amount::ZERO)
}

/// What an amount breaks that the browser can tell.
fn amount_fault(text: &str) -> Option<FieldError> {
    let fault = |rule, detail: &str| Some(FieldError::new("amount", rule, detail));
    let text = text.trim();
    if text.is_empty() {
        return fault("required", "Enter an amount in USD.");
    }
    let Ok(amount) = text.parse::<Amount>() else {
        return fault("format", "Enter a plain number such as 1250.50, without separators.");
    };
    if amount <= Amount::ZERO {
        return fault("positive", "Enter an amount above 0.");
    }
    if whole_cents(amount) != amount {
        return fault("decimals", "An amount has at most 2 decimals.");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_withdrawn_in_whole_cents() {
        for (available, payable) in [("12.34567891", "12.34"), ("0.009", "0.00"), ("5", "5.00")] {
            assert_eq!(whole_cents(available.parse().unwrap()).to_string(), payable);
        }
    }

    #[test]
    fn the_browser_stops_what_the_venue_would_refuse() {
        for (text, rule) in [
            ("", "required"),
            ("  ", "required"),
            ("1,000", "format"),
            ("1e3", "format"),
            ("0", "positive"),
            ("-5", "positive"),
            ("1.001", "decimals"),
        ] {
            assert_eq!(amount_fault(text).map(|fault| fault.rule).as_deref(), Some(rule), "{text:?}");
        }
        for text in ["1", "0.01", "1000000", " 12.50 ", "1.500"] {
            assert!(amount_fault(text).is_none(), "{text}");
        }
    }
}
