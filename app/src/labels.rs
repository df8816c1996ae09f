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
        Side::Buy => "text-up font-[550]",
        Side::Sell => "text-down font-[550]",
    }
}

/// Label of an order's status.
#[cfg(feature = "ssr")]
pub(crate) const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Held => "Waiting for entry",
        OrderStatus::WaitingTrigger => "Waiting for trigger",
        OrderStatus::Working => "Open",
        OrderStatus::PartiallyFilled => "Partially filled",
        OrderStatus::Completed => "Filled",
        OrderStatus::Canceled => "Canceled",
        OrderStatus::Expired => "Expired",
        OrderStatus::Rejected => "Rejected",
    }
}

/// Reason of an order's end, to follow its status: `canceled by you`.
#[cfg(feature = "ssr")]
pub(crate) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::User => " by you",
        Reason::OcoSibling => " because the linked order ended",
        Reason::ParentClosed => " because the entry bought nothing",
        Reason::ExitFilled => " because an exit sold all that was bought",
        Reason::ExitEnded => " because its exits ended",
        Reason::Guard => " by your risk limits",
        Reason::KillSwitch => " by your kill switch",
        Reason::GtdReached => " at the end of the time in force",
        Reason::IocRemainder => ": the rest did not fill immediately",
        Reason::FokUnfilled => ": could not fill in full immediately",
        Reason::InsufficientFunds => ": insufficient balance",
        Reason::RuleBroken => ": a trading rule changed after acceptance",
        Reason::NotTradable | Reason::SiblingFill | Reason::EntryFill => "",
    }
}

/// An order's role in its group.
#[cfg(feature = "ssr")]
pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::Entry => "Entry",
        Role::TakeProfit => "Take-profit",
        Role::StopLoss => "Stop-loss",
    }
}

/// A group, in a sentence.
#[cfg(feature = "ssr")]
pub(crate) const fn group(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Oco => "OCO: when one order fills, the other is canceled.",
        GroupKind::Oto => "Entry with one exit. The exit starts when the entry is filled.",
        GroupKind::Bracket => {
            "Bracket: the exits start when the entry is filled; when one exit fills, the other is canceled."
        }
    }
}

/// Name of a source of quotes in prose.
#[cfg(feature = "ssr")]
pub(crate) const fn quote_source(source: QuoteSource) -> &'static str {
    match source {
        QuoteSource::Simulator => "simulator",
        QuoteSource::CoinGecko => "CoinGecko",
    }
}

/// Frequency of a recurring order.
#[cfg(feature = "ssr")]
pub(crate) const fn cadence(kind: CadenceKind) -> &'static str {
    match kind {
        CadenceKind::Daily => "Daily",
        CadenceKind::Weekly => "Weekly",
        CadenceKind::Monthly => "Monthly",
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
