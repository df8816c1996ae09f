//! Who the user is.

use cnop_api::accounts::{Profile, ProfileUpdate};
use cnop_api::{FieldError, Problem, rules};
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::private::{PageData, done, show};
use crate::format;
use crate::forms::{
    Checkbox, FormState, ProblemSummary, Submit, TextField, focus_first_invalid, location_assign, now_us,
};
use crate::functions::{Logout, ProfileSave, profile};

/// Prefix of the form's ids and name of its flash.
const FORM: &str = "profile";

/// The user's data, and the way out.
#[component]
pub(crate) fn ProfilePage() -> impl IntoView {
    let data: PageData<Profile> = Resource::new_blocking(|| (), |()| profile());
    let form = FormState::new(FORM);
    let save = ServerAction::<ProfileSave>::new();
    let query = use_query_map();
    let saved =
        RwSignal::new(query.with_untracked(|query| query.get("done")).is_some_and(|done| done == "profile"));
    let leaving = FormState::new("logout");
    form.follow(save, move |_| saved.set(true));
    Effect::new(move |_| {
        if matches!(save.value().get(), Some(Err(_))) {
            saved.set(false);
            focus_first_invalid(FORM);
        }
    });
    view! {
        <Title text="Profile · CNOP" />
        <div class="stack">
            <h1>"Profile"</h1>
            {done(move || saved.get().then(|| "Your profile is saved.".to_owned()))}
            <ProblemSummary id="profile-problem" form=FORM problem=form.problem />
            {show(data, move |profile| editor(profile, form, save))}
            {sign_out(leaving)}
        </div>
    }
}

fn editor(profile: Profile, form: FormState, save: ServerAction<ProfileSave>) -> AnyView {
    let problem = form.problem;
    let kept = move |name: &str, stored: &str| form.field(name, stored);
    let stored = if profile.marketing_emails_consent { "true" } else { "" };
    let consent = kept("marketing_emails_consent", stored).get_untracked() == "true";
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let check = move |event: leptos::ev::SubmitEvent| {
        let Ok(input) = ProfileSave::from_event(&event) else { return };
        let errors = faults(input);
        if save.pending().get_untracked() || !errors.is_empty() {
            event.prevent_default();
        }
        if !errors.is_empty() {
            problem.set(Some(Problem::invalid(errors)));
            focus_first_invalid(FORM);
        }
    };
    view! {
        <div class="columns">
            <section class="panel" aria-labelledby="profile-data">
                <h2 id="profile-data">"Your data"</h2>
                <ActionForm action=save attr:class="form" attr:novalidate="" on:submit:capture=check>
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
                </ActionForm>
            </section>
            <section class="panel" aria-labelledby="profile-account">
                    <h2 id="profile-account">"Account"</h2>
                    <dl class="facts">
                        <div><dt>"User name"</dt><dd>{profile.username}</dd></div>
                        <div><dt>"Opened"</dt><dd>{format::day(profile.created_at)}</dd></div>
                        <div><dt>"Last change"</dt><dd>{format::day(profile.updated_at)}</dd></div>
                    </dl>
            </section>
        </div>
    }
    .into_any()
}

/// What the venue would refuse, by its own rules.
fn faults(input: ProfileSave) -> Vec<FieldError> {
    let update = ProfileUpdate {
        first_name: Some(input.first_name),
        last_name: Some(input.last_name),
        email: Some(input.email),
        phone: Some(input.phone),
        date_of_birth: Some(input.date_of_birth),
        marketing_emails_consent: None,
    };
    rules::changes(&update, now_us()).err().unwrap_or_default()
}

/// Ends the session here and on every server.
fn sign_out(form: FormState) -> AnyView {
    let action = ServerAction::<Logout>::new();
    form.follow(action, |arrived| location_assign(&arrived.to));
    view! {
        <section class="panel form sign-out" aria-labelledby="profile-session">
            <h2 id="profile-session">"Session"</h2>
            <p class="muted small">
                "A session ends after 12 hours without use, and after 30 days at the latest. Signing out ends it at once, everywhere."
            </p>
            <ProblemSummary id="logout-problem" form="logout" problem=form.problem />
            <ActionForm action=action>
                <button r#type="submit" class="button block">"Sign out"</button>
            </ActionForm>
        </section>
    }
    .into_any()
}
