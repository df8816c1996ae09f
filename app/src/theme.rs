//! Light, dark, or what the device prefers.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// Name of the cookie that keeps the choice. Read by the server alone.
#[cfg(feature = "ssr")]
const COOKIE: &str = "theme";
/// How long the choice is kept, in seconds: a year.
#[cfg(feature = "ssr")]
const COOKIE_SECONDS: u32 = 31_536_000;

/// The colours of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Theme {
    /// What the device prefers.
    #[default]
    #[serde(rename = "system")]
    System,
    /// Dark text on light.
    #[serde(rename = "light")]
    Light,
    /// Light text on dark.
    #[serde(rename = "dark")]
    Dark,
}

impl Theme {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its text in the cookie and in `data-theme`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The word in the menu.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The theme of a text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }
}

/// The theme that the request's cookie names.
#[cfg(feature = "ssr")]
pub(crate) fn of_request() -> Theme {
    use_context::<http::request::Parts>()
        .and_then(|parts| {
            parts
                .headers
                .get_all(http::header::COOKIE)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|cookies| cookies.split(';'))
                .filter_map(|cookie| cookie.trim().split_once('='))
                .find(|(name, _)| *name == COOKIE)
                .and_then(|(_, value)| Theme::from_text(value))
        })
        .unwrap_or_default()
}

/// Keeps the choice in a cookie. Posted by a plain form: the answer leads back to the page.
///
/// # Errors
/// None: a word that is no theme means the device's own.
#[server(prefix = "/fn", endpoint = "theme")]
pub async fn theme_choose(theme: String) -> Result<(), AppError> {
    let theme = Theme::from_text(&theme).unwrap_or_default();
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        let cookie =
            format!("{COOKIE}={}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax", theme.as_str());
        if let Ok(value) = http::HeaderValue::from_str(&cookie) {
            response.append_header(http::header::SET_COOKIE, value);
        }
    }
    Ok(())
}
