//! State that a redirect cannot carry: the sentences of a problem, and the inputs to show again.

use cnop_api::{Code, FieldError, Problem};
use serde::{Deserialize, Serialize};

use crate::address::encoded;

/// Longest cookie value that is written or read: browsers keep 4096 bytes with name and attributes.
const FLASH_BYTES_MAX: usize = 3_600;
/// Most field names that are read from a query.
const FIELDS_MAX: usize = 20;

/// The state of a form after a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// Inputs that are no secrets, by field name.
    pub(crate) values: Vec<(String, String)>,
    /// Problem for which the form was refused.
    pub(crate) problem: Option<Problem>,
}

impl Flash {
    /// Submitted value of a field, if any.
    pub(crate) fn value(&self, field: &str) -> Option<String> {
        self.values.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone())
    }

    /// The problem from the page's query alone, with its general sentence, for a request without the cookie.
    pub(crate) fn from_query(code: &str, fields: &str) -> Self {
        let Some(code) = Code::from_text(code) else { return Self::default() };
        let named = |field: &&str| {
            !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let errors = fields
            .split(',')
            .filter(named)
            .take(FIELDS_MAX)
            .map(|field| FieldError::new(field, "invalid", "Check this field."))
            .collect();
        let detail = format!("{}.", code.title());
        Self { values: Vec::new(), problem: Some(Problem { errors, ..Problem::new(code, detail) }) }
    }
}

/// Writes and reads the cookie's value.
impl Flash {
    /// The cookie's value; sentences go first when it would be too long, then the inputs.
    pub(crate) fn to_cookie(&self) -> String {
        let whole = cookie_text(self);
        if whole.len() <= FLASH_BYTES_MAX {
            return whole;
        }
        let inputs = cookie_text(&Self { values: self.values.clone(), problem: None });
        if inputs.len() <= FLASH_BYTES_MAX { inputs } else { String::new() }
    }

    /// From the cookie's value; anything that cannot be read is nothing.
    pub(crate) fn from_cookie(text: &str) -> Option<Self> {
        if text.len() > FLASH_BYTES_MAX {
            return None;
        }
        let (json, _) = form_urlencoded::parse(text.as_bytes()).next()?;
        serde_json::from_str(&json).ok()
    }
}

/// JSON with everything percent-encoded that a cookie's value may not hold.
fn cookie_text(flash: &Flash) -> String {
    encoded(&serde_json::to_string(flash).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flash_survives_its_cookie() {
        let flash = Flash {
            values: vec![("amount".to_owned(), "10.5; \"ü\"\u{0}%".to_owned())],
            problem: Some(Problem::invalid(vec![FieldError::new(
                "amount",
                "decimals",
                "At most 2 decimals.",
            )])),
        };
        let text = flash.to_cookie();
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && !b";,\"\\ ".contains(&byte)), "{text}");
        assert_eq!(Flash::from_cookie(&text), Some(flash));
    }

    #[test]
    fn a_forged_cookie_is_nothing() {
        for text in ["", "%", "%zz", "%7B%22values%22%3A1%7D", "{}x", &"a".repeat(FLASH_BYTES_MAX + 1)] {
            assert_eq!(Flash::from_cookie(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_flash_loses_its_sentences_before_its_inputs() {
        let long = Problem::new(Code::RequestInvalid, "x".repeat(FLASH_BYTES_MAX));
        let values = vec![("amount".to_owned(), "1".to_owned())];
        let flash = Flash { values: values.clone(), problem: Some(long) };
        assert_eq!(Flash::from_cookie(&flash.to_cookie()), Some(Flash { values, problem: None }));
    }

    #[test]
    fn the_query_alone_gives_the_standing_sentence() {
        let flash = Flash::from_query("request.invalid", "amount,,<b>,first_name");
        let problem = flash.problem.expect("a known code");
        let members: Vec<_> = problem.errors.iter().filter_map(FieldError::member).collect();
        assert_eq!(members, ["amount", "first_name"]);
        assert_eq!(Flash::from_query("no.such", "amount").problem, None);
    }
}
