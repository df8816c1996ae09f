//! Registration: all or nothing, and no user is ever overwritten.

use cnop_api::accounts::RegisterRequest;
use cnop_api::{Code, Problem};

use crate::auth::record::{Claim, SecurityEventKind, User, decode, email_key, user_key, username_key};
use crate::tests::support::{Cluster, client, code, login_request, register_request};

async fn user(cluster: &Cluster, username: &str) -> User {
    let claim: Claim = decode(&cluster.table.get(&username_key(username)).await.unwrap().unwrap()).unwrap();
    decode(&cluster.table.get(&user_key(&claim.user_id)).await.unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn a_registration_makes_the_user_the_account_and_the_claims() {
    let cluster = Cluster::new();
    let server = cluster.server();
    let request = RegisterRequest {
        username: "Ada_Lovelace".to_owned(),
        email: "Ada@Example.com".to_owned(),
        phone: Some("+49 30 12345678".to_owned()),
        date_of_birth: Some("1990-12-31".to_owned()),
        ..register_request("ignored")
    };
    server.auth.register(request, &client()).await.unwrap();
    let user = user(&cluster, "ada_lovelace").await;
    assert_eq!((user.username.as_str(), user.email.as_str()), ("ada_lovelace", "ada@example.com"));
    assert_eq!(user.date_of_birth.as_deref(), Some("1990-12-31"), "kept");
    assert!(user.marketing_emails_consent, "kept");
    assert!(user.user_id.as_str().starts_with("usr_") && user.account_id.as_str().starts_with("acc_"));
    assert_eq!((user.user_id.as_str().len(), user.account_id.as_str().len()), (30, 30));
    let head = cnop_store::Key::new(format!("A#{}", user.account_id), "HEAD");
    assert!(cluster.table.get(&head).await.unwrap().is_some(), "the account is open");
    let trail = cluster.trail(&format!("U#{}", user.user_id)).await;
    assert_eq!(trail.len(), 1);
    assert_eq!(trail[0].kind, SecurityEventKind::Registered);
    assert_eq!((trail[0].address.as_str(), trail[0].user_agent.as_deref()), ("192.0.2.1", Some("test")));
    assert_eq!(trail[0].request_id, "request-1");
}

#[tokio::test]
async fn a_taken_name_or_address_is_refused_and_nothing_is_overwritten() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let before = user(&cluster, "first_user").await;
    for (username, email, expected) in [
        ("FIRST_USER", "other@example.com", Code::UserNameTaken),
        ("other_user", "FIRST_user@example.com", Code::UserEmailTaken),
    ] {
        let request = RegisterRequest {
            username: username.to_owned(),
            email: email.to_owned(),
            ..register_request("ignored")
        };
        assert_eq!(code(server.auth.register(request, &client()).await), expected);
    }
    let both = server.auth.register(register_request("first_user"), &client()).await.unwrap_err();
    let both = Problem::from(both);
    assert_eq!(both.code, Code::UserNameTaken);
    let members: Vec<_> = both.errors.iter().filter_map(cnop_api::FieldError::member).collect();
    assert_eq!(members, ["username"], "a taken name tells nothing about the address");
    assert_eq!(user(&cluster, "first_user").await, before);
    assert!(cluster.table.get(&username_key("other_user")).await.unwrap().is_none());
    assert!(cluster.table.get(&email_key("other@example.com")).await.unwrap().is_none());
}

/// The system before this one let the second of two simultaneous registrations overwrite the first one's password
/// and balance.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_simultaneous_registrations_of_one_name_exactly_one_wins() {
    let cluster = Cluster::new();
    let server = cluster.server();
    let attempts: Vec<_> = (0..8)
        .map(|number| {
            let auth = server.auth.clone();
            let request = RegisterRequest {
                email: format!("number{number}@example.com"),
                password: format!("Correct-Horse-{number}"),
                ..register_request("popular")
            };
            tokio::spawn(async move { (number, auth.register(request, &client()).await) })
        })
        .collect();
    let mut winners = Vec::new();
    for attempt in attempts {
        match attempt.await.unwrap() {
            (number, Ok(())) => winners.push(number),
            (_, refused) => assert_eq!(code(refused), Code::UserNameTaken),
        }
    }
    let [winner] = winners[..] else { panic!("one wins: {winners:?}") };
    assert_eq!(user(&cluster, "popular").await.email, format!("number{winner}@example.com"));
    let login = |number: u32| cnop_api::accounts::LoginRequest {
        password: format!("Correct-Horse-{number}"),
        ..login_request("popular")
    };
    server.auth.login(login(winner), &client()).await.unwrap();
    for loser in (0..8).filter(|number| *number != winner) {
        let claim = cluster.table.get(&email_key(&format!("number{loser}@example.com"))).await.unwrap();
        assert!(claim.is_none(), "a loser leaves nothing behind");
    }
}

#[tokio::test]
async fn bad_fields_write_nothing() {
    let cluster = Cluster::new();
    let request = RegisterRequest { password: "short".to_owned(), ..register_request("first_user") };
    let refused = cluster.server().auth.register(request, &client()).await.unwrap_err();
    let refused = Problem::from(refused);
    assert_eq!((refused.code, refused.errors.len()), (Code::RequestInvalid, 1));
    assert!(cluster.table.get(&username_key("first_user")).await.unwrap().is_none());
}

/// Registering under a name of one's own told, without a trace, which addresses have an account.
#[tokio::test]
async fn looking_for_addresses_is_counted_and_shown_to_their_owner() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let owner = user(&cluster, "first_user").await.user_id;
    let probe = |number: u32| RegisterRequest {
        email: "first_user@example.com".to_owned(),
        ..register_request(&format!("prober_{number}"))
    };
    for number in 0..5 {
        let refused = server.auth.register(probe(number), &client()).await;
        assert_eq!(code(refused), Code::UserEmailTaken);
    }
    assert_eq!(code(server.auth.register(probe(5), &client()).await), Code::AuthBlocked);
    server.auth.login(login_request("first_user"), &client()).await.expect("its owner is not blocked");
    let trail = cluster.trail_kinds(&format!("U#{owner}")).await;
    assert_eq!(trail.iter().filter(|kind| **kind == SecurityEventKind::EmailRefused).count(), 5);
}

#[tokio::test]
async fn an_easy_password_is_refused_with_its_own_code() {
    let cluster = Cluster::new();
    let request = RegisterRequest { password: "Password123!".to_owned(), ..register_request("first_user") };
    let refused = Problem::from(cluster.server().auth.register(request, &client()).await.unwrap_err());
    assert_eq!((refused.code, refused.status()), (Code::PasswordCommon, 422));
    assert_eq!(refused.errors[0].member(), Some("password"));
    assert!(!refused.detail.contains("Password123!"), "a password is never echoed");
    assert!(cluster.table.get(&username_key("first_user")).await.unwrap().is_none());
}
