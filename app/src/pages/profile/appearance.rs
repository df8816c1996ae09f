//! Actions that keep the display preferences.

use leptos::prelude::*;

use crate::error::AppError;
use crate::forms::{cookie_set, see_other};
use crate::theme::{PALETTE_COOKIE, Palette, THEME_COOKIE, Theme};

/// Lifetime of a stored choice in seconds: a year.
const COOKIE_SECONDS: u32 = 31_536_000;

/// Keeps the choice in a cookie. Posted by a plain form: the answer leads back to the page.
///
/// # Errors
/// None: a word that is no theme means the device's own.
#[server(prefix = "/fn", endpoint = "theme")]
pub async fn theme_choose(theme: String) -> Result<(), AppError> {
    keep(THEME_COOKIE, Theme::from_text(&theme).unwrap_or_default().as_str());
    Ok(())
}

/// Keeps both choices in cookies. Posted by a plain form: the next page is rendered in them.
///
/// # Errors
/// None: a word that is no choice means the usual one.
#[server(prefix = "/fn", endpoint = "preferences")]
pub async fn preferences_save(
    #[server(default)] theme: String,
    #[server(default)] palette: String,
) -> Result<(), AppError> {
    keep(THEME_COOKIE, Theme::from_text(&theme).unwrap_or_default().as_str());
    keep(PALETTE_COOKIE, Palette::from_text(&palette).unwrap_or_default().as_str());
    see_other("/profile?result=preferences");
    Ok(())
}

/// Stores one of the choices.
fn keep(name: &str, value: &str) {
    cookie_set(name, value, COOKIE_SECONDS);
}
