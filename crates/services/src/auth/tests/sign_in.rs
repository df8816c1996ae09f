//! Sign-in: correct and wrong passwords, unknown names, lock-out.

use cnop_api::accounts::LoginRequest;
use cnop_api::{Code, Credentials, Identify as _, Problem};

use crate::auth::record::{Claim, SecurityEventKind, User, decode, user_key, username_key};
use crate::context::PasswordCost;
use crate::tests::support::{
    CHEAP, Cluster, PASSWORD, client, client_at, code, login_request, wrong_request,
};

async fn user(cluster: &Cluster, username: &str) -> User {
    let claim: Claim = decode(&cluster.table.get(&username_key(username)).await.unwrap().unwrap()).unwrap();
    decode(&cluster.table.get(&user_key(&claim.user_id)).await.unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn a_right_password_gives_tokens_that_say_who() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let pair = server.auth.login(login_request("First_User"), &client()).await.unwrap();
    assert_eq!((pair.token_type.as_str(), pair.expires_in), ("bearer", 3_600));
    let caller = server.auth.identify(Credentials::Bearer(&pair.access_token)).await.unwrap();
    let user = user(&cluster, "first_user").await;
    assert_eq!((&caller.user_id, &caller.account_id), (&user.user_id, &user.account_id));
    assert_eq!(caller.username, "first_user");
    assert!(!format!("{pair:?}").contains(&pair.refresh_token), "secrets do not print");
    let browser = server.auth.login_browser(login_request("first_user"), &client()).await.unwrap();
    assert_eq!(browser.max_age_seconds, 30 * 86_400);
    assert!(!format!("{browser:?}").contains(browser.secret.as_str()));
    let cookie = server.auth.identify(Credentials::Session(&browser.secret)).await.unwrap();
    assert_eq!(cookie.user_id, caller.user_id);
    assert_ne!(cookie.session_id, caller.session_id);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let wrong = server.auth.login(wrong_request("first_user"), &client()).await.unwrap_err();
    let nobody = server.auth.login(login_request("second_user"), &client()).await.unwrap_err();
    let (wrong, nobody) = (Problem::from(wrong), Problem::from(nobody));
    assert_eq!((wrong.code, wrong.status()), (Code::AuthWrongPassword, 401));
    assert_eq!(wrong, nobody);
}

#[tokio::test]
async fn malformed_names_and_empty_passwords_are_refused_before_any_look_up() {
    let cluster = Cluster::new();
    let server = cluster.server();
    let request = LoginRequest { username: "a b".to_owned(), password: String::new() };
    for _ in 0..10 {
        let refused = Problem::from(server.auth.login(request.clone(), &client()).await.unwrap_err());
        assert_eq!(
            (refused.code, refused.errors.len()),
            (Code::RequestInvalid, 2),
            "never counted as failures"
        );
    }
}

#[tokio::test]
async fn the_sixth_try_is_refused_even_with_the_right_password_and_only_for_five_minutes() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    for _ in 0..5 {
        let refused = server.auth.login(wrong_request("first_user"), &client()).await;
        assert_eq!(code(refused), Code::AuthWrongPassword);
    }
    let refused = Problem::from(server.auth.login(login_request("first_user"), &client()).await.unwrap_err());
    assert_eq!((refused.code, refused.status()), (Code::AuthBlocked, 403));
    assert_eq!(refused.retry_after_seconds, Some(300));
    assert_eq!(
        code(cluster.server().auth.login(login_request("first_user"), &client()).await),
        Code::AuthBlocked
    );
    server.auth.login(login_request("first_user"), &client_at("192.0.2.2")).await.expect("another address");
    cluster.clock.advance_seconds(299);
    assert_eq!(code(server.auth.login(login_request("first_user"), &client()).await), Code::AuthBlocked);
    cluster.clock.advance_seconds(1);
    server.auth.login(login_request("first_user"), &client()).await.unwrap();
    let trail = cluster.trail_kinds(&format!("U#{}", user(&cluster, "first_user").await.user_id)).await;
    let count = |kind| trail.iter().filter(|other| **other == kind).count();
    assert_eq!((count(SecurityEventKind::SignInFailed), count(SecurityEventKind::Blocked)), (5, 1));
    assert_eq!(count(SecurityEventKind::SignedIn), 2);
}

#[tokio::test]
async fn a_successful_sign_in_clears_the_failures_of_that_name_only() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    for _ in 0..3 {
        for _ in 0..4 {
            let refused = server.auth.login(wrong_request("first_user"), &client()).await;
            assert_eq!(code(refused), Code::AuthWrongPassword);
        }
        server.auth.login(login_request("first_user"), &client()).await.unwrap();
    }
    for number in 0..30 {
        let refused = server.auth.login(wrong_request(&format!("victim_{number}")), &client()).await;
        assert_eq!(code(refused), Code::AuthWrongPassword);
        if number < 29 {
            server.auth.login(login_request("first_user"), &client()).await.unwrap();
        }
    }
    let refused = server.auth.login(login_request("first_user"), &client()).await;
    assert_eq!(code(refused), Code::AuthBlocked, "one's own account does not help in guessing others'");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_guesses_are_counted_exactly_and_across_servers() {
    let cluster = Cluster::new();
    let servers = [cluster.server(), cluster.server()];
    servers[0].register("first_user").await;
    let guesses: Vec<_> = (0..24)
        .map(|number| {
            let auth = servers[number % 2].auth.clone();
            tokio::spawn(async move { auth.login(wrong_request("first_user"), &client()).await })
        })
        .collect();
    let mut wrong = 0;
    for guess in guesses {
        match code(guess.await.unwrap()) {
            Code::AuthWrongPassword => wrong += 1,
            other => assert_eq!(other, Code::AuthBlocked),
        }
    }
    assert_eq!(wrong, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_people_behind_one_address_sign_in_at_once() {
    let cluster = Cluster::new();
    let server = cluster.server();
    for number in 0..16 {
        server.register(&format!("person_{number}")).await;
    }
    let logins: Vec<_> = (0..16)
        .map(|number| {
            let auth = server.auth.clone();
            let request = login_request(&format!("person_{number}"));
            tokio::spawn(async move { auth.login(request, &client()).await })
        })
        .collect();
    for login in logins {
        login.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn when_the_cost_grows_the_next_sign_in_makes_a_better_hash() {
    let mut cluster = Cluster::new();
    cluster.server().register("first_user").await;
    let old = user(&cluster, "first_user").await.password_hash;
    cluster.config.password_cost = PasswordCost { passes: 2, ..CHEAP };
    let server = cluster.server();
    server.auth.login(login_request("first_user"), &client()).await.unwrap();
    let new = user(&cluster, "first_user").await.password_hash;
    assert!(old.contains("t=1") && new.contains("t=2"), "{new}");
    server.auth.login(login_request("first_user"), &client()).await.unwrap();
    assert_eq!(user(&cluster, "first_user").await.password_hash, new, "once");
}

#[tokio::test]
async fn nothing_that_is_stored_or_printed_has_a_password_or_a_token() {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    let pair = server.auth.login(login_request("first_user"), &client()).await.unwrap();
    let browser = server.auth.login_browser(login_request("first_user"), &client()).await.unwrap();
    let page = cluster.table.scan(0, 1, None, 1_000).await.unwrap();
    let mut seen = format!("{server:?} {:?} {:?}", login_request("first_user"), Credentials::Bearer("token"));
    for item in &page.items {
        seen.push_str(&format!("{:?}{}", item.key, String::from_utf8_lossy(&item.body)));
    }
    for secret in [PASSWORD, &pair.access_token, &pair.refresh_token, &browser.secret, "Bearer(\"token\")"] {
        assert!(!seen.contains(secret));
        assert!(!seen.contains(&secret[secret.len().saturating_sub(20)..]), "not even the random part");
    }
}
