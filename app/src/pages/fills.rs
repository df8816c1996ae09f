//! The page about the fill rules.

mod article;

use leptos::prelude::*;
use leptos_meta::Title;

use self::article::Article;
use crate::context::app_context;
use crate::format;

/// A fee in percent: `0.10%`.
pub(super) fn fee_text(fee_bps: u32) -> String {
    format::share(f64::from(fee_bps) / 100.0)
}

/// The rule of fills.
#[component]
pub(crate) fn FillsPage() -> impl IntoView {
    view! {
        <Title text="How orders are filled · CNOP" />
        {app_context().map(|app| view! { <Article fee_bps=app.fee_bps is_simulated=app.is_simulated() /> })}
    }
}
