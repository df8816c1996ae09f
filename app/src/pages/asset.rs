//! One asset: its price, its chart, its figures, its rules, and the viewer's holding.

use cnop_api::market::{AssetDetail, Availability};
use cnop_api::{Code, Timestamp};
use cnop_domain::{Amount, AssetId, TradingRules};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::NotFoundPage;
use super::chart::ChartPanel;
use super::region::Part;
use crate::components::ui::{
    Buttons, Change, Columns, Facts, FactsKind, FigureSize, LabelLine, LinkButton, Look, Note, Panel, Rules,
    Small, SmallMuted, Stack,
};
use crate::components::{AssetIcon, LiveChange, LivePrice};
use crate::context::{self, use_viewer};
use crate::error::AppError;
use crate::format;
use crate::islands::{DayFigures, DayRange, TabTitle};
use crate::market::{self, PositionValue};

/// The page of one asset.
#[component]
pub(crate) fn AssetPage() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("asset")).unwrap_or_default();
    let page = async move {
        match market::asset(&name).await {
            Ok((detail, position)) => Ok(page(&detail, position.as_ref()).into_any()),
            Err(problem) if problem.code == Code::AssetNotFound => Ok(view! { <NotFoundPage /> }.into_any()),
            Err(problem) => Err(AppError(problem)),
        }
    };
    view! { <Part>{Suspend::new(page)}</Part> }
}

/// The page of an asset that exists.
fn page(detail: &AssetDetail, position: Option<&PositionValue>) -> impl IntoView + use<> {
    let asset = &detail.asset;
    let id = asset.asset_id;
    let title = format!("{id} {} · Market · CNOP", format::price(asset.price));
    let is_tradable = asset.is_active && detail.availability_status == Availability::Available;
    let trade = is_tradable.then(|| {
        view! {
            <LinkButton look=Look::Buy href=format!("/trade/{id}?side=buy")>{format!("Buy {id}")}</LinkButton>
            <LinkButton look=Look::Sell href=format!("/trade/{id}?side=sell")>{format!("Sell {id}")}</LinkButton>
            <LinkButton look=Look::Quiet href=format!("/recurring?asset={id}#recurring-form")>"Recurring buy"</LinkButton>
            <LinkButton look=Look::Quiet href=format!("/alerts?asset={id}")>"Set alert"</LinkButton>
        }
    });
    let order_max = context::services()
        .map_or(detail.rules.max_notional, |services| services.config().order_notional_max);
    let day = DayFigures { asset: id, last: asset.price, low: detail.low_24h, high: detail.high_24h };
    view! {
        <Title text=title />
        <TabTitle asset=id rest="Market · CNOP".to_owned() />
        <div class="flex flex-wrap items-end justify-between gap-4 mb-5 max-field:[&>:last-child]:w-full max-field:[&>:last-child>a]:flex-1">
            <div>
                <div class="flex items-center gap-2.5 text-16 text-muted [&_h1]:text-text [&_h1]:text-20 [&_img]:size-8">
                    <AssetIcon path=asset.image.clone() /> <h1>{asset.name.clone()}</h1> <span>{asset.symbol.clone()}</span>
                </div>
                <p class="flex flex-wrap items-baseline gap-y-1 gap-x-3 mt-2">
                    <span class=FigureSize::Big.class()><LivePrice asset=id price=asset.price /> <small class="text-muted text-16 font-normal tracking-normal">" USD"</small></span>
                    <span class="font-[550] whitespace-nowrap"><LiveChange asset=id percentage=asset.price_change_percentage_24h /></span>
                    <SmallMuted>"24 hours"</SmallMuted>
                </p>
                <DayRange figures=day />
            </div>
            <Buttons>{trade}</Buttons>
        </div>
        <Columns>
            <Stack>
                <Panel label="Chart">
                    <ChartPanel asset=id page="/market" />
                </Panel>
                <Panel>
                    <h2>"Statistics"</h2>
                    {statistics(detail)}
                </Panel>
            </Stack>
            <Stack>
                {held(detail, position)}
                <Panel>
                    <h2>"Trading rules"</h2>
                    {rules(&detail.rules, id, order_max)}
                </Panel>
                <Panel>
                    <h2>{format!("About {}", asset.name)}</h2>
                    <Small>{asset.description.clone()}</Small>
                    <LabelLine>
                        {format!("Source: {} · updated ", detail.source)} <span class="whitespace-nowrap">{format::time_element(detail.last_updated)}</span>
                    </LabelLine>
                </Panel>
            </Stack>
        </Columns>
    }
}

/// The figures in two columns.
fn statistics(detail: &AssetDetail) -> impl IntoView + use<> {
    let asset = &detail.asset;
    let coins = |value: f64| format!("{} {}", format::compact(value), asset.symbol);
    let entry = |label: &'static str, value: AnyView| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
    let text = |value: String| value.into_any();
    view! {
        <Facts kind=FactsKind::Paired>
            {entry("Rank", text(format!("#{}", asset.market_cap_rank)))}
            {entry("Market cap", text(format!("{} USD", format::compact(asset.market_cap))))}
            {entry("Volume, 24 h", text(format!("{} USD", format::compact(asset.total_volume_24h))))}
            {entry("Change, 7 days", view! { <Change percentage=detail.price_change_percentage_7d /> }.into_any())}
            {entry("Change, 30 days", view! { <Change percentage=detail.price_change_percentage_30d /> }.into_any())}
            {entry("Circulating supply", text(coins(detail.circulating_supply)))}
            {entry("Total supply", text(detail.total_supply.map_or_else(|| "Not available".to_owned(), coins)))}
            {entry("Max supply", text(detail.max_supply.map_or_else(|| "Unlimited".to_owned(), coins)))}
            {entry(
                "52-week high",
                on_day(detail.ath, detail.ath_date).into_any(),
            )}
            {entry(
                "52-week low",
                on_day(detail.atl, detail.atl_date).into_any(),
            )}
        </Facts>
    }
}

/// A price and the day it was reached, neither of them broken across lines.
fn on_day(price: f64, day: Timestamp) -> impl IntoView + use<> {
    let day = format!("on {}", format::day(day));
    view! { <span class="whitespace-nowrap">{format::price_f64(price)}</span> " " <span class="text-muted whitespace-nowrap">{day}</span> }
}

/// The viewer's holding, or the way in.
fn held(detail: &AssetDetail, position: Option<&PositionValue>) -> impl IntoView + use<> {
    let symbol = &detail.asset.symbol;
    let body = match position {
        Some(held) => held_facts(symbol, held).into_any(),
        None if use_viewer().is_signed_in() => {
            view! { <Note>{format!("No {symbol} position")}</Note> }.into_any()
        }
        None => view! {
            <Note>
                <a href="/login">"Sign in"</a>
                " to see your position and trade."
            </Note>
        }
        .into_any(),
    };
    view! {
        <Panel>
            <h2>"Your position"</h2>
            {body}
        </Panel>
    }
}

/// Quantity and value of a position.
fn held_facts(symbol: &str, held: &PositionValue) -> impl IntoView + use<> {
    let quantity = format!("{} {symbol}", format::quantity(held.quantity));
    view! {
        <Facts>
            <div>
                <dt>"Quantity"</dt>
                <dd>{quantity}</dd>
            </div>
            <div>
                <dt>"Value at last price"</dt>
                <dd>{format::usd_cents(held.value)}</dd>
            </div>
        </Facts>
        <Small>
            <a href="/portfolio">"See average cost and P&L"</a>
        </Small>
    }
}

/// The trading rules in words.
fn rules(rules: &TradingRules, asset: AssetId, order_max: Amount) -> impl IntoView + use<> {
    let quantity = format::quantity;
    view! {
        <Rules>
            <li>{format!("Quantity step: {} {asset}", quantity(rules.step_size))}</li>
            <li>
                {format!(
                    "Order size: {}–{} {asset}",
                    quantity(rules.min_quantity),
                    quantity(rules.max_quantity),
                )}
            </li>
            <li>
                {format!(
                    "Order value: {}–{} USD",
                    format::amount_short(rules.min_notional),
                    format::amount_short(order_max.min(rules.max_notional)),
                )}
            </li>
            <li>{format!("Price tick: {} USD", rules.tick_size)}</li>
        </Rules>
    }
}
