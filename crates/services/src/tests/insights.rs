//! Findings and their facts.

use cnop_api::portfolio::{Insights, Severity};

use super::Cluster;

/// Every number in a finding is the value of one of its facts.
fn rests_on_facts(insights: &Insights) {
    for finding in &insights.findings {
        let facts: Vec<_> =
            insights.facts.iter().filter(|fact| finding.fact_ids.contains(&fact.id)).collect();
        assert_eq!(facts.len(), finding.fact_ids.len(), "{}", finding.rule);
        let mut rest = finding.detail.clone();
        for fact in facts {
            assert!(rest.contains(&fact.value), "{} does not name {}", finding.detail, fact.value);
            rest = rest.replace(&fact.value, "");
        }
        let rest = rest.replace("24 hours", "");
        assert!(!rest.chars().any(|character| character.is_ascii_digit()), "{rest}");
    }
}

#[tokio::test]
async fn an_empty_portfolio_has_one_sentence() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    let insights = server.insights.portfolio(&caller).await.unwrap();
    assert_eq!(insights.summary, "Your portfolio is empty. Deposit funds to get started.");
    assert_eq!(insights.model, "rules-v1");
    assert!(insights.findings.is_empty());
    server.deposit(&caller, "100").await;
    let insights = server.insights.portfolio(&caller).await.unwrap();
    assert!(insights.summary.contains("100.00 USD, all in cash"), "{}", insights.summary);
}

#[tokio::test]
async fn insights_find_what_stands_out() {
    let cluster = Cluster::new();
    let (server, caller) = (cluster.server(), cluster.caller(1).await);
    server.deposit(&caller, "9000").await;
    server.buy(&caller, "BTC", "0.13").await;
    server.buy(&caller, "ETH", "0.25").await;
    for _ in 0..5 {
        server.sell(&caller, "BTC", "0.13").await;
        server.buy(&caller, "BTC", "0.13").await;
    }
    cluster.price_set("BTC", "50000");
    let insights = server.insights.portfolio(&caller).await.unwrap();
    rests_on_facts(&insights);
    let summary = &insights.summary;
    assert!(summary.contains("Your portfolio is worth 7,"), "thousands in groups: {summary}");
    assert!(summary.contains("last 24 h −") && summary.contains("Unrealized P&L −"), "{summary}");
    let rules: Vec<_> = insights.findings.iter().map(|finding| finding.rule.as_str()).collect();
    for rule in ["concentration", "unrealised_loss", "day_mover"] {
        assert!(rules.contains(&rule), "{rule} in {rules:?}");
    }
    let first_info = insights.findings.iter().position(|finding| finding.severity == Severity::Info).unwrap();
    assert!(insights.findings[first_info..].iter().all(|finding| finding.severity == Severity::Info));
}
