//! The user's data, password and preferences.

mod actions;
mod parts;
mod password;
mod preferences;

use leptos::prelude::*;
use leptos_meta::Title;

use self::parts::profile;
use super::region::Region;
use super::use_request;
use crate::components::StandingLinks;

/// The user's data, and the way out.
#[component]
pub(crate) fn ProfilePage() -> impl IntoView {
    view! {
        <Title text="Profile · CNOP" />
        <div class="stack">
            <div class="page-head">
                <h1>"Profile"</h1>
                <StandingLinks />
            </div>
            <Region id="profile-region">{Suspend::new(profile(use_request()))}</Region>
        </div>
    }
}
