//! Commands of the traders: all order types, groups, changes and transfers, most of them sensible, some not.

mod automation;

use std::collections::VecDeque;

use cnop_api::money::TransferRequest;
use cnop_api::trading::{
    AlertRequest, ClosePositionRequest, EntryRequest, GuardRailsUpdate, OrderGroupRequest,
    OrderReplaceRequest, OrderRequest, OrderView, RecurringRequest, StopLossRequest, TakeProfitRequest,
};
use cnop_api::{Figure, Timestamp};
use cnop_domain::{Amount, AssetId, OrderId, OrderType, Price, Quote, Side, UNITS_PER_WHOLE};
use cnop_market::CatalogueAsset;
use cnop_testkit::SeededRng;

use crate::Prices;

/// Orders that a trader remembers, to change or cancel them.
const REMEMBERED_MAX: usize = 16;
/// Smallest and largest order, in dollars.
const DOLLARS: (u64, u64) = (15, 300);
/// Seconds until a `gtd` order ends, at most.
const SECONDS_MAX: u64 = 4 * 3_600;
/// Nonsensical commands in a thousand: what is refused must leave no trace.
const SENSELESS: u64 = 30;

/// One command of a trader.
#[derive(Debug, Clone)]
pub(crate) enum TraderCommand {
    Order(Box<OrderRequest>),
    Group(Box<OrderGroupRequest>),
    Cancel(OrderId),
    CancelAll(Option<AssetId>),
    Replace(OrderId, Box<OrderReplaceRequest>),
    Close(AssetId, ClosePositionRequest),
    Alert(AlertRequest),
    Plan(RecurringRequest),
    Guards(GuardRailsUpdate),
    Deposit(TransferRequest),
    Withdraw(TransferRequest),
}

impl TraderCommand {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Group(_) => "group",
            Self::Cancel(_) => "cancel",
            Self::CancelAll(_) => "cancel all",
            Self::Replace(..) => "replace",
            Self::Close(..) => "close",
            Self::Alert(_) => "alert",
            Self::Plan(_) => "recurring",
            Self::Guards(_) => "guards",
            Self::Deposit(_) => "deposit",
            Self::Withdraw(_) => "withdrawal",
        }
    }
}

/// All traders and their state.
#[derive(Debug)]
pub(crate) struct Traders {
    rng: SeededRng,
    remembered: Vec<VecDeque<Remembered>>,
}

#[derive(Debug, Clone)]
struct Remembered {
    order_id: OrderId,
    asset_id: AssetId,
    kind: OrderType,
    buys: bool,
}

/// An asset as a trader sees it.
struct QuotedAsset<'a> {
    asset: &'a CatalogueAsset,
    quote: Quote,
}

impl QuotedAsset<'_> {
    /// The last price plus a number of basis points, on a tick.
    fn price(&self, basis_points: i128) -> Figure {
        let units = self.quote.last.units() * (10_000 + basis_points) / 10_000;
        let tick = self.asset.rules.tick_size;
        let price = Price::from_units(units).map_or(tick, |price| price.floor_to(tick).max(tick));
        Figure(price.to_string())
    }

    /// A value in dollars, in whole steps.
    fn quantity(&self, dollars: u64) -> Figure {
        let amount = Amount::from_units(i128::from(dollars) * UNITS_PER_WHOLE).unwrap_or(Amount::ZERO);
        let quantity = self.quote.last.quantity_within(amount).floor_to(self.asset.rules.step_size);
        Figure(quantity.to_string())
    }
}

impl Traders {
    pub(crate) fn new(seed: u64, accounts: usize) -> Self {
        Self { rng: SeededRng::new(seed, "traders"), remembered: vec![VecDeque::new(); accounts] }
    }

    /// The trader of the next command.
    pub(crate) fn who(&mut self) -> usize {
        let accounts = u64::try_from(self.remembered.len()).unwrap_or(u64::MAX);
        usize::try_from(self.rng.below(accounts)).unwrap_or(0)
    }

    /// µs until the next command.
    pub(crate) fn pause_us(&mut self) -> i64 {
        i64::try_from(self.rng.below(200_000)).unwrap_or(0)
    }

    /// True with this probability in a thousand.
    pub(crate) const fn per_mille(&mut self, chance: u64) -> bool {
        self.rng.per_mille(chance)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.rng.below(end)
    }

    /// The trader keeps an order in mind while it is open.
    pub(crate) fn remember(&mut self, who: usize, order: &OrderView) {
        let Some(remembered) = self.remembered.get_mut(who).filter(|_| order.closed_at.is_none()) else {
            return;
        };
        if remembered.len() >= REMEMBERED_MAX {
            remembered.pop_front();
        }
        remembered.push_back(Remembered {
            order_id: order.order_id,
            asset_id: order.asset_id,
            kind: order.kind,
            buys: order.side == Side::Buy,
        });
    }

    /// The next command of a trader; `None` when there are no prices.
    pub(crate) fn command(&mut self, who: usize, now_us: i64, prices: &Prices) -> Option<TraderCommand> {
        let asset = self.rng.pick(prices.assets())?;
        let quoted = QuotedAsset { quote: prices.quote(asset.asset_id)?, asset: &asset };
        let command = match self.rng.below(100) {
            0..12 => TraderCommand::Order(Box::new(self.market(&quoted))),
            12..40 => TraderCommand::Order(Box::new(self.limit(&quoted, now_us))),
            40..68 => TraderCommand::Order(Box::new(self.waiting(&quoted, now_us))),
            68..75 => TraderCommand::Order(Box::new(self.with_exits(&quoted))),
            75..79 => TraderCommand::Group(Box::new(self.one_cancels_other(&quoted))),
            79..81 => TraderCommand::Group(Box::new(self.bracket(&quoted))),
            81..88 => match self.recall(who) {
                Some(order) => TraderCommand::Cancel(order.order_id),
                None => TraderCommand::Order(Box::new(self.limit(&quoted, now_us))),
            },
            88..95 => match self.recall(who) {
                Some(order) => self.replace(&order, now_us, prices)?,
                None => TraderCommand::Order(Box::new(self.waiting(&quoted, now_us))),
            },
            95 if self.rng.per_mille(300) => TraderCommand::Guards(self.guards()),
            95 => TraderCommand::CancelAll(self.rng.per_mille(500).then_some(quoted.asset.asset_id)),
            96 if self.rng.per_mille(400) => TraderCommand::Plan(self.plan(&quoted)),
            96 => TraderCommand::Alert(self.alert(&quoted)),
            97 => TraderCommand::Close(quoted.asset.asset_id, self.close(&quoted)),
            98 => TraderCommand::Deposit(self.transfer()),
            _ => TraderCommand::Withdraw(self.transfer()),
        };
        Some(command)
    }

    fn recall(&mut self, who: usize) -> Option<Remembered> {
        let remembered = self.remembered.get_mut(who)?;
        let index = self.rng.below(u64::try_from(remembered.len()).unwrap_or(0));
        remembered.get(usize::try_from(index).ok()?).cloned()
    }

    fn dollars(&mut self) -> u64 {
        if self.rng.per_mille(SENSELESS) { 50_000 } else { self.rng.between(DOLLARS.0, DOLLARS.1) }
    }

    /// `from` to `to` basis points, toward better prices for a buyer (down) or a seller (up).
    fn away(&mut self, from: i64, to: i64, up: bool) -> i128 {
        let width = u64::try_from(to - from).unwrap_or(0);
        let points = i128::from(from) + i128::from(self.rng.below(width + 1));
        let points = if self.rng.per_mille(SENSELESS) { -points } else { points };
        if up { points } else { -points }
    }

    fn side(&mut self) -> (bool, Option<String>) {
        let buys = self.rng.per_mille(550);
        (buys, Some(if buys { "buy" } else { "sell" }.to_owned()))
    }

    fn base(&mut self, quoted: &QuotedAsset<'_>, kind: &str) -> (bool, OrderRequest) {
        let (buys, side) = self.side();
        let dollars = self.dollars();
        let request = OrderRequest {
            side,
            kind: Some(kind.to_owned()),
            asset_id: quoted.asset.asset_id.to_string(),
            quantity: Some(quoted.quantity(dollars)),
            ..OrderRequest::default()
        };
        (buys, request)
    }

    fn market(&mut self, quoted: &QuotedAsset<'_>) -> OrderRequest {
        let (_, mut request) = self.base(quoted, "market");
        if self.rng.per_mille(400) {
            request.quantity = None;
            request.quote_quantity = Some(Figure(self.dollars().to_string()));
        }
        request
    }

    fn limit(&mut self, quoted: &QuotedAsset<'_>, now_us: i64) -> OrderRequest {
        let (buys, mut request) = self.base(quoted, "limit");
        request.price = Some(quoted.price(self.away(-20, 120, !buys)));
        match self.rng.below(10) {
            0 => request.time_in_force = Some("ioc".to_owned()),
            1 => request.time_in_force = Some("fok".to_owned()),
            2 | 3 => request.post_only = true,
            4 | 5 => request.expires_at = Some(self.end(now_us)),
            _ => {}
        }
        if self.rng.per_mille(150) {
            request.quantity = None;
            request.quote_quantity = Some(Figure(self.dollars().to_string()));
        }
        request
    }

    fn end(&mut self, now_us: i64) -> Timestamp {
        Timestamp(now_us + i64::try_from(self.rng.between(1, SECONDS_MAX)).unwrap_or(1) * 1_000_000)
    }

    /// An order that waits for its trigger.
    fn waiting(&mut self, quoted: &QuotedAsset<'_>, now_us: i64) -> OrderRequest {
        let kinds = ["stop", "stop_limit", "take_profit", "take_profit_limit", "trailing_stop"];
        let kind = self.rng.pick(&kinds).unwrap_or("stop");
        let (buys, mut request) = self.base(quoted, kind);
        if kind == "trailing_stop" {
            if self.rng.per_mille(700) {
                request.trail_bps = u32::try_from(self.rng.between(10, 300)).ok();
            } else {
                let distance = quoted.quote.last.units() / 10_000 * i128::from(self.rng.between(10, 300));
                let tick = quoted.asset.rules.tick_size;
                let distance =
                    Price::from_units(distance).map_or(tick, |price| price.floor_to(tick).max(tick));
                request.trail_amount = Some(Figure(distance.to_string()));
            }
        } else {
            let up = buys == kind.starts_with("stop");
            request.stop_price = Some(quoted.price(self.away(5, 150, up)));
            if kind.ends_with("limit") {
                request.price = Some(quoted.price(self.away(5, 200, up)));
            }
        }
        if self.rng.per_mille(200) {
            request.expires_at = Some(self.end(now_us));
        }
        request
    }

    fn stop_loss(&mut self, quoted: &QuotedAsset<'_>) -> StopLossRequest {
        match self.rng.below(3) {
            0 => StopLossRequest { trail_bps: Some(150), ..StopLossRequest::default() },
            1 => StopLossRequest {
                stop_price: Some(quoted.price(self.away(130, 250, false))),
                price: Some(quoted.price(-300)),
                ..StopLossRequest::default()
            },
            _ => StopLossRequest {
                stop_price: Some(quoted.price(self.away(130, 250, false))),
                ..StopLossRequest::default()
            },
        }
    }

    /// A purchase with one exit or both.
    fn with_exits(&mut self, quoted: &QuotedAsset<'_>) -> OrderRequest {
        let (_, mut request) = self.base(quoted, "limit");
        request.side = Some("buy".to_owned());
        if self.rng.per_mille(400) {
            request.kind = Some("market".to_owned());
        } else {
            request.price = Some(quoted.price(self.away(-10, 100, false)));
        }
        let exits = self.rng.below(4);
        if exits != 0 {
            request.take_profit = Some(TakeProfitRequest { price: quoted.price(self.away(20, 200, true)) });
        }
        if exits != 1 {
            request.stop_loss = Some(self.stop_loss(quoted));
        }
        request
    }

    fn one_cancels_other(&mut self, quoted: &QuotedAsset<'_>) -> OrderGroupRequest {
        let (buys, side) = self.side();
        let (dollars, loss) = (self.dollars(), quoted.price(self.away(10, 200, buys)));
        OrderGroupRequest {
            kind: "oco".to_owned(),
            asset_id: quoted.asset.asset_id.to_string(),
            side,
            quantity: Some(quoted.quantity(dollars)),
            take_profit: Some(TakeProfitRequest { price: quoted.price(self.away(20, 200, !buys)) }),
            stop_loss: Some(if self.rng.per_mille(300) {
                StopLossRequest { trail_bps: Some(120), ..StopLossRequest::default() }
            } else {
                StopLossRequest { stop_price: Some(loss), ..StopLossRequest::default() }
            }),
            ..OrderGroupRequest::default()
        }
    }

    fn bracket(&mut self, quoted: &QuotedAsset<'_>) -> OrderGroupRequest {
        let dollars = self.dollars();
        OrderGroupRequest {
            kind: "bracket".to_owned(),
            asset_id: quoted.asset.asset_id.to_string(),
            side: Some("buy".to_owned()),
            quantity: Some(quoted.quantity(dollars)),
            entry: Some(EntryRequest {
                kind: Some("limit".to_owned()),
                price: Some(quoted.price(self.away(-10, 80, false))),
                ..EntryRequest::default()
            }),
            take_profit: Some(TakeProfitRequest { price: quoted.price(self.away(20, 200, true)) }),
            stop_loss: Some(self.stop_loss(quoted)),
            ..OrderGroupRequest::default()
        }
    }

    fn replace(&mut self, order: &Remembered, now_us: i64, prices: &Prices) -> Option<TraderCommand> {
        let asset = prices.assets().iter().find(|asset| asset.asset_id == order.asset_id)?;
        let quoted = QuotedAsset { quote: prices.quote(asset.asset_id)?, asset };
        let mut request = OrderReplaceRequest::default();
        let up = order.buys == matches!(order.kind, OrderType::Stop | OrderType::StopLimit);
        match order.kind {
            OrderType::Limit => request.price = Some(quoted.price(self.away(-20, 120, !order.buys))),
            OrderType::TrailingStop => request.trail_bps = u32::try_from(self.rng.between(10, 300)).ok(),
            _ => request.stop_price = Some(quoted.price(self.away(5, 150, up))),
        }
        if self.rng.per_mille(300) {
            let dollars = self.dollars();
            request.quantity = Some(quoted.quantity(dollars));
        }
        if self.rng.per_mille(200) {
            request.expires_at = Some(Some(self.end(now_us)));
        }
        Some(TraderCommand::Replace(order.order_id, Box::new(request)))
    }

    fn close(&mut self, quoted: &QuotedAsset<'_>) -> ClosePositionRequest {
        if self.rng.per_mille(500) {
            let percent = Figure(self.rng.between(1, 100).to_string());
            return ClosePositionRequest { percent: Some(percent), ..ClosePositionRequest::default() };
        }
        let dollars = self.dollars();
        ClosePositionRequest { quantity: Some(quoted.quantity(dollars)), ..ClosePositionRequest::default() }
    }

    fn transfer(&mut self) -> TransferRequest {
        let cents = self.rng.between(1, 50_000);
        TransferRequest::from(Figure(format!("{}.{:02}", cents / 100, cents % 100)))
    }
}
