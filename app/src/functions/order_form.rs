//! The ticket's fields, as forms and addresses carry them.

use cnop_api::Timestamp;
use cnop_domain::{Amount, OrderType, Side, UNITS_PER_WHOLE};
use serde::{Deserialize, Serialize};

/// A hundredth of a percent in the units of a percentage that was read as an amount.
const PERCENT_STEP: i128 = UNITS_PER_WHOLE / 100;

/// What the ticket places: one order, or two that exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One order of this type, with exits if their prices are given.
    One(OrderType),
    /// A limit at a better price and a stop at a worse one; one of them fills.
    Oco,
}

impl Kind {
    /// Its text in forms and addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::One(order_type) => order_type.as_str(),
            Self::Oco => "oco",
        }
    }

    /// The kind of a text; a market order unless it says another.
    pub(crate) fn from_text(text: &str) -> Self {
        if text == "oco" {
            return Self::Oco;
        }
        Self::One(OrderType::from_text(text).unwrap_or(OrderType::Market))
    }

    /// Whether the size can be given in dollars: a price is known when the order is accepted.
    pub(crate) const fn by_value(self) -> bool {
        match self {
            Self::One(order_type) => matches!(order_type, OrderType::Market) || order_type.has_limit(),
            Self::Oco => false,
        }
    }

    /// Whether a purchase of this kind can have exits.
    pub(crate) fn has_exits(self, side: Side) -> bool {
        side == Side::Buy && matches!(self, Self::One(OrderType::Market | OrderType::Limit))
    }
}

/// The ticket as it is filled in. Fields that the kind of order does not have are not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct OrderForm {
    /// `buy` or `sell`.
    pub(crate) side: String,
    /// A type of order, or `oco`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// `asset` or `usd`.
    pub(crate) unit: String,
    /// How much, in that unit.
    pub(crate) amount: String,
    /// The limit.
    pub(crate) price: String,
    /// The trigger.
    pub(crate) stop_price: String,
    /// The distance of a trailing stop.
    pub(crate) trail: String,
    /// What the distance counts: `percent` or `usd`.
    pub(crate) trail_unit: String,
    /// `gtc`, `gtd`, `ioc` or `fok`.
    pub(crate) time_in_force: String,
    /// The last day of a `gtd` order, UTC.
    pub(crate) expires_at: String,
    /// `true` for an order that must not fill at once.
    pub(crate) post_only: String,
    /// Limit of the exit with a profit.
    pub(crate) take_profit: String,
    /// What ends a loss: `stop`, `stop_limit` or `trailing_stop`.
    pub(crate) stop_loss_type: String,
    /// Trigger of the exit with a loss.
    pub(crate) stop_loss: String,
    /// Its limit once it is triggered.
    pub(crate) stop_loss_price: String,
    /// The distance of one that trails.
    pub(crate) stop_loss_trail: String,
    /// What that distance counts: `percent` or `usd`.
    pub(crate) stop_loss_unit: String,
}

impl OrderForm {
    /// Names and values of all fields.
    pub(crate) fn fields(&self) -> [(&'static str, &str); 17] {
        [
            ("side", &self.side),
            ("type", &self.kind),
            ("unit", &self.unit),
            ("amount", self.amount.trim()),
            ("price", self.price.trim()),
            ("stop_price", self.stop_price.trim()),
            ("trail", self.trail.trim()),
            ("trail_unit", &self.trail_unit),
            ("time_in_force", &self.time_in_force),
            ("expires_at", &self.expires_at),
            ("post_only", &self.post_only),
            ("take_profit", self.take_profit.trim()),
            ("stop_loss_type", &self.stop_loss_type),
            ("stop_loss", self.stop_loss.trim()),
            ("stop_loss_price", self.stop_loss_price.trim()),
            ("stop_loss_trail", self.stop_loss_trail.trim()),
            ("stop_loss_unit", &self.stop_loss_unit),
        ]
    }

    /// Which way; a purchase unless it says sale.
    pub(crate) fn side(&self) -> Side {
        Side::from_text(&self.side).unwrap_or(Side::Buy)
    }

    /// What is placed.
    pub(crate) fn kind(&self) -> Kind {
        Kind::from_text(&self.kind)
    }

    /// Whether the amount counts dollars.
    pub(crate) fn is_by_value(&self) -> bool {
        self.unit == "usd" && self.kind().by_value()
    }

    /// The time in force that its kind can have, none for a market order.
    pub(crate) fn life(&self) -> Option<&str> {
        match (self.kind(), self.time_in_force.as_str()) {
            (Kind::One(OrderType::Market), _) => None,
            (Kind::One(OrderType::Limit), word @ ("ioc" | "fok" | "gtd")) => Some(word),
            (_, "gtd") => Some("gtd"),
            _ => Some("gtc"),
        }
    }

    /// The last moment of the last day; none when it is no day.
    pub(crate) fn expiry(&self) -> Option<Timestamp> {
        Timestamp::parse(&format!("{}T23:59:59Z", self.expires_at.trim()))
    }

    /// Whether it must not fill at once.
    pub(crate) fn is_post_only(&self) -> bool {
        self.post_only == "true"
            && self.kind() == Kind::One(OrderType::Limit)
            && !matches!(self.life(), Some("ioc" | "fok"))
    }

    /// An exit's price, when this kind of order has exits and one is given.
    pub(crate) fn exit<'form>(&self, text: &'form str) -> Option<&'form str> {
        let text = text.trim();
        (!text.is_empty() && self.kind().has_exits(self.side())).then_some(text)
    }

    /// What ends a loss; a stop at market unless it says another.
    pub(crate) fn loss_type(&self) -> OrderType {
        match self.stop_loss_type.as_str() {
            "stop_limit" => OrderType::StopLimit,
            "trailing_stop" => OrderType::TrailingStop,
            _ => OrderType::Stop,
        }
    }

    /// Whether an exit with a loss is asked for: one of the fields of its type is filled in.
    pub(crate) fn has_loss(&self) -> bool {
        let texts: &[&str] = match self.loss_type() {
            OrderType::TrailingStop => &[&self.stop_loss_trail],
            OrderType::StopLimit => &[&self.stop_loss, &self.stop_loss_price],
            _ => &[&self.stop_loss],
        };
        texts.iter().any(|text| self.exit(text).is_some())
    }
}

/// A percentage in basis points; none when it is no such percentage.
pub(crate) fn basis_points(text: &str) -> Option<u32> {
    let units = text.trim().parse::<Amount>().ok()?.units();
    (units % PERCENT_STEP == 0).then(|| u32::try_from(units / PERCENT_STEP).ok()).flatten()
}

/// The ticket's field for a member of the API's order.
pub(crate) fn field_of(member: &str) -> &str {
    match member {
        "quantity" | "quote_quantity" => "amount",
        "trail_bps" | "trail_amount" => "trail",
        "stop_loss/price" => "stop_loss_price",
        "stop_loss/trail_bps" | "stop_loss/trail_amount" => "stop_loss_trail",
        member if member.starts_with("take_profit") => "take_profit",
        member if member.starts_with("stop_loss/") => "stop_loss",
        member => member,
    }
}

#[cfg(feature = "ssr")]
mod server {
    use cnop_api::trading::{OrderGroupRequest, OrderRequest, StopLossRequest, TakeProfitRequest};
    use cnop_api::{FieldError, Figure, Problem, Timestamp};
    use cnop_domain::OrderType;

    use super::{Kind, OrderForm, basis_points, field_of};
    use crate::forms::in_words;

    /// What the ticket asks the venue for.
    pub(crate) enum Asked {
        One(Box<OrderRequest>),
        Group(Box<OrderGroupRequest>),
    }

    fn fault(field: &str, rule: &str, detail: &str) -> Problem {
        Problem::invalid(vec![FieldError::new(field, rule, detail)])
    }

    /// A distance: basis points of a percentage, or dollars.
    fn distance(field: &str, text: &str, unit: &str) -> Result<(Option<u32>, Option<Figure>), Problem> {
        if text.trim().is_empty() {
            return Err(fault(field, "required", "Enter the distance."));
        }
        if unit == "usd" {
            return Ok((None, given(true, text)));
        }
        let detail = "Enter a percentage with at most two decimals, such as 1.5.";
        basis_points(text).map(|points| (Some(points), None)).ok_or_else(|| fault(field, "format", detail))
    }

    /// A figure that was filled in and has a meaning for this kind of order.
    fn given(wanted: bool, text: &str) -> Option<Figure> {
        let text = text.trim();
        (wanted && !text.is_empty()).then(|| Figure(text.to_owned()))
    }

    fn price(field: &str, text: &str) -> Result<Figure, Problem> {
        given(true, text).ok_or_else(|| fault(field, "required", "Enter a price."))
    }

    impl OrderForm {
        /// The ticket's fields as the API's order or group.
        pub(crate) fn request(&self, asset_id: &str) -> Result<Asked, Problem> {
            if self.amount.trim().is_empty() {
                return Err(fault("amount", "required", "Enter how much you want to trade."));
            }
            let expires_at = match self.life() {
                Some("gtd") => {
                    let missing = || fault("expires_at", "required", "Choose the last day of the order.");
                    Some(self.expiry().ok_or_else(missing)?)
                }
                _ => None,
            };
            match self.kind() {
                Kind::Oco => self.oco(asset_id, expires_at).map(Box::new).map(Asked::Group),
                Kind::One(order_type) => {
                    self.single(asset_id, order_type, expires_at).map(Box::new).map(Asked::One)
                }
            }
        }

        fn oco(&self, asset_id: &str, expires_at: Option<Timestamp>) -> Result<OrderGroupRequest, Problem> {
            let take_profit = TakeProfitRequest { price: price("take_profit", &self.take_profit)? };
            Ok(OrderGroupRequest {
                kind: "oco".to_owned(),
                asset_id: asset_id.to_owned(),
                side: Some(self.side().as_str().to_owned()),
                quantity: given(true, &self.amount),
                time_in_force: self.life().map(str::to_owned),
                expires_at,
                take_profit: Some(take_profit),
                stop_loss: Some(self.stop_loss()?),
                ..OrderGroupRequest::default()
            })
        }

        fn stop_loss(&self) -> Result<StopLossRequest, Problem> {
            let none = StopLossRequest::default();
            if self.loss_type() == OrderType::TrailingStop {
                let (trail_bps, trail_amount) =
                    distance("stop_loss_trail", &self.stop_loss_trail, &self.stop_loss_unit)?;
                return Ok(StopLossRequest { trail_bps, trail_amount, ..none });
            }
            let stop_price = Some(price("stop_loss", &self.stop_loss)?);
            let limited = self.loss_type() == OrderType::StopLimit;
            let price = limited.then(|| price("stop_loss_price", &self.stop_loss_price)).transpose()?;
            Ok(StopLossRequest { stop_price, price, ..none })
        }

        fn single(
            &self,
            asset_id: &str,
            order_type: OrderType,
            expires_at: Option<Timestamp>,
        ) -> Result<OrderRequest, Problem> {
            let trails = order_type == OrderType::TrailingStop;
            let (trail_bps, trail_amount) =
                if trails { distance("trail", &self.trail, &self.trail_unit)? } else { (None, None) };
            let by_value = self.is_by_value();
            let profit = self.exit(&self.take_profit).and_then(|text| given(true, text));
            Ok(OrderRequest {
                side: Some(self.side().as_str().to_owned()),
                kind: Some(order_type.as_str().to_owned()),
                asset_id: asset_id.to_owned(),
                quantity: given(!by_value, &self.amount),
                quote_quantity: given(by_value, &self.amount),
                price: given(order_type.has_limit(), &self.price),
                stop_price: given(order_type.waits() && !trails, &self.stop_price),
                trail_bps,
                trail_amount,
                time_in_force: self.life().map(str::to_owned),
                expires_at,
                post_only: self.is_post_only(),
                take_profit: profit.map(|price| TakeProfitRequest { price }),
                stop_loss: self.has_loss().then(|| self.stop_loss()).transpose()?,
                ..OrderRequest::default()
            })
        }
    }

    /// A refusal whose errors stand at the ticket's fields.
    pub(crate) fn at_fields(mut problem: Problem) -> Problem {
        for error in &mut problem.errors {
            if let Some(field) = error.member().map(field_of).map(str::to_owned) {
                error.pointer = Some(format!("#/{field}"));
            }
            error.detail = in_words(&error.rule, &error.detail);
        }
        if let [only] = problem.errors.as_slice() {
            problem.detail.clone_from(&only.detail);
        }
        problem
    }
}

#[cfg(feature = "ssr")]
pub(crate) use server::{Asked, at_fields};

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;

    fn form(kind: &str, side: &str) -> OrderForm {
        OrderForm {
            side: side.to_owned(),
            kind: kind.to_owned(),
            unit: "usd".to_owned(),
            amount: " 100 ".to_owned(),
            price: "61000".to_owned(),
            stop_price: "64000".to_owned(),
            trail: "1.5".to_owned(),
            time_in_force: "gtd".to_owned(),
            expires_at: "2026-12-24".to_owned(),
            post_only: "true".to_owned(),
            take_profit: "70000".to_owned(),
            stop_loss: "50000".to_owned(),
            ..OrderForm::default()
        }
    }

    fn one(form: &OrderForm) -> cnop_api::trading::OrderRequest {
        let asked = form.request("BTC").unwrap();
        let Asked::One(request) = asked else { unreachable!("a group") };
        *request
    }

    #[test]
    fn fields_of_another_kind_are_left_out() {
        let market = one(&form("market", "sell"));
        assert_eq!(market.quote_quantity.as_ref().map(cnop_api::Figure::as_str), Some("100"));
        assert!(market.price.is_none() && market.stop_price.is_none() && market.expires_at.is_none());
        assert!(market.take_profit.is_none() && !market.post_only && market.time_in_force.is_none());
        let limit = one(&form("limit", "buy"));
        assert!(
            limit.price.is_some()
                && limit.post_only
                && limit.take_profit.is_some()
                && limit.stop_loss.is_some()
        );
        assert_eq!(limit.expires_at, Timestamp::parse("2026-12-24T23:59:59Z"));
        let trailing = one(&form("trailing_stop", "sell"));
        assert_eq!((trailing.trail_bps, trailing.stop_price.is_none()), (Some(150), true));
        // No price is known when it is accepted: its amount is a number of coins.
        assert!(trailing.quantity.is_some() && trailing.quote_quantity.is_none());
    }

    #[test]
    fn two_prices_are_a_group_of_either_side() {
        for side in ["buy", "sell"] {
            let Ok(Asked::Group(group)) = form("oco", side).request("BTC") else { unreachable!("one order") };
            assert_eq!((group.kind.as_str(), group.side.as_deref()), ("oco", Some(side)));
        }
    }

    #[test]
    fn a_loss_ends_by_a_stop_a_stop_limit_or_a_trail() {
        let loss = |kind: &str, unit: &str, price: &str| {
            let filled = OrderForm {
                stop_loss_type: kind.to_owned(),
                stop_loss_price: price.to_owned(),
                stop_loss_trail: "2.5".to_owned(),
                stop_loss_unit: unit.to_owned(),
                ..form("limit", "buy")
            };
            one(&filled).stop_loss.unwrap()
        };
        assert_eq!((loss("", "", "9").kind(), loss("stop", "", "9").price), ("stop", None));
        let limited = loss("stop_limit", "", "49900");
        assert_eq!((limited.kind(), limited.price.unwrap().0.as_str()), ("stop_limit", "49900"));
        let percent = loss("trailing_stop", "percent", "");
        assert_eq!((percent.trail_bps, percent.trail_amount, percent.stop_price), (Some(250), None, None));
        let dollars = loss("trailing_stop", "usd", "");
        assert_eq!((dollars.trail_bps, dollars.trail_amount.unwrap().0.as_str()), (None, "2.5"));
        // A limit alone is half a stop-limit: what is missing is asked for.
        let half = OrderForm {
            stop_loss_type: "stop_limit".to_owned(),
            stop_loss: String::new(),
            stop_loss_price: "49900".to_owned(),
            ..form("limit", "buy")
        };
        assert!(half.request("BTC").is_err_and(|problem| problem.errors[0].member() == Some("stop_loss")));
        // Without any of the fields of its type there is no such exit.
        let none = OrderForm { stop_loss_type: "trailing_stop".to_owned(), ..form("limit", "buy") };
        assert!(one(&none).stop_loss.is_none());
    }

    #[test]
    fn refusals_stand_at_the_tickets_fields() {
        let error =
            cnop_api::FieldError::new("stop_loss/stop_price", "exit_side", "The stop_price is wrong.");
        let problem = at_fields(cnop_api::Problem::invalid(vec![error]));
        assert_eq!(problem.errors[0].member(), Some("stop_loss"));
        assert_eq!(problem.detail, "The stop price is wrong.");
        for (member, field) in [
            ("stop_loss/price", "stop_loss_price"),
            ("stop_loss/trail_bps", "stop_loss_trail"),
            ("take_profit/price", "take_profit"),
            ("quote_quantity", "amount"),
        ] {
            assert_eq!(field_of(member), field);
        }
    }
}
