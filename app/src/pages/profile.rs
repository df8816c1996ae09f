//! The user's data, password and preferences.

mod actions;
mod appearance;
mod events;
mod parts;
mod password;
mod preferences;

use leptos::prelude::*;
use leptos_meta::Title;

use self::parts::profile;
use super::region::Region;
use super::use_request;
use crate::components::StandingLinks;
use crate::components::ui::{PageHead, Stack};

/// The user's data, and the way out.
#[component]
pub(crate) fn ProfilePage() -> impl IntoView {
    view! {
        <Title text="Profile · CNOP" />
        <Stack>
            <PageHead>
                <h1>"Profile"</h1>
                <StandingLinks />
            </PageHead>
            <Region id="profile-region">{Suspend::new(profile(use_request()))}</Region>
        </Stack>
    }
}
