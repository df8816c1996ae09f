//! The chart of an asset's price: candles or a line, and a sentence.

use cnop_api::market::CandleRow;
use cnop_domain::AssetId;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use leptos::web_sys;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::json::Json;
use super::props::written;
use super::{Packed, Store};
use crate::chart::shape::{self, HEIGHT, Scale, WIDTH};
use crate::chart::{Range, full_time, short_time};
use crate::format;

/// Words below the field.
const TIMES: usize = 4;

/// Candles as the props of an island, without their volume: the text of a JSON array, which the browser parses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CandleText(Vec<CandleRow>);

impl From<Vec<CandleRow>> for CandleText {
    fn from(rows: Vec<CandleRow>) -> Self {
        Self(rows)
    }
}

impl Serialize for CandleText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = |&(start, open, high, low, close, _): &CandleRow| (start, open, high, low, close);
        written(serializer, || {
            let rows: Vec<_> = self.0.iter().map(shown).collect();
            serde_json::to_string(&rows).map_err(S::Error::custom)
        })
    }
}

impl<'de> Deserialize<'de> for CandleText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let rows = Json::parse(&text).and_then(|rows| rows.elements()?.map(|row| candle(&row)).collect());
        rows.map(Self).ok_or_else(|| D::Error::custom("no candles"))
    }
}

fn candle(row: &Json) -> Option<CandleRow> {
    let mut numbers = row.elements()?.map(|number| number.as_number());
    let mut next = || numbers.next().flatten();
    #[allow(clippy::cast_possible_truncation, reason = "seconds since 1970 are far below 2⁵³")]
    let start_s = next()? as i64;
    Some((start_s, next()?, next()?, next()?, next()?, 0.0))
}

/// The chart of an asset. The last price moves live; a pointer or the arrow keys read single candles.
#[island]
pub(crate) fn PriceChart(
    /// Id of the asset.
    #[prop(into)]
    asset: Packed<AssetId>,
    /// Time range of the chart.
    #[prop(into)]
    range: Packed<Range>,
    /// Candles of the chart, oldest first.
    #[prop(into)]
    candles: CandleText,
) -> impl IntoView {
    let (Packed(asset), Packed(range), CandleText(rows)) = (asset, range, candles);
    let scale = Scale::of(&rows);
    let (marks, times) = (y_marks(scale), x_marks(&rows, range));
    let sentence = sentence(&rows, range);
    let rows = StoredValue::new(rows);
    let read = RwSignal::new(None::<usize>);
    let reading = move || {
        rows.with_value(|rows| match read.get().and_then(|index| rows.get(index)) {
            Some(row) => candle_text(row, range),
            None => sentence.clone(),
        })
    };
    view! {
        <figure>
            <figcaption translate="no" class="min-h-5 mb-2 text-muted text-13">{reading}</figcaption>
            <div class="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2">
                <div
                    class="chart-field relative h-75 wide:h-90 focus-visible:outline-offset-4 [&_path]:[vector-effect:non-scaling-stroke]"
                    tabindex="0"
                    role="img"
                    aria-label=format!("Price chart, {}. A data table follows.", range.label())
                    on:pointermove=move |event| read.set(pointed(&event, rows.with_value(Vec::len)))
                    on:pointerleave=move |_| read.set(None)
                    on:keydown=move |event| key_pressed(&event, read, rows.with_value(Vec::len))
                    on:blur=move |_| read.set(None)
                >
                    {drawing(asset, rows, range, scale)}
                </div>
                <div class="flex flex-col justify-between -my-1.5 text-muted text-12 leading-none text-right" aria-hidden="true">{marks}</div>
                <div class="flex justify-between col-start-1 pt-2 text-muted text-12 leading-none" aria-hidden="true">{times}</div>
            </div>
        </figure>
    }
}

/// The drawing itself: a handful of paths, whatever the number of candles.
fn drawing(
    asset: AssetId,
    rows: StoredValue<Vec<CandleRow>>,
    range: Range,
    scale: Scale,
) -> impl IntoView + use<> {
    let store = Store::current();
    let last = rows.with_value(|rows| rows.last().map_or(0.0, |row| row.4));
    let now = move || {
        let price = store.price(&asset).map_or(last, cnop_domain::Price::to_f64_lossy);
        format!("M0 {}H{WIDTH}", scale.y(price))
    };
    let grid: String =
        scale.marks().into_iter().map(|mark| format!("M0 {}H{WIDTH}", scale.y(mark))).collect();
    let shapes = rows.with_value(|rows| {
        if range.is_line() {
            let line = shape::line(rows, scale);
            let area = shape::area(&line, rows.len());
            view! {
                <path class="fill-accent opacity-[0.1]" d=area />
                <path class="stroke-accent [stroke-width:2] [stroke-linejoin:round] fill-none" d=line />
            }
            .into_any()
        } else {
            let paths = shape::candles(rows, scale);
            view! {
                <path class="stroke-up [stroke-width:1] fill-none" d=paths.wick_up />
                <path class="stroke-down [stroke-width:1] fill-none" d=paths.wick_down />
                <path class="fill-up" d=paths.body_up />
                <path class="fill-down" d=paths.body_down />
            }
            .into_any()
        }
    });
    view! {
        <svg class="size-full overflow-visible pointer-events-none" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">
            <path class="stroke-line [stroke-width:1] fill-none" d=grid />
            {shapes}
            <path class="stroke-muted [stroke-width:1] [stroke-dasharray:4_4] fill-none" d=now />
        </svg>
    }
}

/// Prices beside the field.
fn y_marks(scale: Scale) -> impl IntoView + use<> {
    scale.marks().into_iter().map(|mark| view! { <span>{format::price_f64(mark)}</span> }).collect_view()
}

/// Times below the field.
fn x_marks(rows: &[CandleRow], range: Range) -> impl IntoView + use<> {
    let last = rows.len().saturating_sub(1);
    (0..TIMES)
        .filter_map(|step| rows.get(last * step / (TIMES - 1)))
        .map(|row| view! { <span>{short_time(row.0, range)}</span> })
        .collect_view()
}

/// One candle in words.
fn candle_text(row: &CandleRow, range: Range) -> String {
    format!(
        "{} · open {} · high {} · low {} · close {}",
        full_time(row.0, range),
        format::price_f64(row.1),
        format::price_f64(row.2),
        format::price_f64(row.3),
        format::price_f64(row.4)
    )
}

/// The whole chart in one sentence.
fn sentence(rows: &[CandleRow], range: Range) -> String {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return "No prices for this period yet.".to_owned();
    };
    let low = rows.iter().map(|row| row.3).fold(f64::INFINITY, f64::min);
    let high = rows.iter().map(|row| row.2).fold(f64::NEG_INFINITY, f64::max);
    let change = if first.1 > 0.0 { (last.4 / first.1 - 1.0) * 100.0 } else { 0.0 };
    format!(
        "{} {} · low {} · high {}",
        range.as_str(),
        format::percent(change),
        format::price_f64(low),
        format::price_f64(high)
    )
}

/// The candle under the pointer.
fn pointed(event: &PointerEvent, count: usize) -> Option<usize> {
    let width = event_target::<web_sys::Element>(event).client_width();
    shape::candle_at(count, f64::from(event.offset_x()), f64::from(width))
}

/// Arrow keys walk along the candles.
fn key_pressed(event: &KeyboardEvent, read: RwSignal<Option<usize>>, count: usize) {
    let last = count.saturating_sub(1);
    let here = read.get_untracked();
    let next = match event.key().as_str() {
        "ArrowLeft" => here.unwrap_or(count).saturating_sub(1),
        "ArrowRight" => here.map_or(0, |index| index + 1).min(last),
        "Home" => 0,
        "End" => last,
        "Escape" => {
            read.set(None);
            return;
        }
        _ => return,
    };
    event.prevent_default();
    read.set(Some(next));
}
