//! Problems for people and programs (RFC 9457).

mod code;

use serde::{Deserialize, Serialize};

pub use code::Code;

/// One field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer to the member of the body (`#/quantity`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Name of the query parameter, instead of a pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Description of the error and of valid values, for a person.
    pub detail: String,
    /// The rule's stable name (`step_size`).
    pub rule: String,
    /// Value that was sent. Never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// The nearest values that would be accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<String>,
}

impl FieldError {
    /// A fault of one body member, named without the `#/`.
    pub fn new(member: &str, rule: &str, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(format!("#/{member}")),
            parameter: None,
            detail: detail.into(),
            rule: rule.to_owned(),
            given: None,
            nearest: Vec::new(),
        }
    }

    /// A fault of one query parameter.
    pub fn parameter(name: &str, rule: &str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.to_owned()), ..Self::new(name, rule, detail) }
    }

    /// Adds the value that was sent; only for values that are not secret.
    #[must_use]
    pub fn given(mut self, given: impl Into<String>) -> Self {
        self.given = Some(given.into());
        self
    }

    /// With the nearest accepted values.
    #[must_use]
    pub fn nearest(mut self, nearest: Vec<String>) -> Self {
        self.nearest = nearest;
        self
    }

    /// Name of the body member, for finding the form field.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.pointer.as_deref().and_then(|pointer| pointer.strip_prefix("#/"))
    }
}

/// A refusal, before it becomes an HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code of the problem.
    pub code: Code,
    /// Description and advice for a person.
    pub detail: String,
    /// The fields that break a rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before another attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// The figures behind the refusal, as named members of the answer (`available`, `needed`, `age_ms`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<(String, String)>,
    /// The chain of causes of a fault of ours, for the log alone: it is never sent.
    #[serde(skip)]
    pub cause: Option<Box<str>>,
}

impl Problem {
    /// A problem with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            facts: Vec::new(),
            cause: None,
        }
    }

    /// `request.invalid` with its fields; the first field's sentence is the detail.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or_else(String::new, |error| error.detail.clone());
        Self { errors, ..Self::new(Code::RequestInvalid, detail) }
    }

    /// With one more bad field.
    #[must_use]
    pub fn with_error(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    /// Adds a fact with its value.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "callers give numbers, amounts and texts alike")]
    pub fn with_fact(mut self, name: &str, value: impl ToString) -> Self {
        self.facts.push((name.to_owned(), value.to_string()));
        self
    }

    /// With the chain of causes of a fault of ours. Never a secret: it goes to the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<str>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// With a time to wait.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// HTTP status of the code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.code.status()
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Problem {}
