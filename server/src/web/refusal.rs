//! Rejections of handlers: bare problems, which the gateway writes out on the way back.

use cnop_api::{Code, FieldError, Problem};
pub(crate) use cnop_gateway::Refusal;

/// The result of every handler.
pub(crate) type Answer<T> = Result<T, Refusal>;

/// A rejection with its sentence.
pub(crate) fn refuse(code: Code, detail: impl Into<String>) -> Refusal {
    Refusal(Problem::new(code, detail))
}

/// One query or path parameter breaks a rule.
pub(crate) fn refuse_parameter(name: &str, rule: &str, detail: impl Into<String>) -> Refusal {
    Refusal(Problem::invalid(vec![FieldError::parameter(name, rule, detail)]))
}
