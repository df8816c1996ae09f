//! Pages of lists: their limit and their cursor.

use cnop_api::FieldError;

use crate::error::{Error, Result};

/// Default rows of a page.
const LIMIT_USUAL: u32 = 50;
/// Most rows of a page.
const LIMIT_MAX: u32 = 100;

/// The limit of a page, or the default.
pub(crate) fn limit_check(limit: u32) -> Result<u32> {
    match limit {
        0 => Ok(LIMIT_USUAL),
        1..=LIMIT_MAX => Ok(limit),
        _ => Err(Error::Invalid(vec![
            FieldError::parameter("limit", "range", format!("The limit must be from 1 to {LIMIT_MAX}."))
                .given(limit.to_string())
                .nearest(vec![LIMIT_MAX.to_string()]),
        ])),
    }
}

/// A cursor that we did not make.
pub(crate) fn cursor_fault() -> Error {
    Error::Invalid(vec![FieldError::parameter(
        "cursor",
        "cursor",
        "The cursor must be the next_cursor of an earlier page.",
    )])
}
