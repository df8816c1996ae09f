//! Sign in.

use cnop_api::{FieldError, Problem};
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::forms::{FormState, ProblemSummary, Submit, TextField, focus_first_invalid, location_assign};
use crate::functions::Login;

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
    let action = ServerAction::<Login>::new();
    form.follow(action, |arrived| location_assign(&arrived.to));
    let check = move |event: leptos::ev::SubmitEvent| {
        let Ok(input) = Login::from_event(&event) else { return };
        let errors = missing(&input);
        if action.pending().get_untracked() || !errors.is_empty() {
            event.prevent_default();
        }
        if !errors.is_empty() {
            form.problem.set(Some(Problem::invalid(errors)));
            focus_first_invalid(FORM);
        }
    };
    view! {
        <Title text="Sign in · CNOP" />
        <section class="narrow stack">
            <h1>"Sign in"</h1>
            {registered.then(|| view! { <p class="notice good" role="status">"Your account is open. Sign in with it."</p> })}
            <ProblemSummary id="login-problem" form=FORM problem=form.problem />
            <div class="panel">
                <ActionForm action=action attr:class="form" attr:novalidate="" on:submit:capture=check>
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
                    <Submit label="Sign in" waiting="Signing in…" pending=action.pending() />
                </ActionForm>
            </div>
            <p class="muted">"No account yet? " <a href="/register">"Register"</a></p>
        </section>
    }
}

/// Fields without which the venue need not be asked.
fn missing(input: &Login) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if input.username.is_empty() {
        errors.push(FieldError::new("username", "required", "Enter your user name."));
    }
    if input.password.is_empty() {
        errors.push(FieldError::new("password", "required", "Enter your password."));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fields_are_asked_for() {
        let empty = Login { username: String::new(), password: String::new(), next: String::new() };
        assert_eq!(missing(&empty).len(), 2);
        let full = Login { username: "ada".to_owned(), password: "x".to_owned(), next: String::new() };
        assert!(missing(&full).is_empty());
    }
}
