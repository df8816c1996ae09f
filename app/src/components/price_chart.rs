//! The server's drawing of a price chart: complete without scripts. `shell/chart` takes its place in the same box.

use cnop_api::market::CandleRow;
use leptos::prelude::*;

use crate::chart::shape::{self, HEIGHT, Scale, WIDTH};
use crate::chart::{ChartData, ChartView, short_time};
use crate::format;

/// Times below the field.
const TIMES: usize = 4;

/// Candles, or a line for many, with the prices and times beside them.
#[component]
pub(crate) fn PriceChart(
    /// The candles of the chart.
    data: ChartData,
) -> impl IntoView {
    let ChartData { view, rows } = data;
    let scale = Scale::of(&rows);
    view! {
        <div class="chart-still" aria-hidden="true">
            <div class="relative">{drawing(&rows, view, scale)}</div>
            <div class="flex flex-col justify-between -my-1.5 text-right">{y_marks(scale)}</div>
            <div class="flex justify-between">{x_marks(&rows, view)}</div>
        </div>
    }
}

/// The drawing itself: a handful of paths, whatever the number of candles.
fn drawing(rows: &[CandleRow], view: ChartView, scale: Scale) -> impl IntoView + use<> {
    let last = rows.last().map_or(0.0, |row| row.4);
    let now = format!("M0 {}H{WIDTH}", scale.y(last));
    let grid: String =
        scale.marks().into_iter().map(|mark| format!("M0 {}H{WIDTH}", scale.y(mark))).collect();
    let shapes = if view.is_line() {
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
    };
    view! {
        <svg class="absolute inset-0 size-full overflow-visible" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none">
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
fn x_marks(rows: &[CandleRow], view: ChartView) -> impl IntoView + use<> {
    let last = rows.len().saturating_sub(1);
    (0..TIMES)
        .filter_map(|step| rows.get(last * step / (TIMES - 1)))
        .map(|row| view! { <span>{short_time(row.0, view)}</span> })
        .collect_view()
}

/// The whole chart in one sentence.
pub(crate) fn chart_sentence(data: &ChartData) -> String {
    let ChartData { view, rows } = data;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return "No prices for this period yet.".to_owned();
    };
    let low = rows.iter().map(|row| row.3).fold(f64::INFINITY, f64::min);
    let high = rows.iter().map(|row| row.2).fold(f64::NEG_INFINITY, f64::max);
    let change = if first.1 > 0.0 { (last.4 / first.1 - 1.0) * 100.0 } else { 0.0 };
    format!(
        "{} {} · low {} · high {}",
        view.as_str(),
        format::percent(change),
        format::price_f64(low),
        format::price_f64(high)
    )
}
