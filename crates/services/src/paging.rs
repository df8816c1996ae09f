//! Pages of lists: their limit and their cursor.

use cnop_api::FieldError;

use crate::error::{Error, Result};

/// Rows of a page unless the client gives a limit.
pub const PAGE_ROWS: u32 = 50;
/// Most rows of a page.
pub const PAGE_ROWS_MAX: u32 = 100;
/// Most rows that an offset skips; a cursor goes further.
pub const OFFSET_MAX: u32 = 100_000;

/// The limit of a page, or the default.
pub(crate) fn limit_check(limit: u32) -> Result<u32> {
    match limit {
        0 => Ok(PAGE_ROWS),
        1..=PAGE_ROWS_MAX => Ok(limit),
        _ => Err(Error::Invalid(vec![
            FieldError::parameter("limit", "range", format!("The limit must be from 1 to {PAGE_ROWS_MAX}."))
                .given(limit.to_string())
                .nearest(vec![PAGE_ROWS_MAX.to_string()]),
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
