//! The API's description, its reader, problems, keys, health and metrics.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::{RequestExt, TestApp};

/// The committed description. `UPDATE_OPENAPI=1 cargo nextest run -p cnop openapi` writes it anew.
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
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_keys() {
    let app = TestApp::start().await;
    let health = app.get("/health").await.expect(StatusCode::OK);
    assert_eq!((health["status"].as_str(), health["service"].as_str()), (Some("healthy"), Some("cnop")));
    assert_eq!(app.get("/health/live").await.status(), StatusCode::OK);
    let ready = app.get("/health/ready").await.expect(StatusCode::OK);
    assert_eq!((&ready["status"], &ready["store"]), (&Value::from("ready"), &Value::from("ok")));
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
