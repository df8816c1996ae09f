//! Makes the server-rendered page live.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the bundle is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
