//! Every rule of every field, and the tricks that they refuse.

use super::*;

/// The test's current time, 2026-11-21T00:00Z.
fn now() -> i64 {
    Timestamp::from_date(2026, 11, 21).unwrap().0
}

fn register_request() -> RegisterRequest {
    RegisterRequest {
        username: "ada_lovelace".to_owned(),
        email: "ada@example.com".to_owned(),
        password: "Correct-Horse-7".to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        ..RegisterRequest::default()
    }
}

fn rule<T: std::fmt::Debug>(checked: Checked<T>) -> String {
    checked.unwrap_err().rule
}

#[test]
fn a_good_registration_is_normalised() {
    let request = RegisterRequest {
        username: "Ada_Lovelace1".to_owned(),
        email: "Ada.Lovelace+x@Example.COM".to_owned(),
        first_name: " Ada Žofia ".to_owned(),
        last_name: "O\u{2019}Neill-Łoś".to_owned(),
        phone: Some("+49 (30) 123-456-78".to_owned()),
        date_of_birth: Some("1990-12-31".to_owned()),
        ..register_request()
    };
    let good = registration(&request, now()).unwrap();
    assert_eq!(good.username, "ada_lovelace1");
    assert_eq!(good.email, "ada.lovelace+x@example.com");
    assert_eq!((good.first_name.as_str(), good.last_name.as_str()), ("Ada Žofia", "O'Neill-Łoś"));
    assert_eq!(good.phone.as_deref(), Some("493012345678"));
    assert_eq!(good.date_of_birth.as_deref(), Some("1990-12-31"));
}

#[test]
fn a_password_with_the_own_name_or_address_is_refused() {
    for password in ["My-Ada_Lovelace-7", "Xy-lovelace-1815"] {
        let errors =
            registration(&RegisterRequest { password: password.to_owned(), ..register_request() }, now());
        assert_eq!(errors.unwrap_err()[0].rule, "personal", "{password}");
    }
}

#[test]
fn all_bad_fields_are_reported_at_once_without_their_values() {
    let request = RegisterRequest {
        username: "ab".to_owned(),
        email: "nobody".to_owned(),
        password: "SECRETsecret".to_owned(),
        first_name: "1".to_owned(),
        last_name: String::new(),
        phone: Some("123".to_owned()),
        date_of_birth: Some("2020-01-01".to_owned()),
        marketing_emails_consent: false,
    };
    let errors = registration(&request, now()).unwrap_err();
    let members: Vec<&str> = errors.iter().filter_map(FieldError::member).collect();
    assert_eq!(
        members,
        ["username", "email", "first_name", "last_name", "phone", "date_of_birth", "password"]
    );
    assert!(!serde_json::to_string(&errors).unwrap().contains("SECRETsecret"));
}

#[test]
fn user_names() {
    assert_eq!(username("abc_12").unwrap(), "abc_12");
    for spaced in ["abc_12 ", " ABC_12", "abc_12\u{a0}", "abc_12\t"] {
        assert_eq!(username(spaced).unwrap(), "abc_12", "a space around it is never meant: {spaced:?}");
    }
    assert!(username(&"a".repeat(30)).is_ok());
    for (text, expected) in [
        ("", "required"),
        ("abcde", "length"),
        (&"a".repeat(31), "length"),
        ("abc-def", "characters"),
        ("abc def", "characters"),
        ("   ", "required"),
        ("abcdef\u{200b}", "characters"),
        ("abcdef\0", "characters"),
        ("аbcdef", "characters"), // the first letter is Cyrillic
        ("ａｂｃｄｅｆ", "characters"),
        ("abcdef\u{200d}", "characters"),
        ("Kelvin\u{212a}", "characters"), // lower-cases to an ASCII k
    ] {
        assert_eq!(rule(username(text)), expected, "{text:?}");
    }
}

#[test]
fn emails() {
    for good in [
        "a@b.co",
        "x_y%z-1@sub.example-site.org",
        "o'connor@example.ie",
        "a&b@example.com",
        "ada/dept@example.com",
        "ada@xn--mnchen-3ya.example",
        "ada@example.xn--p1ai",
        &format!("{}@example.com", "a".repeat(64)),
    ] {
        assert!(email(good).is_ok(), "{good}");
    }
    assert_eq!(email(" O\u{2019}Connor@example.ie\n").unwrap(), "o'connor@example.ie");
    let long = format!("a@{}com", "abcdefgh.".repeat(40));
    for (text, expected) in [
        ("", "required"),
        (long.as_str(), "length"),
        ("a", "format"),
        ("@b.co", "format"),
        ("a@", "format"),
        ("a@b", "format"),
        ("a@b.c", "format"),
        ("a@b.c1", "format"),
        ("a@@b.co", "format"),
        ("a@b@c.co", "format"),
        (".a@b.co", "format"),
        ("a.@b.co", "format"),
        ("a..b@c.co", "format"),
        ("a@-b.co", "format"),
        ("a@b-.co", "format"),
        ("a@b..co", "format"),
        ("a b@c.co", "format"),
        ("a@b.co\0", "format"),
        ("a@b.xn-1", "format"),
        ("a\"b@b.co", "format"),
        ("ä@b.co", "format"),
        ("a@bücher.de", "format"),
        ("<script>@b.co", "format"),
    ] {
        assert_eq!(rule(email(text)), expected, "{text:?}");
    }
}

#[test]
fn names() {
    let check = |text: &str| name("first_name", "first name", text);
    for good in [
        "A",
        "Mary Jane",
        "D'Arcy",
        "Jean-Luc",
        "Žofia",
        "李",
        "Ольга",
        "हिन्दी",
        "क़िंदी",
        "தமிழ்",
        "กิ่งแก้ว",
        "বাংলা",
        "Gal·la",
        "Kaʻiulani",
        "マリ・アン",
        &"é".repeat(50),
        &"e\u{301}".repeat(50),
    ] {
        assert!(check(good).is_ok(), "{good}");
    }
    assert_eq!(check("Jose\u{301}").unwrap(), "José", "kept composed");
    assert_eq!(check("Mary\u{a0}Jane").unwrap(), "Mary Jane");
    for (text, expected) in [
        ("", "required"),
        ("   ", "required"),
        ("- '", "characters"),
        ("R2D2", "characters"),
        ("<b>", "characters"),
        ("Ada\0", "characters"),
        ("Ada\tL", "characters"),
        ("A\u{202e}da", "characters"),
        ("A\u{200b}da", "characters"),
        ("\u{301}Ada", "characters"),
        ("A\u{300}\u{316}\u{323}\u{32d}\u{330}\u{331}da", "characters"),
        ("e\u{301}\u{301}\u{301}", "characters"),
        ("😀", "characters"),
        (&"é".repeat(51), "length"),
    ] {
        assert_eq!(rule(check(text)), expected, "{text:?}");
    }
}

#[test]
fn phones() {
    assert_eq!(phone(""), Ok(None));
    assert_eq!(phone("0123456789"), Ok(Some("0123456789".to_owned())));
    assert_eq!(phone("+1 (555) 010-2030 ext. 77").unwrap().as_deref(), Some("1555010203077"));
    for (text, expected) in [
        ("123456789", "digits"),
        ("1234567890123456", "digits"),
        ("none", "digits"),
        ("٠١٢٣٤٥٦٧٨٩", "digits"),
        ("0123456789\0", "characters"),
        (&" ".repeat(65), "length"),
    ] {
        assert_eq!(rule(phone(text)), expected, "{text:?}");
    }
}

#[test]
fn ages_count_completed_years() {
    // Today is 2026-11-21.
    for good in ["2013-11-21", "1906-01-01", "1905-11-22", "2000-02-29"] {
        assert_eq!(birth(good, now()), Ok(Some(good.to_owned())));
    }
    assert_eq!(birth("", now()), Ok(None));
    for (text, expected) in [
        ("2013-11-22", "age"),
        ("1905-11-21", "age"),
        ("2030-01-01", "age"),
        ("2001-02-29", "format"),
        ("31.12.1990", "format"),
        ("1990-1-1", "format"),
        ("1990-12-31T00:00:00Z", "format"),
        ("1990-12-31\0", "format"),
    ] {
        assert_eq!(rule(birth(text, now())), expected, "{text:?}");
    }
}

#[test]
fn changes_touch_only_what_is_given_and_empty_clears_the_optional_ones() {
    assert_eq!(changes(&ProfileUpdate::default(), now()), Ok(Changes::default()));
    let update = ProfileUpdate {
        phone: Some(String::new()),
        date_of_birth: Some(String::new()),
        ..ProfileUpdate::default()
    };
    let cleared = Changes { phone: Some(None), date_of_birth: Some(None), ..Changes::default() };
    assert_eq!(changes(&update, now()), Ok(cleared));
    let update = ProfileUpdate {
        first_name: Some(String::new()),
        email: Some(String::new()),
        ..ProfileUpdate::default()
    };
    assert_eq!(changes(&update, now()).unwrap_err().len(), 2, "a name and an address cannot be cleared");
}

/// The schema macros take literals only, so the document repeats the bounds.
#[cfg(feature = "openapi")]
#[test]
fn the_schema_has_the_bounds_of_the_rules() {
    use utoipa::PartialSchema as _;
    let schema = serde_json::to_value(RegisterRequest::schema()).unwrap();
    let bounds = |member: &str| {
        let rules = &schema["properties"][member];
        (rules["minLength"].as_u64(), rules["maxLength"].as_u64())
    };
    let number = |count: usize| u64::try_from(count).ok();
    assert_eq!(
        bounds("username"),
        (number(*USERNAME_CHARACTERS.start()), number(*USERNAME_CHARACTERS.end()))
    );
    assert_eq!(bounds("password"), (number(password::CHARACTERS_MIN), number(password::CHARACTERS_MAX)));
    assert_eq!(bounds("first_name"), (Some(1), number(NAME_CHARACTERS_MAX)));
    assert_eq!(bounds("phone").1, number(PHONE_CHARACTERS_MAX));
    assert_eq!(bounds("email").1, number(EMAIL_BYTES_MAX));
}
