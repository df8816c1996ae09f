//! How a handler refuses: with the bare problem; the gateway writes it out on the way back.

use cnop_api::{Code, FieldError, Problem};
pub use cnop_gateway::Refusal;

/// What every handler answers with.
pub type Answer<T> = Result<T, Refusal>;

/// A refusal with its sentence.
pub fn refuse(code: Code, detail: impl Into<String>) -> Refusal {
    Refusal(Problem::new(code, detail))
}

/// One query or path parameter breaks a rule.
pub fn refuse_parameter(name: &str, rule: &str, detail: impl Into<String>) -> Refusal {
    Refusal(Problem::invalid(vec![FieldError::parameter(name, rule, detail)]))
}
