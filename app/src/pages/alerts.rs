//! Price alerts: a notice when a price reaches a level.

mod actions;
mod parts;

use leptos::prelude::*;
use leptos_meta::Title;

use self::parts::{form, list};
use super::region::Region;
use super::use_request;
use crate::components::StandingLinks;
use crate::components::ui::{PageHead, Stack};

/// The price alerts of the account.
#[component]
pub(crate) fn AlertsPage() -> impl IntoView {
    view! {
        <Title text="Price alerts · CNOP" />
        <Stack>
            <PageHead>
                <h1>"Price alerts"</h1>
                <StandingLinks />
            </PageHead>
            <Region id="form-region">{form(&use_request())}</Region>
            <Region id="list-region" follows_account=true>{Suspend::new(list(use_request()))}</Region>
        </Stack>
    }
}
