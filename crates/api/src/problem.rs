//! What went wrong, for people and for programs (RFC 9457).

use serde::{Deserialize, Serialize};

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
    RequestUnsupportedType = ("request.unsupported_media_type", 415, "Only JSON is read here"),
    RequestTimeout = ("request.timeout", 503, "The request took too long"),
    RouteNotFound = ("route.not_found", 404, "There is nothing at this address"),
    RouteMethodNotAllowed = ("route.method_not_allowed", 405, "This address does not take that method"),
    AuthRequired = ("auth.required", 401, "Sign in first"),
    AuthInvalidCredentials = ("auth.invalid_credentials", 401, "These credentials are not valid"),
    AuthWrongPassword = ("auth.wrong_password", 401, "User name or password is wrong"),
    AuthBlocked = ("auth.blocked", 403, "Too many failed attempts"),
    AuthForbidden = ("auth.forbidden", 403, "Not allowed"),
    AuthCrossSite = ("auth.cross_site", 403, "This request came from another site"),
    UserNameTaken = ("user.username_taken", 409, "This user name is taken"),
    UserEmailTaken = ("user.email_taken", 409, "This e-mail address is taken"),
    QuotaExceeded = ("quota.exceeded", 429, "Too many requests"),
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
    OrderTypeUnsupported = ("order.type_unsupported", 422, "This order type is not offered"),
    OrderClientIdReused = ("order.client_order_id_reused", 409, "This client order id belongs to another order"),
    IdempotencyKeyReused = ("idempotency.key_reused", 422, "This key was used with another request"),
    IdempotencyInProgress = ("idempotency.in_progress", 409, "The first request with this key is still running"),
    LedgerInvariant = ("ledger.invariant", 503, "The books would not balance; nothing was written"),
    VersionConflict = ("version.conflict", 412, "It has changed in the meantime"),
    Contention = ("service.contention", 503, "Too much is happening on this account"),
    Overloaded = ("service.overloaded", 503, "The venue is at capacity"),
    Unavailable = ("service.unavailable", 503, "A part of the venue is not answering"),
    Internal = ("service.internal", 500, "Something went wrong on our side"),
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_text(&text).ok_or_else(|| serde::de::Error::custom("unknown problem code"))
    }
}

/// One field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer to the member of the body (`#/quantity`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Name of the query parameter, instead of a pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong and what would be right, for a person.
    pub detail: String,
    /// The rule's stable name (`step_size`).
    pub rule: String,
    /// What was sent. Never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// The nearest values that would be accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<String>,
}

impl FieldError {
    /// A fault of one body member, named without the `#/`.
    pub fn new(member: &str, rule: &str, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(format!("#/{member}")),
            parameter: None,
            detail: detail.into(),
            rule: rule.to_owned(),
            given: None,
            nearest: Vec::new(),
        }
    }

    /// A fault of one query parameter.
    pub fn parameter(name: &str, rule: &str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.to_owned()), ..Self::new(name, rule, detail) }
    }

    /// With what was sent; only for values that are no secret.
    #[must_use]
    pub fn given(mut self, given: impl Into<String>) -> Self {
        self.given = Some(given.into());
        self
    }

    /// With the nearest accepted values.
    #[must_use]
    pub fn nearest(mut self, nearest: Vec<String>) -> Self {
        self.nearest = nearest;
        self
    }

    /// Name of the body member, for finding the form field.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.pointer.as_deref().and_then(|pointer| pointer.strip_prefix("#/"))
    }
}

/// A refusal, before it becomes an HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which one.
    pub code: Code,
    /// What happened and what to do, for a person.
    pub detail: String,
    /// The fields that break a rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// When to try again, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// The figures behind the refusal, as named members of the answer (`available`, `needed`, `age_ms`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<(String, String)>,
}

impl Problem {
    /// A problem with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_seconds: None, facts: Vec::new() }
    }

    /// `request.invalid` with its fields; the first field's sentence is the detail.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or_else(String::new, |error| error.detail.clone());
        Self { errors, ..Self::new(Code::RequestInvalid, detail) }
    }

    /// With one more bad field.
    #[must_use]
    pub fn with_error(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    /// With a figure.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "callers give numbers, amounts and texts alike")]
    pub fn with_fact(mut self, name: &str, value: impl ToString) -> Self {
        self.facts.push((name.to_owned(), value.to_string()));
        self
    }

    /// With a time to wait.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.code.status()
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Problem {}
