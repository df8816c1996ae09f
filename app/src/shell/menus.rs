//! Menus are `<details>` and open without scripts; with them they also close when a page changes, when somebody
//! presses Escape or points elsewhere.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

/// A menu that is open.
const OPEN: &str = "details.menu[open]";

/// Watches for reasons to close menus, as long as the frame stands.
pub(super) fn watch() {
    let path = use_location().pathname;
    Effect::new(move |_| {
        path.track();
        close(None);
    });
    let pointer = window_event_listener(leptos::ev::pointerdown, |event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        close(target.and_then(|target| target.closest(OPEN).ok().flatten()).as_ref());
    });
    let key = window_event_listener(leptos::ev::keydown, |event| {
        if event.key() == "Escape" {
            close(None);
        }
    });
    on_cleanup(move || {
        pointer.remove();
        key.remove();
    });
}

/// Closes every open menu but one. There are two menus, so two looks are enough.
fn close(kept: Option<&web_sys::Element>) {
    for menu in ["details.theme-menu[open]", "details.account-menu[open]"] {
        let Ok(Some(menu)) = document().query_selector(menu) else { continue };
        if Some(&menu) != kept {
            // An element that keeps its attribute stays open, which harms nothing.
            let _ = menu.remove_attribute("open");
        }
    }
}
