//! The market: search, groups, order and pages, all by plain links.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use crate::components::{Icon, SortLinks, empty, failure, icon, market_table, pager};
use crate::erased::Erase;
use crate::forms::path_encode;
use crate::market::{MarketAssets, MarketCategory, MarketView};
use crate::remote::{PageData, ask};

/// Longest search that is carried along.
const SEARCH_CHARS_MAX: usize = 60;

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Wish {
    q: String,
    category: String,
    sort: String,
    cursor: String,
}

impl Wish {
    /// The wish of an address.
    fn read(query: &ParamsMap) -> Self {
        let text = |name: &str| query.get(name).unwrap_or_default();
        Self {
            q: text("q").trim().chars().take(SEARCH_CHARS_MAX).collect(),
            category: text("category"),
            sort: text("sort"),
            cursor: text("cursor"),
        }
    }

    /// The address of this wish, first page; what is empty is left out.
    fn address(&self) -> String {
        self.address_with("")
    }

    /// The address of this wish at a cursor.
    fn address_with(&self, cursor: &str) -> String {
        let wishes =
            [("q", self.q.as_str()), ("category", &self.category), ("sort", &self.sort), ("cursor", cursor)];
        let mut address = "/market".to_owned();
        for (name, value) in wishes.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            address.push_str(&path_encode(value));
        }
        address
    }
}

/// The market.
#[component]
pub(crate) fn MarketPage() -> impl IntoView {
    let query = use_query_map();
    let wish = Memo::new(move |_| query.with(Wish::read));
    let view: PageData<MarketView> = PageData::new(move || {
        let Wish { q, category, sort, cursor } = wish.get();
        ask!(MarketAssets { q: q, category: category, sort: sort, cursor: cursor })
    });
    let market = view.show(
        || view! { <p class="muted loading">"Loading the market"</p> }.erased(),
        move |outcome| match outcome {
            Ok(view) => wish.with_untracked(|wish| market(view, wish)),
            Err(error) => failure(&error.0),
        },
    );
    view! {
        <Title text="Market · CNOP" />
        <div class="page-head">
            <h1>"Market"</h1>
        </div>
        {market}
    }
}

/// Tools and table.
fn market(view: MarketView, wish: &Wish) -> AnyView {
    let MarketView { rows, total, previous, next, categories } = view;
    let base = Wish { sort: String::new(), ..wish.clone() }.address();
    let base = format!("{base}{}", if base.contains('?') { '&' } else { '?' });
    let shown = if wish.sort.is_empty() { "rank".to_owned() } else { wish.sort.clone() };
    let count = format!("{total} {}", if total == 1 { "asset" } else { "assets" });
    let after = next.map(|cursor| wish.address_with(&cursor));
    let before = previous.map(|cursor| wish.address_with(&cursor));
    let body = if rows.is_empty() {
        empty(
            "No asset fits",
            "Search looks at names and symbols. Try fewer letters, or another group.",
            Some(("/market", "Show all assets")),
        )
    } else {
        market_table(&rows, Some(&SortLinks { base, shown }))
    };
    view! {
        <div class="market-tools">
            {search(wish)} {chips(categories, wish)} <p class="label-line" role="status">{count}</p>
        </div>
        <div class="panel panel-flush">{body}</div>
        {pager("Pages of the market", before, after)}
    }
    .erased()
}

/// The search form: a plain GET.
fn search(wish: &Wish) -> AnyView {
    let hidden = [("category", wish.category.clone()), ("sort", wish.sort.clone())]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input r#type="hidden" name=name value=value /> })
        .collect_view();
    view! {
        <form class="search" role="search" method="get" action="/market">
            <label class="hidden-word" for="q">"Search by name or symbol"</label>
            <input
                class="input"
                id="q"
                name="q"
                r#type="search"
                placeholder="Name or symbol"
                autocomplete="off"
                maxlength=SEARCH_CHARS_MAX
                value=wish.q.clone()
            />
            {hidden}
            <button class="button">{icon(Icon::Search)} "Search"</button>
        </form>
    }
    .erased()
}

/// The groups as links; "All" leaves the group.
fn chips(categories: Vec<MarketCategory>, wish: &Wish) -> AnyView {
    let all = MarketCategory { slug: String::new(), label: "All".to_owned() };
    let links = std::iter::once(all)
        .chain(categories)
        .map(|category| {
            let current = (category.slug == wish.category).then_some("true");
            let address = Wish { category: category.slug, ..wish.clone() }.address();
            view! { <a class="chip" href=address aria-current=current>{category.label}</a> }
        })
        .collect_view();
    view! { <nav class="chips" aria-label="Groups of assets">{links}</nav> }.erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_only_what_is_wished() {
        assert_eq!(Wish::default().address(), "/market");
        let wish = Wish { q: "a b&c".to_owned(), sort: "-price".to_owned(), ..Wish::default() };
        assert_eq!(wish.address(), "/market?q=a%20b%26c&sort=-price");
        assert_eq!(wish.address_with("x"), "/market?q=a%20b%26c&sort=-price&cursor=x");
    }

    #[test]
    fn a_wish_reads_its_own_address() {
        let wish = Wish { q: "bit".to_owned(), category: "layer-1".to_owned(), ..Wish::default() };
        let query: ParamsMap =
            [("q".to_owned(), " bit ".to_owned()), ("category".to_owned(), "layer-1".to_owned())]
                .into_iter()
                .collect();
        assert_eq!(Wish::read(&query), wish);
    }
}
