//! Passwords that a guesser tries first.
//!
//! `zxcvbn` has the lists: common and breached passwords, words, names, dates and keyboard patterns. It finds them
//! inside longer passwords too, and in other spellings such as `P@ssw0rd`.

use cnop_api::{Code, FieldError, Problem};

use crate::error::Error;

/// Guesses that a password must withstand, as a power of ten. The lock-out allows about a hundred a day for an account;
/// the rest is for a stolen hash. Three random words need more.
const GUESSES_LOG10_MIN: f64 = 9.0;
/// Characters that are examined. The work grows with the square of the length, and these need more guesses than enough.
const EXAMINED_CHARACTERS_MAX: usize = 72;

/// Returns true if a password is easy to guess. `personal` are words such as the user's name. It takes milliseconds.
pub(super) fn is_common(password: &str, personal: &[String]) -> bool {
    let end = password.char_indices().nth(EXAMINED_CHARACTERS_MAX).map_or(password.len(), |(end, _)| end);
    let examined = password.get(..end).unwrap_or(password);
    let personal: Vec<&str> = personal.iter().map(String::as_str).collect();
    zxcvbn::zxcvbn(examined, &personal).guesses_log10() < GUESSES_LOG10_MIN
}

/// Refusal of an easy password, for the field with this name.
pub(super) fn common(member: &str) -> Error {
    let sentence = "This password is easy to guess: it is made of common passwords, words, dates or keyboard \
                    patterns. Choose another one, such as a few words that do not belong together.";
    Problem::new(Code::PasswordCommon, sentence)
        .with_error(FieldError::new(member, "common", sentence))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of these satisfied every other rule and was accepted.
    #[test]
    fn common_passwords_are_recognized_inside_longer_ones_and_in_other_spellings() {
        for easy in [
            "Password123!",
            "P@ssw0rd1234",
            "Qwertyuiop1!",
            "Qwerty123456!",
            "Summer2024!!",
            "Welcome2026!",
            "Letmein12345!",
            "Abcdefghij1!",
            "Aa1!Aa1!Aa1!",
            "xxxxxxxxxX1!",
        ] {
            assert!(is_common(easy, &[]), "{easy}");
        }
        for good in ["Correct-Horse-7", "kR7.vwQx2pLm", "Blue-Tiger-2026", "Passwörter-sind-1-Ärger"] {
            assert!(!is_common(good, &[]), "{good}");
        }
        assert!(!is_common("Xquvmirh-Vlp1", &[]));
        assert!(is_common("Xquvmirh-Vlp1", &["xquvmirh-vlp".to_owned()]), "the own words are guessed first");
    }

    #[test]
    fn only_the_head_of_a_long_password_is_examined() {
        let long = "Correct-Horse-7 ".repeat(8);
        assert!(!is_common(&long, &[]));
        assert!(is_common(&"é".repeat(128), &[]));
    }
}
