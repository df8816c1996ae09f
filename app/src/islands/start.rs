//! Entry points of the bundle, called by `shell/islands.js`.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Store, stream};

thread_local! {
    /// Owner of the store; lives as long as the document.
    static ROOT: RefCell<Option<Owner>> = const { RefCell::new(None) };
}

/// Prepares the document for islands: the reactive runtime, and the store with its stream.
#[wasm_bindgen]
pub fn hydrate(is_signed_in: bool) {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    ROOT.set(Owner::current());
    stream::start(Store::provide(), is_signed_in);
}

/// Makes the document's owner the current one.
#[wasm_bindgen]
pub fn owner_root() {
    ROOT.with_borrow(|root| root.iter().for_each(Owner::set));
}

/// Makes a new owner below the current one and makes it the current one.
#[wasm_bindgen]
pub fn owner_new() -> IslandOwner {
    let owner = Owner::new();
    owner.set();
    IslandOwner(owner)
}

/// Owner of everything that one island has made.
#[wasm_bindgen]
#[derive(Debug)]
pub struct IslandOwner(Owner);

#[wasm_bindgen]
impl IslandOwner {
    /// Ends the island's effects, then drops their values. Without the pause an effect would read a dropped signal.
    pub fn dispose(self) {
        self.0.pause();
        self.0.cleanup();
    }
}
