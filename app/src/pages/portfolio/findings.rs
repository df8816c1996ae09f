//! What stands out in the portfolio, each with the figures it rests on.

use cnop_api::Problem;
use cnop_api::portfolio::{Finding, Insights, Severity};
use leptos::prelude::*;

use super::donut::donut;
use crate::components::{Icon, icon};
use crate::drawn::Asked;
use crate::erased::Erase;
use crate::format;

/// The allocation, and what stands out; nothing for an account that holds nothing.
///
/// # Errors
/// When the portfolio cannot be read; the findings are left out when they cannot be computed.
pub(crate) async fn insights(asked: &Asked) -> Result<AnyView, Problem> {
    let portfolio = asked.services.portfolio.portfolio(&asked.caller).await.map_err(Problem::from)?;
    if portfolio.assets.is_empty() {
        return Ok(().into_any());
    }
    let insights = asked.services.insights.portfolio(&asked.caller).await.ok();
    Ok(view! {
        <div class="columns columns-even">
            {donut(&portfolio)}
            {insights.as_ref().map(findings)}
        </div>
        <p class="muted small">
            "Cost is the weighted average of your purchases, their fees included. Realised profit is after the fees of the sales. Values are at the last price."
        </p>
    }
    .into_any())
}

/// The findings, most important first.
fn findings(insights: &Insights) -> AnyView {
    let lines = insights.findings.iter().map(|finding| line(finding, insights)).collect_view();
    let author = if insights.model.starts_with("rules") {
        "By fixed rules".to_owned()
    } else {
        format!("By {}", insights.model)
    };
    view! {
        <section class="panel" aria-labelledby="findings-title">
            <h2 id="findings-title">"What stands out"</h2>
            <p>{insights.summary.clone()}</p>
            <ul class="findings">{lines}</ul>
            <p class="muted small">
                {format!("{author}, {}. No advice.", format::moment(insights.generated_at))}
            </p>
        </section>
    }
    .erased()
}

/// One finding with its facts.
pub(in crate::pages) fn line(finding: &Finding, insights: &Insights) -> AnyView {
    let warning = finding.severity == Severity::Warning;
    let facts = finding
        .fact_ids
        .iter()
        .filter_map(|id| insights.facts.iter().find(|fact| fact.id == *id))
        .map(|fact| format!("{}: {}", fact.label, fact.value))
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        <li class=if warning { "warn" } else { "info" }>
            {warning.then(|| icon(Icon::Warning))}
            <div>
                <p class="row-title">{finding.title.clone()}</p>
                <p>{finding.detail.clone()}</p>
                <p class="muted small">{facts}</p>
            </div>
        </li>
    }
    .erased()
}
