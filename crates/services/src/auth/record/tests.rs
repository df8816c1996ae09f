//! Stored bytes of users and sessions, of every schema.

use super::*;
use crate::error::Error;
use crate::records::encode;

fn user_id() -> UserId {
    "usr_00000000000000000000000001".parse().unwrap()
}

fn user() -> User {
    User {
        user_id: user_id(),
        account_id: "acc_00000000000000000000000001".parse().unwrap(),
        username: "ada".to_owned(),
        email: "a@b.co".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        first_name: "A".to_owned(),
        last_name: "L".to_owned(),
        phone: Some("1".to_owned()),
        date_of_birth: None,
        marketing_emails_consent: true,
        role: UserRole::Admin,
        created_at_us: 1,
        updated_at_us: 2,
        epoch: 3,
    }
}

fn session() -> SessionRecord {
    SessionRecord {
        user_id: user_id(),
        account_id: user().account_id,
        username: "ada".to_owned(),
        role: UserRole::Customer,
        secret_hash: Some([0xab; 32]),
        created_at_us: 1,
        seen_at_us: 2,
        address: "::1".to_owned(),
        user_agent: None,
        epoch: 3,
    }
}

/// Stored bytes must stay readable forever: these never change.
#[test]
fn stored_bytes_are_as_they_always_were() {
    let id = "1e7573725f3030303030303030303030303030303030303030303030303031";
    let account = "1e6163635f3030303030303030303030303030303030303030303030303031";
    assert_eq!(
        hex::encode(encode(&user()).unwrap()),
        format!("02{id}{account}03616461066140622e636f0a246172676f6e326964240141014c010131000101020403")
    );
    assert_eq!(
        hex::encode(encode(&session()).unwrap()),
        format!("02{id}{account}036164610001{}0204033a3a310003", "ab".repeat(32))
    );
    assert_eq!(hex::encode(encode(&Claim { user_id: user_id() }).unwrap()), format!("01{id}"));
    let token = RefreshToken { created_at_us: 1, used_at_us: Some(2), successor_salt: Some([0xcd; 32]) };
    assert_eq!(hex::encode(encode(&token).unwrap()), format!("0202010401{}", "cd".repeat(32)));
    let device = Device {
        username: "ada".to_owned(),
        secret_hash: [0xab; 32],
        created_at_us: 1,
        seen_at_us: 2,
        failures: 3,
    };
    assert_eq!(hex::encode(encode(&device).unwrap()), format!("0103616461{}020403", "ab".repeat(32)));
    assert_eq!(*encode(&FailedGuesses { count: 3, last_us: 1 }).unwrap(), [1, 3, 2]);
    let event = SecurityEvent {
        kind: SecurityEventKind::ProfileChanged,
        time_us: 1,
        session_id: Some("s".to_owned()),
        address: "::1".to_owned(),
        user_agent: Some("u".to_owned()),
        request_id: "r".to_owned(),
    };
    assert_eq!(hex::encode(encode(&event).unwrap()), "01070201017303 3a3a31 010175 0172".replace(' ', ""));
    for (kind, number) in [
        (SecurityEventKind::PasswordChanged, 8),
        (SecurityEventKind::PasswordRefused, 9),
        (SecurityEventKind::EmailRefused, 10),
        (SecurityEventKind::ContactChanged, 11),
    ] {
        assert_eq!(encode(&SecurityEvent { kind, ..event.clone() }).unwrap()[1], number);
    }
}

/// Records of the first schema, as older versions wrote them.
#[test]
fn records_without_epoch_or_salt_are_still_read() {
    let id = "1e7573725f3030303030303030303030303030303030303030303030303031";
    let account = "1e6163635f3030303030303030303030303030303030303030303030303031";
    let bytes = |text: String| hex::decode(text).unwrap();
    let user_tail = "03616461066140622e636f0a246172676f6e326964240141014c0101310001010204";
    let old = format!("01{id}{account}{user_tail}");
    assert_eq!(records::decode::<User>(&bytes(old)).unwrap(), User { epoch: 0, ..user() });
    let old = format!("01{id}{account}036164610001{}0204033a3a3100", "ab".repeat(32));
    assert_eq!(
        records::decode::<SessionRecord>(&bytes(old)).unwrap(),
        SessionRecord { epoch: 0, ..session() }
    );
    let token = RefreshToken { created_at_us: 1, used_at_us: Some(2), successor_salt: None };
    assert_eq!(records::decode::<RefreshToken>(&bytes("01020104".to_owned())).unwrap(), token);
}

#[test]
fn unknown_schemas_and_rubbish_are_faults_of_the_store() {
    for body in [&b""[..], b"\x03\x00", b"\x01", b"\x01\xff\xff"] {
        assert!(
            matches!(records::decode::<User>(body), Err(Error::Store(StoreError::Corrupt(_)))),
            "{body:?}"
        );
    }
}

#[test]
fn an_operator_sees_everything_but_secrets() {
    let body = encode(&user()).unwrap();
    let shown = inspect(&user_key(&user_id()), &body).unwrap().unwrap();
    assert_eq!((&shown["username"], &shown["password_hash"]), (&"ada".into(), &"(hidden)".into()));
    let body = encode(&session()).unwrap();
    let shown = inspect(&session_key(&user_id(), "1"), &body).unwrap().unwrap();
    assert_eq!(shown["secret_hash"], "(hidden)");
    assert!(inspect(&Key::new("A#acc_1", "HEAD"), &body).is_none());
    assert!(!format!("{:?} {:?}", user(), session()).contains("argon2id"));
}
