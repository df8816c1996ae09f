//! The forms of the profile page.

use cnop_api::Problem;
use cnop_api::accounts::Profile;
use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;

use super::actions::ProfileSave;
use super::password::password;
use super::preferences::Preferences;
use crate::components::Notice;
use crate::error::AppError;
use crate::format;
use crate::forms::{Checkbox, FormState, TextInput};
use crate::pages::PageRequest;
use crate::pages::auth::Logout;

/// Everything below the heading.
pub(super) async fn profile(request: PageRequest) -> Result<impl IntoView, AppError> {
    let profile = request.services.users.profile(&request.caller).await.map_err(Problem::from)?;
    let form = FormState::new(&request, "profile");
    Ok(view! {
        {result(&request)}
        {form.summary()}
        <div class="columns">
            <div class="stack">{editor(&profile, &form)} {password(&request)}</div>
            <div class="stack">{account(&profile)} <Preferences /> {sign_out()}</div>
        </div>
    })
}

/// Outcome of the last form.
fn result(request: &PageRequest) -> impl IntoView + use<> {
    let sentence = match request.query("result") {
        "profile" => "Your profile is saved.",
        "password" => "Your password is changed. Your other sessions have ended.",
        "preferences" => "Your preferences are saved in this browser.",
        _ => return None,
    };
    Some(view! { <Notice>{sentence}</Notice> })
}

fn editor(profile: &Profile, form: &FormState) -> impl IntoView + use<> {
    let field = |name, label, initial: &str, kind, autocomplete, optional| {
        let inputmode = if matches!(kind, "email" | "tel") { kind } else { "text" };
        form.text(&TextInput { name, label, initial, hint: "", kind, autocomplete, inputmode, optional })
    };
    let stored = if profile.marketing_emails_consent { "true" } else { "" };
    let consent = form.value("marketing_emails_consent", stored) == "true";
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    view! {
        <section class="panel" aria-labelledby="profile-data">
            <h2 id="profile-data">"Your data"</h2>
            <form class="form" method="post" action=ProfileSave::PATH novalidate="">
                <div class="fields-2">
                    {field("first_name", "First name", &profile.first_name, "text", "given-name", false)}
                    {field("last_name", "Last name", &profile.last_name, "text", "family-name", false)}
                </div>
                {field("email", "E-mail", &profile.email, "email", "email", false)}
                <div class="fields-2">
                    {field("phone", "Telephone", &optional(&profile.phone), "tel", "tel", true)}
                    {field("date_of_birth", "Date of birth", &optional(&profile.date_of_birth), "date", "bday", true)}
                </div>
                <Checkbox form="profile" name="marketing_emails_consent" label="Send me news by e-mail" checked=consent />
                <button class="button primary block" r#type="submit">"Save changes"</button>
            </form>
        </section>
    }
}

/// What cannot be changed.
fn account(profile: &Profile) -> impl IntoView + use<> {
    view! {
        <section class="panel" aria-labelledby="profile-account">
            <h2 id="profile-account">"Account"</h2>
            <dl class="facts">
                <div><dt>"User name"</dt><dd>{profile.username.clone()}</dd></div>
                <div><dt>"Opened"</dt><dd>{format::day(profile.created_at)}</dd></div>
                <div><dt>"Last change"</dt><dd>{format::day(profile.updated_at)}</dd></div>
            </dl>
        </section>
    }
}

/// Ends the session here and on every server.
fn sign_out() -> impl IntoView + use<> {
    view! {
        <section class="panel form" aria-labelledby="profile-session">
            <h2 id="profile-session">"Session"</h2>
            <p class="muted small">
                "A session ends after 12 hours without use, and after 30 days at the latest. Signing out ends it at once, everywhere."
            </p>
            <form method="post" action=Logout::PATH data-whole="">
                <button r#type="submit" class="button block">"Sign out"</button>
            </form>
        </section>
    }
}
