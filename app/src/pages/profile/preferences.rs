//! Colors of the page. They are kept in cookies, and the form loads the next page whole: it has them from its first byte.

use leptos::prelude::*;

use crate::components::ui::{Button, ButtonSize, Form, Note, Panel, RadioList};
use crate::context::use_viewer;
use crate::theme::{Palette, Theme};

/// The form of the preferences.
#[component]
pub(super) fn Preferences() -> impl IntoView {
    let viewer = use_viewer();
    let themes = Theme::ALL
        .into_iter()
        .map(|theme| choice("theme", theme.as_str(), theme.label(), theme == viewer.theme, None::<()>))
        .collect_view();
    let palettes = Palette::ALL
        .into_iter()
        .map(|palette| {
            let sample = view! {
                <span class="ml-auto text-13 whitespace-nowrap" data-palette=palette.as_str() aria-hidden="true">
                    <span class="text-up">"▲\u{a0}+1.20"</span> " " <span class="text-down">"▼\u{a0}−0.80"</span>
                </span>
            };
            choice("palette", palette.as_str(), palette.label(), palette == viewer.palette, Some(sample))
        })
        .collect_view();
    view! {
        <Panel labelled_by="profile-preferences">
            <h2 id="profile-preferences">"Preferences"</h2>
            <Form action="/fn/preferences" whole=true>
                <RadioList legend="Theme">{themes}</RadioList>
                <RadioList legend="Gains and losses">{palettes}</RadioList>
                <Note>"Saved in this browser."</Note>
                <Button size=ButtonSize::Wide>"Save preferences"</Button>
            </Form>
        </Panel>
    }
}

fn choice(
    name: &'static str,
    value: &'static str,
    label: &'static str,
    chosen: bool,
    sample: Option<impl IntoView + 'static>,
) -> impl IntoView {
    view! {
        <label>
            <input r#type="radio" name=name value=value checked=chosen />
            {label}
            {sample}
        </label>
    }
}
