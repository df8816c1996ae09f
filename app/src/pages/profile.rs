//! Who the user is, how he signs in and what he prefers to see.

mod password;
mod preferences;

use cnop_api::accounts::{Profile, ProfileUpdate};
use cnop_api::{FieldError, rules};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::password::password;
use self::preferences::preferences;
use super::private::{done, show, show_more};
use crate::erased::Erase;
use crate::format;
use crate::forms::{
    Checkbox, FormState, ProblemSummary, Submit, TextField, focus_first_invalid, location_assign, now_us,
    posted,
};
use crate::functions::{Logout, ProfileRead, ProfileSave};
use crate::remote::{Inputs, PageData, Sending, ask};

/// Prefix of the form's ids and name of its flash.
const FORM: &str = "profile";

/// The user's data, and the way out.
#[component]
pub(crate) fn ProfilePage() -> impl IntoView {
    let data: PageData<Profile> = PageData::new(|| ask!(ProfileRead {}));
    let form = FormState::new(FORM);
    let save = Sending::to::<ProfileSave>();
    let query = use_query_map();
    let told = RwSignal::new(query.with_untracked(|query| query.get("done")).and_then(|done| saved(&done)));
    let leaving = FormState::new("logout");
    let password_form = FormState::new(password::FORM);
    form.follow(save, move |_| told.set(saved(FORM)));
    Effect::new(move |_| {
        if save.is_refused() {
            told.set(None);
            focus_first_invalid(FORM);
        }
    });
    view! {
        <Title text="Profile · CNOP" />
        <div class="stack">
            <h1>"Profile"</h1>
            {done(move || told.get().map(ToOwned::to_owned))}
            <ProblemSummary id="profile-problem" form=FORM problem=form.problem />
            <div class="columns">
                <div class="stack">
                    {show(data, move |profile| editor(&profile, form, save))}
                    {password(password_form)}
                </div>
                <div class="stack">
                    {show_more(data, account)}
                    {preferences()}
                    {sign_out(leaving)}
                </div>
            </div>
        </div>
    }
}

/// What was saved, in words.
fn saved(done: &str) -> Option<&'static str> {
    match done {
        "profile" => Some("Your profile is saved."),
        "password" => Some("Your password is changed. Your other sessions have ended."),
        "preferences" => Some("Your preferences are saved in this browser."),
        _ => None,
    }
}

fn editor(profile: &Profile, form: FormState, save: Sending<Profile>) -> AnyView {
    let problem = form.problem;
    let kept = move |name: &str, stored: &str| form.field(name, stored);
    let stored = if profile.marketing_emails_consent { "true" } else { "" };
    let consent = kept("marketing_emails_consent", stored).get_untracked() == "true";
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = view! {
        <div class="fields-2">
            <TextField form=FORM name="first_name" label="First name" value=kept("first_name", &profile.first_name) problem=problem autocomplete="given-name" />
            <TextField form=FORM name="last_name" label="Last name" value=kept("last_name", &profile.last_name) problem=problem autocomplete="family-name" />
        </div>
        <TextField form=FORM name="email" label="E-mail" value=kept("email", &profile.email) problem=problem kind="email" autocomplete="email" inputmode="email" />
        <div class="fields-2">
            <TextField form=FORM name="phone" label="Telephone" value=kept("phone", &optional(&profile.phone)) problem=problem kind="tel" autocomplete="tel" inputmode="tel" optional=true />
            <TextField form=FORM name="date_of_birth" label="Date of birth" value=kept("date_of_birth", &optional(&profile.date_of_birth)) problem=problem kind="date" autocomplete="bday" optional=true />
        </div>
        <Checkbox form=FORM name="marketing_emails_consent" label="Send me news by e-mail" checked=consent />
        <Submit label="Save changes" waiting="Saving…" pending=save.pending() />
    }
    .erased();
    view! {
        <section class="panel" aria-labelledby="profile-data">
            <h2 id="profile-data">"Your data"</h2>
            {posted(save, form, FORM, faults, fields)}
        </section>
    }
    .erased()
}

/// What cannot be changed.
fn account(profile: Profile) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="profile-account">
            <h2 id="profile-account">"Account"</h2>
            <dl class="facts">
                <div><dt>"User name"</dt><dd>{profile.username}</dd></div>
                <div><dt>"Opened"</dt><dd>{format::day(profile.created_at)}</dd></div>
                <div><dt>"Last change"</dt><dd>{format::day(profile.updated_at)}</dd></div>
            </dl>
        </section>
    }
    .erased()
}

/// What the venue would refuse, by its own rules.
fn faults(input: &Inputs<'_>) -> Vec<FieldError> {
    let update = ProfileUpdate {
        first_name: Some(input("first_name")),
        last_name: Some(input("last_name")),
        email: Some(input("email")),
        phone: Some(input("phone")),
        date_of_birth: Some(input("date_of_birth")),
        marketing_emails_consent: None,
    };
    rules::changes(&update, now_us()).err().unwrap_or_default()
}

/// Ends the session here and on every server.
fn sign_out(form: FormState) -> AnyView {
    let sending = Sending::to::<Logout>();
    form.follow(sending, |arrived| location_assign(&arrived.to));
    let button = view! { <button r#type="submit" class="button block">"Sign out"</button> }.erased();
    view! {
        <section class="panel form" aria-labelledby="profile-session">
            <h2 id="profile-session">"Session"</h2>
            <p class="muted small">
                "A session ends after 12 hours without use, and after 30 days at the latest. Signing out ends it at once, everywhere."
            </p>
            <ProblemSummary id="logout-problem" form="logout" problem=form.problem />
            {posted(sending, form, "logout", |_| Vec::new(), button)}
        </section>
    }
    .erased()
}
