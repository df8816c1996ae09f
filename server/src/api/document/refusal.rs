//! Refusals in the document: the problem codes of each operation, by HTTP status.
//!
//! Codes that follow from the form of an operation (a body, a session, an idempotency key) are derived from it; codes of
//! its use case stand in [`of_use_case`].

use std::collections::{BTreeMap, BTreeSet};

use cnop_api::Code;
use serde_json::{Map, Value, json};

/// Codes of every request.
const ANY: &[Code] = &[Code::RequestMalformed, Code::RequestTooLarge, Code::RequestTimeout, Code::Internal];
/// Limits of the gateway, which let health checks pass.
const LIMITS: &[Code] = &[Code::QuotaExceeded, Code::Overloaded];
/// A request for one account.
const ACCOUNT: &[Code] =
    &[Code::AuthRequired, Code::AuthInvalidCredentials, Code::LedgerInvariant, Code::Unavailable];
/// A request that writes.
const WRITE: &[Code] = &[Code::AuthCrossSite, Code::Contention, Code::Unavailable];
/// A request with a body.
const BODY: &[Code] = &[Code::RequestUnsupportedType, Code::RequestInvalid];
/// A command that may be repeated under its key.
const IDEMPOTENT: &[Code] = &[Code::RequestInvalid, Code::IdempotencyKeyReused, Code::IdempotencyInProgress];

/// A command that stores more, and a registration.
const GROWTH: &[Code] = &[Code::QuotaDaily, Code::StorageLow];
/// A command that protects its trader.
const PROTECTION: &[Code] = &[Code::QuotaDaily];

/// The price and the size of an order.
const TERMS: &[Code] = &[
    Code::AssetNotTradable,
    Code::OrderTickSize,
    Code::OrderStepSize,
    Code::OrderQuantityRange,
    Code::OrderNotionalRange,
    Code::OrderPriceBand,
    Code::OrderTimeInForce,
    Code::OrderWouldTrigger,
    Code::OrderWouldTake,
];
/// A decision about an order at the price of now.
const DECISION: &[Code] = &[
    Code::MarketPriceStale,
    Code::BalanceInsufficientFunds,
    Code::BalanceInsufficientQuantity,
    Code::OrderGroupInvalid,
    Code::GuardOrderTooLarge,
    Code::GuardDailyLoss,
    Code::GuardCoolDown,
    Code::GuardKillSwitch,
];
/// Codes of a request that places an order.
const NEW_ORDER: &[Code] = &[Code::OrderTooManyOpen, Code::OrderClientIdReused];
/// A change of an order.
const ORDER_CHANGE: &[Code] = &[Code::OrderNotFound, Code::OrderClosed, Code::OrderVersion];
/// A preview: what leaves nothing to compute with. Other refusals stand in its answer.
const PREVIEW: &[Code] = &[Code::AssetNotTradable, Code::OrderClientIdReused, Code::OrderGroupInvalid];
/// The amount of a recurring order, which is the size of a purchase.
const RECURRING_AMOUNT: &[Code] =
    &[Code::AssetNotTradable, Code::OrderStepSize, Code::OrderQuantityRange, Code::OrderNotionalRange];
/// The level of an alert, which is the trigger of a stop order.
const ALERT_LEVEL: &[Code] = &[
    Code::AssetNotTradable,
    Code::OrderTickSize,
    Code::OrderPriceBand,
    Code::OrderWouldTrigger,
    Code::AlertTooMany,
];

/// Codes of an operation's use case; `None` for an operation that is missing here.
fn of_use_case(operation_id: &str) -> Option<&'static [&'static [Code]]> {
    Some(match operation_id {
        "find_health" | "find_liveness" | "find_readiness" | "find_keys" => &[],
        "logout_user" | "find_profile" | "find_me" | "list_security_events" => &[],
        "register_user" => {
            &[GROWTH, &[Code::UserNameTaken, Code::UserEmailTaken, Code::PasswordCommon, Code::AuthBlocked]]
        }
        "login_user" => &[&[Code::AuthWrongPassword, Code::AuthBlocked]],
        "refresh_tokens" => &[&[Code::AuthInvalidCredentials]],
        "change_password" => &[&[Code::AuthBlocked, Code::PasswordCommon]],
        "update_profile" => &[&[Code::UserEmailTaken, Code::AuthBlocked]],
        "find_balance" | "list_asset_balances" | "list_transactions" => &[],
        "find_portfolio" | "find_insights" | "list_asset_transactions" => &[],
        "create_deposit" => &[GROWTH, &[Code::BalanceDailyLimit]],
        "create_withdrawal" => &[&[Code::BalanceDailyLimit, Code::BalanceInsufficientFunds]],
        "find_asset_balance" => &[&[Code::AssetNotFound, Code::BalanceAssetNotHeld]],
        "list_assets" | "list_quotes" => &[],
        "find_asset" => &[&[Code::AssetNotFound]],
        "list_candles" => &[&[Code::AssetNotFound, Code::Unavailable]],
        "place_order" | "place_order_group" => &[GROWTH, TERMS, DECISION, NEW_ORDER],
        "preview_order" | "preview_order_group" => &[PREVIEW],
        "close_position" => &[&[Code::AssetNotFound], TERMS, DECISION, NEW_ORDER],
        "list_orders" | "cancel_orders" => &[],
        "find_order" | "list_fills" => &[&[Code::OrderNotFound]],
        "explain_fill" => &[&[Code::OrderNotFound, Code::OrderFillNotFound]],
        "replace_order" => &[GROWTH, ORDER_CHANGE, TERMS, DECISION],
        "cancel_order" => &[ORDER_CHANGE],
        "create_recurring" => &[GROWTH, RECURRING_AMOUNT, &[Code::RecurringTooMany]],
        "update_recurring" => &[PROTECTION, RECURRING_AMOUNT, &[Code::RecurringNotFound]],
        "list_recurring" | "preview_recurring" => &[],
        "find_recurring" | "delete_recurring" => &[&[Code::RecurringNotFound]],
        "create_alert" => &[GROWTH, ALERT_LEVEL],
        "delete_alert" => &[&[Code::AlertNotFound]],
        "update_guards" => &[PROTECTION],
        "list_alerts" | "find_guards" => &[],
        "open_stream" => &[&[Code::AuthOtherAccount]],
        _ => return None,
    })
}

/// Adds one response for each status that the operation refuses with.
pub(super) fn document_refusals(method: &str, operation: &mut Map<String, Value>) {
    let by_status = codes_by_status(method, operation);
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (status, codes) in by_status {
        let refusal = response(&codes);
        match responses.get_mut(&status.to_string()).and_then(Value::as_object_mut) {
            // The status has an answer of its own too.
            Some(known) => merge(known, refusal),
            None => drop(responses.insert(status.to_string(), refusal)),
        }
    }
}

fn codes_by_status(method: &str, operation: &Map<String, Value>) -> BTreeMap<u16, BTreeSet<Code>> {
    let member = |name: &str| operation.get(name).filter(|value| !value.is_null());
    let list = |name: &str| member(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let parameters = list("parameters");
    let id = member("operationId").and_then(Value::as_str).unwrap_or_default();
    let mut groups: Vec<&[Code]> = vec![ANY];
    if !matches!(id, "find_health" | "find_liveness" | "find_readiness") {
        groups.push(LIMITS);
    }
    if !list("security").is_empty() {
        groups.push(ACCOUNT);
        // These routes refuse parameters that they do not know.
        groups.push(&[Code::RequestInvalid]);
    }
    if method != "get" {
        groups.push(WRITE);
    }
    if member("requestBody").is_some() {
        groups.push(BODY);
    }
    if !parameters.is_empty() {
        groups.push(&[Code::RequestInvalid]);
    }
    if parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key") {
        groups.push(IDEMPOTENT);
    }
    groups.extend(of_use_case(id).unwrap_or_default());
    let mut by_status: BTreeMap<u16, BTreeSet<Code>> = BTreeMap::new();
    for code in groups.into_iter().flatten() {
        by_status.entry(code.status()).or_default().insert(*code);
    }
    by_status
}

fn response(codes: &BTreeSet<Code>) -> Value {
    let lines: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    json!({
        "description": lines.join(" "),
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        "x-problem-codes": names,
    })
}

fn merge(known: &mut Map<String, Value>, refusal: Value) {
    let Value::Object(mut refusal) = refusal else { return };
    if let (Some(Value::Object(content)), Some(Value::Object(problem))) =
        (known.get_mut("content"), refusal.remove("content"))
    {
        content.extend(problem);
    }
    if let (Some(Value::String(description)), Some(Value::String(codes))) =
        (known.get_mut("description"), refusal.remove("description"))
    {
        *description = format!("{description} {codes}");
    }
    known.extend(refusal);
}

/// The problem document (RFC 9457).
pub(super) fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal (RFC 9457). Further members are the figures behind it.",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": { "type": "string", "format": "uri" },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "The cause and the remedy, for a person." },
            "instance": { "type": "string", "description": "Identifies this refusal; quote it in a support request." },
            "code": { "$ref": "#/components/schemas/Code" },
            "errors": { "type": "array", "items": { "$ref": "#/components/schemas/FieldError" } }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(method: &str, operation: Value) -> Vec<&'static str> {
        let Value::Object(operation) = operation else { panic!("an operation is an object") };
        codes_by_status(method, &operation).into_values().flatten().map(Code::as_str).collect()
    }

    #[test]
    fn the_form_of_an_operation_brings_its_codes() {
        let open = codes("get", json!({ "operationId": "list_assets", "security": [] }));
        assert!(!open.contains(&"auth.required") && open.contains(&"quota.exceeded"), "{open:?}");
        let command = json!({
            "operationId": "create_deposit",
            "security": [{ "bearer": [] }],
            "requestBody": {},
            "parameters": [{ "name": "Idempotency-Key" }],
        });
        let command = codes("post", command);
        for code in [
            "auth.required",
            "auth.cross_site",
            "request.unsupported_media_type",
            "idempotency.key_reused",
            "balance.daily_limit",
        ] {
            assert!(command.contains(&code), "{code}");
        }
    }

    #[test]
    fn a_status_with_an_answer_of_its_own_keeps_it() {
        let mut operation = Map::new();
        operation.insert(
            "responses".to_owned(),
            json!({ "503": { "description": "Not ready.", "content": { "application/json": {} } } }),
        );
        document_refusals("get", &mut operation);
        let response = &operation["responses"]["503"];
        assert_eq!(response["content"].as_object().unwrap().len(), 2);
        assert!(response["description"].as_str().unwrap().starts_with("Not ready. `request.timeout`"));
    }

    #[test]
    fn every_operation_is_listed() {
        let document: Value = serde_json::from_slice(crate::api::document("").as_bytes()).unwrap();
        for path in document["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(of_use_case(id).is_some(), "add {id} to `of_use_case`");
            }
        }
    }
}
