//! Password change: permissions, counting, and ended sessions.

use cnop_api::accounts::{LoginRequest, PasswordChange};
use cnop_api::{Code, Credentials, Identify as _, Problem};

use crate::auth::Renewed;
use crate::auth::record::SecurityEventKind;
use crate::mailer::NoticeKind;
use crate::tests::support::{Cluster, PASSWORD, Server, client, client_at, code, login_request};

const CHOSEN: &str = "Another-Horse-8";

fn change(current: &str, chosen: &str) -> PasswordChange {
    PasswordChange { current_password: current.to_owned(), new_password: chosen.to_owned() }
}

fn login_with(password: &str) -> LoginRequest {
    LoginRequest { username: "first_user".to_owned(), password: password.to_owned() }
}

async fn is_known(server: &Server, credentials: Credentials<'_>) -> bool {
    server.auth.identify(credentials).await.is_ok()
}

#[tokio::test]
async fn the_new_password_signs_in_and_the_old_one_does_not() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (cookie, caller) = server.caller("first_user").await;
    let renewed = server.auth.password_change(&caller, change(PASSWORD, CHOSEN), &client()).await.unwrap();
    let Renewed::Browser(renewed) = renewed else { panic!("a browser gets a cookie") };
    assert!(is_known(&server, Credentials::Session(&renewed.secret)).await, "the user stays signed in");
    assert!(!is_known(&server, Credentials::Session(&cookie)).await, "a copy of the old cookie is dead");
    assert_eq!(code(server.auth.login(login_with(PASSWORD), &client()).await), Code::AuthWrongPassword);
    server.auth.login(login_with(CHOSEN), &client()).await.expect("the new one");
    let trail = cluster.trail_kinds(&format!("U#{}", caller.user_id)).await;
    assert!(trail.contains(&SecurityEventKind::PasswordChanged), "{trail:?}");
    let notices = cluster.mailer.taken();
    assert_eq!(notices.len(), 1);
    assert_eq!(
        (notices[0].kind, notices[0].to.as_str()),
        (NoticeKind::PasswordChanged, "first_user@example.com")
    );
}

/// The change left a thief signed in whose stolen copy of a refresh token was the one in use.
#[tokio::test]
async fn an_api_client_gets_new_tokens_and_the_old_ones_are_dead() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let old = server.auth.login(login_request("first_user"), &client()).await.unwrap();
    let caller = server.auth.identify(Credentials::Bearer(&old.access_token)).await.unwrap();
    let renewed = server.auth.password_change(&caller, change(PASSWORD, CHOSEN), &client()).await.unwrap();
    let Renewed::Client(new) = renewed else { panic!("an API client gets tokens") };
    assert!(is_known(&server, Credentials::Bearer(&new.access_token)).await);
    assert!(!is_known(&server, Credentials::Bearer(&old.access_token)).await);
    assert_eq!(code(server.auth.refresh(&old.refresh_token, &client()).await), Code::AuthInvalidCredentials);
    server.auth.refresh(&new.refresh_token, &client()).await.unwrap();
}

#[tokio::test]
async fn an_easy_new_password_and_one_with_the_own_name_are_refused() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, caller) = server.caller("first_user").await;
    let refused = server.auth.password_change(&caller, change(PASSWORD, "Password123!"), &client()).await;
    assert_eq!(Problem::from(refused.unwrap_err()).code, Code::PasswordCommon);
    let refused = server.auth.password_change(&caller, change(PASSWORD, "My-First_User-77"), &client()).await;
    let refused = Problem::from(refused.unwrap_err());
    assert_eq!(
        (refused.errors[0].rule.as_str(), refused.errors[0].member()),
        ("personal", Some("new_password"))
    );
}

/// Sessions beyond a bound survived the change in silence. Now their number does not matter.
#[tokio::test]
async fn every_other_session_ends_at_once_with_its_tokens() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    server.register("second_user").await;
    let (bystander, _) = server.caller("second_user").await;
    let mut cookies = Vec::new();
    for _ in 0..70 {
        cookies.push(server.caller("first_user").await.0);
    }
    let pair = server.auth.login(login_request("first_user"), &client()).await.unwrap();
    let (own, caller) = server.caller("first_user").await;
    let stream = server
        .auth
        .session_ended(&server.auth.identify(Credentials::Bearer(&pair.access_token)).await.unwrap());
    let other = cluster.server_without_messages();
    assert!(is_known(&other, Credentials::Session(&cookies[0])).await);
    server.auth.password_change(&caller, change(PASSWORD, CHOSEN), &client()).await.unwrap();
    for cookie in &cookies {
        assert!(!is_known(&server, Credentials::Session(cookie)).await);
    }
    assert!(!is_known(&server, Credentials::Bearer(&pair.access_token)).await);
    stream.await;
    assert_eq!(code(server.auth.refresh(&pair.refresh_token, &client()).await), Code::AuthInvalidCredentials);
    assert!(!is_known(&server, Credentials::Session(&own)).await, "the own one is replaced");
    assert!(is_known(&server, Credentials::Session(&bystander)).await, "nobody else is touched");
    cluster.clock.advance_seconds(10);
    assert!(!is_known(&other, Credentials::Session(&cookies[0])).await, "nor on a server without messages");
}

#[tokio::test]
async fn a_wrong_current_password_is_a_field_error_and_counts_as_a_failed_sign_in() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (cookie, caller) = server.caller("first_user").await;
    for _ in 0..5 {
        let refused = server.auth.password_change(&caller, change("Wrong-Horse-77", CHOSEN), &client()).await;
        let refused = Problem::from(refused.unwrap_err());
        assert_eq!((refused.code, refused.status()), (Code::RequestInvalid, 422));
        assert_eq!(refused.errors[0].member(), Some("current_password"));
        assert_eq!(refused.errors[0].given, None, "a password is never echoed");
    }
    let right = change(PASSWORD, CHOSEN);
    assert_eq!(code(server.auth.password_change(&caller, right.clone(), &client()).await), Code::AuthBlocked);
    assert_eq!(code(server.auth.login(login_with(PASSWORD), &client()).await), Code::AuthBlocked);
    assert!(is_known(&server, Credentials::Session(&cookie)).await, "the session itself is not ended");
    let trail = cluster.trail_kinds(&format!("U#{}", caller.user_id)).await;
    let refused = trail.iter().filter(|kind| **kind == SecurityEventKind::PasswordRefused).count();
    assert_eq!(refused, 5, "{trail:?}");
    server.auth.password_change(&caller, right, &client_at("192.0.2.9")).await.expect("another network");
}

#[tokio::test]
async fn invalid_fields_are_reported_before_a_failure_is_counted() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, caller) = server.caller("first_user").await;
    for (request, members) in [
        (change("", "short"), &["current_password", "new_password"][..]),
        (change("Wrong-Horse-77", "alllowercase1-"), &["new_password"]),
        (change(PASSWORD, PASSWORD), &["new_password"]),
    ] {
        for _ in 0..6 {
            let refused = server.auth.password_change(&caller, request.clone(), &client()).await;
            let refused = Problem::from(refused.unwrap_err());
            let named: Vec<_> = refused.errors.iter().filter_map(|error| error.member()).collect();
            assert_eq!((refused.code, &named[..]), (Code::RequestInvalid, members));
        }
    }
    assert!(!format!("{:?}", change(PASSWORD, CHOSEN)).contains(PASSWORD), "passwords do not print");
}

/// A sign-in with the old password during the change: the verification succeeds before the change, and the
/// session would be written after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_session_of_the_old_password_survives_a_change_at_the_same_moment() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, caller) = server.caller("first_user").await;
    let intruders: Vec<_> = (0..8)
        .map(|_| {
            let auth = server.auth.clone();
            tokio::spawn(async move { auth.login_browser(login_with(PASSWORD), &client()).await })
        })
        .collect();
    server.auth.password_change(&caller, change(PASSWORD, CHOSEN), &client()).await.unwrap();
    for intruder in intruders {
        if let Ok(session) = intruder.await.unwrap() {
            assert!(!is_known(&server, Credentials::Session(&session.secret)).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_changes_at_the_same_moment_the_stored_password_is_one_that_succeeded() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let (_, one) = server.caller("first_user").await;
    let (_, two) = server.caller("first_user").await;
    let (left, right) = (client(), client());
    let (first, second) = tokio::join!(
        server.auth.password_change(&one, change(PASSWORD, "Left-Horse-111"), &left),
        server.auth.password_change(&two, change(PASSWORD, "Right-Horse-22"), &right),
    );
    let mut signs_in = Vec::new();
    for (outcome, password) in [(first, "Left-Horse-111"), (second, "Right-Horse-22")] {
        let is_stored = server.auth.login(login_with(password), &client_at("192.0.2.7")).await.is_ok();
        assert!(!is_stored || outcome.is_ok());
        signs_in.push(is_stored);
    }
    assert_eq!(signs_in.iter().filter(|is_stored| **is_stored).count(), 1);
}
