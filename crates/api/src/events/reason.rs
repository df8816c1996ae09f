//! Reasons of account events.

use cnop_domain::Reason;

use crate::Code;
use crate::text_serde::serde_as_text;
use crate::trading::RecurringReason;

/// Cause of an account event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventReason {
    /// Reason of an order's change or end: its `status_reason`. `user` also stands for the owner of a
    /// recurring order.
    Order(Reason),
    /// `parent_filled`: an exit became active because its entry bought a first part.
    ParentFilled,
    /// `too_late`: a run of a recurring order was missed for longer than it is made up for.
    TooLate,
    /// The problem that refused a run of a recurring order.
    Problem(Code),
}

impl EventReason {
    /// Its text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order(reason) => reason.as_str(),
            Self::ParentFilled => "parent_filled",
            Self::TooLate => "too_late",
            Self::Problem(code) => code.as_str(),
        }
    }

    /// The reason with this text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "parent_filled" => Some(Self::ParentFilled),
            "too_late" => Some(Self::TooLate),
            _ => {
                Reason::from_text(text).map(Self::Order).or_else(|| Code::from_text(text).map(Self::Problem))
            }
        }
    }
}

impl From<Reason> for EventReason {
    fn from(reason: Reason) -> Self {
        Self::Order(reason)
    }
}

impl From<RecurringReason> for EventReason {
    fn from(reason: RecurringReason) -> Self {
        match reason {
            RecurringReason::User => Self::Order(Reason::User),
            RecurringReason::TooLate => Self::TooLate,
            RecurringReason::Problem(code) => Self::Problem(code),
        }
    }
}

serde_as_text!(
    EventReason,
    "unknown reason of an account event",
    [Self::ParentFilled, Self::TooLate]
        .into_iter()
        .chain(Reason::ALL.into_iter().map(Self::Order))
        .chain(Code::ALL.iter().copied().map(Self::Problem))
        .map(Self::as_str)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_and_no_word_stands_for_two() {
        let words = [EventReason::ParentFilled, EventReason::TooLate];
        let orders = Reason::ALL.into_iter().map(EventReason::Order);
        let codes = Code::ALL.iter().copied().map(EventReason::Problem);
        for reason in words.into_iter().chain(orders).chain(codes) {
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(serde_json::from_str::<EventReason>(&json).unwrap(), reason);
        }
        assert!(serde_json::from_str::<EventReason>("\"because\"").is_err());
        for reason in
            [RecurringReason::User, RecurringReason::TooLate, RecurringReason::Problem(Code::OrderClosed)]
        {
            assert_eq!(RecurringReason::from_text(reason.as_str()), Some(reason));
            assert_eq!(EventReason::from(reason).as_str(), reason.as_str());
        }
    }
}
