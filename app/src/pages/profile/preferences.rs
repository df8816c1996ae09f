//! What somebody prefers to see. Kept in cookies and posted by a plain form: the next page is already drawn so.

use leptos::prelude::*;

use crate::context::use_viewer;
use crate::erased::Erase;
use crate::theme::{Palette, Theme};

/// The form.
pub(super) fn preferences() -> AnyView {
    let viewer = use_viewer();
    let themes = Theme::ALL
        .into_iter()
        .map(|theme| choice("theme", theme.as_str(), theme.label(), theme == viewer.theme, ().into_any()))
        .collect_view();
    let palettes = Palette::ALL
        .into_iter()
        .map(|palette| {
            let sample = view! {
                <span class="sample" data-palette=palette.as_str() aria-hidden="true">
                    <span class="up">"▲\u{a0}+1.20"</span> " " <span class="down">"▼\u{a0}−0.80"</span>
                </span>
            };
            choice("palette", palette.as_str(), palette.label(), palette == viewer.palette, sample.into_any())
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="profile-preferences">
            <h2 id="profile-preferences">"Preferences"</h2>
            <form class="form" method="post" action="/fn/preferences" data-whole="">
                <fieldset class="choices"><legend>"Theme"</legend>{themes}</fieldset>
                <fieldset class="choices"><legend>"Gains and losses"</legend>{palettes}</fieldset>
                <p class="muted small">"They are kept in this browser."</p>
                <button class="button block" r#type="submit">"Save preferences"</button>
            </form>
        </section>
    }
    .erased()
}

fn choice(
    name: &'static str,
    value: &'static str,
    label: &'static str,
    chosen: bool,
    sample: AnyView,
) -> AnyView {
    view! {
        <label>
            <input r#type="radio" name=name value=value checked=chosen />
            {label}
            {sample}
        </label>
    }
    .erased()
}
