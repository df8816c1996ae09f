//! Findings about the portfolio, each with the figures it rests on.

use cnop_api::Problem;
use cnop_api::portfolio::{Finding, Insights, Severity};
use leptos::prelude::*;

use super::donut::Donut;
use crate::components::ui::{Columns, Findings, Note, Panel, RowTitle};
use crate::components::{Icon, icon};
use crate::error::AppError;
use crate::format;
use crate::pages::PageRequest;

/// The allocation and the findings; nothing for an account without holdings. Findings that cannot be computed are left
/// out.
pub(super) async fn insights(request: PageRequest) -> Result<impl IntoView, AppError> {
    let portfolio = request.services.portfolio.portfolio(&request.caller).await.map_err(Problem::from)?;
    if portfolio.assets.is_empty() {
        return Ok(None);
    }
    let insights = request.services.insights.portfolio(&request.caller).await.ok();
    Ok(Some(view! {
        <Columns even=true>
            <Donut portfolio />
            {insights.map(|insights| findings(&insights))}
        </Columns>
        <Note>
            "Cost is the weighted average of your purchases, their fees included. Realised profit is after the fees of the sales. Values are at the last price."
        </Note>
    }))
}

/// The findings, most important first.
fn findings(insights: &Insights) -> impl IntoView + use<> {
    let lines = insights.findings.iter().map(|finding| line(finding, insights)).collect_view();
    let author = if insights.model.starts_with("rules") {
        "By fixed rules".to_owned()
    } else {
        format!("By {}", insights.model)
    };
    view! {
        <Panel labelled_by="findings-title">
            <h2 id="findings-title">"What stands out"</h2>
            <p>{insights.summary.clone()}</p>
            <Findings>{lines}</Findings>
            <Note>
                {format!("{author}, {}. No advice.", format::moment(insights.generated_at))}
            </Note>
        </Panel>
    }
}

/// One finding with its facts.
pub(in crate::pages) fn line(finding: &Finding, insights: &Insights) -> impl IntoView + use<> {
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
                <RowTitle>{finding.title.clone()}</RowTitle>
                <p>{finding.detail.clone()}</p>
                <Note>{facts}</Note>
            </div>
        </li>
    }
}
