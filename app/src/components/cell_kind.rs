//! The kinds of live cells: the server writes them into the page, the browser reads them.

/// Kind of a live cell: the value of its `data-live`. The asset is in `data-asset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// Last price of the asset.
    Last,
    /// Change of 24 hours in percent.
    Change,
    /// Value of `data-quantity` coins.
    Value,
    /// Value of `data-quantity` coins less `data-cost`, with its share of the cost.
    Profit,
    /// Distance of `data-target` from the last price in percent.
    Away,
}

impl CellKind {
    pub(crate) const ALL: [Self; 5] = [Self::Last, Self::Change, Self::Value, Self::Profit, Self::Away];

    /// Its text in `data-live`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Change => "change",
            Self::Value => "value",
            Self::Profit => "profit",
            Self::Away => "away",
        }
    }

    #[cfg_attr(
        not(any(feature = "hydrate", test)),
        allow(dead_code, reason = "cells are read in the browser")
    )]
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
