//! Tables and their cells.

use leptos::prelude::*;

use super::content::Content;

/// Form of a table on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TableKind {
    /// It stays a table and scrolls sideways.
    #[default]
    Plain,
    /// Each row becomes a small list of labeled figures.
    Stacked,
    /// Each row becomes two lines: a description with its figure, and the time.
    Rows,
}

/// A table of the page.
#[component]
pub(crate) fn Table(
    /// Form on a phone.
    #[prop(optional)]
    kind: TableKind,
    /// Rows with `<thead>` and `<tbody>`.
    children: Content,
) -> impl IntoView {
    let class = match kind {
        TableKind::Plain => "data-table",
        TableKind::Stacked => "data-table stacked",
        TableKind::Rows => concat!(
            "data-table [&_td]:align-top max-wide:block max-wide:[&_thead]:sr-only max-wide:[&_tbody]:block ",
            "max-wide:[&_tbody_tr]:grid max-wide:[&_tbody_tr]:grid-cols-[minmax(0,1fr)_auto] ",
            "max-wide:[&_tbody_tr]:gap-x-4 max-wide:[&_tbody_tr]:gap-y-0.5 max-wide:[&_tbody_tr]:px-4 ",
            "max-wide:[&_tbody_tr]:py-2.5 max-wide:[&_tr+tr]:border-t max-wide:[&_tr+tr]:border-line ",
            "max-wide:[&_td]:p-0 max-wide:[&_td]:border-0 max-wide:[&_td]:whitespace-normal ",
            "max-wide:[&_td:first-child]:col-span-full max-wide:[&_td:first-child]:row-start-2 ",
            "max-wide:[&_td:first-child]:text-12",
        ),
    };
    view! { <table class=class>{children.0}</table> }
}

/// A cell with a figure.
#[component]
pub(crate) fn NumberCell(
    /// Name of the figure, where the row is a list of figures.
    #[prop(optional)]
    label: Option<&'static str>,
    /// True if it is the last one of a line of such a list.
    #[prop(optional)]
    end: bool,
    /// Figure in the cell.
    children: Content,
) -> impl IntoView {
    view! { <td class=if end { "number end" } else { "number" } data-label=label>{children.0}</td> }
}

/// The cell of the figure that counts most in its row; on a phone it stands beside the row's title.
#[component]
pub(crate) fn WorthCell(
    /// Value in USD.
    children: Content,
) -> impl IntoView {
    view! { <td class="number end worth">{children.0}</td> }
}

/// The heading of a column of figures.
#[component]
pub(crate) fn NumberHead(
    /// Heading of the element.
    children: Content,
) -> impl IntoView {
    view! { <th scope="col" class="number">{children.0}</th> }
}

/// A frame in which a wide table scrolls sideways.
#[component]
pub(crate) fn Scroll(
    /// Name of the frame; a named one can be scrolled with the keyboard.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Role of a named frame: `region` or `group`.
    #[prop(optional)]
    role: Option<&'static str>,
    /// The table.
    children: Content,
) -> impl IntoView {
    view! { <div class="overflow-x-auto" tabindex=label.map(|_| "0") role=role aria-label=label>{children.0}</div> }
}

/// The name of a table, for screen readers alone.
#[component]
pub(crate) fn HiddenCaption(
    /// Name in the cell.
    children: Content,
) -> impl IntoView {
    view! { <caption class="sr-only">{children.0}</caption> }
}

/// The count of rows beneath a table.
#[component]
pub(crate) fn TableCount(
    /// Count that is shown.
    children: Content,
) -> impl IntoView {
    view! { <p class="pt-2 px-4 pb-4 text-muted text-13">{children.0}</p> }
}
