//! Changing the password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use crate::drawn::{Asked, DrawnForm};
use crate::erased::Erase;
use crate::functions::PasswordSave;

/// The form. Passwords are secrets: a refused form comes back empty.
pub(super) fn password(asked: &Asked) -> AnyView {
    let form = DrawnForm::new(asked, "password");
    let hint = super::super::register::PASSWORD_HINT;
    view! {
        <section class="panel form" aria-labelledby="profile-password">
            <h2 id="profile-password">"Password"</h2>
            <p class="muted small">"Every other session of yours ends when you change it. This one goes on."</p>
            {form.summary()}
            <form class="form" method="post" action=PasswordSave::PATH novalidate="">
                // Tells a password manager whose password this is.
                <input r#type="text" autocomplete="username" value=asked.caller.username.clone() readonly hidden />
                {form.secret("current_password", "Current password", "current-password", "")}
                {form.secret("new_password", "New password", "new-password", hint)}
                <button class="button primary block" r#type="submit">"Change password"</button>
            </form>
        </section>
    }
    .erased()
}
