//! Reasons of recurring orders: a word of their own, or the code of a problem.

use crate::Code;
use crate::text_serde::serde_as_text;

/// Reason for the pause of a recurring order, or for a run that was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecurringReason {
    /// `user`: its owner paused it.
    User,
    /// `too_late`: the run was missed for longer than it is made up for.
    TooLate,
    /// The problem that refused the run; of a pause, the third one in a row.
    Problem(Code),
}

impl RecurringReason {
    /// Its text on the wire and in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::TooLate => "too_late",
            Self::Problem(code) => code.as_str(),
        }
    }

    /// The reason with this text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "user" => Some(Self::User),
            "too_late" => Some(Self::TooLate),
            _ => Code::from_text(text).map(Self::Problem),
        }
    }
}

serde_as_text!(
    RecurringReason,
    "unknown reason of a recurring order",
    [Self::User, Self::TooLate]
        .into_iter()
        .chain(Code::ALL.iter().copied().map(Self::Problem))
        .map(Self::as_str)
);
