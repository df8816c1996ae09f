//! The displayed size of the newest quote. Each part of it goes to one order only.

use crate::{Quantity, Quote, Side};

/// Remaining displayed sizes of the newest quote.
#[derive(Debug)]
pub(super) struct DisplayedSize {
    step_size: Quantity,
    /// None before the first quote.
    quote_seq: Option<u64>,
    /// For purchases: the size at the ask.
    buy: DisplayedSide,
    /// For sales: the size at the bid.
    sell: DisplayedSide,
}

/// One side of the quote.
#[derive(Debug, Clone, Copy, Default)]
struct DisplayedSide {
    size: Quantity,
    left: Quantity,
}

impl DisplayedSide {
    const fn whole(size: Quantity) -> Self {
        Self { size, left: size }
    }
}

impl DisplayedSize {
    pub(super) fn new(step_size: Quantity) -> Self {
        Self { step_size, quote_seq: None, buy: DisplayedSide::default(), sell: DisplayedSide::default() }
    }

    /// Size of a quote that is available to an order of this side; zero for a quote that is not the newest.
    pub(super) fn left(&self, side: Side, quote: &Quote) -> Quantity {
        match self.quote_seq {
            Some(seq) if quote.seq < seq => Quantity::ZERO,
            Some(seq) if quote.seq == seq => self.shown(side).left,
            _ => match side {
                Side::Buy => quote.ask_size,
                Side::Sell => quote.bid_size,
            },
        }
    }

    /// Takes the wanted size, or as many whole steps as are left.
    pub(super) fn take(&mut self, side: Side, quote: &Quote, wanted: Quantity) -> Quantity {
        if self.quote_seq.is_some_and(|seq| quote.seq < seq) {
            return Quantity::ZERO;
        }
        if self.quote_seq != Some(quote.seq) {
            self.quote_seq = Some(quote.seq);
            self.buy = DisplayedSide::whole(quote.ask_size);
            self.sell = DisplayedSide::whole(quote.bid_size);
        }
        let step_size = self.step_size;
        let shown = self.shown_mut(side);
        let given = if wanted <= shown.left { wanted } else { shown.left.floor_to(step_size) };
        shown.left = shown.left.checked_sub(given).unwrap_or(Quantity::ZERO);
        given
    }

    /// Returns unused size. Size of an older quote is lost.
    pub(super) fn give_back(&mut self, side: Side, quote_seq: u64, quantity: Quantity) {
        if self.quote_seq == Some(quote_seq) {
            let shown = self.shown_mut(side);
            shown.left = shown.left.checked_add(quantity).map_or(shown.size, |left| left.min(shown.size));
        }
    }

    const fn shown(&self, side: Side) -> DisplayedSide {
        match side {
            Side::Buy => self.buy,
            Side::Sell => self.sell,
        }
    }

    const fn shown_mut(&mut self, side: Side) -> &mut DisplayedSide {
        match side {
            Side::Buy => &mut self.buy,
            Side::Sell => &mut self.sell,
        }
    }
}
