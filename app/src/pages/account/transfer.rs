//! The two forms that move dollars in and out.

use cnop_api::FieldError;
use cnop_api::money::{Balance, TransferReceipt};
use cnop_domain::Amount;
use leptos::prelude::*;

use super::super::private::show;
use crate::erased::Erase;
use crate::format;
use crate::forms::{FormState, ProblemSummary, Submit, TextField, posted};
use crate::functions::{Deposit, Withdraw};
use crate::live::Live;
use crate::remote::{Inputs, PageData, Sending};

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

/// One of the two forms.
#[derive(Clone, Copy)]
pub(super) struct Transfer {
    direction: Direction,
    form: FormState,
    amount: RwSignal<String>,
    sending: Sending<TransferReceipt>,
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
            Direction::In => Sending::to::<Deposit>(),
            Direction::Out => Sending::to::<Withdraw>(),
        };
        form.follow(sending, booked);
        Self { direction, form, amount, sending, told }
    }

    /// The form, with what its daily limit leaves.
    pub(super) fn view(self, balance: PageData<Balance>) -> AnyView {
        let name = self.direction.name();
        let heading = format!("{name}-title");
        let summary = match self.direction {
            Direction::In => "deposit-problem",
            Direction::Out => "withdraw-problem",
        };
        let fields = view! {
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
            <Submit label=self.direction.title() waiting="Sending…" pending=self.sending.pending() />
        }
        .erased();
        // Stops what the venue would refuse anyway, with the same sentence.
        let faults = move |input: &Inputs<'_>| {
            self.told.set(None);
            amount_fault(&input("amount")).into_iter().collect()
        };
        let form = posted(self.sending, self.form, name, faults, fields);
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
        .erased()
    }

    fn left(self, balance: &Balance) -> AnyView {
        let left = match self.direction {
            Direction::In => balance.deposit_left_today,
            Direction::Out => balance.withdraw_left_today,
        };
        view! { <p class="muted small">{format!("{} left today (UTC)", format::usd(left))}</p> }.erased()
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
            return view! { <div class="chips scripted">{QUICK.map(button).into_iter().collect_view()}</div> }.erased();
        }
        let live = Live::current();
        let all = move || {
            let read = balance.get_untracked().and_then(Result::ok).map(|balance| balance.available);
            if let Some(available) = live.available().or(read) {
                fill(available.whole_cents().to_string());
            }
        };
        view! {
            <div class="chips scripted">
                <button r#type="button" class="chip" on:click=move |_| untrack(all)>"All that is available"</button>
            </div>
        }
        .erased()
    }
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
    if amount.whole_cents() != amount {
        return fault("decimals", "An amount has at most 2 decimals.");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

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
