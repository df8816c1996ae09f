//! Open an account.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::erased::Erase;
use crate::forms::{
    Checkbox, FormState, ProblemSummary, Submit, TextField, focus_first_invalid, location_assign, now_us,
    posted,
};
use crate::functions::Register;
use crate::remote::{Inputs, Sending};

/// Prefix of the form's ids and name of its flash.
const FORM: &str = "register";
/// What a password must have, always visible.
pub(super) const PASSWORD_HINT: &str = "12 to 128 characters with an upper-case letter, a lower-case letter, a digit and one of ! @ # $ % ^ & * ( ) - _ = +";

/// Open an account and be signed in with it.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    let form = FormState::new(FORM);
    let field = move |name: &str| form.field(name, "");
    let consent = form.field("marketing_emails_consent", "").get_untracked() == "true";
    let problem = form.problem;
    let sending = Sending::to::<Register>();
    form.follow(sending, |arrived| location_assign(&arrived.to));
    Effect::new(move |_| {
        if sending.is_refused() {
            focus_first_invalid(FORM);
        }
    });
    let faults = |input: &Inputs<'_>| super::register_rules::faults(input, now_us());
    let fields = view! {
        <div class="fields-2">
            <TextField form=FORM name="first_name" label="First name" value=field("first_name") problem=problem autocomplete="given-name" />
            <TextField form=FORM name="last_name" label="Last name" value=field("last_name") problem=problem autocomplete="family-name" />
        </div>
        <TextField form=FORM name="username" label="User name" value=field("username") problem=problem
            autocomplete="username" hint=Signal::stored("6 to 30 letters, digits or _".to_owned()) />
        <TextField form=FORM name="email" label="E-mail" value=field("email") problem=problem kind="email" autocomplete="email" inputmode="email" />
        <TextField form=FORM name="password" label="Password" problem=problem kind="password"
            autocomplete="new-password" hint=Signal::stored(PASSWORD_HINT.to_owned()) />
        <div class="fields-2">
            <TextField form=FORM name="phone" label="Telephone" value=field("phone") problem=problem kind="tel" autocomplete="tel" inputmode="tel" optional=true />
            <TextField form=FORM name="date_of_birth" label="Date of birth" value=field("date_of_birth") problem=problem kind="date" autocomplete="bday" optional=true />
        </div>
        <Checkbox form=FORM name="marketing_emails_consent" label="Send me news by e-mail" checked=consent />
        <Submit label="Open account" waiting="Opening…" pending=sending.pending() />
    }
    .erased();
    view! {
        <Title text="Register · CNOP" />
        <section class="narrow stack">
            <div>
                <h1>"Open an account"</h1>
                <p class="muted">"It takes a minute. You start without money: deposit what you want to trade with."</p>
            </div>
            <ProblemSummary id="register-problem" form=FORM problem=problem />
            <div class="panel">
                {posted(sending, form, FORM, faults, fields)}
            </div>
            <p class="muted">"Already here? " <a href="/login">"Sign in"</a></p>
        </section>
    }
}
