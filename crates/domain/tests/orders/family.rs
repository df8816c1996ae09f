//! Invariants of the orders of one group, or of a single order.

use cnop_domain::{OrderState, OrderStatus, Quantity, Role};

use crate::model::ModeledOrder;

/// One group (or single order) with its model.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) orders: Vec<OrderState>,
    pub(crate) modeled: Vec<ModeledOrder>,
    pub(crate) quantity: Quantity,
}

impl Family {
    /// Each order reserves exactly its need; two of which one can fill share the larger need.
    fn reserve_check(&self) {
        let lives =
            |modeled: &&ModeledOrder| modeled.state.is_open() && modeled.state.status != OrderStatus::Held;
        let held =
            |modeled: &ModeledOrder| (modeled.state.reserved_cash.units(), modeled.state.reserved_coins);
        for modeled in self.modeled.iter().filter(|modeled| !lives(modeled)) {
            assert_eq!(held(modeled), (0, Quantity::ZERO), "what does not live holds nothing");
        }
        match self.modeled.iter().filter(lives).collect::<Vec<_>>().as_slice() {
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
        for (order, modeled) in self.orders.iter().zip(&self.modeled) {
            assert_eq!(*order, modeled.state);
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
