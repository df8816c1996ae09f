//! Invariants of the orders of one group, or of a single order.

use cnop_domain::{OrderState, OrderStatus, Quantity, Reason, Role};

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
        let is_entry =
            |modeled: &&ModeledOrder| modeled.state.link.is_some_and(|link| link.role == Role::Entry);
        for entry in self.modeled.iter().filter(lives).filter(is_entry) {
            assert_eq!(held(entry), entry.need(), "{:?}", entry.state);
        }
        let others = self.modeled.iter().filter(lives).filter(|modeled| !is_entry(modeled));
        match others.collect::<Vec<_>>().as_slice() {
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
            _ => panic!("a group has two exits at most"),
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
        self.protection_check(&exits, filled);
    }

    /// At every moment the exits that their owner left alone can sell exactly what was bought and not sold by them.
    fn protection_check(&self, exits: &[&OrderState], sold: i128) {
        let entry =
            self.orders.first().filter(|order| order.link.is_some_and(|link| link.role == Role::Entry));
        let (Some(entry), Some(exit)) = (entry, exits.first()) else { return };
        let bought = entry.filled.units();
        assert!(sold <= bought, "no more is sold than was bought");
        if bought == 0 {
            let (waits, ended) = (exit.status == OrderStatus::Held, exit.status.is_final());
            assert!(if entry.is_open() { waits || ended } else { ended }, "{exit:?}");
        } else if exit.is_open() {
            assert_ne!(exit.status, OrderStatus::Held, "an exit lives with the first part");
            assert_eq!(exit.remaining().units(), bought - sold, "bought, and not sold by an exit");
        } else if !entry.is_open() || sold == bought {
            let is_own = |exit: &&OrderState| {
                matches!(exit.reason, Some(Reason::User | Reason::GtdReached | Reason::KillSwitch))
            };
            assert!(sold == bought || exits.iter().any(is_own), "coins without an exit: {self:?}");
        }
        let is_over = exits.iter().any(|exit| exit.status == OrderStatus::Completed);
        assert!(!(is_over && entry.is_open()), "a purchase does not go on after its exit");
    }
}
