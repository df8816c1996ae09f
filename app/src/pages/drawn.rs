//! Which part is drawn by whom.

use cnop_api::{Code, Problem};
use leptos::prelude::*;

use super::{account, alerts, dashboard, guards, orders, portfolio, profile, recurring};
use crate::components::draw_actions;
use crate::drawn::Asked;

/// The HTML of a part.
///
/// # Errors
/// A part that there is not; what its use cases refuse.
pub(crate) async fn draw(part: &str, asked: &Asked) -> Result<String, Problem> {
    let view = match part {
        "order/actions" => draw_actions(asked).await,
        "orders/act" => orders::draw_act(asked).await,
        "orders/open" => orders::draw_open(asked).await,
        "orders/history" => orders::draw_history(asked).await,
        "orders/last" => orders::draw_last(asked).await,
        "dashboard/moved" => dashboard::draw_moved(asked).await,
        "dashboard/attention" => dashboard::draw_attention(asked).await,
        "account/history" => account::draw_history(asked).await,
        "portfolio/insights" => portfolio::draw_insights(asked).await,
        "position/close" => portfolio::draw_close(asked).await,
        "portfolio/changes" => portfolio::draw_changes(asked).await,
        "profile" => profile::draw_profile(asked).await,
        "recurring/list" => recurring::draw_list(asked).await,
        "recurring/act" => recurring::draw_act(asked).await,
        "alerts/form" => alerts::draw_form(asked).await,
        "alerts/list" => alerts::draw_list(asked).await,
        "guards/state" => guards::draw_state(asked).await,
        "guards/form" => guards::draw_form(asked).await,
        _ => Err(Problem::new(Code::RouteNotFound, "There is no such part of a page.")),
    }?;
    Ok(view.to_html())
}
