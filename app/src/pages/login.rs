//! Sign in.

use cnop_api::FieldError;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::erased::Erase;
use crate::forms::{FormState, ProblemSummary, Submit, TextField, location_assign, posted};
use crate::functions::Login;
use crate::remote::{Inputs, Sending};

/// Prefix of the form's ids and name of its flash.
const FORM: &str = "login";

/// Sign in, and go on to where the visitor came from.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next")).unwrap_or_default();
    let registered = query.with_untracked(|query| query.get("done")).is_some_and(|done| done == "register");
    #[cfg(feature = "ssr")]
    if crate::context::caller().is_some() {
        crate::forms::see_other(if next.is_empty() { "/dashboard" } else { &next });
    }
    let form = FormState::new(FORM);
    let username = form.field("username", "");
    let sending = Sending::to::<Login>();
    form.follow(sending, |arrived| location_assign(&arrived.to));
    let fields = view! {
        <input r#type="hidden" name="next" value=next />
        <TextField
            form=FORM
            name="username"
            label="User name"
            value=username
            problem=form.problem
            autocomplete="username"
        />
        <TextField
            form=FORM
            name="password"
            label="Password"
            kind="password"
            problem=form.problem
            autocomplete="current-password"
        />
        <Submit label="Sign in" waiting="Signing in…" pending=sending.pending() />
    }
    .erased();
    view! {
        <Title text="Sign in · CNOP" />
        <section class="narrow stack">
            <h1>"Sign in"</h1>
            {registered.then(|| view! { <p class="notice good" role="status">"Your account is open. Sign in with it."</p> })}
            <ProblemSummary id="login-problem" form=FORM problem=form.problem />
            <div class="panel">{posted(sending, form, FORM, missing, fields)}</div>
            <p class="muted">"No account yet? " <a href="/register">"Register"</a></p>
        </section>
    }
}

/// Fields without which the venue need not be asked.
fn missing(input: &Inputs<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if input("username").is_empty() {
        errors.push(FieldError::new("username", "required", "Enter your user name."));
    }
    if input("password").is_empty() {
        errors.push(FieldError::new("password", "required", "Enter your password."));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fields_are_asked_for() {
        assert_eq!(missing(&|_| String::new()).len(), 2);
        assert!(missing(&|_| "x".to_owned()).is_empty());
    }
}
