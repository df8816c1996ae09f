//! Findings about a portfolio, by rules. Every figure in a finding is one of the listed facts.

use cnop_api::Caller;
use cnop_api::portfolio::{Fact, Finding, Holding, Insights, Portfolio, Severity};
use cnop_domain::{Amount, UNITS_PER_CENT};

use crate::error::Result;
use crate::portfolio::{Portfolios, basis_points};

/// Name of the rules in this file.
const MODEL: &str = "rules-v1";
/// One asset above this share of the holdings is a concentration, in basis points.
const CONCENTRATION_POINTS: i128 = 5_000;
/// Cash above this share is a lot, below the other one little, in basis points of the total.
const CASH_HIGH_POINTS: i128 = 8_000;
const CASH_LOW_POINTS: i128 = 200;
/// Fees above this share of the deposits are a drag, in basis points.
const FEE_DRAG_POINTS: i128 = 100;
/// A price change above this in 24 hours moves a day, 0–100.
const MOVE_PERCENTAGE: f64 = 5.0;
/// Threshold of an unrealized loss for a finding, as a share of cost in basis points.
const LOSS_POINTS: i128 = 1_000;
/// Most findings of one rule about single assets.
const FINDINGS_PER_RULE_MAX: usize = 3;

/// The use cases of insights. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PortfolioInsights {
    portfolios: Portfolios,
}

impl PortfolioInsights {
    pub(crate) const fn new(portfolios: Portfolios) -> Self {
        Self { portfolios }
    }

    /// Findings about the caller's portfolio. There is always a report.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn portfolio(&self, caller: &Caller) -> Result<Insights> {
        Ok(report(&self.portfolios.portfolio(caller).await?))
    }
}

/// Collects facts and the findings that rest on them.
#[derive(Debug, Default)]
struct Notes {
    facts: Vec<Fact>,
    findings: Vec<Finding>,
}

impl Notes {
    /// Adds a fact and returns its value for a sentence.
    fn fact(&mut self, id: &str, label: &str, value: String) -> String {
        if !self.facts.iter().any(|fact| fact.id == id) {
            self.facts.push(Fact { id: id.to_owned(), label: label.to_owned(), value: value.clone() });
        }
        value
    }

    fn finding(&mut self, rule: &str, severity: Severity, title: &str, detail: String, fact_ids: &[&str]) {
        self.findings.push(Finding {
            rule: rule.to_owned(),
            severity,
            title: title.to_owned(),
            detail,
            fact_ids: fact_ids.iter().map(|id| (*id).to_owned()).collect(),
        });
    }
}

fn report(portfolio: &Portfolio) -> Insights {
    let mut notes = Notes::default();
    let summary = if portfolio.total_value.is_zero() && portfolio.assets.is_empty() {
        "Your portfolio is empty. Deposit funds to get started.".to_owned()
    } else {
        let summary = summary(portfolio, &mut notes);
        concentration(portfolio, &mut notes);
        losses(portfolio, &mut notes);
        movers(portfolio, &mut notes);
        fees(portfolio, &mut notes);
        cash(portfolio, &mut notes);
        // Stable sort: within a severity the order of the rules stays.
        notes.findings.sort_by_key(|finding| finding.severity != Severity::Warning);
        summary
    };
    Insights {
        summary,
        generated_at: portfolio.as_of,
        model: MODEL.to_owned(),
        facts: notes.facts,
        findings: notes.findings,
    }
}

/// Dollars for a sentence: whole cents, toward zero, thousands in groups. The exact figures are the portfolio's.
fn dollars(amount: Amount) -> String {
    let cents = amount.units() / UNITS_PER_CENT;
    let (sign, whole) = (if cents < 0 { "-" } else { "" }, (cents / 100).unsigned_abs().to_string());
    let mut written = String::with_capacity(whole.len() + whole.len() / 3 + 8);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    format!("{sign}{written}.{:02} USD", cents.unsigned_abs() % 100)
}

fn percent(points: i128) -> String {
    let sign = if points < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}%", points.abs() / 100, points.abs() % 100)
}

fn summary(portfolio: &Portfolio, notes: &mut Notes) -> String {
    let total = notes.fact("total_value", "Total value", dollars(portfolio.total_value));
    let share = notes.fact("cash_share", "Cash, share of total", format!("{}%", portfolio.cash_percentage));
    let count = portfolio.assets.len();
    let count_text = notes.fact("asset_count", "Assets held", count.to_string());
    if count == 0 {
        return format!(
            "Your portfolio is worth {total}, all in cash. Buy an asset to take part in the market."
        );
    }
    let change = notes.fact("day_change", "24 h result", dollars(portfolio.day_change));
    let noun = if count == 1 { "asset" } else { "assets" };
    let mut text = format!("Your portfolio is worth {total} in {count_text} {noun}, with {share} in cash.");
    text.push_str(&format!(" Result of the last 24 h {}.", signed(&change)));
    if !portfolio.unrealised_profit.is_zero() {
        let open = notes.fact("unrealised_profit", "Unrealized P&L", dollars(portfolio.unrealised_profit));
        text.push_str(&format!(" Unrealized P&L {}.", signed(&open)));
    }
    text
}

/// A figure with a sign, for a sentence: `+12.30 USD`, `−38.54 USD`.
fn signed(figure: &str) -> String {
    figure.strip_prefix('-').map_or_else(|| format!("+{figure}"), |figure| format!("−{figure}"))
}

fn concentration(portfolio: &Portfolio, notes: &mut Notes) {
    let Some(largest) = portfolio.assets.first() else { return };
    let points = basis_points(largest.market_value, portfolio.asset_value);
    if portfolio.assets.len() < 2 || points <= CONCENTRATION_POINTS {
        return;
    }
    let name = notes.fact("largest_asset", "Largest holding", largest.asset_id.to_string());
    let share = notes.fact("largest_share", "Largest holding, share of holdings", percent(points));
    notes.finding(
        "concentration",
        Severity::Warning,
        "Concentrated",
        format!("{name} is {share} of holdings."),
        &["largest_asset", "largest_share"],
    );
}

fn losses(portfolio: &Portfolio, notes: &mut Notes) {
    let mut losing: Vec<(&Holding, i128)> = portfolio
        .assets
        .iter()
        .filter(|holding| holding.unrealised_profit.is_negative())
        .map(|holding| (holding, basis_points(holding.unrealised_profit.negated(), holding.cost_basis)))
        .filter(|(_, points)| *points > LOSS_POINTS)
        .collect();
    losing.sort_by_key(|(holding, _)| holding.unrealised_profit);
    for (holding, points) in losing.into_iter().take(FINDINGS_PER_RULE_MAX) {
        let asset = holding.asset_id;
        let (loss_id, share_id) = (format!("loss_{asset}"), format!("loss_share_{asset}"));
        let label = format!("Unrealized loss on {asset}");
        let loss = notes.fact(&loss_id, &label, dollars(holding.unrealised_profit.negated()));
        let share = notes.fact(&share_id, &format!("{label}, share of cost"), percent(points));
        notes.finding(
            "unrealised_loss",
            Severity::Warning,
            &format!("{asset} below cost"),
            format!("{asset} has an unrealized loss of {loss}, {share} of cost."),
            &[&loss_id, &share_id],
        );
    }
}

fn movers(portfolio: &Portfolio, notes: &mut Notes) {
    let mut moved: Vec<&Holding> = portfolio
        .assets
        .iter()
        .filter(|holding| holding.price_change_percentage_24h.abs() >= MOVE_PERCENTAGE)
        .collect();
    moved.sort_by_key(|holding| std::cmp::Reverse(holding.day_change.units().abs()));
    for holding in moved.into_iter().take(FINDINGS_PER_RULE_MAX) {
        let asset = holding.asset_id;
        let (move_id, change_id) = (format!("move_{asset}"), format!("day_change_{asset}"));
        let change_text = signed(&format!("{:.2}%", holding.price_change_percentage_24h));
        let change = notes.fact(&move_id, &format!("{asset} price, 24 h"), change_text);
        let effect =
            notes.fact(&change_id, &format!("{asset} result, 24 h"), signed(&dollars(holding.day_change)));
        notes.finding(
            "day_mover",
            Severity::Info,
            &format!("{asset} moved"),
            format!("{asset} moved {change} in 24 hours. Your result on it is {effect}."),
            &[&move_id, &change_id],
        );
    }
}

fn fees(portfolio: &Portfolio, notes: &mut Notes) {
    let points = basis_points(portfolio.fees_paid, portfolio.net_deposits);
    if points <= FEE_DRAG_POINTS {
        return;
    }
    let paid = notes.fact("fees_paid", "Fees paid", dollars(portfolio.fees_paid));
    let share = notes.fact("fee_share", "Fees, share of net deposits", percent(points));
    notes.finding(
        "fee_drag",
        Severity::Warning,
        "Fees add up",
        format!("{paid} in fees, {share} of net deposits. Fewer round trips lower the total; larger orders do not lower the rate."),
        &["fees_paid", "fee_share"],
    );
}

fn cash(portfolio: &Portfolio, notes: &mut Notes) {
    let points = basis_points(portfolio.cash, portfolio.total_value);
    let share = format!("{}%", portfolio.cash_percentage);
    if portfolio.assets.is_empty() {
        return;
    }
    if points >= CASH_HIGH_POINTS {
        notes.finding(
            "cash_share",
            Severity::Info,
            "Mostly cash",
            format!("{share} in cash."),
            &["cash_share"],
        );
    } else if points <= CASH_LOW_POINTS {
        notes.finding(
            "cash_share",
            Severity::Info,
            "Little cash",
            format!("Only {share} in cash. To buy another asset, deposit or sell first."),
            &["cash_share"],
        );
    }
}
