//! The spans that a chart shows.

#[cfg(feature = "ssr")]
use cnop_api::market::Interval;
use serde::{Deserialize, Serialize};

/// A span of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Range {
    /// The last 24 hours.
    #[default]
    Day,
    /// The last seven days.
    Week,
    /// The last thirty days.
    Month,
    /// The last 365 days.
    Year,
}

impl Range {
    /// Its text in addresses and on its link.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "1D",
            Self::Week => "1W",
            Self::Month => "1M",
            Self::Year => "1Y",
        }
    }

    /// Its name for those who hear it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Day => "one day",
            Self::Week => "one week",
            Self::Month => "one month",
            Self::Year => "one year",
        }
    }

    /// Returns true if the range has too many candles and shows a line.
    pub(crate) const fn is_line(self) -> bool {
        matches!(self, Self::Year)
    }
}

#[cfg(feature = "ssr")]
impl Range {
    /// All of them, shortest first.
    pub(crate) const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// The range of a text.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == text)
    }

    /// Length of its candles.
    pub(crate) const fn interval(self) -> Interval {
        match self {
            Self::Day => Interval::QuarterHour,
            Self::Week => Interval::FourHours,
            Self::Month | Self::Year => Interval::Day,
        }
    }

    /// Number of candles in the range.
    pub(crate) const fn candles(self) -> u32 {
        match self {
            Self::Day => 96,
            Self::Week => 42,
            Self::Month => 30,
            Self::Year => 365,
        }
    }
}
