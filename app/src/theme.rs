//! Display preferences: light, dark or the device's theme, and the colors of gains and losses.

use cnop_api::cookies::cookie_value;
use leptos::prelude::use_context;

/// Name of the cookie that keeps the theme. Read by the server alone.
pub(crate) const THEME_COOKIE: &str = "theme";
/// Name of the cookie that keeps the palette.
pub(crate) const PALETTE_COOKIE: &str = "palette";

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
    cookie(THEME_COOKIE).and_then(|text| Theme::from_text(&text)).unwrap_or_default()
}

/// The palette that the request's cookie names.
pub(crate) fn palette_of_request() -> Palette {
    cookie(PALETTE_COOKIE).and_then(|text| Palette::from_text(&text)).unwrap_or_default()
}

/// The value of a cookie of this request.
pub(crate) fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    cookie_value(&parts.headers, name).map(ToOwned::to_owned)
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
