//! Rules for new passwords, and the form in which a password is hashed.

use std::borrow::Cow;

use super::checked::{Checked, fault};
use super::text::{composed, is_deceptive, is_joiner, is_space};

/// Fewest characters of a password.
pub(super) const CHARACTERS_MIN: usize = 12;
/// Most characters of a password.
pub(super) const CHARACTERS_MAX: usize = 128;
/// Shortest name or address that must not be in a password. Shorter ones are in many words.
const PERSONAL_CHARACTERS_MIN: usize = 4;

/// The same password from every keyboard (RFC 8265, `OpaqueString`): accented letters are composed, and every space is
/// the usual one. Upper and lower case stay.
#[must_use]
pub fn password_normal(password: &str) -> Cow<'_, str> {
    if password.is_ascii() {
        return Cow::Borrowed(password);
    }
    let composed = composed(password);
    if composed.chars().any(|character| character != ' ' && is_space(character)) {
        return composed.chars().map(|character| if is_space(character) { ' ' } else { character }).collect();
    }
    composed
}

/// Refuses a new password that contains the user's own name or address, for the field with this name.
///
/// # Errors
/// The rule `personal`.
pub fn password_personal(member: &str, password: &str, personal: &[&str]) -> Checked<()> {
    let password = password.to_lowercase();
    let is_inside = |text: &&str| {
        let text = text.trim().to_lowercase();
        text.chars().count() >= PERSONAL_CHARACTERS_MIN && password.contains(&text)
    };
    if personal
        .iter()
        .any(|text| is_inside(text) || text.split_once('@').is_some_and(|(local, _)| is_inside(&local)))
    {
        return fault(
            member,
            "personal",
            "The password contains your name or your email. Choose one that does not.",
        );
    }
    Ok(())
}

/// The first rule that a new password breaks, for the field with this name. The error never contains the
/// password.
pub(super) fn password_check(member: &str, password: &str) -> Checked<()> {
    let password = &*password_normal(password);
    let fault = |rule: &str, detail: String| fault(member, rule, detail);
    if password.is_empty() {
        return fault("required", "Choose a password.".to_owned());
    }
    if password.chars().any(|character| is_deceptive(character) && !is_joiner(character)) {
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
        (has(char::is_uppercase), "an upper-case letter"),
        (has(char::is_lowercase), "a lower-case letter"),
        (has(char::is_numeric), "a digit"),
        (has(|character| !character.is_alphanumeric()), "a symbol or a space"),
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
        for good in [
            "Abcdefghij1!",
            "Passwörter-sind-1-Ärger",
            "Correct horse 7 battery",
            "kR7.vwQx2pLm",
            "üÜ7~aaaaaaaa",
            "Абвгдежзик1:",
            "Abcdefghij1❤\u{fe0f}",
            &format!("aB1={}", "x".repeat(124)),
        ] {
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
    /// The same password was wrong on a device whose keyboard composes accents, or types another space.
    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        assert_eq!(password_normal("Passwo\u{308}rter\u{a0}1"), "Passw\u{f6}rter 1");
        assert_eq!(password_normal("A\u{3000}b"), "A b");
        for unchanged in ["Abc 1!", "Straße", "ＡＢＣ", "ﬁ"] {
            assert_eq!(password_normal(unchanged), unchanged);
        }
    }

    #[test]
    fn a_password_does_not_contain_its_owner() {
        let personal = ["ada_lovelace", "ada.l@example.com", "Ada", "Lovelace"];
        for bad in ["xx-ADA_LOVELACE-1", "Ada.L-Secret-77", "My-lovelace-77!"] {
            let error = password_personal("new_password", bad, &personal).unwrap_err();
            assert_eq!((error.rule.as_str(), error.pointer.as_deref()), ("personal", Some("#/new_password")));
        }
        assert_eq!(
            password_personal("password", "Canada-Moose-77", &personal),
            Ok(()),
            "short names are in words"
        );
    }
}
