//! A reference implementation of the book: a list that is searched from end to end.

use crate::book::{Dispatched, Grant, Interest, TickResult, Triggered};
use crate::{BookEntryId, Price, Quantity, Quote, Side, TradingRules};

#[derive(Debug, Clone)]
pub(super) struct NaiveOrder {
    pub(super) id: BookEntryId,
    pub(super) since_us: i64,
    pub(super) interest: Interest,
    pub(super) expires_us: Option<i64>,
    pub(super) dispatched: Option<Dispatched>,
}

#[derive(Debug)]
pub(super) struct Naive {
    rules: TradingRules,
    pub(super) orders: Vec<NaiveOrder>,
    /// Time and last price of each matched quote.
    pub(super) seen: Vec<(i64, Price)>,
    ticked_seq: Option<u64>,
    displayed_seq: Option<u64>,
    size: [Quantity; 2],
    left: [Quantity; 2],
}

impl Naive {
    pub(super) fn new(rules: TradingRules) -> Self {
        Self {
            rules,
            orders: Vec::new(),
            seen: Vec::new(),
            ticked_seq: None,
            displayed_seq: None,
            size: [Quantity::ZERO; 2],
            left: [Quantity::ZERO; 2],
        }
    }

    pub(super) fn insert(&mut self, order: NaiveOrder) {
        self.remove(order.id);
        self.orders.push(order);
    }

    pub(super) fn remove(&mut self, id: BookEntryId) {
        self.orders.retain(|order| order.id != id);
    }

    pub(super) fn trail(&self, order: &NaiveOrder) -> Option<(Price, Price)> {
        let Interest::Trail { side, trail, mark } = order.interest else { return None };
        let seen = self.seen.iter().filter(|(seen_us, _)| *seen_us >= order.since_us).map(|(_, last)| *last);
        let mark = match side {
            Side::Sell => seen.fold(mark, Price::max),
            Side::Buy => seen.fold(mark, Price::min),
        };
        Some((mark, trail.trigger(side, mark, self.rules.tick_size)))
    }

    pub(super) fn expire(&mut self, now_us: i64, limit: usize) -> Vec<(BookEntryId, u8)> {
        let due = |order: &NaiveOrder| order.expires_us.filter(|expires_us| *expires_us <= now_us);
        let mut found: Vec<(i64, BookEntryId)> = (self.orders.iter())
            .filter(|order| order.dispatched.is_none())
            .filter_map(|order| due(order).map(|expires_us| (expires_us, order.id)))
            .collect();
        found.sort_unstable();
        found.truncate(limit);
        found
            .into_iter()
            .map(|(_, id)| {
                self.order(id).dispatched = Some(Dispatched::Expired);
                (id, 1)
            })
            .collect()
    }

    pub(super) fn tick(&mut self, quote: &Quote, now_us: i64) -> TickResult<u8> {
        if self.ticked_seq.is_some_and(|seq| quote.seq < seq) {
            return TickResult::default();
        }
        self.ticked_seq = Some(quote.seq);
        self.seen.push((now_us, quote.last));
        let mut tick = TickResult::default();
        self.trigger(quote, now_us, &mut tick);
        for side in Side::ALL {
            self.grant(side, quote, now_us, &mut tick);
        }
        tick
    }

    fn trigger(&mut self, quote: &Quote, now_us: i64, tick: &mut TickResult<u8>) {
        let last = quote.last;
        let (mut up, mut down) = (Vec::new(), Vec::new());
        for order in self.live(now_us) {
            let (rises, level, mark) = match order.interest {
                Interest::Limit { .. } => continue,
                Interest::Trigger { above, price } => (above, price, None),
                Interest::Trail { side, .. } => {
                    let (mark, trigger) = self.trail(order).unwrap();
                    (side == Side::Buy, trigger, Some(mark))
                }
            };
            if rises && last >= level {
                up.push((level.units(), order.since_us, order.id, mark));
            } else if !rises && last <= level {
                down.push((-level.units(), order.since_us, order.id, mark));
            }
        }
        up.sort_unstable();
        down.sort_unstable();
        for (_, _, id, mark) in up.into_iter().chain(down) {
            self.order(id).dispatched = Some(Dispatched::Triggered { quote_seq: quote.seq });
            tick.triggered.push(Triggered { id, owner: 1, mark });
        }
    }

    fn grant(&mut self, side: Side, quote: &Quote, now_us: i64, tick: &mut TickResult<u8>) {
        let mut found = Vec::new();
        for order in self.live(now_us) {
            if let Interest::Limit { side: of, price, remaining } = order.interest
                && of == side
            {
                match side {
                    Side::Buy if quote.ask <= price => {
                        found.push((-price.units(), order.since_us, order.id, remaining));
                    }
                    Side::Sell if quote.bid >= price => {
                        found.push((price.units(), order.since_us, order.id, remaining));
                    }
                    Side::Buy | Side::Sell => {}
                }
            }
        }
        found.sort_unstable();
        for (_, _, id, remaining) in found {
            let quantity = self.take(side, quote, remaining);
            if quantity.is_zero() {
                break;
            }
            self.order(id).dispatched =
                Some(Dispatched::Granted { granted: quantity, left: quantity, quote_seq: quote.seq });
            tick.grants.push(Grant { id, owner: 1, side, quantity });
        }
    }

    pub(super) fn take(&mut self, side: Side, quote: &Quote, wanted: Quantity) -> Quantity {
        if self.displayed_seq.is_some_and(|seq| seq > quote.seq) {
            return Quantity::ZERO;
        }
        if self.displayed_seq != Some(quote.seq) {
            self.displayed_seq = Some(quote.seq);
            self.size = [quote.ask_size, quote.bid_size];
            self.left = self.size;
        }
        let left = &mut self.left[side as usize];
        let given = if wanted <= *left { wanted } else { left.floor_to(self.rules.step_size) };
        *left = left.checked_sub(given).unwrap();
        given
    }

    pub(super) fn give_back(&mut self, side: Side, quote_seq: u64, quantity: Quantity) {
        if self.displayed_seq == Some(quote_seq) {
            let left = &mut self.left[side as usize];
            *left = left.checked_add(quantity).unwrap().min(self.size[side as usize]);
        }
    }

    pub(super) fn settle(&mut self, id: BookEntryId, filled: Quantity) {
        let order = self.order(id).clone();
        if order.dispatched == Some(Dispatched::Quarantined) {
            return;
        }
        let Some(Dispatched::Granted { left, quote_seq, .. }) = order.dispatched else {
            return self.remove(id);
        };
        let Interest::Limit { side, price, remaining } = order.interest else { unreachable!() };
        self.give_back(side, quote_seq, left.checked_sub(filled).unwrap());
        let remaining = remaining.checked_sub(filled).unwrap_or(Quantity::ZERO);
        if remaining.is_zero() {
            return self.remove(id);
        }
        *self.order(id) =
            NaiveOrder { interest: Interest::Limit { side, price, remaining }, dispatched: None, ..order };
    }

    pub(super) fn release(&mut self, id: BookEntryId) {
        let order = self.order(id).clone();
        if let (Some(Dispatched::Granted { left, quote_seq, .. }), Interest::Limit { side, .. }) =
            (order.dispatched, order.interest)
        {
            self.give_back(side, quote_seq, left);
        }
        self.order(id).dispatched = None;
    }

    pub(super) fn quarantine(&mut self, id: BookEntryId) {
        self.release(id);
        self.order(id).dispatched = Some(Dispatched::Quarantined);
    }

    pub(super) fn resize(&mut self, id: BookEntryId, left: Quantity) {
        let order = self.order(id);
        let Interest::Limit { side, remaining, .. } = &mut order.interest else { return };
        let side = *side;
        *remaining = left;
        if let Some(Dispatched::Granted { left: usable, quote_seq, .. }) = &mut order.dispatched {
            let (before, quote_seq) = (*usable, *quote_seq);
            *usable = before.min(left);
            self.give_back(side, quote_seq, before.checked_sub(left).unwrap_or(Quantity::ZERO));
        }
        if left.is_zero() {
            self.remove(id);
        }
    }

    /// Dispatched orders wait again, and no quote was matched yet.
    pub(super) fn restart(&mut self) {
        for order in &mut self.orders {
            order.dispatched = None;
        }
        (self.ticked_seq, self.displayed_seq) = (None, None);
    }

    fn live(&self, now_us: i64) -> impl Iterator<Item = &NaiveOrder> {
        self.orders.iter().filter(move |order| {
            order.dispatched.is_none() && order.expires_us.is_none_or(|expires_us| expires_us > now_us)
        })
    }

    fn order(&mut self, id: BookEntryId) -> &mut NaiveOrder {
        self.orders.iter_mut().find(|order| order.id == id).unwrap()
    }
}
