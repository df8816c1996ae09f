//! What the owner of an open order can do with it: cancel it, change it. Drawn by the server, sent in place.

#[cfg(feature = "ssr")]
mod draw;

use leptos::prelude::*;

use crate::drawn::{Follow, drawn_about};
use crate::forms::path_encode;

#[cfg(feature = "ssr")]
pub(crate) use draw::{cancel_button, change_path, draw_actions, goes_along, is_open, replace_form, told};

/// Cancel and change of one order, and what came of it; nothing for an order that is closed. For the page of the order;
/// call it in the page's body.
pub(crate) fn order_actions(order_id: Memo<String>) -> AnyView {
    let about = move || {
        let id = path_encode(&order_id.get());
        format!("order={id}&at=%2Forders%2F{id}")
    };
    drawn_about("order/actions", Box::new(about), Follow::Account)
}

/// The open orders of one asset with what can be done with them, for the asset's trading page; call it in the page's
/// body. A panel with its heading; nothing when none is open.
pub(crate) fn open_orders(asset: Memo<String>) -> AnyView {
    let about = move || {
        let asset = path_encode(&asset.get());
        format!("asset={asset}&at=%2Ftrade%2F{asset}")
    };
    drawn_about("orders/open", Box::new(about), Follow::Account)
}
