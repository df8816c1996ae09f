//! The commands of a random trader.

use cnop_domain::{
    Amount, GroupKind, Link, NewOrder, OrderTerms, OrderType, Price, Quantity, Role, Side, TimeInForce, Trail,
};

use crate::commands::Size;
use crate::day::Day;
use crate::fixture::{DAY_US, market, rules};

pub(crate) fn ticks(count: i64) -> Price {
    Price::from_units(i128::from(count.max(1)) * rules().tick_size.units()).unwrap()
}

pub(crate) fn sized(steps: u32) -> Quantity {
    Quantity::from_units(i128::from(steps) * rules().step_size.units()).unwrap()
}

impl Day {
    pub(crate) fn at(&self, offset: i32) -> Price {
        ticks(self.last + i64::from(offset))
    }

    fn gtd(&self) -> TimeInForce {
        TimeInForce::Gtd { expires_us: self.venue.now_us + DAY_US / 24 }
    }

    pub(crate) fn terms(&self, kind: u8, buys: bool, size: Size, offsets: [i32; 2], force: u8) -> OrderTerms {
        let order_type = OrderType::ALL[usize::from(kind) % OrderType::ALL.len()];
        let side = if buys { Side::Buy } else { Side::Sell };
        let trails = order_type == OrderType::TrailingStop;
        let time_in_force = match (order_type, force) {
            (OrderType::Market | OrderType::Limit, 2) => TimeInForce::Fok,
            (OrderType::Market, _) | (OrderType::Limit, 1) => TimeInForce::Ioc,
            (_, 3) => self.gtd(),
            _ => TimeInForce::Gtc,
        };
        let known = order_type == OrderType::Market || order_type.has_limit();
        let trail = if size.steps.is_multiple_of(2) {
            Trail::BasisPoints(10 + size.steps % 500)
        } else {
            Trail::Amount(ticks(i64::from(size.steps % 300)))
        };
        let steps = sized(size.steps);
        let last = self.venue.quote.last;
        let everything = match side {
            Side::Sell => self.desk.coins_available,
            // The quantity for most of the money.
            Side::Buy => {
                let most = Amount::from_units(self.desk.cash_available.units() * 9 / 10).unwrap();
                last.quantity_within(most).floor_to(rules().step_size)
            }
        };
        OrderTerms {
            order_type,
            quantity: if size.sweeps && !everything.is_zero() { everything } else { steps },
            quote_quantity: (known && force == 4).then(|| last.value_of(steps)),
            limit: order_type.has_limit().then(|| self.at(offsets[0])),
            stop: (order_type.waits() && !trails).then(|| self.at(offsets[1])),
            trail: trails.then_some(trail),
            time_in_force,
            post_only: order_type == OrderType::Limit && force == 5,
            ..market(side, "1")
        }
    }

    pub(crate) fn oco(&mut self, buys: bool, size: Size, ticks: [i32; 2], loss: u8, times: u8) {
        let away = |offset: i32| offset.abs() + 20;
        let sign = if buys { -1 } else { 1 };
        let end = |bit: u8| if times & bit == 0 { 0 } else { 3 };
        let profit = self.terms(1, buys, size, [sign * away(ticks[0]), 0], end(5));
        let stop = -sign * away(ticks[1]);
        let loss =
            self.terms([2, 3, 6][usize::from(loss)], buys, size, [stop - sign * ticks[0], stop], end(6));
        let link = |role| Some(Link { kind: GroupKind::Oco, role });
        self.place(&[
            NewOrder { terms: profit, link: link(Role::TakeProfit) },
            NewOrder { terms: loss, link: link(Role::StopLoss) },
        ]);
    }

    /// A purchase with one exit or two: `exits` 0 the profitable one, 1 the other, else both.
    pub(crate) fn bracket(
        &mut self,
        entry: u8,
        size: Size,
        ticks: [i32; 3],
        exits: u8,
        (loss, times): (u8, u8),
    ) {
        // Market orders, ioc, fok and by value; limits of each time in force and by value.
        let (kind, force) =
            [(0, 0), (0, 2), (0, 4), (1, 0), (1, 1), (1, 2), (1, 3), (1, 4)][usize::from(entry)];
        let base = if kind == 0 { 0 } else { ticks[0] };
        let entry = self.terms(kind, true, size, [base, 0], force);
        let steps = Size { sweeps: false, ..size };
        let end = |bit: u8| if times == bit { 3 } else { 0 };
        let profit = self.terms(1, false, steps, [base + ticks[1].abs() + 20, 0], end(1));
        let stop = base - ticks[2].abs() - 20;
        let loss =
            self.terms([2, 3, 6][usize::from(loss)], false, steps, [stop - ticks[1] / 4, stop], end(2));
        let kind = if exits < 2 { GroupKind::Oto } else { GroupKind::Bracket };
        let linked = |terms, role| NewOrder { terms, link: Some(Link { kind, role }) };
        let mut orders = vec![linked(entry, Role::Entry)];
        if exits != 1 {
            orders.push(linked(profit, Role::TakeProfit));
        }
        if exits != 0 {
            orders.push(linked(loss, Role::StopLoss));
        }
        self.place(&orders);
    }
}
