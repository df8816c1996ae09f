//! The result of checking one field.

use crate::FieldError;

/// A field's value, or the rule that it breaks.
pub type Checked<T> = Result<T, Box<FieldError>>;

/// Error of one field. It never contains the value that was sent.
pub(super) fn fault<T>(member: &str, rule: &str, detail: impl Into<String>) -> Checked<T> {
    Err(Box::new(FieldError::new(member, rule, detail)))
}
