//! Guard rails: limits that a trader sets for themselves.

mod actions;
mod parts;

use leptos::prelude::*;
use leptos_meta::Title;

use self::parts::{forms, state};
use super::region::Region;
use super::use_request;
use crate::components::StandingLinks;
use crate::components::ui::{PageHead, Stack};

pub(super) use self::parts::GuardNotice;

/// The guard rails of the account.
#[component]
pub(crate) fn GuardsPage() -> impl IntoView {
    view! {
        <Title text="Risk limits · CNOP" />
        <Stack>
            <PageHead>
                <h1>"Risk limits"</h1>
                <StandingLinks />
            </PageHead>
            <Region id="state-region" follows_account=true>{Suspend::new(state(use_request()))}</Region>
            <Region id="forms-region">{Suspend::new(forms(use_request()))}</Region>
        </Stack>
    }
}
