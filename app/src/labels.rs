//! Labels of the closed sets of the domain: one place for the words that pages show.

#[cfg(feature = "ssr")]
use cnop_domain::{CadenceKind, GroupKind, OrderStatus, QuoteSource, Reason, Role, Weekday};
use cnop_domain::{OrderType, Side};

/// An order type: `Take-profit-limit`.
pub(crate) const fn order_type(order_type: OrderType) -> &'static str {
    match order_type {
        OrderType::Market => "Market",
        OrderType::Limit => "Limit",
        OrderType::Stop => "Stop",
        OrderType::StopLimit => "Stop-limit",
        OrderType::TakeProfit => "Take-profit",
        OrderType::TakeProfitLimit => "Take-profit-limit",
        OrderType::TrailingStop => "Trailing stop",
    }
}

/// A side as a word of its own.
pub(crate) const fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "Buy",
        Side::Sell => "Sell",
    }
}

/// The class that colors a side.
#[cfg(feature = "ssr")]
pub(crate) const fn side_class(side: Side) -> &'static str {
    match side {
        Side::Buy => "side-buy",
        Side::Sell => "side-sell",
    }
}

/// An order's status.
#[cfg(feature = "ssr")]
pub(crate) const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Held => "Held for its purchase",
        OrderStatus::WaitingTrigger => "Waits for its trigger",
        OrderStatus::Working => "Working",
        OrderStatus::PartiallyFilled => "Partly filled",
        OrderStatus::Completed => "Completed",
        OrderStatus::Canceled => "Canceled",
        OrderStatus::Expired => "Expired",
        OrderStatus::Rejected => "Rejected",
    }
}

/// Why an order ended, to follow its status: `canceled by you`.
#[cfg(feature = "ssr")]
pub(crate) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::User => " by you",
        Reason::OcoSibling => " because the other order of its pair ended",
        Reason::ParentClosed => " because the purchase it waited for ended unfilled",
        Reason::KillSwitch => " by your kill switch",
        Reason::GtdReached => " at the end of its time",
        Reason::IocRemainder => ": what did not fill at once ends",
        Reason::FokUnfilled => ": it could not fill whole at once",
        Reason::InsufficientFunds => ": the balance was too small when its turn came",
        Reason::RuleBroken => ": it breaks a rule that changed after it was accepted",
        Reason::NotTradable | Reason::SiblingFill => "",
    }
}

/// An order's role in its group.
#[cfg(feature = "ssr")]
pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::Entry => "Purchase",
        Role::TakeProfit => "Exit with a profit",
        Role::StopLoss => "Exit with a loss",
    }
}

/// A group, in a sentence.
#[cfg(feature = "ssr")]
pub(crate) const fn group(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Oco => "Two orders on the same coins: when one fills, the other is canceled.",
        GroupKind::Oto => "A purchase and one exit, which lives once the purchase is filled whole.",
        GroupKind::Bracket => {
            "A purchase and two exits, which live once it is filled whole; when one fills, the other is canceled."
        }
    }
}

/// Where quotes come from.
#[cfg(feature = "ssr")]
pub(crate) const fn quote_source(source: QuoteSource) -> &'static str {
    match source {
        QuoteSource::Simulator => "the market simulator",
        QuoteSource::CoinGecko => "CoinGecko",
    }
}

/// How often a recurring order runs.
#[cfg(feature = "ssr")]
pub(crate) const fn cadence(kind: CadenceKind) -> &'static str {
    match kind {
        CadenceKind::Daily => "Every day",
        CadenceKind::Weekly => "Every week",
        CadenceKind::Monthly => "Every month",
    }
}

/// A day of the week.
#[cfg(feature = "ssr")]
pub(crate) const fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
