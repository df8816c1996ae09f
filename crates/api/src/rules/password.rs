//! Rules for new passwords, checked by server and browser.

use super::text::is_deceptive;
use super::{Checked, fault};

/// Fewest characters of a password.
pub(super) const CHARACTERS_MIN: usize = 12;
/// Most characters of a password.
pub(super) const CHARACTERS_MAX: usize = 128;
/// One of these must be in a password.
const SPECIAL: &str = "!@#$%^&*()-_=+";

/// The first rule that a new password breaks, for the field with this name. The error never contains the
/// password.
pub(super) fn password_check(member: &str, password: &str) -> Checked<()> {
    let fault = |rule: &str, detail: String| fault(member, rule, detail);
    if password.is_empty() {
        return fault("required", "Choose a password.".to_owned());
    }
    if password.chars().any(is_deceptive) {
        return fault(
            "characters",
            "The password has invisible characters. Type it without them.".to_owned(),
        );
    }
    let characters = password.chars().count();
    if !(CHARACTERS_MIN..=CHARACTERS_MAX).contains(&characters) {
        return fault(
            "length",
            format!(
                "A password has {CHARACTERS_MIN} to {CHARACTERS_MAX} characters; this one has {characters}."
            ),
        );
    }
    let has = |known: fn(char) -> bool| password.chars().any(known);
    let missing: Vec<&str> = [
        (has(|character| character.is_ascii_uppercase()), "an upper-case letter"),
        (has(|character| character.is_ascii_lowercase()), "a lower-case letter"),
        (has(|character| character.is_ascii_digit()), "a digit"),
        (has(|character| SPECIAL.contains(character)), "one of !@#$%^&*()-_=+"),
    ]
    .into_iter()
    .filter_map(|(is_there, what)| (!is_there).then_some(what))
    .collect();
    match missing.as_slice() {
        [] => Ok(()),
        missing => fault("strength", format!("Add {} to the password.", missing.join(" and "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_follows_every_rule() {
        for good in ["Abcdefghij1!", "Passwörter-sind-1-Ärger", &format!("aB1={}", "x".repeat(124))] {
            assert_eq!(password_check("password", good), Ok(()), "{good}");
        }
        for (bad, rule) in [
            ("", "required"),
            ("Abcdefgh1!", "length"),
            (&format!("aB1={}", "x".repeat(125)), "length"),
            ("abcdefghij1!", "strength"),
            ("ABCDEFGHIJ1!", "strength"),
            ("Abcdefghijk!", "strength"),
            ("Abcdefghijk1", "strength"),
            ("Abcdefghij1~", "strength"),
            ("Abcdefghij1!\0", "characters"),
            ("Abcdefghij1!\u{200b}", "characters"),
            ("Abcdefghij1!\u{202e}", "characters"),
        ] {
            let error = password_check("password", bad).unwrap_err();
            assert_eq!(error.rule, rule, "{bad:?}");
            assert_eq!(error.pointer.as_deref(), Some("#/password"));
            assert_eq!(error.given, None, "a password is never echoed");
            assert!(bad.is_empty() || !error.detail.contains(bad));
        }
        let missing = password_check("password", "            ").unwrap_err().detail;
        assert!(
            missing.contains("upper-case") && missing.contains("digit"),
            "names all that is missing: {missing}"
        );
    }
}
