//! Queries of one partition, and scans of the whole table.

use crate::limits::PAGE_BYTES_MAX;
use crate::{Item, Key};

/// A query of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableQuery {
    /// Partition key of the items.
    pub pk: String,
    /// Range of sort keys.
    pub range: SortKeyRange,
    /// Order of the items.
    pub direction: Direction,
    /// Maximum number of items, 1 to [`crate::limits::PAGE_ITEMS_MAX`].
    pub limit: u32,
    /// Start behind this sort key (in the chosen direction), whether it exists or not.
    pub after: Option<String>,
}

impl TableQuery {
    /// All items of a partition whose sort key begins with `prefix`, in ascending order.
    pub fn prefix(pk: impl Into<String>, prefix: impl Into<String>, limit: u32) -> Self {
        Self {
            pk: pk.into(),
            range: SortKeyRange::Prefix(prefix.into()),
            direction: Direction::Ascending,
            limit,
            after: None,
        }
    }

    /// All items of a partition with a sort key from `from` to `to`, both included, from the lowest sort key up.
    pub fn between(
        pk: impl Into<String>,
        from: impl Into<String>,
        to: impl Into<String>,
        limit: u32,
    ) -> Self {
        Self {
            pk: pk.into(),
            range: SortKeyRange::Between { from: Some(from.into()), to: Some(to.into()) },
            direction: Direction::Ascending,
            limit,
            after: None,
        }
    }

    /// The same from the highest sort key down.
    #[must_use]
    pub fn descending(self) -> Self {
        Self { direction: Direction::Descending, ..self }
    }

    /// The same, starting behind this sort key.
    #[must_use]
    pub fn after(self, sk: Option<String>) -> Self {
        Self { after: sk, ..self }
    }

    /// Position of `after` relative to the range.
    #[must_use]
    pub fn start(&self) -> QueryStart<'_> {
        let Some(after) = self.after.as_deref() else { return QueryStart::Edge };
        // No sort key is empty, so the empty text lies below all of them.
        let place = if after.is_empty() { RangePosition::Below } else { self.range.place(after) };
        match (place, self.direction) {
            (RangePosition::Inside, _) => QueryStart::After(after),
            (RangePosition::Below, Direction::Ascending) | (RangePosition::Above, Direction::Descending) => {
                QueryStart::Edge
            }
            (RangePosition::Below, Direction::Descending) | (RangePosition::Above, Direction::Ascending) => {
                QueryStart::Nowhere
            }
        }
    }
}

/// Start of a query, from its range, direction and `after`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryStart<'query> {
    /// At the range's first item.
    Edge,
    /// Behind this sort key, which the range contains.
    After(&'query str),
    /// Behind the range's last item: the page is empty.
    Nowhere,
}

/// A set of sort keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortKeyRange {
    /// Those that begin so; an empty prefix means all.
    Prefix(String),
    /// Those between two bounds, both included; an absent bound does not limit.
    Between {
        /// Lowest sort key, inclusive.
        from: Option<String>,
        /// Highest sort key, inclusive.
        to: Option<String>,
    },
}

/// Position of a sort key relative to a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangePosition {
    /// Below the lowest key.
    Below,
    /// Within the range of keys.
    Inside,
    /// Above the highest key.
    Above,
}

impl SortKeyRange {
    /// The range of all sort keys.
    #[must_use]
    pub fn all() -> Self {
        Self::Between { from: None, to: None }
    }

    /// Position of a sort key.
    #[must_use]
    pub fn place(&self, sk: &str) -> RangePosition {
        match self {
            Self::Prefix(prefix) if sk.starts_with(prefix.as_str()) => RangePosition::Inside,
            Self::Prefix(prefix) if sk < prefix.as_str() => RangePosition::Below,
            Self::Prefix(_) => RangePosition::Above,
            Self::Between { from: Some(from), .. } if sk < from.as_str() => RangePosition::Below,
            Self::Between { to: Some(to), .. } if sk > to.as_str() => RangePosition::Above,
            Self::Between { .. } => RangePosition::Inside,
        }
    }

    /// Its texts, for checks of their length.
    pub(crate) fn bounds(&self) -> [&str; 2] {
        match self {
            Self::Prefix(prefix) => [prefix, ""],
            Self::Between { from, to } => {
                [from.as_deref().unwrap_or_default(), to.as_deref().unwrap_or_default()]
            }
        }
    }
}

/// The order of a query's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The lowest sort key first.
    Ascending,
    /// The highest sort key first.
    Descending,
}

/// A page of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueryPage {
    /// The items in order.
    pub items: Vec<Item>,
    /// True if at least one more follows; the next page starts after this one's last sort key.
    pub more: bool,
}

/// A page of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScanPage {
    /// The items, in no promised order. May be empty although there are more.
    pub items: Vec<Item>,
    /// Start of the next page; absent at the segment's end.
    pub cursor: Option<Key>,
}

/// Collects a page: ends it at its number of items or bytes, alike in every adapter.
#[derive(Debug)]
pub struct PageBuilder {
    items: Vec<Item>,
    bytes: usize,
    limit: usize,
}

impl PageBuilder {
    /// Room for this many items.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { items: Vec::new(), bytes: 0, limit: usize::try_from(limit).unwrap_or(usize::MAX) }
    }

    /// Adds an item and says so, or says `false` when the page is full: there is more.
    pub fn push(&mut self, item: Item) -> bool {
        let bytes = item.key.pk.len() + item.key.sk.len() + item.body.len();
        let fits = self.items.len() < self.limit && self.bytes + bytes <= PAGE_BYTES_MAX;
        if fits || self.items.is_empty() {
            self.bytes += bytes;
            self.items.push(item);
            return true;
        }
        false
    }

    /// The items collected so far.
    #[must_use]
    pub fn into_items(self) -> Vec<Item> {
        self.items
    }
}
