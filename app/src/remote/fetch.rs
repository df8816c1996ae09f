//! The browser's way to the server.

use leptos::prelude::window;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::payload::Payload;

/// Reads.
pub(super) async fn get(address: String) -> Payload {
    // The page has one thread, and what is awaited here never leaves it.
    SendWrapper::new(sent(address, None)).await
}

/// Sends a form, urlencoded.
pub(crate) async fn post(address: String, body: String) -> Payload {
    sent(address, Some(body)).await
}

async fn sent(address: String, body: Option<String>) -> Payload {
    exchange(&address, body).await.unwrap_or_else(|_| Payload::none())
}

async fn exchange(address: &str, body: Option<String>) -> Result<Payload, JsValue> {
    let headers = Headers::new()?;
    // Told apart from a form that is sent without scripts, which is answered with a page.
    headers.set("Accept", "application/json")?;
    let request = RequestInit::new();
    if let Some(body) = body {
        request.set_method("POST");
        headers.set("Content-Type", "application/x-www-form-urlencoded")?;
        request.set_body(&JsValue::from_str(&body));
    }
    request.set_headers(&headers);
    let response: Response =
        JsFuture::from(window().fetch_with_str_and_init(address, &request)).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok(Payload::arrived(response.ok(), text.as_string().unwrap_or_default()))
}
