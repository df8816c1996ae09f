//! Changing the password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::PasswordSave;
use crate::forms::FormState;
use crate::pages::PageRequest;
use crate::pages::auth::PASSWORD_HINT;

/// The form. Passwords are secrets: a refused form comes back empty.
pub(super) fn password(request: &PageRequest) -> impl IntoView + use<> {
    let form = FormState::new(request, "password");
    view! {
        <section class="panel form" aria-labelledby="profile-password">
            <h2 id="profile-password">"Password"</h2>
            <p class="muted small">"Every other session of yours ends when you change it. This one goes on."</p>
            {form.summary()}
            <form class="form" method="post" action=PasswordSave::PATH novalidate="">
                // Tells a password manager whose password this is.
                <input r#type="text" autocomplete="username" value=request.caller.username.clone() readonly hidden />
                {form.secret("current_password", "Current password", "current-password", "")}
                {form.secret("new_password", "New password", "new-password", PASSWORD_HINT)}
                <button class="button primary block" r#type="submit">"Change password"</button>
            </form>
        </section>
    }
}
