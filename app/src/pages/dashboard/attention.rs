//! The attention list: open orders, paused plans, an active kill switch, and insights about the portfolio.

use cnop_api::Problem;
use cnop_api::portfolio::Severity;
use cnop_api::trading::{GuardName, GuardRails, OrderQuery, StatusFilter};
use leptos::prelude::*;

use crate::components::ui::{Findings, MutedLine, RowTitle};
use crate::components::{Icon, icon};
use crate::error::AppError;
use crate::format;
use crate::pages::PageRequest;
use crate::pages::notifications::unread_count;
use crate::pages::portfolio::finding_line;
use crate::pages::recurring::paused_count;

/// Open orders that are counted one by one.
const COUNTED_MAX: u32 = 100;

/// The list, most urgent first. The portfolio's findings are left out when they cannot be computed.
pub(super) async fn attention(request: PageRequest) -> Result<impl IntoView + use<>, AppError> {
    let guards = request.services.guards.get(&request.caller).await.map_err(Problem::from)?;
    let query = OrderQuery { status: Some(StatusFilter::Open), limit: COUNTED_MAX, ..OrderQuery::default() };
    let open = request.services.orders.list(&request.caller, query).await.map_err(Problem::from)?;
    let paused = paused_count(&request).await?;
    let insights = request.services.insights.portfolio(&request.caller).await.ok();
    let mut lines = guard_lines(&guards);
    lines.extend(
        plural(paused, "recurring buy is paused", "recurring buys are paused")
            .map(|text| line(true, text, "No buys until you resume.", ("/recurring", "Recurring buys"))),
    );
    if let Some(insights) = &insights {
        let warnings = insights.findings.iter().filter(|finding| finding.severity == Severity::Warning);
        lines.extend(warnings.map(|finding| finding_line(finding).into_any()));
    }
    let unread = unread_count(&request).await?;
    lines.extend(
        plural(unread, "new notification", "new notifications")
            .map(|text| line(false, text, "Since your last visit.", ("/notifications", "Notifications"))),
    );
    let balance = request.services.ledger.balance(&request.caller).await.map_err(Problem::from)?;
    let reserved = format!("{} reserved.", format::usd(balance.reserved));
    let count = open.data.len();
    let beyond = if open.has_more { "more than " } else { "" };
    lines.extend(plural(count, "open order", "open orders").map(|text| {
        line(false, format!("{beyond}{text}"), reserved.clone(), ("/orders#orders-open", "Open orders"))
    }));
    if lines.is_empty() {
        return Ok(view! { <MutedLine>"All clear"</MutedLine> }.into_any());
    }
    Ok(view! { <Findings>{lines}</Findings> }.into_any())
}

fn guard_lines(guards: &GuardRails) -> Vec<AnyView> {
    let rails = ("/guards", "Risk limits");
    let mut lines = Vec::new();
    if guards.in_force.kill_switch {
        let off = guards.pending.iter().find(|pending| pending.guard == GuardName::KillSwitch);
        let detail = off.map_or_else(
            || "Only sells are accepted.".to_owned(),
            |off| format!("Only sells are accepted until {}.", format::moment(off.effective_at)),
        );
        lines.push(line(true, "Your kill switch is on".to_owned(), detail, rails));
    }
    if let Some(until) = guards.cool_down_until {
        let title = "Cool-down after a loss".to_owned();
        lines.push(line(true, title, format!("You can buy again from {}.", format::moment(until)), rails));
    }
    if guards.in_force.daily_loss.is_some_and(|limit| guards.loss_today >= limit) {
        let title = "Daily loss limit reached".to_owned();
        lines.push(line(true, title, format!("You can buy again from {}.", format::venue_midnight()), rails));
    }
    lines
}

fn plural(count: usize, one: &str, several: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    }
}

fn line(
    is_warning: bool,
    title: String,
    detail: impl Into<String>,
    (path, label): (&'static str, &'static str),
) -> AnyView {
    view! {
        <li class=if is_warning { "warn" } else { "info" }>
            {is_warning.then(|| icon(Icon::Warning))}
            <div>
                <RowTitle>{title}</RowTitle>
                <p>{detail.into()} " " <a href=path>{label}</a></p>
            </div>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_none_is_silent() {
        assert_eq!(plural(0, "open order", "open orders"), None);
        assert_eq!(plural(1, "open order", "open orders").unwrap(), "1 open order");
        assert_eq!(plural(3, "open order", "open orders").unwrap(), "3 open orders");
    }
}
