//! The OpenAPI document, its reader, problems, keys, health and metrics.

use std::sync::LazyLock;

use cnop_api::events::EventName;
use cnop_domain::{OrderStatus, OrderType, Side};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::{RequestExt, TestApp};

/// The committed OpenAPI document. `UPDATE_OPENAPI=1 cargo nextest run -p cnop openapi` regenerates it.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");

#[test]
fn the_committed_openapi_document_is_the_servers() {
    let document = cnop_server::api_document("http://localhost:3000");
    let text = std::str::from_utf8(document.as_bytes()).unwrap();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(COMMITTED, format!("{text}\n")).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(committed.trim_end() == text, "docs/openapi.json is out of date: run with UPDATE_OPENAPI=1");
}

/// Generated clients sent `Buy`, the name in the code, where the API takes `buy`.
#[tokio::test(flavor = "multi_thread")]
async fn closed_sets_are_described_by_their_words_on_the_wire() {
    let app = TestApp::start().await;
    let document = app.get("/api/v1/openapi.json").await.expect(StatusCode::OK);
    let words = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    assert_eq!(words("Side"), serde_json::to_value(Side::ALL).unwrap());
    assert_eq!(words("OrderType"), serde_json::to_value(OrderType::ALL).unwrap());
    assert_eq!(words("OrderStatus"), serde_json::to_value(OrderStatus::ALL).unwrap());
    assert_eq!(words("EventName"), serde_json::to_value(EventName::ALL).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_route_exists() {
    let app = TestApp::start().await;
    let document = app.get("/api/v1/openapi.json").await.expect(StatusCode::OK);
    assert_eq!(document["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 25, "{}", paths.len());
    for (path, item) in paths {
        for method in item.as_object().unwrap().keys() {
            let path = path.replace("{asset_id}", "BTC").replace("{order_id}", "ord_0000000000");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = app.request(method.clone(), &path).answer().await;
            let status = answer.status().as_u16();
            assert!(!matches!(status, 404 | 405 | 500), "{method} {path}: {status}");
        }
    }
    references_exist(&document, &document);
}

/// A misspelt safety instruction (`postOnly`, `stopLoss`) that is dropped turns a careful order into another one.
#[tokio::test(flavor = "multi_thread")]
async fn no_body_takes_a_member_that_it_does_not_know() {
    let app = TestApp::start().await;
    let document = app.get("/api/v1/openapi.json").await.expect(StatusCode::OK);
    let paths = document["paths"].as_object().unwrap();
    let mut bodies: Vec<&str> = paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .flat_map(|operation| references(&operation["requestBody"]))
        .collect();
    assert!(bodies.len() >= 15, "{bodies:?}");
    // Members are bodies of their own.
    let mut at = 0;
    while let Some(&reference) = bodies.get(at) {
        at += 1;
        let schema = document.pointer(&reference[1..]).unwrap();
        if schema.get("properties").is_some() {
            assert_eq!(schema["additionalProperties"], false, "{reference}");
        }
        let inner: Vec<&str> =
            references(schema).into_iter().filter(|inner| !bodies.contains(inner)).collect();
        bodies.extend(inner);
    }
}

/// Every `$ref` in a part of the document.
fn references(part: &Value) -> Vec<&str> {
    match part {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Every `$ref` leads somewhere.
fn references_exist(document: &Value, part: &Value) {
    match part {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
            }
            members.values().for_each(|member| references_exist(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| references_exist(document, item)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_have_tags() {
    let app = TestApp::start().await;
    let first = app.get("/api/v1/openapi.json").await;
    let tag = first.headers()["etag"].clone();
    let again = app.request(Method::GET, "/api/v1/openapi.json").header("if-none-match", tag).answer().await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let reader = app.get("/docs").await;
    assert!(reader.headers()["content-security-policy"].to_str().unwrap().contains("style-src 'self'"));
    let text = reader.text();
    assert!(text.contains("/api/v1/orders/preview") && !text.contains("<script") && !text.contains("style="));
    assert_eq!(app.get("/docs.css").await.headers()["content-type"], "text/css; charset=utf-8");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_type_leads_to_its_page() {
    let app = TestApp::start().await;
    let all = app.get("/problems").await.expect(StatusCode::OK);
    for problem in all["data"].as_array().unwrap() {
        let path = format!("/problems/{}", problem["code"].as_str().unwrap());
        assert_eq!(app.get(&path).await.expect(StatusCode::OK), *problem);
        let page = app.request(Method::GET, &path).header("accept", "text/html").answer().await;
        assert!(page.text().contains(problem["title"].as_str().unwrap()));
    }
    assert_eq!(app.get("/problems/no.such").await.refusal().0, 404);
    for path in ["/problems", "/problems/auth.required"] {
        for accept in ["text/html", "application/json"] {
            let answer = app.request(Method::GET, path).header("accept", accept).answer().await;
            let varies = answer.headers().get_all("vary").iter().any(|value| value == "Accept");
            assert!(varies, "a shared cache would give one the other's: {path} {accept}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_keys() {
    let app = TestApp::start().await;
    let health = app.get("/health").await.expect(StatusCode::OK);
    assert_eq!((health["status"].as_str(), health["service"].as_str()), (Some("healthy"), Some("cnop")));
    assert_eq!(app.get("/health/live").await.status(), StatusCode::OK);
    let ready = app.get("/health/ready").await.expect(StatusCode::OK);
    assert_eq!((&ready["status"], &ready["store"]), (&Value::from("ready"), &Value::from("ok")));
    assert_eq!((&ready["engine"], &ready["clock"]), (&Value::from("ok"), &Value::from("ok")));
    assert_eq!(&ready["disk"], &Value::from("ok"));
    let keys = app.get("/.well-known/jwks.json").await.expect(StatusCode::OK);
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
    assert!(keys["keys"][0].get("d").is_none());
    assert_eq!(app.get("/metrics").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_their_own_listener() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let app = TestApp::start_with(&["--metrics-listen", &address]).await;
    app.get("/health").await;
    app.get("/api/v1/inventory/assets").await;
    let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    assert!(text.contains("/api/v1/inventory/assets"), "{text}");
}

/// The operations of the document.
fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
}

fn described() -> Value {
    serde_json::from_slice(cnop_server::api_document("http://localhost:3000").as_bytes()).unwrap()
}

#[test]
fn the_openapi_document_names_its_schemas_for_people() {
    let document = described();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        assert!(!name.contains('_'), "{name}");
    }
    let enums = schemas.values().filter(|schema| schema["enum"].is_array()).count();
    assert!(enums >= 20, "{enums} enums");
}

#[test]
fn the_openapi_document_says_who_may_call_an_operation_and_what_it_refuses() {
    let document = described();
    let open: Vec<&str> = operations(&document)
        .filter(|operation| operation["security"].as_array().unwrap().is_empty())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    assert!(open.contains(&"login_user") && !open.contains(&"place_order"), "{open:?}");
    for operation in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let codes = response["x-problem-codes"].as_array().map(Vec::len);
            assert!(status.starts_with('2') || codes > Some(0), "{} {status}", operation["operationId"]);
        }
        assert!(operation["responses"]["500"].is_object(), "{}", operation["operationId"]);
    }
}

#[test]
fn the_openapi_document_bounds_every_text_of_a_request() {
    let document = described();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut texts = 0;
    for (name, schema) in schemas.iter().filter(|(name, _)| is_request(name)) {
        for (member, rules) in schema["properties"].as_object().unwrap() {
            let is_text = rules["type"] == "string" || rules["type"][0] == "string";
            let bounds = ["maxLength", "pattern", "format", "enum"];
            assert!(!is_text || bounds.iter().any(|bound| !rules[bound].is_null()), "{name}.{member}");
            texts += u32::from(is_text);
        }
    }
    assert!(texts > 10, "{texts}");
}

/// The document has the code among the refusals of the path's operations. Codes of the router itself belong to
/// no operation.
pub(crate) fn assert_documented(path: &str, code: &str) {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(described);
    let is_at = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(wanted, given)| wanted == given || wanted.starts_with('{'))
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let operations =
        paths.iter().filter(|(template, _)| is_at(template)).flat_map(|(_, item)| item.as_object());
    let responses: Vec<&Value> = operations
        .flat_map(|item| item.values())
        .flat_map(|it| it["responses"].as_object())
        .flat_map(|it| it.values())
        .collect();
    let is_known = |response: &&Value| {
        response["x-problem-codes"].as_array().is_some_and(|codes| codes.iter().any(|known| known == code))
    };
    assert!(
        responses.is_empty() || code.starts_with("route.") || responses.iter().any(is_known),
        "{code} is no documented refusal of {path}"
    );
}

fn is_request(name: &str) -> bool {
    name.ends_with("Request") || name.ends_with("Update") || name == "PasswordChange"
}

#[tokio::test(flavor = "multi_thread")]
async fn the_security_contact_is_published_if_there_is_one() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/.well-known/security.txt").await.refusal().0, 404);
    let app = TestApp::start_with(&["--security-contact", "mailto:security@venue.example"]).await;
    let answer = app.get("/.well-known/security.txt").await;
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let text = answer.text();
    assert!(text.starts_with("Contact: mailto:security@venue.example\nExpires: 20"), "{text}");
}
