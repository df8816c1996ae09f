//! A reader for the API's document: plain pages made on the server.
//!
//! Not `utoipa-scalar` or the like: those load scripts, which the content security policy of these pages forbids.

use std::fmt::Write as _;

use axum::Extension;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use html_escape::encode_text;
use serde_json::Value;

use super::ApiDocument;
use crate::site::tagged;

/// The style sheet as a file of its own: the content security policy allows nothing else.
const STYLE: &str = include_str!("reader.css");
/// The page may load its style sheet and nothing more.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
/// Display order of the methods.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page, made once. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    body: Bytes,
}

impl Reader {
    /// The page of a document.
    pub(crate) fn new(document: &ApiDocument) -> Self {
        Self { body: render(&document.value()).into() }
    }
}

/// Handler of `GET /docs`.
pub(crate) async fn serve(Extension(reader): Extension<Reader>) -> Response {
    answer(reader.body)
}

/// Handler of `GET /docs.css`.
pub(crate) async fn serve_style(headers: HeaderMap) -> Response {
    let tag = HeaderValue::from_static(concat!("\"", env!("CARGO_PKG_VERSION"), "-1\""));
    tagged(&headers, &Bytes::from_static(STYLE.as_bytes()), &tag, "text/css; charset=utf-8")
}

/// A page in the reader's style. The body is markup.
pub(crate) fn page(title: &str, body: &str) -> Response {
    answer(document_of(title, body).into())
}

fn answer(body: Bytes) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, Html(body)).into_response()
}

fn document_of(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{} · CNOP API</title><link rel=\"stylesheet\" \
         href=\"/docs.css\"><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"></head><body><header><a \
         href=\"/\">CNOP</a> <a href=\"/docs\">API</a> <a href=\"/problems\">Problems</a> <a \
         href=\"/api/v1/openapi.json\">OpenAPI</a></header><main>{body}</main></body></html>",
        encode_text(title)
    )
}

fn render(document: &Value) -> String {
    let mut body = format!(
        "<h1>CNOP API, version 1</h1><p>{}</p><p>Sign in with <code>POST /api/v1/auth/login</code> and send the token as \
         <code>Authorization: Bearer …</code>.</p>",
        prose(at(document, "/info/description"))
    );
    let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = tags.iter().filter_map(|tag| tag["name"].as_str()).collect();
    let links: Vec<String> = names.iter().map(|name| format!("<a href=\"#{name}\">{name}</a>")).collect();
    // Writing into a string cannot fail.
    let _ = write!(body, "<nav>{} <a href=\"#Schemas\">Schemas</a></nav>", links.join(" "));
    for name in names {
        let _ = write!(body, "<section id=\"{name}\"><h2>{name}</h2>");
        operations(document, name, &mut body);
        body.push_str("</section>");
    }
    body.push_str("<section id=\"Schemas\"><h2>Schemas</h2>");
    for (name, schema) in at(document, "/components/schemas").as_object().into_iter().flatten() {
        let name = encode_text(name);
        let _ = write!(
            body,
            "<article id=\"schema-{name}\"><h3><code>{name}</code></h3><p>{}</p>",
            prose(&schema["description"])
        );
        members(schema, &mut body);
        body.push_str("</article>");
    }
    body.push_str("</section>");
    document_of("Reference", &body)
}

fn operations(document: &Value, tag: &str, body: &mut String) {
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let operation = &item[method];
            if operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|known| known == tag)) {
                operation_write(method, path, operation, body);
            }
        }
    }
}

fn operation_write(method: &str, path: &str, operation: &Value, body: &mut String) {
    let security = operation["security"].as_array();
    let open = security
        .is_none_or(|schemes| schemes.iter().any(|scheme| scheme.as_object().is_some_and(|s| s.is_empty())));
    let lock = if open { "" } else { "<span class=\"lock\">signed in</span>" };
    let _ = write!(
        body,
        "<details><summary><b class=\"{method}\">{}</b> <code>{}</code> <span>{}</span>{lock}</summary><p>{}</p>",
        method.to_uppercase(),
        encode_text(path),
        prose(&operation["summary"]),
        prose(&operation["description"]),
    );
    if let Some(parameters) = operation["parameters"].as_array() {
        body.push_str("<h4>Parameters</h4><table><tbody>");
        for parameter in parameters {
            let text = |name: &str| encode_text(parameter[name].as_str().unwrap_or_default());
            let needed = if parameter["required"] == true { "required" } else { "" };
            let _ = write!(
                body,
                "<tr><td><code>{}</code></td><td>{} {needed}</td><td>{}</td></tr>",
                text("name"),
                text("in"),
                prose(&parameter["description"])
            );
        }
        body.push_str("</tbody></table>");
    }
    let request = at(operation, "/requestBody/content/application~1json/schema");
    if !request.is_null() {
        let _ = write!(body, "<h4>Body</h4><p>{}</p>", type_of(request));
    }
    body.push_str("<h4>Answers</h4><table><tbody>");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let contents = response["content"].as_object().into_iter().flatten();
        let types: Vec<String> = contents
            .map(|(kind, content)| {
                format!("<code>{}</code> {}", encode_text(kind), type_of(&content["schema"]))
            })
            .collect();
        let _ = write!(
            body,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            encode_text(status),
            prose(&response["description"]),
            types.join(", ")
        );
    }
    body.push_str("</tbody></table></details>");
}

/// The members of an object's schema, and of the schemas that it consists of.
fn members(schema: &Value, body: &mut String) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if part["$ref"].is_string() {
            let _ = write!(body, "<p>All of {}.</p>", type_of(part));
        }
        members(part, body);
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values
            .iter()
            .map(|value| format!("<code>{}</code>", encode_text(value.as_str().unwrap_or_default())))
            .collect();
        let _ = write!(body, "<p>One of {}.</p>", values.join(", "));
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    body.push_str("<table><tbody>");
    for (name, member) in properties {
        let needed = if required.iter().any(|known| known == name) { "" } else { "optional" };
        let _ = write!(
            body,
            "<tr><td><code>{}</code></td><td>{} {needed}</td><td>{}</td></tr>",
            encode_text(name),
            type_of(member),
            prose(&member["description"])
        );
    }
    body.push_str("</tbody></table>");
}

/// A schema in a few words, with links to named ones.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|text| text.rsplit('/').next()) {
        let name = encode_text(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for joined in ["oneOf", "anyOf"] {
        if let Some(parts) = schema[joined].as_array() {
            return parts.iter().map(type_of).collect::<Vec<_>>().join(" or ");
        }
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", type_of(&schema["items"])),
        Value::String(kind) => encode_text(kind).into_owned(),
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).map(encode_text).collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    }
}

/// Target of a JSON pointer; null when there is none.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A text with `code` in backquotes, as markup.
fn prose(text: &Value) -> String {
    let text = text.as_str().unwrap_or_default();
    let pieces = text.split('`').enumerate();
    pieces
        .map(|(index, piece)| {
            if index % 2 == 1 {
                format!("<code>{}</code>", encode_text(piece)).into()
            } else {
                encode_text(piece)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encode_text() {
        assert_eq!(prose(&Value::from("a `<b>` & c")), "a <code>&lt;b&gt;</code> &amp; c");
    }
}
