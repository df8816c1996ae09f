//! The forms of the profile page.

use cnop_api::Problem;
use cnop_api::accounts::Profile;
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::ProfileSave;
use super::events::{EVENTS_SHOWN, security_events};
use super::password::password;
use super::preferences::Preferences;
use crate::components::Outcome;
use crate::components::ui::{
    Button, ButtonSize, Columns, Facts, FieldPair, Form, Look, Note, Panel, PanelKind, Stack,
};
use crate::error::AppError;
use crate::format;
use crate::forms::{Checkbox, FormState, Hidden, TextInput};
use crate::pages::PageRequest;
use crate::pages::auth::Logout;

/// Everything below the heading.
pub(super) async fn profile(request: PageRequest) -> Result<impl IntoView, AppError> {
    let profile = request.services.users.profile(&request.caller).await.map_err(Problem::from)?;
    let form = FormState::new(&request, "profile");
    let events =
        request.services.auth.events(&request.caller, EVENTS_SHOWN, None).await.map_err(Problem::from)?;
    let forms = view! { {editor(&profile, &form)} {password(&request)} };
    let account = account(&profile);
    Ok(view! {
        {result(&request)}
        {form.summary()}
        <Columns>
            <Stack>{forms}</Stack>
            <Stack>{account} <Preferences /> {sign_out()}</Stack>
        </Columns>
        {security_events(&events)}
    })
}

/// Outcome of the last form.
fn result(request: &PageRequest) -> impl IntoView + use<> {
    let sentence = match request.query("result") {
        "profile" => "Profile saved.",
        "password" => "Password changed. Your other sessions have ended.",
        "preferences" => "Preferences saved in this browser.",
        _ => return None,
    };
    Some(view! { <Outcome>{sentence}</Outcome> })
}

fn editor(profile: &Profile, form: &FormState) -> impl IntoView + use<> {
    let field = |name, label, initial: &str, kind, autocomplete, optional| {
        let inputmode = if matches!(kind, "email" | "tel") { kind } else { "text" };
        form.text(&TextInput {
            name,
            label,
            initial,
            hint: "",
            kind,
            autocomplete,
            inputmode,
            optional,
            ..TextInput::FIGURE
        })
    };
    let stored = if profile.marketing_emails_consent { "true" } else { "" };
    let consent = form.value("marketing_emails_consent", stored) == "true";
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    view! {
        <Panel labelled_by="profile-data">
            <h2 id="profile-data">"Personal details"</h2>
            <Form action=ProfileSave::PATH unchecked=true>
                <Hidden name="key" value=form.key.clone() />
                <FieldPair>
                    {field("first_name", "First name", &profile.first_name, "text", "given-name", false)}
                    {field("last_name", "Last name", &profile.last_name, "text", "family-name", false)}
                </FieldPair>
                {field("email", "Email", &profile.email, "email", "email", false)}
                <FieldPair>
                    {field("phone", "Phone", &optional(&profile.phone), "tel", "tel", true)}
                    {field("date_of_birth", "Date of birth", &optional(&profile.date_of_birth), "date", "bday", true)}
                </FieldPair>
                <Checkbox form="profile" name="marketing_emails_consent" label="Email me product news" checked=consent />
                // Tells a password manager whose password this is.
                <input r#type="text" autocomplete="username" value=profile.username.clone() readonly hidden />
                {form.confirmation("current_password", "Current password", "Needed to change your email or phone.")}
                <Button look=Look::Primary size=ButtonSize::Wide>"Save changes"</Button>
            </Form>
        </Panel>
    }
}

/// Data that cannot be changed.
fn account(profile: &Profile) -> impl IntoView + use<> {
    view! {
        <Panel labelled_by="profile-account">
            <h2 id="profile-account">"Account"</h2>
            <Facts>
                <div><dt>"Username"</dt><dd>{profile.username.clone()}</dd></div>
                <div><dt>"Opened"</dt><dd>{format::day(profile.created_at)}</dd></div>
                <div><dt>"Last updated"</dt><dd>{format::day(profile.updated_at)}</dd></div>
            </Facts>
        </Panel>
    }
}

/// Ends the session here and on every server.
fn sign_out() -> impl IntoView + use<> {
    view! {
        <Panel kind=PanelKind::Form labelled_by="profile-session">
            <h2 id="profile-session">"Session"</h2>
            <Note>
                "A session ends after 12 hours without use, and after 30 days at the latest. Signing out ends this session on every server."
            </Note>
            <form method="post" action=Logout::PATH data-whole="">
                <Button size=ButtonSize::Wide>"Sign out"</Button>
            </form>
        </Panel>
    }
}
