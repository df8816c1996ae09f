//! The chart of an asset with its controls, the viewer's own lines and the data as a table.
//!
//! The server draws it whole. `shell/chart` then puts a live chart in the same box and takes over the links of the bar.
//! So the panel is not a region, and nothing swaps it while a reader works in it.

mod lines;

use cnop_api::Problem;
use cnop_api::market::Interval;
use cnop_domain::AssetId;
use leptos::prelude::*;

use self::lines::lines;
use super::region::{Part, Region};
use crate::address::PageAddress;
use crate::chart::{ChartData, ChartView, Range, interval_label};
use crate::components::ui::{MENU_LIST, MENU_SWITCH, SpokenOnly, TabBar};
use crate::components::{ChartTable, Icon, PriceChart, chart_sentence, icon};
use crate::error::AppError;
use crate::{context, format, market};

/// Indicators over the candles: name in the browser's storage, and label. The first ones are drawn from the start.
const STUDIES: [(&str, &str); 6] = [
    ("volume", "Volume"),
    ("ema9", "EMA 9"),
    ("ema21", "EMA 21"),
    ("ema50", "EMA 50"),
    ("vwap", "VWAP of the day"),
    ("rsi", "RSI 14"),
];

/// Address of the library's authors, which its license asks for.
const CREDIT: &str = "https://www.tradingview.com/";

/// The chart of an asset.
#[component]
pub(crate) fn ChartPanel(
    /// Id of the asset.
    asset: AssetId,
    /// Path of the page, `/market` or `/trade`.
    page: &'static str,
    /// True if orders can be moved on the chart.
    #[prop(optional)]
    moves: bool,
) -> impl IntoView {
    let address = PageAddress::current();
    let view = ChartView::from_texts(address.query("interval"), address.query("range"));
    view! {
        <Part>{Suspend::new(panel(asset, page, view, address, moves))}</Part>
    }
}

async fn panel(
    asset: AssetId,
    page: &'static str,
    view: ChartView,
    address: PageAddress,
    moves: bool,
) -> Result<impl IntoView, AppError> {
    let detail = context::services()?.inventory.asset(asset).map_err(Problem::from)?;
    let data = market::chart(asset, view).await?;
    let link = move |name: &str, value: &str| {
        let kept = address.address(&["interval", "range"]);
        let page = if address.path().starts_with(page) { kept } else { format!("{page}/{asset}") };
        crate::address::with_member(&page, &format!("{name}={value}"))
    };
    let (sentence, candles) = (chart_sentence(&data), candles_text(&data));
    let label =
        format!("Price chart of {asset}, {}. Arrow keys read it. A data table follows.", view.label());
    Ok(view! {
        <section
            class="chart"
            aria-label="Price chart"
            data-chart=asset.to_string()
            data-interval=view.interval.as_str()
            data-range=view.range.map(Range::as_str)
            data-candles=candles
            data-tick=detail.rules.tick_size.to_string()
        >
            {bar(view, link)}
            <figure>
                <figcaption class="chart-read">
                    <span data-chart-read>{sentence}</span>
                    <span class="sr-only" translate="no" data-live="last" data-asset=asset.to_string()>{format::price(detail.asset.price)}</span>
                    <output class="sr-only" data-chart-spoken></output>
                </figcaption>
                <div class="chart-box" tabindex="0" role="img" aria-label=label><PriceChart data=data.clone() /></div>
            </figure>
            <Region id="chart-lines" follows_account=true>{Suspend::new(lines(asset, moves))}</Region>
            <div class="chart-foot">
                <ChartTable data />
                <a class="chart-credit" href=CREDIT rel="noopener">"Chart by TradingView"</a>
            </div>
        </section>
    })
}

/// Candle lengths, ranges, and the tools that need scripts.
fn bar(view: ChartView, link: impl Fn(&str, &str) -> String) -> impl IntoView {
    let intervals = Interval::ALL
        .into_iter()
        .map(|it| {
            let text = it.as_str();
            view! {
                <a
                    href=link("interval", text)
                    data-interval=text
                    aria-current=(it == view.interval).then_some("true")
                    aria-label=format!("{text}, {}", interval_label(it))
                >
                    {text}
                </a>
            }
        })
        .collect_view();
    let ranges = Range::ALL
        .into_iter()
        .map(|it| {
            let text = it.as_str();
            let (interval, count) = it.candles();
            view! {
                <a
                    href=link("range", text)
                    data-range=text
                    data-interval=interval.as_str()
                    data-count=count
                    aria-current=(Some(it) == view.range).then_some("true")
                    aria-label=format!("{text}, {}", it.label())
                >
                    {text}
                </a>
            }
        })
        .collect_view();
    let studies = STUDIES
        .into_iter()
        .map(|(name, words)| {
            view! {
                <label class="flex items-center gap-2 min-h-8 pointer-coarse:min-h-10 px-2 text-14 whitespace-nowrap">
                    <input type="checkbox" class="size-4 accent-accent" data-study=name />
                    {words}
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="chart-bar">
            <TabBar label="Candle length">{intervals}</TabBar>
            <TabBar label="Chart range">{ranges}</TabBar>
            <div class="chart-tools">
                <details class="menu relative">
                    <summary class=MENU_SWITCH>"Indicators"</summary>
                    <div class=MENU_LIST role="group" aria-label="Indicators">{studies}</div>
                </details>
                <button type="button" class="chart-tool" data-chart-zoom="in" aria-label="Zoom in">"+"</button>
                <button type="button" class="chart-tool" data-chart-zoom="out" aria-label="Zoom out">"−"</button>
                <button type="button" class="chart-tool" data-chart-zoom="live" aria-label="Newest candle">{icon(Icon::Forward)}</button>
                <button type="button" class="chart-tool" data-chart-full aria-pressed="false">"Full" <SpokenOnly>" screen"</SpokenOnly></button>
            </div>
        </div>
    }
}

/// Rows of the candles as JSON: the live chart begins with them and asks for nothing.
fn candles_text(data: &ChartData) -> String {
    serde_json::to_string(&data.rows).unwrap_or_default()
}
