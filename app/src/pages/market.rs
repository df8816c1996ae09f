//! The market: search, groups, order and pages, all by plain links.

mod favorites;

use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use self::favorites::{FavoriteToggle, favorites};
use super::region::Region;
use crate::address::encoded;
use crate::components::ui::{Button, ChipLink, Chips, LabelLine, PageHead, Panel, PanelKind};
use crate::components::{Empty, Icon, MarketTable, Pager, STAR_FORM, SortLinks, icon};
use crate::error::AppError;
use crate::forms::Hidden;
use crate::market::{self, MarketCategory, MarketView};

/// Id of the search form.
const SEARCH_FORM: &str = "market-search-form";
/// Longest search that is carried along.
const SEARCH_CHARS_MAX: usize = 60;

/// Query of the market page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct MarketQuery {
    q: String,
    category: String,
    sort: String,
    cursor: String,
}

impl MarketQuery {
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
            address.push_str(&encoded(value));
        }
        address
    }
}

/// The page of the market.
#[component]
pub(crate) fn MarketPage() -> impl IntoView {
    let wish = use_query_map().with_untracked(MarketQuery::read);
    let list = market::market(&wish.q, &wish.category, &wish.sort, &wish.cursor, &favorites())
        .map(|market| list(market, &wish))
        .map_err(AppError);
    view! {
        <Title text="Market · CNOP" />
        <PageHead>
            <h1>"Market"</h1>
            // Its own region: an answer never replaces what is being typed.
            <Region id="market-search" keeps=true>{search(&wish)}</Region>
        </PageHead>
        <Region id="market-region">{list}</Region>
    }
}

/// Search, filters and table.
fn list(market: MarketView, wish: &MarketQuery) -> impl IntoView + use<> {
    let MarketView { rows, total, previous, next, categories } = market;
    let base = MarketQuery { sort: String::new(), ..wish.clone() }.address();
    let base = format!("{base}{}", if base.contains('?') { '&' } else { '?' });
    let shown = if wish.sort.is_empty() { "rank".to_owned() } else { wish.sort.clone() };
    let count = format!("{total} {}", if total == 1 { "asset" } else { "assets" });
    let after = next.map(|cursor| wish.address_with(&cursor));
    let before = previous.map(|cursor| wish.address_with(&cursor));
    let body = if rows.is_empty() {
        let is_starless = wish.category == market::FAVORITES && wish.q.is_empty();
        let text = if is_starless {
            "Press the star of an asset to list it here."
        } else {
            "Try a shorter name or another category."
        };
        view! { <Empty title="No matches" text step=("/market", "Show all assets") /> }.into_any()
    } else {
        view! { <MarketTable rows links=SortLinks { base, shown } /> }.into_any()
    };
    view! {
        <div class="flex flex-col gap-3 mb-4">
            {chips(categories, wish)} <LabelLine role="status">{count}</LabelLine>
            {kept(wish)}
            <form id=STAR_FORM method="post" action=FavoriteToggle::PATH>
                <Hidden name="back" value=wish.address_with(&wish.cursor) />
            </form>
        </div>
        <Panel kind=PanelKind::Flush>{body}</Panel>
        <Pager label="Pages of the market" before after />
    }
}

/// The search form: a plain GET.
fn search(wish: &MarketQuery) -> impl IntoView + use<> {
    view! {
        <form id=SEARCH_FORM class="flex gap-2 w-full max-w-100 max-[360px]:[&_.button]:px-2.5" role="search" method="get" action="/market" data-typing="market-region">
            <label class="sr-only" for="q">"Search by name or symbol"</label>
            <input
                class="input flex-1 min-w-0"
                id="q"
                name="q"
                r#type="search"
                placeholder="Name or symbol"
                autocomplete="off"
                maxlength=SEARCH_CHARS_MAX
                value=wish.q.clone()
            />
            <Button>{icon(Icon::Search)} "Search"</Button>
        </form>
    }
}

/// Category and order of the address, which a search keeps. The fields belong to the search form and stand beside the
/// list, which follows every link.
fn kept(wish: &MarketQuery) -> impl IntoView + use<> {
    [("category", wish.category.clone()), ("sort", wish.sort.clone())]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input r#type="hidden" form=SEARCH_FORM name=name value=value /> })
        .collect_view()
}

/// The groups as links; "All" leaves the group.
fn chips(categories: Vec<MarketCategory>, wish: &MarketQuery) -> impl IntoView + use<> {
    let all = MarketCategory { slug: String::new(), label: "All".to_owned() };
    let starred = MarketCategory { slug: market::FAVORITES.to_owned(), label: "★ Favorites".to_owned() };
    let movers =
        [("-change", "Gainers"), ("change", "Losers"), ("-volume", "Volume")].map(|(sort, label)| {
            let address = MarketQuery { sort: sort.to_owned(), ..wish.clone() }.address();
            view! { <ChipLink href=address current=wish.sort == sort>{label}</ChipLink> }
        });
    let links = [all, starred]
        .into_iter()
        .chain(categories)
        .map(|category| {
            let current = category.slug == wish.category;
            let address = MarketQuery { category: category.slug, ..wish.clone() }.address();
            view! { <ChipLink href=address current>{category.label}</ChipLink> }
        })
        .collect_view();
    view! { <Chips scrolls=true label="Asset categories and movers">{links} {movers.collect_view()}</Chips> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_only_what_is_wished() {
        assert_eq!(MarketQuery::default().address(), "/market");
        let wish = MarketQuery { q: "a b&c".to_owned(), sort: "-price".to_owned(), ..MarketQuery::default() };
        assert_eq!(wish.address(), "/market?q=a+b%26c&sort=-price");
        assert_eq!(wish.address_with("x"), "/market?q=a+b%26c&sort=-price&cursor=x");
    }

    #[test]
    fn a_wish_reads_its_own_address() {
        let wish =
            MarketQuery { q: "bit".to_owned(), category: "layer-1".to_owned(), ..MarketQuery::default() };
        let query: ParamsMap =
            [("q".to_owned(), " bit ".to_owned()), ("category".to_owned(), "layer-1".to_owned())]
                .into_iter()
                .collect();
        assert_eq!(MarketQuery::read(&query), wish);
    }
}
