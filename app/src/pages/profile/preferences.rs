//! Colors of the page. They are kept in cookies, and the form loads the next page whole: it has them from its first byte.

use leptos::prelude::*;

use crate::components::ui::{Button, ButtonSize, Form, Note, Panel};
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
                    <span class="up">"▲\u{a0}+1.20"</span> " " <span class="down">"▼\u{a0}−0.80"</span>
                </span>
            };
            choice("palette", palette.as_str(), palette.label(), palette == viewer.palette, Some(sample))
        })
        .collect_view();
    view! {
        <Panel labelled_by="profile-preferences">
            <h2 id="profile-preferences">"Preferences"</h2>
            <Form action="/fn/preferences" whole=true>
                <fieldset class="flex flex-col gap-1 [&_legend]:text-14 [&_legend]:font-[550] [&_label]:flex [&_label]:items-center [&_label]:gap-2.5 [&_label]:min-h-10 [&_label]:text-14 [&_input]:w-5 [&_input]:h-5 [&_input]:flex-none [&_input]:[accent-color:var(--color-accent)]"><legend>"Theme"</legend>{themes}</fieldset>
                <fieldset class="flex flex-col gap-1 [&_legend]:text-14 [&_legend]:font-[550] [&_label]:flex [&_label]:items-center [&_label]:gap-2.5 [&_label]:min-h-10 [&_label]:text-14 [&_input]:w-5 [&_input]:h-5 [&_input]:flex-none [&_input]:[accent-color:var(--color-accent)]"><legend>"Gains and losses"</legend>{palettes}</fieldset>
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
