//! Recurring orders: their schedules and the outcome of each run.

mod actions;
mod form;
mod list;

use leptos::prelude::*;
use leptos_meta::Title;

use self::form::form;
use self::list::list;
use super::region::Region;
use super::use_request;
use crate::components::StandingLinks;
use crate::components::ui::{PageHead, Stack};

pub(super) use self::list::paused_count;

/// The recurring orders of the account.
#[component]
pub(crate) fn RecurringPage() -> impl IntoView {
    view! {
        <Title text="Recurring buys · CNOP" />
        <Stack>
            <PageHead>
                <h1>"Recurring buys"</h1>
                <StandingLinks />
            </PageHead>
            <Region id="list-region" follows_account=true>{Suspend::new(list(use_request()))}</Region>
            <Region id="form-region">{Suspend::new(form(use_request()))}</Region>
        </Stack>
    }
}
