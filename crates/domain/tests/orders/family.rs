//! A group (or single order): what must be true of its orders together.

use cnop_domain::{OrderState, OrderStatus, Quantity, Role};

use crate::told::Told;

/// One group (or single order) with what is told of it.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) orders: Vec<OrderState>,
    pub(crate) told: Vec<Told>,
    pub(crate) quantity: Quantity,
}

impl Family {
    /// Each order holds what it needs and nothing more; two of which one can fill hold the larger need together.
    fn reserve_check(&self) {
        let lives = |told: &&Told| told.state.is_open() && told.state.status != OrderStatus::Held;
        let held = |told: &Told| (told.state.reserved_cash.units(), told.state.reserved_coins);
        for told in self.told.iter().filter(|told| !lives(told)) {
            assert_eq!(held(told), (0, Quantity::ZERO), "what does not live holds nothing");
        }
        match self.told.iter().filter(lives).collect::<Vec<_>>().as_slice() {
            [] => {}
            [one] => assert_eq!(held(one), one.need(), "{:?}", one.state),
            [one, two] => {
                let cash = held(one).0 + held(two).0;
                let coins = held(one).1.checked_add(held(two).1).unwrap();
                assert_eq!(coins, one.need().1.max(two.need().1), "coins of a pair");
                let needed = one.need().0.max(two.need().0);
                let is_changed = one.is_changed || two.is_changed;
                assert!(cash == needed || (is_changed && cash > needed), "{cash} for {needed}: {self:?}");
            }
            _ => panic!("three orders of a group live"),
        }
    }

    pub(crate) fn check(&self) {
        self.reserve_check();
        for (order, told) in self.orders.iter().zip(&self.told) {
            assert_eq!(*order, told.state);
        }
        let is_exit = |order: &&OrderState| order.link.is_some_and(|link| link.role != Role::Entry);
        let exits: Vec<&OrderState> = self.orders.iter().filter(is_exit).collect();
        let filled: i128 = exits.iter().map(|order| order.filled.units()).sum();
        if !exits.is_empty() {
            assert!(filled <= self.quantity.units(), "both exits never fill");
        }
        if let [one, two] = exits.as_slice() {
            assert_eq!(one.is_open(), two.is_open(), "they end together");
            let completed = [one, two].iter().filter(|exit| exit.status == OrderStatus::Completed).count();
            assert!(completed <= 1, "one of them fills whole");
            if one.is_open() {
                assert_eq!(one.remaining(), two.remaining(), "they shrink together");
            }
        }
        if let Some(entry) =
            self.orders.first().filter(|order| order.link.is_some_and(|link| link.role == Role::Entry))
            && entry.status != OrderStatus::Completed
        {
            assert_eq!(filled, 0, "no exit lives before the purchase is filled whole");
        }
    }
}
