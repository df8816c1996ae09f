//! The spans and the candle lengths that a chart shows.

use cnop_api::market::Interval;

/// Candles of a view that names only their length.
const CANDLES: u32 = 150;
/// Candles of a view at most; below this each has two pixels at least.
const CANDLES_OF_LINE: u32 = 200;

/// A span of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Range {
    /// The last 24 hours.
    Day,
    /// The last seven days.
    Week,
    /// The last thirty days.
    Month,
    /// The last 365 days.
    Year,
}

impl Range {
    /// All of them, shortest first.
    pub(crate) const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

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

    /// The range of a text.
    fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == text)
    }

    /// Length and number of its candles.
    pub(crate) const fn candles(self) -> (Interval, u32) {
        match self {
            Self::Day => (Interval::QuarterHour, 96),
            Self::Week => (Interval::Hour, 168),
            Self::Month => (Interval::FourHours, 180),
            Self::Year => (Interval::Day, 365),
        }
    }
}

/// The part of the market's history that a chart shows: a range, or the newest candles of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChartView {
    /// The range, if the reader chose one.
    pub(crate) range: Option<Range>,
    /// Length of the candles.
    pub(crate) interval: Interval,
    /// Number of the candles.
    pub(crate) count: u32,
}

impl ChartView {
    /// The view that an address asks for. Unknown words are passed over, so that an old link still works.
    pub(crate) fn from_texts(interval: &str, range: &str) -> Self {
        if let Some(interval) = Interval::from_text(interval) {
            return Self { range: None, interval, count: CANDLES };
        }
        let range = Range::from_text(range).unwrap_or(Range::Day);
        let (interval, count) = range.candles();
        Self { range: Some(range), interval, count }
    }

    /// Returns true if the view has too many candles and the server draws a line.
    pub(crate) const fn is_line(self) -> bool {
        self.count > CANDLES_OF_LINE
    }

    /// Its text in the summary.
    pub(crate) const fn as_str(self) -> &'static str {
        match self.range {
            Some(range) => range.as_str(),
            None => self.interval.as_str(),
        }
    }

    /// Its name for those who hear it.
    pub(crate) fn label(self) -> String {
        self.range.map_or_else(|| interval_label(self.interval).to_owned(), |range| range.label().to_owned())
    }

    /// Seconds that it shows.
    pub(crate) const fn seconds(self) -> i64 {
        self.interval.seconds() * self.count as i64
    }
}

/// The name of a candle length for those who hear it.
pub(crate) const fn interval_label(interval: Interval) -> &'static str {
    match interval {
        Interval::Minute => "candles of one minute",
        Interval::FiveMinutes => "candles of five minutes",
        Interval::QuarterHour => "candles of fifteen minutes",
        Interval::Hour => "candles of one hour",
        Interval::FourHours => "candles of four hours",
        Interval::Day => "candles of one day",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_length_or_a_range() {
        let view = ChartView::from_texts("5m", "1W");
        assert_eq!((view.range, view.interval, view.count), (None, Interval::FiveMinutes, CANDLES));
        let view = ChartView::from_texts("", "1W");
        assert_eq!((view.range, view.interval), (Some(Range::Week), Interval::Hour));
        assert_eq!(ChartView::from_texts("2m", "never").range, Some(Range::Day));
    }

    /// A range whose candles do not cover it would end in the middle of its name.
    #[test]
    fn the_candles_of_a_range_cover_it() {
        for (range, days) in Range::ALL.into_iter().zip([1, 7, 30, 365]) {
            let (interval, count) = range.candles();
            assert_eq!(interval.seconds() * i64::from(count), days * 86_400, "{}", range.as_str());
        }
    }
}
