//! Rejections of handlers: bare problems, which the gateway writes out on the way back.

use cnop_api::{Code, FieldError, Problem};
pub(crate) use cnop_gateway::ProblemRejection;

/// The result of every handler.
pub(crate) type HandlerResult<T> = Result<T, ProblemRejection>;

/// A rejection with its sentence.
pub(crate) fn refuse(code: Code, detail: impl Into<String>) -> ProblemRejection {
    ProblemRejection(Problem::new(code, detail))
}

/// One query or path parameter breaks a rule.
pub(crate) fn refuse_parameter(name: &str, rule: &str, detail: impl Into<String>) -> ProblemRejection {
    ProblemRejection(Problem::invalid(vec![FieldError::parameter(name, rule, detail)]))
}
