//! Parts of pages that the server draws.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;

/// The HTML of a part; `about` is the page's query, and what the page adds to it.
///
/// # Errors
/// 401, 404 for a part that there is not, and what its use cases refuse.
#[server(name = DrawnRead, prefix = "/fn", endpoint = "drawn", input = GetUrl)]
pub(crate) async fn drawn(
    #[server(default)] part: String,
    #[server(default)] about: String,
) -> Result<String, AppError> {
    let (services, caller) = super::private()?;
    let asked = crate::drawn::Asked::new(services, caller, &about);
    crate::pages::draw(&part, &asked).await.map_err(crate::forms::fail)
}
