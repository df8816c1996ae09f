//! The order of the open orders in their table: by a column, the orders of a group together.

use std::cmp::Ordering;

use cnop_api::trading::OrderView;
use cnop_domain::{OrderId, Price};

/// A column that the table can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SortColumn {
    /// Type, side and asset.
    Order,
    /// Price that the order waits for.
    Price,
    /// Distance from the market.
    Away,
    /// Filled share.
    Filled,
    /// Time of the order.
    Placed,
}

impl SortColumn {
    const ALL: [Self; 5] = [Self::Order, Self::Price, Self::Away, Self::Filled, Self::Placed];

    /// Its text in addresses.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Price => "price",
            Self::Away => "away",
            Self::Filled => "filled",
            Self::Placed => "placed",
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == text)
    }
}

/// A column and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sorting {
    pub(super) column: SortColumn,
    pub(super) is_falling: bool,
}

impl Sorting {
    /// The sorting of an address; newest first when it names none.
    pub(super) fn from_text(text: &str) -> Self {
        let (is_falling, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let newest = Self { column: SortColumn::Placed, is_falling: true };
        SortColumn::from_text(name).map_or(newest, |column| Self { column, is_falling })
    }

    /// The text of a click on a column: its first direction, or the other one of the present.
    pub(super) fn next(self, column: SortColumn) -> String {
        let is_falling = if self.column == column { !self.is_falling } else { column == SortColumn::Placed };
        format!("{}{}", if is_falling { "-" } else { "" }, column.as_str())
    }
}

/// Place of an order in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupPosition {
    /// It has no group, or is the only one of it that is open.
    Alone,
    /// The first of its group.
    First,
    /// A later one of its group.
    Later,
}

/// An open order with what the table shows and sorts by.
#[derive(Debug, Clone)]
pub(super) struct OpenRow {
    pub(super) order: OrderView,
    /// Price that it waits for: its trigger, or its limit.
    pub(super) price: Option<Price>,
    /// Distance of that price from the market in percent; none without a price.
    pub(super) away: Option<f64>,
    pub(super) place: GroupPosition,
}

impl OpenRow {
    pub(super) fn new(order: OrderView, last: Option<Price>) -> Self {
        let limit = order.kind.has_limit().then_some(order.price);
        let trigger = order.trigger_price.or(order.stop_price).filter(|_| order.triggered_at.is_none());
        let price = trigger.or(limit);
        let away = price.zip(last).filter(|(_, last)| !last.is_zero());
        let away = away.map(|(price, last)| (price.to_f64_lossy() / last.to_f64_lossy() - 1.0) * 100.0);
        Self { order, price, away, place: GroupPosition::Alone }
    }

    /// Filled part, 0 to 1.
    pub(super) fn share(&self) -> f64 {
        let (filled, whole) = (self.order.filled_quantity.units(), self.order.quantity.units());
        #[allow(clippy::cast_precision_loss, reason = "a share for a bar")]
        if whole > 0 { filled as f64 / whole as f64 } else { 0.0 }
    }
}

/// Sorts the rows, and brings the orders of a group behind the first of them.
pub(super) fn arranged(mut rows: Vec<OpenRow>, sorting: Sorting) -> Vec<OpenRow> {
    rows.sort_by(|left, right| {
        let order = compare(left, right, sorting.column);
        let order = if sorting.is_falling { order.reverse() } else { order };
        order.then_with(|| right.order.order_id.cmp(&left.order.order_id))
    });
    let mut arranged: Vec<OpenRow> = Vec::with_capacity(rows.len());
    let mut left = rows;
    while !left.is_empty() {
        let mut first = left.remove(0);
        let others: Vec<OrderId> = first.order.group.iter().flat_map(|group| group.others.clone()).collect();
        let (same, rest): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|row| others.contains(&row.order.order_id));
        left = rest;
        if !same.is_empty() {
            first.place = GroupPosition::First;
        }
        arranged.push(first);
        arranged.extend(same.into_iter().map(|row| OpenRow { place: GroupPosition::Later, ..row }));
    }
    arranged
}

fn compare(left: &OpenRow, right: &OpenRow, column: SortColumn) -> Ordering {
    // Without a figure a row is the last of a rising order.
    let figure = |value: Option<f64>| value.map_or(f64::INFINITY, f64::abs);
    match column {
        SortColumn::Order => {
            let key = |row: &OpenRow| (row.order.asset_id, row.order.kind.as_str(), row.order.side.as_str());
            key(left).cmp(&key(right))
        }
        SortColumn::Price => left.price.cmp(&right.price),
        SortColumn::Away => figure(left.away).total_cmp(&figure(right.away)),
        SortColumn::Filled => left.share().total_cmp(&right.share()),
        SortColumn::Placed => left.order.created_at.cmp(&right.order.created_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_turns_the_order_around() {
        let newest = Sorting::from_text("");
        assert_eq!(newest, Sorting { column: SortColumn::Placed, is_falling: true });
        assert_eq!(newest.next(SortColumn::Away), "away");
        assert_eq!(Sorting::from_text("away").next(SortColumn::Away), "-away");
        assert_eq!(Sorting::from_text("-away").next(SortColumn::Away), "away");
        assert_eq!(Sorting::from_text("size").column, SortColumn::Placed);
    }
}
