//! The oracle: acknowledged results, compared with the ledger at the end. Nothing acknowledged may be lost or
//! doubled.

use std::collections::BTreeMap;

use cnop_api::Caller;
use cnop_api::trading::OrderView;
use cnop_domain::{Amount, AssetId, Basis, FILLS_MAX, OrderId, Quantity, Side};
use cnop_services::Services;

use crate::Outcome;

/// All acknowledged results of a day.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Owner and last acknowledged state of each order; no state for an exit that was never read.
    orders: BTreeMap<OrderId, (usize, Option<OrderView>)>,
    /// Dollars that came from outside, less those that went there.
    pub(crate) deposits: i128,
}

impl Answers {
    /// Orders that were acknowledged.
    pub(crate) fn orders(&self) -> u64 {
        u64::try_from(self.orders.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn transferred(&mut self, amount: &str, is_deposit: bool) -> Outcome<()> {
        let units = amount.parse::<Amount>()?.units();
        self.deposits += if is_deposit { units } else { -units };
        Ok(())
    }

    /// A new order was acknowledged, and with it its exits.
    pub(crate) fn placed(&mut self, who: usize, order: &OrderView) -> Outcome<()> {
        self.group(who, std::slice::from_ref(order))?;
        let others = order.group.iter().flat_map(|group| &group.others);
        for other in others {
            if self.orders.insert(*other, (who, None)).is_some() {
                return Err(format!("{other} was answered to two commands").into());
            }
        }
        Ok(())
    }

    /// New orders were acknowledged together.
    pub(crate) fn group(&mut self, who: usize, orders: &[OrderView]) -> Outcome<()> {
        for order in orders {
            let answered = (who, Some(order.clone()));
            if self.orders.insert(order.order_id, answered).is_some() {
                return Err(format!("{} was answered to two commands", order.order_id).into());
            }
        }
        Ok(())
    }

    /// A change of an order was acknowledged.
    pub(crate) fn changed(&mut self, who: usize, order: &OrderView) -> Outcome<()> {
        match self.orders.get_mut(&order.order_id) {
            Some((owner, answered)) if *owner == who => {
                if let Some(answered) = answered {
                    agrees(answered, order)?;
                }
                *answered = Some(order.clone());
                Ok(())
            }
            _ => Err(format!("{} was changed and never acknowledged", order.order_id).into()),
        }
    }

    /// Reads every acknowledged order, and returns the displayed size that all of them used.
    pub(crate) async fn check(&self, services: &Services, callers: &[Caller]) -> Outcome<Displayed> {
        let mut displayed = Displayed::default();
        for (order_id, (who, answered)) in &self.orders {
            let caller = callers.get(*who).ok_or("an order without an owner")?;
            let now = services.orders.get(caller, *order_id).await?;
            if let Some(answered) = answered {
                agrees(answered, &now)?;
            }
            displayed.add(&now);
        }
        Ok(displayed)
    }
}

/// Displayed size used by orders, by asset, side and quote number.
#[derive(Debug, Default)]
pub(crate) struct Displayed(BTreeMap<(AssetId, bool, u64), (i128, i128)>);

impl Displayed {
    fn add(&mut self, order: &OrderView) {
        // The last fill that an order may have takes more than is displayed.
        let fills = order.fills.iter().take(usize::try_from(FILLS_MAX - 1).unwrap_or(usize::MAX));
        for fill in fills.filter(|fill| fill.basis != Basis::Venue) {
            let buys = order.side == Side::Buy;
            let size = if buys { fill.quote_ask_size } else { fill.quote_bid_size };
            let used = self.0.entry((order.asset_id, buys, fill.quote_seq)).or_default();
            used.0 += fill.quantity.units();
            used.1 = size.map_or(i128::MAX, Quantity::units);
        }
    }

    /// Finds a size that was used twice.
    pub(crate) fn check(&self) -> Outcome<()> {
        match self.0.iter().find(|(_, (used, size))| used > size) {
            None => Ok(()),
            Some(found) => Err(format!("more was filled than was displayed: {found:?}").into()),
        }
    }
}

/// Checks that an order can have reached its present state from the acknowledged one.
fn agrees(answered: &OrderView, now: &OrderView) -> Outcome<()> {
    let has_grown = answered.version <= now.version
        && answered.filled_quantity <= now.filled_quantity
        && now.fills.starts_with(&answered.fills);
    let is_as_answered = answered.closed_at.is_none() || answered == now;
    if has_grown && is_as_answered {
        Ok(())
    } else {
        Err(format!("answered {answered:?}\nnow {now:?}").into())
    }
}
