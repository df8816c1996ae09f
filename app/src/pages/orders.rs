//! All orders: the open ones with their actions, then the history with filters and pages in the address.

mod actions;
mod change;
mod every_open;
mod flatten;
mod history;
mod many;
mod open;
mod order_actions;
mod table;

use leptos::prelude::*;
use leptos_meta::Title;

use self::change::change;
use self::history::history;
use self::open::{Scope, open};
use super::region::Region;
use super::use_request;
use crate::components::ui::{LinkButton, Look, PageHead, Stack};

pub(super) use self::actions::OrderReplace;
pub(super) use self::history::LastOrders;
pub(super) use self::open::OpenOrders;
pub(super) use self::order_actions::{
    CancelButton, ReplaceForm, canceled_along, change_path, is_open, order_result,
};
pub(super) use self::table::type_words;

/// The page of the account's orders.
#[component]
pub(crate) fn OrdersPage() -> impl IntoView {
    view! {
        <Title text="Orders · CNOP" />
        <Stack>
            <PageHead>
                <h1>"Orders"</h1>
                <LinkButton look=Look::Primary href="/trade">"New order"</LinkButton>
            </PageHead>
            <Region id="change-region">{Suspend::new(change(use_request()))}</Region>
            <Region id="open-region" follows_account=true>{Suspend::new(open(use_request(), Scope::All))}</Region>
            <Region id="history-region" follows_account=true>{Suspend::new(history(use_request()))}</Region>
        </Stack>
    }
}
