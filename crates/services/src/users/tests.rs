//! Tests of changes to a profile.

use cnop_api::accounts::ProfileUpdate;
use cnop_api::{Code, Problem};

use crate::auth::record::{SecurityEventKind, email_key};
use crate::tests::support::{Cluster, client, code};

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
        update.date_of_birth = Some("1990-12-31".to_owned());
        update.marketing_emails_consent = Some(false);
    });
    let after = server.users.profile_update(&caller, changes, &client()).await.unwrap();
    assert_eq!(after.phone.as_deref(), Some("493012345678"));
    assert!(!after.marketing_emails_consent);
    assert_eq!((&after.first_name, &after.email), (&before.first_name, &before.email));
    assert_eq!(after.created_at, before.created_at);
    assert!(after.updated_at > before.updated_at);
    let cleared = update(|update| update.phone = Some(String::new()));
    let cleared = server.users.profile_update(&caller, cleared, &client()).await.unwrap();
    assert_eq!((cleared.phone.as_deref(), cleared.date_of_birth.as_deref()), (None, Some("1990-12-31")));
    assert_eq!(server.users.profile(&caller).await.unwrap(), cleared);
    let trail = cluster.trail_kinds(&format!("U#{}", caller.user_id)).await;
    assert_eq!(trail.iter().filter(|kind| **kind == SecurityEventKind::ProfileChanged).count(), 2);
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
    let taken = update(|update| update.email = Some("Second_User@example.com".to_owned()));
    let refused = server.users.profile_update(&caller, taken, &client()).await.unwrap_err();
    let refused = Problem::from(refused);
    assert_eq!((refused.code, refused.errors[0].member()), (Code::UserEmailTaken, Some("email")));
    let moved = update(|update| update.email = Some("new@example.com".to_owned()));
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
    let wanted = || update(|update| update.email = Some("wanted@example.com".to_owned()));
    let address = [run(&first, wanted()), run(&second, wanted())];
    let name = run(&first, update(|update| update.first_name = Some("Grace".to_owned())));
    let phone = run(&first, update(|update| update.phone = Some("0123456789".to_owned())));
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
