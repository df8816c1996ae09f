//! What the browser checks of a registration before it is sent.

use cnop_api::FieldError;

use crate::functions::Register;

/// The fields that must be filled in. Everything else is told by the venue, field by field.
pub(super) fn faults(input: &Register) -> Vec<FieldError> {
    [
        ("first_name", &input.first_name, "Enter your first name."),
        ("last_name", &input.last_name, "Enter your last name."),
        ("username", &input.username, "Enter a user name."),
        ("email", &input.email, "Enter an e-mail address."),
        ("password", &input.password, "Choose a password."),
    ]
    .into_iter()
    .filter(|(_, text, _)| text.trim().is_empty())
    .map(|(name, _, sentence)| FieldError::new(name, "required", sentence))
    .collect()
}
