//! The names of account events.

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// What happened to an account. The text is a stable contract; more may come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventName {
            $($(#[$doc])* $name,)+
        }

        impl EventName {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its text on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The name of a text; `None` for one that came later.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

names! {
    /// `account.opened`: the account exists.
    AccountOpened = "account.opened",
    /// `transfer.settled`: dollars were deposited or withdrawn.
    TransferSettled = "transfer.settled",
    /// `order.accepted`: an order was taken; its reserve is made. Without an id, and with the number of the event before,
    /// when the next event is its fill: the log has one event of an order that filled as it arrived.
    OrderAccepted = "order.accepted",
    /// `order.triggered`: an order's trigger was reached, or (reason `parent_filled`) its entry was filled.
    OrderTriggered = "order.triggered",
    /// `order.partially_filled`: a part of an order was filled.
    OrderPartiallyFilled = "order.partially_filled",
    /// `order.filled`: an order is filled whole.
    OrderFilled = "order.filled",
    /// `order.canceled`: an order ended by its owner, or with its group.
    OrderCanceled = "order.canceled",
    /// `order.expired`: an order ended by its time in force.
    OrderExpired = "order.expired",
    /// `order.rejected`: an order ended by the venue after it was accepted.
    OrderRejected = "order.rejected",
    /// `order.replaced`: an order changed and has a new version.
    OrderReplaced = "order.replaced",
    /// `balance.changed`: dollars, as the event that follows leaves them. Without an id.
    BalanceChanged = "balance.changed",
    /// `position.changed`: coins, as the event that follows leaves them. Without an id.
    PositionChanged = "position.changed",
    /// `alert.fired`: a price alert's level was reached.
    AlertFired = "alert.fired",
    /// `recurring.ran`: a recurring order placed its order.
    RecurringRan = "recurring.ran",
    /// `recurring.skipped`: a run of a recurring order was left out.
    RecurringSkipped = "recurring.skipped",
    /// `recurring.paused`: a recurring order paused itself or was paused.
    RecurringPaused = "recurring.paused",
    /// `guard.changed`: a guard rail was set, loosened or came into force.
    GuardChanged = "guard.changed",
}

#[cfg(test)]
mod tests {
    use super::EventName;

    #[test]
    fn names_read_back_and_stay() {
        let all: Vec<&str> = EventName::ALL.iter().map(|name| name.as_str()).collect();
        assert_eq!(
            all,
            [
                "account.opened",
                "transfer.settled",
                "order.accepted",
                "order.triggered",
                "order.partially_filled",
                "order.filled",
                "order.canceled",
                "order.expired",
                "order.rejected",
                "order.replaced",
                "balance.changed",
                "position.changed",
                "alert.fired",
                "recurring.ran",
                "recurring.skipped",
                "recurring.paused",
                "guard.changed",
            ]
        );
        for name in EventName::ALL {
            assert_eq!(EventName::from_text(name.as_str()), Some(*name));
        }
        assert_eq!(EventName::from_text("order.dreamt"), None);
    }
}
