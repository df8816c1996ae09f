//! The venue's sentences in the words of the forms: the API calls its members by their names, a person reads labels.

#[cfg(feature = "ssr")]
use cnop_api::{Code, Problem};

use crate::format;

/// Members of an order, and what the forms call them.
const ORDER_WORDS: [(&str, &str); 6] = [
    ("stop_price", "stop price"),
    ("trail_amount", "distance"),
    ("time_in_force", "time in force"),
    ("quote_quantity", "amount"),
    ("trail_bps", "distance"),
    ("expires_at", "end"),
];
/// Members of everything else, and what the server's forms call them.
#[cfg(feature = "ssr")]
const MORE_WORDS: [(&str, &str); 5] = [
    ("; null lifts the guard", "; an empty field lifts it"),
    ("cool_down_minutes", "cool-down"),
    ("largest_order", "max order"),
    ("daily_loss", "daily loss limit"),
    ("asset_id", "asset"),
];

/// A rule's sentence in the words of the forms.
pub(crate) fn in_words(rule: &str, detail: &str) -> String {
    if rule == "trail_range" {
        return "The distance must be from 0.1% to 50%.".to_owned();
    }
    format::numbers(&replaced(detail.to_owned(), &ORDER_WORDS))
}

fn replaced(detail: String, words: &[(&str, &str)]) -> String {
    words.iter().fold(detail, |text, (member, word)| text.replace(member, word))
}

/// A sentence of any rule in the words of the forms.
#[cfg(feature = "ssr")]
pub(crate) fn worded(rule: &str, detail: &str) -> String {
    replaced(in_words(rule, detail), &MORE_WORDS).replace('`', "")
}

/// A whole refusal in the words of the forms.
#[cfg(feature = "ssr")]
pub(crate) fn problem_in_words(mut problem: Problem) -> Problem {
    for error in &mut problem.errors {
        error.detail = worded(&error.rule, &error.detail);
    }
    problem.detail = match (problem.code, problem.errors.as_slice()) {
        (Code::OrderVersion, _) => {
            "The order has changed since this page was loaded. Reload the page, then try again.".to_owned()
        }
        (_, [only]) => only.detail.clone(),
        _ => worded("", &problem.detail),
    };
    problem
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use cnop_api::FieldError;

    use super::*;

    #[test]
    fn members_are_called_as_the_forms_call_them() {
        let error = FieldError::new(
            "cool_down_minutes",
            "range",
            "The cool_down_minutes must be 1 to 43200; null lifts the guard.",
        );
        let problem = problem_in_words(Problem::invalid(vec![error]));
        assert_eq!(problem.detail, "The cool-down must be 1 to 43,200; an empty field lifts it.");
        assert_eq!(problem.errors[0].detail, problem.detail);
        let version = Problem::new(Code::OrderVersion, "it is at version 2, you named 1. Read it again.");
        assert!(!problem_in_words(version).detail.contains("version"));
        assert_eq!(in_words("would_trigger", "The stop_price is reached."), "The stop price is reached.");
    }
}
