//! The figures of a chart as a table.

use leptos::prelude::*;

use super::ui::Scroll;
use super::ui::{NumberCell, NumberHead, Table};
use crate::chart::{ChartData, full_time};
use crate::format;

/// Maximum rows of the table.
const TABLE_ROWS: usize = 32;

/// The figures as a table, not more rows than a person reads.
#[component]
pub(crate) fn ChartTable(
    /// The candles of the chart.
    data: ChartData,
) -> impl IntoView {
    let ChartData { view, rows } = data;
    let step = rows.len().div_ceil(TABLE_ROWS).max(1);
    let body = rows
        .iter()
        .rev()
        .step_by(step)
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{full_time(row.0, view)}</th>
                    <NumberCell>{format::price_f64(row.1)}</NumberCell>
                    <NumberCell>{format::price_f64(row.2)}</NumberCell>
                    <NumberCell>{format::price_f64(row.3)}</NumberCell>
                    <NumberCell>{format::price_f64(row.4)}</NumberCell>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="[&>div]:max-h-70 [&>div]:overflow-auto [&_:is(th,td)]:px-2 [&_:is(th,td)]:py-1">
            <summary class="py-2.5 text-muted text-13 underline pointer-coarse:min-h-10">"Show data table"</summary>
            <Scroll role="region" label="Chart data">
                <Table>
                    <thead>
                        <tr>
                            <th scope="col">"Time (UTC)"</th>
                            <NumberHead>"Open"</NumberHead>
                            <NumberHead>"High"</NumberHead>
                            <NumberHead>"Low"</NumberHead>
                            <NumberHead>"Close"</NumberHead>
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </Table>
            </Scroll>
        </details>
    }
}
