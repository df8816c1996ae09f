//! Changing the password.

use cnop_api::accounts::PasswordChange;
use cnop_api::{FieldError, rules};
use leptos::prelude::*;

use crate::context::use_viewer;
use crate::erased::Erase;
use crate::forms::{
    FormState, ProblemSummary, Submit, TextField, focus_first_invalid, location_assign, posted,
};
use crate::functions::PasswordSave;
use crate::remote::{Inputs, Sending};

/// Prefix of the form's ids and name of its flash.
pub(super) const FORM: &str = "password";

/// The form. What it says when it has worked stands at the head of the page, which is loaded anew: so nothing of the
/// old password stays in it.
pub(super) fn password(form: FormState) -> AnyView {
    let save = Sending::to::<PasswordSave>();
    form.follow(save, |()| location_assign("/profile?done=password"));
    Effect::new(move |_| {
        if save.is_refused() {
            focus_first_invalid(FORM);
        }
    });
    let hint = Signal::stored(super::super::register::PASSWORD_HINT.to_owned());
    let fields = view! {
        // Tells a password manager whose password this is.
        <input r#type="text" autocomplete="username" value=use_viewer().username readonly hidden />
        <TextField form=FORM name="current_password" label="Current password" problem=form.problem kind="password" autocomplete="current-password" />
        <TextField form=FORM name="new_password" label="New password" problem=form.problem kind="password" autocomplete="new-password" hint=hint />
        <Submit label="Change password" waiting="Changing…" pending=save.pending() />
    }
    .erased();
    view! {
        <section class="panel form" aria-labelledby="profile-password">
            <h2 id="profile-password">"Password"</h2>
            <p class="muted small">"Every other session of yours ends when you change it. This one goes on."</p>
            <ProblemSummary id="password-problem" form=FORM problem=form.problem />
            {posted(save, form, FORM, faults, fields)}
        </section>
    }
    .erased()
}

/// What the venue would refuse, by its own rules.
fn faults(input: &Inputs<'_>) -> Vec<FieldError> {
    let change =
        PasswordChange { current_password: input("current_password"), new_password: input("new_password") };
    rules::password_change(&change).err().unwrap_or_default()
}
