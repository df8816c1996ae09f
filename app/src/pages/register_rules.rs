//! What the browser checks of a registration before it is sent: the venue's own rules.

use cnop_api::FieldError;
use cnop_api::accounts::RegisterRequest;
use cnop_api::rules;

use crate::functions::Register;

/// Every field that the venue would refuse, with its sentence. `now_us` is the time in µs since 1970-01-01T00:00Z.
pub(super) fn faults(input: &Register, now_us: i64) -> Vec<FieldError> {
    let request = RegisterRequest {
        username: input.username.clone(),
        email: input.email.clone(),
        password: input.password.clone(),
        first_name: input.first_name.clone(),
        last_name: input.last_name.clone(),
        phone: Some(input.phone.clone()),
        date_of_birth: Some(input.date_of_birth.clone()),
        marketing_emails_consent: false,
    };
    rules::registration(&request, now_us).err().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_refuses_what_the_venue_would() {
        let input = Register {
            first_name: "Ada".to_owned(),
            last_name: "R2D2".to_owned(),
            username: "ab".to_owned(),
            email: "ada@example.com".to_owned(),
            password: "Correct-Horse-7".to_owned(),
            phone: String::new(),
            date_of_birth: String::new(),
            marketing_emails_consent: String::new(),
        };
        let errors = faults(&input, 0);
        let members: Vec<_> = errors.iter().filter_map(FieldError::member).collect();
        assert_eq!(members, ["username", "last_name"]);
    }
}
