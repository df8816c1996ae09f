//! Rules of parameters that several operations share, by their name: the extractors in [`crate::web`] keep them.

use cnop_api::market::{AssetSort, Interval};
use cnop_domain::OrderStatus;
use serde_json::{Map, Value, json};

use crate::api::inventory::BEFORE_SECONDS_MAX;
use crate::web::query::VALUE_BYTES_MAX;

/// Adds the rules to each parameter of an operation.
pub(super) fn document_parameters(operation: &mut Map<String, Value>) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let rules = parameter["name"].as_str().and_then(rules_of);
        let is_query = parameter["in"] == "query";
        let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut) else { continue };
        if let Some(Value::Object(rules)) = rules {
            schema.extend(rules);
        }
        let is_bounded =
            ["enum", "format", "maxLength", "$ref"].iter().any(|name| schema.contains_key(*name));
        if is_query && !is_bounded && schema.get("type").is_some_and(|kind| kind == "string") {
            schema.insert("maxLength".to_owned(), VALUE_BYTES_MAX.into());
        }
    }
}

fn rules_of(name: &str) -> Option<Value> {
    Some(match name {
        "asset_id" => {
            json!({ "type": "string", "minLength": 1, "maxLength": 10, "pattern": "^[A-Za-z0-9]+$" })
        }
        "order_id" | "recurring_id" | "alert_id" => {
            json!({ "type": "string", "minLength": 10, "maxLength": 50, "pattern": "^[A-Za-z0-9_-]+$" })
        }
        "number" => json!({ "minimum": 1 }),
        "Idempotency-Key" => {
            json!({ "type": "string", "minLength": 1, "maxLength": 130, "pattern": "^(\"[!#-~]{1,128}\"|[!#-~]{1,128})$" })
        }
        "If-Match" => json!({
            "type": "string",
            "pattern": "^(\\*|(W/)?\"[^\"]*\"(\\s*,\\s*(W/)?\"[^\"]*\"){0,15})$",
        }),
        "Last-Event-ID" => json!({ "type": "string" }),
        "assets" => json!({ "pattern": "^ *[A-Za-z0-9]{1,10} *(, *[A-Za-z0-9]{1,10} *)*$" }),
        "before" => json!({ "maximum": BEFORE_SECONDS_MAX }),
        "interval" => json!({ "default": Interval::Hour }),
        "sort" => json!({ "default": AssetSort::Rank }),
        "status" => {
            let statuses = OrderStatus::ALL.map(OrderStatus::as_str);
            let words: Vec<&str> = statuses.into_iter().chain(["open", "closed"]).collect();
            json!({ "enum": words })
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_parameters_get_their_rules_and_texts_an_end() {
        let mut operation = Map::new();
        let text = json!({ "type": "string" });
        operation.insert(
            "parameters".to_owned(),
            json!([
                { "name": "asset_id", "in": "path", "schema": text },
                { "name": "cursor", "in": "query", "schema": text },
                { "name": "since", "in": "query", "schema": { "type": "string", "format": "date-time" } },
            ]),
        );
        document_parameters(&mut operation);
        let schema = |index: usize| &operation["parameters"][index]["schema"];
        assert_eq!(schema(0)["maxLength"], 10);
        assert_eq!(schema(1)["maxLength"], 2_048);
        assert!(schema(2).get("maxLength").is_none());
    }
}
