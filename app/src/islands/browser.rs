//! The browser's own functions that islands use; on the server they do nothing.

#[cfg(feature = "hydrate")]
pub(super) use client::*;
#[cfg(not(feature = "hydrate"))]
pub(super) use server::*;

#[cfg(feature = "hydrate")]
mod client {
    use leptos::prelude::{document, request_animation_frame, window};
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{HtmlElement, UrlSearchParams};

    /// Moves the focus to the element with this id, before the next frame.
    pub(in super::super) fn focus_soon(id: &'static str) {
        focus_selector(format!("#{id}"));
    }

    /// Moves the focus to the first field of a form that is marked as wrong, once the marks are in the page.
    pub(in super::super) fn focus_first_invalid(form: &'static str) {
        focus_selector(format!("[id^='{form}-'][aria-invalid='true']"));
    }

    fn focus_selector(selector: String) {
        request_animation_frame(move || {
            if let Some(element) = find(&selector) {
                // An element that cannot take the focus leaves it where it is.
                let _ = element.focus();
            }
        });
    }

    fn find(selector: &str) -> Option<HtmlElement> {
        document().query_selector(selector).ok().flatten()?.dyn_into().ok()
    }

    /// Clicks the first link or button that the selector finds, if it is visible.
    pub(in super::super) fn click(selector: &str) {
        if let Some(element) = find(selector)
            && element.offset_width() > 0
        {
            element.click();
        }
    }

    /// Clicks the first of these before the next frame.
    pub(in super::super) fn click_soon(selector: &'static str) {
        request_animation_frame(move || click(selector));
    }

    /// Returns true if the box with this id is ticked.
    pub(in super::super) fn is_checked(id: &str) -> bool {
        let element = document().get_element_by_id(id).and_then(|it| it.dyn_into().ok());
        element.is_some_and(|input: web_sys::HtmlInputElement| input.checked())
    }

    /// The device's time in µs since 1970-01-01T00:00Z, for checks before sending; the venue's own time decides.
    pub(in super::super) fn now_us() -> i64 {
        #[allow(clippy::cast_possible_truncation, reason = "ms since 1970 are far below 2⁵³")]
        let milliseconds = js_sys::Date::now() as i64;
        milliseconds * 1_000
    }

    /// A member of the address's query; empty without one.
    pub(in super::super) fn query(name: &str) -> String {
        let search = window().location().search().unwrap_or_default();
        UrlSearchParams::new_with_str(&search).ok().and_then(|query| query.get(name)).unwrap_or_default()
    }

    /// Makes this the address of the page, as a new entry of the history.
    pub(in super::super) fn push_address(address: &str) {
        if let Ok(history) = window().history() {
            // A browser that refuses keeps the old address; the page is right all the same.
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
        }
    }

    /// Writes a text into the input with this id.
    pub(in super::super) fn fill_input(id: &str, text: &str) {
        if let Some(input) = document().get_element_by_id(id).and_then(|it| it.dyn_into().ok()) {
            let input: web_sys::HtmlInputElement = input;
            input.set_value(text);
        }
    }
}

#[cfg(not(feature = "hydrate"))]
mod server {
    pub(in super::super) const fn focus_soon(_id: &'static str) {}
    pub(in super::super) const fn focus_first_invalid(_form: &'static str) {}
    pub(in super::super) const fn click(_selector: &str) {}
    pub(in super::super) const fn click_soon(_selector: &str) {}
    pub(in super::super) const fn is_checked(_id: &str) -> bool {
        false
    }
    pub(in super::super) const fn now_us() -> i64 {
        0
    }
    pub(in super::super) const fn query(_name: &str) -> String {
        String::new()
    }
    pub(in super::super) const fn push_address(_address: &str) {}
    pub(in super::super) const fn fill_input(_id: &str, _text: &str) {}
}
