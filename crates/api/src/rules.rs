//! Rules for personal data. Every invalid field is reported at once.

mod checked;
mod password;
#[cfg(test)]
mod tests;
mod text;

pub use self::checked::Checked;
pub use self::password::{password_normal, password_personal};

use self::checked::fault;
use self::password::password_check;
use self::text::{composed, is_deceptive, is_letter, is_mark, is_space};
use crate::accounts::{PasswordChange, ProfileUpdate, RegisterRequest};
use crate::{FieldError, Timestamp};

/// Fewest and most characters of a user name.
const USERNAME_CHARACTERS: std::ops::RangeInclusive<usize> = 6..=30;
/// Most characters of a first or last name.
const NAME_CHARACTERS_MAX: usize = 50;
/// Most marks on one letter of a name. Hindi and Thai need up to three; a tower of accents hides the lines around it.
const NAME_MARKS_MAX: usize = 4;
/// Signs of a name besides letters and spaces: apostrophe, hyphen, the middle dots of Catalan and Japanese, and the
/// consonant that Hawaiian writes as a turned comma.
const NAME_SIGNS: [char; 6] = ['\'', '-', '\u{b7}', '\u{30fb}', '\u{2bb}', '\u{2bc}'];
/// Characters before the `@` besides letters and digits (RFC 5321, an unquoted local part).
const EMAIL_LOCAL_SIGNS: &[u8] = b".!#$%&'*+-/=?^_`{|}~";
/// Beginning of a domain label in punycode (RFC 5890), which a top-level domain may have too.
const PUNYCODE_PREFIX: &[u8] = b"xn--";
/// Fewest and most digits of a telephone number.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;
/// Most characters of a telephone number as it is typed.
const PHONE_CHARACTERS_MAX: usize = 64;
/// Longest email address (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;
/// Longest part before the `@` (RFC 5321).
const EMAIL_LOCAL_BYTES_MAX: usize = 64;
/// Longest part between two dots of a domain (RFC 1035).
const DOMAIN_LABEL_BYTES_MAX: usize = 63;
/// Youngest and oldest user, in completed years.
const AGE_YEARS: std::ops::RangeInclusive<i64> = 13..=120;

/// A valid registration, without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// User name in lower case.
    pub username: String,
    /// Email address in lower case.
    pub email: String,
    /// Without spaces around it.
    pub first_name: String,
    /// Without spaces around it.
    pub last_name: String,
    /// Phone number, digits only.
    pub phone: Option<String>,
    /// Date of birth as `YYYY-MM-DD`.
    pub date_of_birth: Option<String>,
    /// Consent to news by email.
    pub marketing_emails_consent: bool,
}

/// The changes of a profile; the outer `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Without spaces around it.
    pub first_name: Option<String>,
    /// Without spaces around it.
    pub last_name: Option<String>,
    /// Email address in lower case.
    pub email: Option<String>,
    /// Digits only; the inner `None` clears it.
    pub phone: Option<Option<String>>,
    /// `YYYY-MM-DD`; the inner `None` clears it.
    pub date_of_birth: Option<Option<String>>,
    /// Consent to news by email.
    pub marketing_emails_consent: Option<bool>,
}

/// Collects field errors while checking the remaining fields.
#[derive(Default)]
struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    fn keep<T: Default>(&mut self, checked: Checked<T>) -> T {
        checked.unwrap_or_else(|error| {
            self.0.push(*error);
            T::default()
        })
    }

    fn or<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

/// Checks all fields of a registration. `now_us` (µs since 1970-01-01T00:00Z) is the current time.
///
/// # Errors
/// Every invalid field, with a sentence about valid values.
pub fn registration(request: &RegisterRequest, now_us: i64) -> Result<Registration, Vec<FieldError>> {
    let mut errors = FieldErrors::default();
    let registration = Registration {
        username: errors.keep(username(&request.username)),
        email: errors.keep(email(&request.email)),
        first_name: errors.keep(name("first_name", "first name", &request.first_name)),
        last_name: errors.keep(name("last_name", "last name", &request.last_name)),
        phone: errors.keep(phone(request.phone.as_deref().unwrap_or_default())),
        date_of_birth: errors.keep(birth(request.date_of_birth.as_deref().unwrap_or_default(), now_us)),
        marketing_emails_consent: request.marketing_emails_consent,
    };
    let personal =
        [&registration.username, &registration.email, &registration.first_name, &registration.last_name];
    let personal = personal.map(String::as_str);
    errors.keep(
        password_check("password", &request.password)
            .and_then(|()| password_personal("password", &password_normal(&request.password), &personal)),
    );
    errors.or(registration)
}

/// Checks the given fields of a profile update. `now_us` (µs since 1970-01-01T00:00Z) is the current time.
///
/// # Errors
/// Every invalid field, with a sentence about valid values.
pub fn changes(update: &ProfileUpdate, now_us: i64) -> Result<Changes, Vec<FieldError>> {
    let mut errors = FieldErrors::default();
    let mut given_name = |member: &str, label: &str, text: &Option<String>| {
        text.as_deref().map(|text| errors.keep(name(member, label, text)))
    };
    let first_name = given_name("first_name", "first name", &update.first_name);
    let last_name = given_name("last_name", "last name", &update.last_name);
    let changes = Changes {
        first_name,
        last_name,
        email: update.email.as_deref().map(|text| errors.keep(email(text))),
        phone: update.phone.as_deref().map(|text| errors.keep(phone(text))),
        date_of_birth: update.date_of_birth.as_deref().map(|text| errors.keep(birth(text, now_us))),
        marketing_emails_consent: update.marketing_emails_consent,
    };
    errors.or(changes)
}

/// Checks the fields of a password change, except whether the present password is correct.
///
/// # Errors
/// Every invalid field, with a sentence about valid values.
pub fn password_change(change: &PasswordChange) -> Result<(), Vec<FieldError>> {
    let mut errors = FieldErrors::default();
    if change.current_password.is_empty() {
        errors.keep::<()>(fault("current_password", "required", "Enter your current password."));
    }
    errors.keep(password_check("new_password", &change.new_password));
    if errors.0.is_empty() && change.new_password == change.current_password {
        errors.keep::<()>(fault(
            "new_password",
            "different",
            "Choose a password other than the current one.",
        ));
    }
    errors.or(())
}

/// A user name: 6 to 30 of letters, digits and `_`, in lower case. Telephones type a space behind a word, so spaces
/// around it do not count.
///
/// # Errors
/// The rule that it breaks.
pub fn username(text: &str) -> Checked<String> {
    let fault = |rule, detail: String| fault("username", rule, detail);
    let text = text.trim();
    if text.is_empty() {
        return fault("required", "Enter a username.".to_owned());
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return fault("characters", "Use letters, numbers and underscores only.".to_owned());
    }
    if !USERNAME_CHARACTERS.contains(&text.len()) {
        let (least, most) = USERNAME_CHARACTERS.into_inner();
        return fault("length", format!("Use {least}–{most} characters (you entered {}).", text.len()));
    }
    Ok(text.to_ascii_lowercase())
}

fn email(text: &str) -> Checked<String> {
    let fault = |rule, detail: &str| fault("email", rule, detail);
    // Telephones type the curly apostrophe, and a space behind the address.
    let text = text.trim().replace('\u{2019}', "'");
    if text.is_empty() {
        return fault("required", "Enter an email address.");
    }
    if text.len() > EMAIL_BYTES_MAX {
        return fault("length", "Use at most 254 characters.");
    }
    let is_address = text.split_once('@').is_some_and(|(local, domain)| {
        let is_local = !local.is_empty()
            && local.len() <= EMAIL_LOCAL_BYTES_MAX
            && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || EMAIL_LOCAL_SIGNS.contains(&byte))
            && local.split('.').all(|part| !part.is_empty());
        is_local && is_domain(domain)
    });
    if is_address {
        Ok(text.to_ascii_lowercase())
    } else {
        fault("format", "Enter a valid email, such as name@example.com.")
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=DOMAIN_LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_top = |label: &str| {
        let is_punycode = label.get(..PUNYCODE_PREFIX.len());
        let is_punycode =
            is_punycode.is_some_and(|head| head.as_bytes().eq_ignore_ascii_case(PUNYCODE_PREFIX));
        is_punycode || (label.len() >= 2 && label.bytes().all(|byte| byte.is_ascii_alphabetic()))
    };
    text.split('.').all(is_label) && text.rsplit_once('.').is_some_and(|(_, last)| is_top(last))
}

fn name(member: &str, label: &str, text: &str) -> Checked<String> {
    let fault = |rule, detail: String| fault(member, rule, detail);
    // Telephones type the curly apostrophe.
    let plain = |character| match character {
        '\u{2019}' => '\'',
        character if is_space(character) => ' ',
        character => character,
    };
    let text: String = composed(text.trim()).chars().map(plain).collect();
    if text.is_empty() {
        return fault("required", format!("Enter your {label}."));
    }
    let is_known = |character: char| {
        is_letter(character) || is_mark(character) || character == ' ' || NAME_SIGNS.contains(&character)
    };
    if !text.chars().all(is_known) || !text.chars().any(is_letter) || !has_legible_marks(&text) {
        return fault("characters", format!("A {label} has letters, spaces, ', - and · only."));
    }
    let characters = text.chars().count();
    if characters > NAME_CHARACTERS_MAX {
        return fault(
            "length",
            format!("A {label} has at most {NAME_CHARACTERS_MAX} characters; this one has {characters}."),
        );
    }
    Ok(text)
}

/// Returns true if every mark has a letter below it, no mark comes twice in a row, and no letter has too many.
fn has_legible_marks(name: &str) -> bool {
    let (mut before, mut marks) = (None, 0);
    for character in name.chars() {
        if is_mark(character) {
            marks += 1;
            let has_letter = before.is_some_and(|before| is_letter(before) || is_mark(before));
            if !has_letter || before == Some(character) || marks > NAME_MARKS_MAX {
                return false;
            }
        } else {
            marks = 0;
        }
        before = Some(character);
    }
    true
}

/// Empty, or 10 to 15 digits; other characters are dropped.
fn phone(text: &str) -> Checked<Option<String>> {
    let fault = |rule, detail: String| fault("phone", rule, detail);
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().any(is_deceptive) {
        return fault("characters", "The telephone number has invisible characters.".to_owned());
    }
    if text.chars().count() > PHONE_CHARACTERS_MAX {
        return fault("length", "The telephone number is too long.".to_owned());
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if PHONE_DIGITS.contains(&digits.len()) {
        Ok(Some(digits))
    } else {
        let (least, most) = PHONE_DIGITS.into_inner();
        fault(
            "digits",
            format!("A telephone number has {least} to {most} digits; this one has {}.", digits.len()),
        )
    }
}

/// Empty, or a date of birth between 13 and 120 years ago (UTC).
fn birth(text: &str, now_us: i64) -> Checked<Option<String>> {
    let fault = |rule, detail: String| fault("date_of_birth", rule, detail);
    if text.is_empty() {
        return Ok(None);
    }
    let Some((year, month, day)) = Timestamp::parse(&format!("{text}T00:00:00Z")).map(Timestamp::date) else {
        return fault("format", "A date of birth looks like 1990-12-31.".to_owned());
    };
    let (this_year, this_month, today) = Timestamp(now_us).date();
    let had_birthday = (this_month, today) >= (month, day);
    let age = this_year - year - i64::from(!had_birthday);
    if AGE_YEARS.contains(&age) {
        Ok(Some(text.to_owned()))
    } else {
        let (least, most) = AGE_YEARS.into_inner();
        fault("age", format!("You must be {least} to {most} years old."))
    }
}
