//! The figures of a chart as a table.

use leptos::prelude::*;

use crate::chart::ChartData;
use crate::format;
use crate::islands::full_time;

/// Rows at most.
const TABLE_ROWS: usize = 32;

/// The figures as a table, not more rows than a person reads.
#[component]
pub(crate) fn ChartTable(
    /// The candles of the chart.
    data: ChartData,
) -> impl IntoView {
    let ChartData { range, rows } = data;
    let step = rows.len().div_ceil(TABLE_ROWS).max(1);
    let body = rows
        .iter()
        .rev()
        .step_by(step)
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{full_time(row.0, range)}</th>
                    <td class="number">{format::price_f64(row.1)}</td>
                    <td class="number">{format::price_f64(row.2)}</td>
                    <td class="number">{format::price_f64(row.3)}</td>
                    <td class="number">{format::price_f64(row.4)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="chart-data">
            <summary>"Figures as a table"</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Figures of the chart">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Time (UTC)"</th>
                            <th scope="col" class="number">"Open"</th>
                            <th scope="col" class="number">"High"</th>
                            <th scope="col" class="number">"Low"</th>
                            <th scope="col" class="number">"Close"</th>
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </details>
    }
}
