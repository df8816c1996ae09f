//! The form for a password change.

use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::PasswordSave;
use crate::components::ui::{Button, ButtonSize, Form, Look, Note, Panel, PanelKind};
use crate::forms::FormState;
use crate::pages::PageRequest;
use crate::pages::auth::PASSWORD_HINT;

/// The form. Passwords are secrets: a refused form comes back empty.
pub(super) fn password(request: &PageRequest) -> impl IntoView + use<> {
    let form = FormState::new(request, "password");
    view! {
        <Panel kind=PanelKind::Form labelled_by="profile-password">
            <h2 id="profile-password">"Password"</h2>
            <Note>"Changing your password ends all your sessions. You stay signed in here, with a new one."</Note>
            {form.summary()}
            <Form action=PasswordSave::PATH unchecked=true>
                // Tells a password manager whose password this is.
                <input r#type="text" autocomplete="username" value=request.caller.username.clone() readonly hidden />
                {form.secret("current_password", "Current password", "current-password", "")}
                {form.secret("new_password", "New password", "new-password", PASSWORD_HINT)}
                <Button look=Look::Primary size=ButtonSize::Wide>"Change password"</Button>
            </Form>
        </Panel>
    }
}
