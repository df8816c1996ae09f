//! The page about the fill rules.

mod article;
mod fee;

use leptos::prelude::*;
use leptos_meta::Title;

use self::article::Article;
use crate::context::app_context;

pub(super) use self::fee::fee_text;

/// The rule of fills.
#[component]
pub(crate) fn FillsPage() -> impl IntoView {
    view! {
        <Title text="How orders are filled · CNOP" />
        {app_context().map(|app| view! { <Article fee_bps=app.fee_bps is_simulated=app.is_simulated() /> })}
    }
}
