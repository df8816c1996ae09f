//! Tests of changes to a profile.

use cnop_api::accounts::ProfileUpdate;
use cnop_api::{Code, Problem};

use crate::auth::record::{SecurityEventKind, email_key};
use crate::mailer::NoticeKind;
use crate::tests::support::{Cluster, PASSWORD, client, code};

fn update(change: impl FnOnce(&mut ProfileUpdate)) -> ProfileUpdate {
    let mut update = ProfileUpdate::default();
    change(&mut update);
    update
}

#[tokio::test]
async fn only_given_members_change_and_empty_ones_are_cleared() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, caller) = server.caller("first_user").await;
    let before = server.users.profile(&caller).await.unwrap();
    assert_eq!((before.username.as_str(), before.role.as_str()), ("first_user", "customer"));
    assert!(before.marketing_emails_consent);
    cluster.clock.advance_seconds(1);
    let changes = update(|update| {
        update.phone = Some("+49 30 12345678".to_owned());
        update.current_password = Some(PASSWORD.to_owned());
        update.date_of_birth = Some("1990-12-31".to_owned());
        update.marketing_emails_consent = Some(false);
    });
    let after = server.users.profile_update(&caller, changes, &client()).await.unwrap();
    assert_eq!(after.phone.as_deref(), Some("493012345678"));
    assert!(!after.marketing_emails_consent);
    assert_eq!((&after.first_name, &after.email), (&before.first_name, &before.email));
    assert_eq!(after.created_at, before.created_at);
    assert!(after.updated_at > before.updated_at);
    let cleared = update(|update| {
        update.phone = Some(String::new());
        update.current_password = Some(PASSWORD.to_owned());
    });
    let cleared = server.users.profile_update(&caller, cleared, &client()).await.unwrap();
    assert_eq!((cleared.phone.as_deref(), cleared.date_of_birth.as_deref()), (None, Some("1990-12-31")));
    assert_eq!(server.users.profile(&caller).await.unwrap(), cleared);
    let trail = cluster.trail_kinds(&format!("U#{}", caller.user_id)).await;
    assert_eq!(trail.iter().filter(|kind| **kind == SecurityEventKind::ContactChanged).count(), 2);
}

#[tokio::test]
async fn nothing_given_writes_nothing() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, caller) = server.caller("first_user").await;
    let before = server.users.profile(&caller).await.unwrap();
    cluster.clock.advance_seconds(1);
    let same = update(|update| update.email = Some("FIRST_USER@example.com".to_owned()));
    for update in [ProfileUpdate::default(), same] {
        assert_eq!(server.users.profile_update(&caller, update, &client()).await.unwrap(), before);
    }
}

#[tokio::test]
async fn an_address_is_swapped_whole_and_belongs_to_one_user() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    server.register("second_user").await;
    let (_, caller) = server.caller("first_user").await;
    let to = |email: &str| ProfileUpdate {
        email: Some(email.to_owned()),
        current_password: Some(PASSWORD.to_owned()),
        ..ProfileUpdate::default()
    };
    let taken = to("Second_User@example.com");
    let refused = server.users.profile_update(&caller, taken, &client()).await.unwrap_err();
    let refused = Problem::from(refused);
    assert_eq!((refused.code, refused.errors[0].member()), (Code::UserEmailTaken, Some("email")));
    let moved = to("new@example.com");
    server.users.profile_update(&caller, moved, &client()).await.unwrap();
    assert!(cluster.table.get(&email_key("first_user@example.com")).await.unwrap().is_none(), "given back");
    assert!(cluster.table.get(&email_key("new@example.com")).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_changes_all_happen_and_one_address_has_one_winner() {
    let cluster = Cluster::new();
    let server = cluster.server();
    for username in ["first_user", "second_user"] {
        server.register(username).await;
    }
    let (_, first) = server.caller("first_user").await;
    let (_, second) = server.caller("second_user").await;
    let run = |caller: &std::sync::Arc<cnop_api::Caller>, update: ProfileUpdate| {
        let (users, caller) = (server.users.clone(), caller.clone());
        tokio::spawn(async move { users.profile_update(&caller, update, &client()).await })
    };
    let wanted = || ProfileUpdate {
        email: Some("wanted@example.com".to_owned()),
        current_password: Some(PASSWORD.to_owned()),
        ..ProfileUpdate::default()
    };
    let address = [run(&first, wanted()), run(&second, wanted())];
    let name = run(&first, update(|update| update.first_name = Some("Grace".to_owned())));
    let phone = run(
        &first,
        update(|update| {
            update.phone = Some("0123456789".to_owned());
            update.current_password = Some(PASSWORD.to_owned());
        }),
    );
    name.await.unwrap().unwrap();
    phone.await.unwrap().unwrap();
    let mut winners = 0;
    for attempt in address {
        match attempt.await.unwrap() {
            Ok(_) => winners += 1,
            refused => assert_eq!(code(refused), Code::UserEmailTaken),
        }
    }
    assert_eq!(winners, 1);
    let profile = server.users.profile(&first).await.unwrap();
    assert_eq!((profile.first_name.as_str(), profile.phone.as_deref()), ("Grace", Some("0123456789")));
}

#[tokio::test]
async fn bad_fields_are_all_reported_at_once_and_change_nothing() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, caller) = server.caller("first_user").await;
    let before = server.users.profile(&caller).await.unwrap();
    let bad = update(|update| {
        update.first_name = Some("Grace".to_owned());
        update.last_name = Some("R2\0".to_owned());
        update.email = Some("nobody".to_owned());
    });
    let refused = Problem::from(server.users.profile_update(&caller, bad, &client()).await.unwrap_err());
    let members: Vec<_> = refused.errors.iter().filter_map(cnop_api::FieldError::member).collect();
    assert_eq!(members, ["last_name", "email"]);
    assert_eq!(server.users.profile(&caller).await.unwrap(), before);
}

/// A person with an open session could take the account for good, by changing the address, and its owner heard nothing.
#[tokio::test]
async fn another_email_or_phone_needs_the_password_and_is_told_to_the_old_address() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, caller) = server.caller("first_user").await;
    let before = server.users.profile(&caller).await.unwrap();
    let email = || update(|update| update.email = Some("thief@example.com".to_owned()));
    let phone = || update(|update| update.phone = Some("0123456789".to_owned()));
    for (change, password, rule) in [
        (email(), None, "required"),
        (phone(), None, "required"),
        (email(), Some("Wrong-Horse-77"), "wrong"),
        (phone(), Some("Wrong-Horse-77"), "wrong"),
    ] {
        let change = ProfileUpdate { current_password: password.map(ToOwned::to_owned), ..change };
        let refused = server.users.profile_update(&caller, change, &client()).await.unwrap_err();
        let refused = Problem::from(refused);
        assert_eq!((refused.code, refused.status()), (Code::RequestInvalid, 422));
        assert_eq!(
            (refused.errors[0].member(), refused.errors[0].rule.as_str()),
            (Some("current_password"), rule)
        );
    }
    assert_eq!(server.users.profile(&caller).await.unwrap(), before);
    assert!(cluster.mailer.taken().is_empty());
    let confirmed = ProfileUpdate { current_password: Some(PASSWORD.to_owned()), ..email() };
    assert!(!format!("{confirmed:?}").contains(PASSWORD), "passwords do not print");
    server.users.profile_update(&caller, confirmed, &client()).await.unwrap();
    let notices = cluster.mailer.taken();
    assert_eq!(
        (notices[0].kind, notices[0].to.as_str()),
        (NoticeKind::EmailChanged, "first_user@example.com")
    );
    assert!(!format!("{:?}", notices[0]).contains("example.com"), "addresses do not print");
    let named = update(|update| update.first_name = Some("Grace".to_owned()));
    server.users.profile_update(&caller, named, &client()).await.expect("a name needs no password");
}

/// Ten thousand addresses a minute could be looked up from one session.
#[tokio::test]
async fn looking_for_addresses_by_profile_changes_is_counted() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    server.register("second_user").await;
    let (_, caller) = server.caller("first_user").await;
    let taken = || ProfileUpdate {
        email: Some("second_user@example.com".to_owned()),
        current_password: Some(PASSWORD.to_owned()),
        ..ProfileUpdate::default()
    };
    for _ in 0..5 {
        let refused = server.users.profile_update(&caller, taken(), &client()).await;
        assert_eq!(code(refused), Code::UserEmailTaken);
    }
    assert_eq!(code(server.users.profile_update(&caller, taken(), &client()).await), Code::AuthBlocked);
}
