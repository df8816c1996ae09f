//! What the browser checks of a registration before it is sent: the venue's own rules.

use cnop_api::FieldError;
use cnop_api::accounts::RegisterRequest;
use cnop_api::rules;

use crate::remote::Inputs;

/// Every field that the venue would refuse, with its sentence. `now_us` is the time in µs since 1970-01-01T00:00Z.
pub(super) fn faults(input: &Inputs<'_>, now_us: i64) -> Vec<FieldError> {
    let request = RegisterRequest {
        username: input("username"),
        email: input("email"),
        password: input("password"),
        first_name: input("first_name"),
        last_name: input("last_name"),
        phone: Some(input("phone")),
        date_of_birth: Some(input("date_of_birth")),
        marketing_emails_consent: false,
    };
    rules::registration(&request, now_us).err().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_refuses_what_the_venue_would() {
        let input = |name: &str| {
            let value = match name {
                "first_name" => "Ada",
                "last_name" => "R2D2",
                "username" => "ab",
                "email" => "ada@example.com",
                "password" => "Correct-Horse-7",
                _ => "",
            };
            value.to_owned()
        };
        let errors = faults(&input, 0);
        let members: Vec<_> = errors.iter().filter_map(FieldError::member).collect();
        assert_eq!(members, ["username", "last_name"]);
    }
}
