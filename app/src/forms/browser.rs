//! The few things that only a browser can do; on the server they do nothing.

/// Percent-encodes everything but letters, digits and `-._~`, for a query's value or a cookie's.
pub(crate) fn path_encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// Moves the focus to an element.
pub(crate) fn focus(id: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let element = leptos::prelude::document().get_element_by_id(id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            // An element that cannot take the focus keeps the page as it is.
            let _ = element.focus();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// Gives the focus back to an element with one of these ids if it has it now and is about to be drawn anew.
pub(crate) fn focus_keep(ids: &[&'static str]) {
    #[cfg(feature = "hydrate")]
    {
        let focused = leptos::prelude::document().active_element().map(|element| element.id());
        if let Some(id) = ids.iter().copied().find(|id| focused.as_deref() == Some(*id)) {
            leptos::prelude::request_animation_frame(move || focus(id));
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = ids;
}

/// Presses a link or a button, if it is shown.
#[cfg(feature = "hydrate")]
pub(crate) fn press(id: &str) {
    use wasm_bindgen::JsCast;
    let element = leptos::prelude::document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
        && element.offset_width() > 0
    {
        element.click();
    }
}

/// Moves the focus to the first field of a form that is marked as wrong, once the marks have been drawn.
pub(crate) fn focus_first_invalid(form: &'static str) {
    #[cfg(feature = "hydrate")]
    leptos::prelude::request_animation_frame(move || {
        use wasm_bindgen::JsCast;
        let selector = format!("[id^='{form}-'][aria-invalid='true']");
        let element = leptos::prelude::document().query_selector(&selector).ok().flatten();
        if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            // An element that cannot take the focus keeps the page as it is.
            let _ = element.focus();
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = form;
}

/// The device's time in µs since 1970-01-01T00:00Z, for checks before sending; the venue's own time decides.
pub(crate) fn now_us() -> i64 {
    #[cfg(feature = "hydrate")]
    {
        #[allow(clippy::cast_possible_truncation, reason = "ms since 1970 are far below 2⁵³")]
        let milliseconds = js_sys::Date::now() as i64;
        milliseconds * 1_000
    }
    #[cfg(not(feature = "hydrate"))]
    0
}

/// Path and query of the page that is shown.
pub(crate) fn here() -> String {
    #[cfg(feature = "hydrate")]
    {
        let location = leptos::prelude::window().location();
        let path = location.pathname().unwrap_or_default();
        path + &location.search().unwrap_or_default()
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Loads another page of this site whole, so that nothing of the session before stays in memory.
pub(crate) fn location_assign(path: &str) {
    #[cfg(feature = "hydrate")]
    {
        // The browser refuses only malformed addresses, and ours come from the server's own paths.
        let _ = leptos::prelude::window().location().assign(path);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
}

/// Random bytes of the browser, for idempotency keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BrowserEntropy;

impl cnop_domain::Entropy for BrowserEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        #[cfg(feature = "hydrate")]
        for slot in buffer {
            // A key must be unique, not secret: it is scoped to the signed-in account.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ random < 1")]
            let byte = (js_sys::Math::random() * 256.0) as u8;
            *slot = byte;
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = buffer;
    }
}
