//! One asset: its price, its chart, its figures, its rules, and what you hold of it.

use cnop_api::{Code, Timestamp};
use cnop_domain::{AssetId, TradingRules};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::chart::{Range, price_chart};
use crate::components::{asset_icon, change, failure, live_change, live_price};
use crate::context::use_viewer;
use crate::erased::Erase;
use crate::format;
use crate::live::Live;
use crate::market::{AssetView, ChartData, MarketAsset, MarketChart, Position};
use crate::remote::{PageData, ask};

/// One asset.
#[component]
pub(crate) fn AssetPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let asset = Memo::new(move |_| params.with(|params| params.get("asset").unwrap_or_default()));
    let range = Memo::new(move |_| {
        query.with(|query| query.get("range").and_then(|text| Range::from_text(&text)).unwrap_or_default())
    });
    let view: PageData<AssetView> = PageData::new(move || ask!(MarketAsset { asset: asset.get() }));
    let candles: PageData<ChartData> = PageData::new(move || {
        ask!(MarketChart { asset: asset.get(), range: range.get().as_str().to_owned() })
    });
    let chart = move |id: AssetId| {
        candles.show(
            || view! { <div class="chart-field"></div> }.erased(),
            move |outcome| outcome.map_or_else(|error| failure(&error.0), |data| price_chart(id, data)),
        )
    };
    view.show(
        || view! { <p class="muted loading">"Loading the asset"</p> }.erased(),
        move |outcome| match outcome {
            Ok(view) => page(&view, range, chart(view.id)),
            Err(error) if error.0.code == Code::AssetNotFound => super::NotFoundPage().into_any(),
            Err(error) => failure(&error.0),
        },
    )
}

/// The page of an asset that exists.
fn page(view: &AssetView, range: Memo<Range>, chart: AnyView) -> AnyView {
    let live = Live::current();
    let (id, initial) = (view.id, view.price);
    let title = move || format!("{id} {} · Market · CNOP", format::price(live.price(&id).unwrap_or(initial)));
    let sides = view.is_tradable.then(|| {
        view! {
            <a class="button buy" href=format!("/trade/{id}?side=buy")>{format!("Buy {id}")}</a>
            <a class="button sell" href=format!("/trade/{id}?side=sell")>{format!("Sell {id}")}</a>
            <a class="button quiet" href=format!("/recurring?asset={id}#recurring-form")>"Buy regularly"</a>
            <a class="button quiet" href=format!("/alerts?asset={id}")>"Alert me"</a>
        }
    });
    view! {
        <Title text=title />
        <div class="asset-head">
            <div>
                <div class="asset-title">
                    {asset_icon(view.image.clone())} <h1>{view.name.clone()}</h1> <span>{view.symbol.clone()}</span>
                </div>
                <p class="asset-price">
                    <span class="big-figure">{live_price(id, view.price)} <small>" USD"</small></span>
                    <span class="figure">{live_change(id, view.change_24h)}</span>
                    <span class="label-line">"24 hours"</span>
                </p>
                {day_range(view)}
            </div>
            <div class="buttons">{sides}</div>
        </div>
        <div class="columns">
            <div class="stack">
                <section class="panel" aria-label="Chart"><div class="chart-head">{ranges(id, range)}</div> {chart}</section>
                <section class="panel">
                    <h2>"Statistics"</h2>
                    {statistics(view)}
                </section>
            </div>
            <div class="stack">
                {position(view)}
                <section class="panel">
                    <h2>"Trading rules"</h2>
                    {rules(&view.rules, id)}
                </section>
                <section class="panel">
                    <h2>{format!("About {}", view.name)}</h2>
                    <p class="small">{view.description.clone()}</p>
                    <p class="label-line">
                        {format!("Price source: {}. As of ", view.source)} <span class="nowrap">{format::moment(view.updated)}</span> "."
                    </p>
                </section>
            </div>
        </div>
    }
    .erased()
}

/// Where the price stands between the day's low and high.
fn day_range(view: &AssetView) -> AnyView {
    let live = Live::current();
    let (id, initial, low, high) = (view.id, view.price, view.low_24h, view.high_24h);
    let now = move || live.price(&id).unwrap_or(initial).to_f64_lossy();
    let knob = move || {
        let (price, low, high) = (now(), low.min(now()), high.max(now()));
        let share = if high > low { (price - low) / (high - low) } else { 0.5 };
        format::decimal(share * 96.0, 0)
    };
    view! {
        <p class="day-range">
            <span><span class="hidden-word">"Low of 24 hours: "</span>{move || format::price_f64(low.min(now()))}</span>
            <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class="track" y="3" width="100" height="2" />
                <rect class="knob" x=knob width="4" height="8" />
            </svg>
            <span><span class="hidden-word">"High of 24 hours: "</span>{move || format::price_f64(high.max(now()))}</span>
        </p>
    }
    .erased()
}

/// Links to the spans of the chart.
fn ranges(asset: AssetId, range: Memo<Range>) -> AnyView {
    let links = Range::ALL
        .into_iter()
        .map(|span| {
            let current = move || (range.get() == span).then_some("true");
            view! {
                <a
                    href=format!("/market/{asset}?range={}", span.as_str())
                    aria-current=current
                    aria-label=format!("{}, {}", span.as_str(), span.label())
                    data-noscroll="true"
                >
                    {span.as_str()}
                </a>
            }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Span of the chart">{links}</nav> }.erased()
}

/// The figures in two columns.
fn statistics(view: &AssetView) -> AnyView {
    let coins = |value: f64| format!("{} {}", format::compact(value), view.symbol);
    let entry = |label: &'static str, value: AnyView| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
    let text = |value: String| value.into_any();
    view! {
        <dl class="facts facts-2">
            {entry("Rank", text(format!("#{}", view.rank)))}
            {entry("Market capitalisation", text(format!("{} USD", format::compact(view.cap))))}
            {entry("Volume, 24 hours", text(format!("{} USD", format::compact(view.volume))))}
            {entry("Change, 7 days", change(view.change_7d))}
            {entry("Change, 30 days", change(view.change_30d))}
            {entry("Circulating", text(coins(view.circulating)))}
            {entry("Total supply", text(view.total_supply.map_or_else(|| "Not stated".to_owned(), coins)))}
            {entry("Largest supply", text(view.max_supply.map_or_else(|| "Without a limit".to_owned(), coins)))}
            {entry(
                "High of the year",
                on_day(view.year_high, view.year_high_time),
            )}
            {entry(
                "Low of the year",
                on_day(view.year_low, view.year_low_time),
            )}
        </dl>
    }
    .erased()
}

/// A price and the day it was reached, neither of them broken across lines.
fn on_day(price: f64, day: Timestamp) -> AnyView {
    let day = format!("on {}", format::day(day));
    view! { <span class="nowrap">{format::price_f64(price)}</span> " " <span class="nowrap muted">{day}</span> }.erased()
}

/// What the signed-in user holds, or the way in.
fn position(view: &AssetView) -> AnyView {
    let body = match &view.position {
        Some(held) => held_facts(view, held),
        None if use_viewer().is_signed_in() => {
            view! { <p class="small muted">{format!("You hold no {}.", view.symbol)}</p> }.erased()
        }
        None => view! {
            <p class="small muted">
                <a href="/login">"Sign in"</a>
                " to see what you hold and to trade."
            </p>
        }
        .erased(),
    };
    view! {
        <section class="panel">
            <h2>"Your position"</h2>
            {body}
        </section>
    }
    .erased()
}

/// Quantity and value of a position.
fn held_facts(view: &AssetView, held: &Position) -> AnyView {
    let quantity = format!("{} {}", format::quantity(held.quantity), view.symbol);
    view! {
        <dl class="facts">
            <div>
                <dt>"Quantity"</dt>
                <dd>{quantity}</dd>
            </div>
            <div>
                <dt>"Value at the last price"</dt>
                <dd>{format::usd_cents(held.value)}</dd>
            </div>
        </dl>
        <p class="small">
            <a href="/portfolio">"Cost and profit in your portfolio"</a>
        </p>
    }
    .erased()
}

/// The trading rules in words.
fn rules(rules: &TradingRules, asset: AssetId) -> AnyView {
    let quantity = format::quantity;
    view! {
        <ul class="rule-list small">
            <li>{format!("Quantities are multiples of {} {asset}.", quantity(rules.step_size))}</li>
            <li>
                {format!(
                    "An order is for {} to {} {asset}.",
                    quantity(rules.min_quantity),
                    quantity(rules.max_quantity),
                )}
            </li>
            <li>
                {format!(
                    "Its value is {} to {}.",
                    format::usd(rules.min_notional),
                    format::usd(rules.max_notional),
                )}
            </li>
            <li>{format!("Prices are multiples of {} USD.", rules.tick_size)}</li>
        </ul>
    }
    .erased()
}
