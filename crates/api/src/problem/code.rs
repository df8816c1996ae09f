//! The registry of problem codes.

use crate::text_serde::serde_as_text;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = ($code:literal, $status:literal, $title:literal),)+) => {
        /// Every problem the venue answers with. The dotted text is a stable contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* #[doc = concat!("`", $code, "`: ", $title, ".")] $name,)+
        }

        impl Code {
            /// All of them, for the documentation and its tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable dotted text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The HTTP status it is answered with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// A short summary, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            /// The code of a dotted text.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

codes! {
    RequestMalformed = ("request.malformed", 400, "The request could not be read"),
    RequestInvalid = ("request.invalid", 422, "Some fields break a rule"),
    RequestTooLarge = ("request.too_large", 413, "The request is too large"),
    RequestUnsupportedType = ("request.unsupported_media_type", 415, "The body must be JSON"),
    RequestTimeout = ("request.timeout", 503, "The request took too long"),
    RouteNotFound = ("route.not_found", 404, "There is nothing at this address"),
    RouteMethodNotAllowed = ("route.method_not_allowed", 405, "This address does not support that method"),
    AuthRequired = ("auth.required", 401, "Sign in first"),
    AuthInvalidCredentials = ("auth.invalid_credentials", 401, "These credentials are not valid"),
    AuthWrongPassword = ("auth.wrong_password", 401, "User name or password is wrong"),
    AuthBlocked = ("auth.blocked", 403, "Too many failed attempts"),
    AuthForbidden = ("auth.forbidden", 403, "Not allowed"),
    AuthCrossSite = ("auth.cross_site", 403, "This request came from another site"),
    AuthOtherAccount = ("auth.other_account", 409, "This was made for another account"),
    UserNameTaken = ("user.username_taken", 409, "This user name is taken"),
    UserEmailTaken = ("user.email_taken", 409, "This email address is taken"),
    PasswordCommon = ("password.common", 422, "This password is easy to guess"),
    QuotaExceeded = ("quota.exceeded", 429, "Too many requests"),
    QuotaDaily = ("quota.daily", 429, "Today's allowance is used up"),
    BalanceInsufficientFunds = ("balance.insufficient_funds", 422, "Not enough funds"),
    BalanceInsufficientQuantity = ("balance.insufficient_quantity", 422, "Not enough of this asset"),
    BalanceDailyLimit = ("balance.daily_limit", 422, "Over the daily limit"),
    BalanceAssetNotHeld = ("balance.asset_not_held", 404, "This asset was never held"),
    AssetNotFound = ("asset.not_found", 404, "There is no such asset"),
    AssetNotTradable = ("asset.not_tradable", 422, "This asset cannot be traded now"),
    MarketPriceStale = ("market.price_stale", 503, "The price is too old to trade on"),
    OrderNotFound = ("order.not_found", 404, "There is no such order"),
    OrderTickSize = ("order.tick_size", 422, "The price does not fit the tick size"),
    OrderStepSize = ("order.step_size", 422, "The quantity does not fit the step size"),
    OrderQuantityRange = ("order.quantity_range", 422, "The quantity is outside the allowed range"),
    OrderNotionalRange = ("order.notional_range", 422, "The order's value is outside the allowed range"),
    OrderPriceBand = ("order.price_band", 422, "The price is too far from the last price"),
    OrderTimeInForce = ("order.time_in_force", 422, "This order cannot have that time in force"),
    OrderWouldTrigger = ("order.would_trigger", 422, "The trigger is already reached"),
    OrderWouldTake = ("order.would_take", 422, "A post-only order would fill at once"),
    OrderTooManyOpen = ("order.too_many_open", 422, "Too many open orders"),
    OrderGroupInvalid = ("order.group_invalid", 422, "These orders do not form a group of this kind"),
    OrderClosed = ("order.closed", 409, "The order is closed"),
    OrderVersion = ("order.version", 412, "The order has another version"),
    OrderFillNotFound = ("order.fill_not_found", 404, "The order has no such fill"),
    OrderClientIdReused = ("order.client_order_id_reused", 409, "This client order id belongs to another order"),
    GuardOrderTooLarge = ("guard.order_too_large", 422, "The order is larger than your own limit"),
    GuardDailyLoss = ("guard.daily_loss", 422, "Today's loss has reached your own limit"),
    GuardCoolDown = ("guard.cool_down", 422, "Your own cool-down after a loss is not over"),
    GuardKillSwitch = ("guard.kill_switch", 422, "Your kill switch is on"),
    RecurringNotFound = ("recurring.not_found", 404, "There is no such recurring order"),
    RecurringTooMany = ("recurring.too_many", 422, "Too many recurring orders"),
    AlertNotFound = ("alert.not_found", 404, "There is no such alert"),
    AlertTooMany = ("alert.too_many", 422, "Too many alerts"),
    IdempotencyKeyReused = ("idempotency.key_reused", 422, "This key was used with another request"),
    IdempotencyInProgress = ("idempotency.in_progress", 409, "The first request with this key is still running"),
    LedgerInvariant = ("ledger.invariant", 503, "The ledger would not balance; nothing was written"),
    VersionConflict = ("version.conflict", 412, "It has changed in the meantime"),
    Contention = ("service.contention", 503, "Too many changes of this account at once"),
    Overloaded = ("service.overloaded", 503, "The venue is at capacity"),
    StorageLow = ("service.storage_low", 503, "The venue is short of disk space"),
    Unavailable = ("service.unavailable", 503, "A part of the venue is not answering"),
    Internal = ("service.internal", 500, "Something went wrong on our side"),
}

serde_as_text!(Code, "unknown problem code", Self::ALL.iter().map(|code| code.as_str()));

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes are a contract: existing ones never change and are never removed. New ones are added.
    #[test]
    fn the_registry_is_what_was_published() {
        let registry: String = Code::ALL
            .iter()
            .map(|code| format!("{} {} {}\n", code.status(), code.as_str(), code.title()))
            .collect();
        assert_eq!(registry, include_str!("registry.txt"));
    }

    #[test]
    fn codes_read_back_and_are_unlike_each_other() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert_eq!(Code::from_text(code.as_str()), Some(*code));
            assert_eq!(Code::ALL.iter().position(|other| other.as_str() == code.as_str()), Some(index));
            assert!((400..600).contains(&code.status()));
            assert!(!code.title().ends_with('.'));
        }
        assert!(serde_json::from_str::<Code>("\"order.no_such_code\"").is_err());
    }
}
