//! How an order is filled. A text: the server alone has it.

#[cfg(feature = "ssr")]
mod article;

use leptos::prelude::*;
use leptos_meta::Title;

use super::private::show_page;
use crate::erased::Erase;
#[cfg(feature = "ssr")]
use crate::format;
use crate::functions::FillsRead;
use crate::remote::{PageData, ask};

#[cfg(feature = "ssr")]
pub(crate) use article::article;

/// A fee in percent: `0.10 %`.
#[cfg(feature = "ssr")]
pub(super) fn fee_text(fee_bps: u32) -> String {
    format::share(f64::from(fee_bps) / 100.0)
}

/// The rule of fills.
#[component]
pub(crate) fn FillsPage() -> impl IntoView {
    let data: PageData<String> = PageData::new(|| ask!(FillsRead { text: String::new() }));
    view! {
        <Title text="How an order is filled · CNOP" />
        {show_page(data, ("/market", "See the market"), |html| view! { <div inner_html=html></div> }.erased())}
    }
}
