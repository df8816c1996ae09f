//! Names of account events.

cnop_domain::closed_set! {
    /// Kind of an account event. The text is a stable contract; new names may be added.
    pub enum EventName {
        /// The account was opened.
        AccountOpened = "account.opened",
        /// Dollars were deposited or withdrawn.
        TransferSettled = "transfer.settled",
        /// An order was taken; its reserve is made. Without an id, and with the number of the event before,
        /// when the next event is its fill: the log has one event of an order that filled as it arrived.
        OrderAccepted = "order.accepted",
        /// An order's trigger was reached, or (reason `parent_filled`) its entry bought a first part.
        OrderTriggered = "order.triggered",
        /// A part of an order was filled.
        OrderPartiallyFilled = "order.partially_filled",
        /// An order is filled whole.
        OrderFilled = "order.filled",
        /// An order ended by its owner, or with its group.
        OrderCanceled = "order.canceled",
        /// An order ended by its time in force.
        OrderExpired = "order.expired",
        /// An order ended by the venue after it was accepted.
        OrderRejected = "order.rejected",
        /// An order changed and has a new version.
        OrderReplaced = "order.replaced",
        /// Dollars, as the event that follows leaves them. Without an id.
        BalanceChanged = "balance.changed",
        /// Coins, as the event that follows leaves them. Without an id.
        PositionChanged = "position.changed",
        /// A price alert's level was reached.
        AlertFired = "alert.fired",
        /// A recurring order placed its order.
        RecurringRan = "recurring.ran",
        /// A run of a recurring order was left out.
        RecurringSkipped = "recurring.skipped",
        /// A recurring order paused itself or was paused.
        RecurringPaused = "recurring.paused",
        /// A guard rail was set, loosened or came into force.
        GuardChanged = "guard.changed",
        /// A price alert was made.
        AlertCreated = "alert.created",
        /// A price alert was removed.
        AlertRemoved = "alert.removed",
        /// A recurring order was made.
        RecurringCreated = "recurring.created",
        /// A recurring order was changed by its owner.
        RecurringChanged = "recurring.changed",
        /// A recurring order was removed.
        RecurringRemoved = "recurring.removed",
        /// Something else that this version of the server does not know.
        AccountChanged = "account.changed",
    }
}

#[cfg(test)]
mod tests {
    use super::EventName;

    #[test]
    fn names_stay() {
        let all = EventName::ALL.map(EventName::as_str);
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
                "alert.created",
                "alert.removed",
                "recurring.created",
                "recurring.changed",
                "recurring.removed",
                "account.changed",
            ]
        );
    }
}
