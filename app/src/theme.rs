//! Display preferences: light, dark or the device's theme, and the colors of gains and losses.

use leptos::prelude::*;

use crate::error::AppError;

/// Name of the cookie that keeps the theme. Read by the server alone.
const THEME_COOKIE: &str = "theme";
/// Name of the cookie that keeps the palette.
const PALETTE_COOKIE: &str = "palette";
/// Lifetime of a stored choice in seconds: a year.
const COOKIE_SECONDS: u64 = 31_536_000;

/// The colors of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// The preference of the device.
    #[default]
    System,
    /// Dark text on light.
    Light,
    /// Light text on dark.
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

/// The colors of gains and losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// Green up, red down.
    #[default]
    RedGreen,
    /// Blue up, orange down: for those who do not tell red from green.
    BlueOrange,
}

impl Palette {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 2] = [Self::RedGreen, Self::BlueOrange];

    /// Its text in the cookie and in `data-palette`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RedGreen => "red-green",
            Self::BlueOrange => "blue-orange",
        }
    }

    /// The words in the form.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::RedGreen => "Green up, red down",
            Self::BlueOrange => "Blue up, orange down",
        }
    }

    /// The palette of a text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|palette| palette.as_str() == text)
    }
}

/// The theme that the request's cookie names.
pub(crate) fn of_request() -> Theme {
    server::cookie(THEME_COOKIE).and_then(|text| Theme::from_text(&text)).unwrap_or_default()
}

/// The palette that the request's cookie names.
pub(crate) fn palette_of_request() -> Palette {
    server::cookie(PALETTE_COOKIE).and_then(|text| Palette::from_text(&text)).unwrap_or_default()
}

/// Keeps the choice in a cookie. Posted by a plain form: the answer leads back to the page.
///
/// # Errors
/// None: a word that is no theme means the device's own.
#[server(prefix = "/fn", endpoint = "theme")]
pub async fn theme_choose(theme: String) -> Result<(), AppError> {
    server::keep(THEME_COOKIE, Theme::from_text(&theme).unwrap_or_default().as_str());
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
    server::keep(THEME_COOKIE, Theme::from_text(&theme).unwrap_or_default().as_str());
    server::keep(PALETTE_COOKIE, Palette::from_text(&palette).unwrap_or_default().as_str());
    crate::forms::see_other("/profile?result=preferences");
    Ok(())
}

mod server {
    use std::time::Duration;

    use cnop_api::cookies::{cookie_value, set_cookie};
    use http::header::SET_COOKIE;
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use super::COOKIE_SECONDS;
    use crate::forms::is_secure;

    /// The value of a cookie of this request.
    pub(super) fn cookie(name: &str) -> Option<String> {
        let parts = use_context::<http::request::Parts>()?;
        cookie_value(&parts.headers, name).map(ToOwned::to_owned)
    }

    /// Stores one of the choices.
    pub(super) fn keep(name: &str, value: &str) {
        let cookie = set_cookie(name, value, "/", Duration::from_secs(COOKIE_SECONDS), is_secure());
        if let (Some(response), Some(cookie)) = (use_context::<ResponseOptions>(), cookie) {
            response.append_header(SET_COOKIE, cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_as_it_was_kept() {
        for theme in Theme::ALL {
            assert_eq!(Theme::from_text(theme.as_str()), Some(theme));
        }
        for palette in Palette::ALL {
            assert_eq!(Palette::from_text(palette.as_str()), Some(palette));
        }
        assert_eq!((Theme::from_text("neon"), Palette::from_text("")), (None, None));
    }
}
