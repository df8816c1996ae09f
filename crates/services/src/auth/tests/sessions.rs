//! Sessions: refresh, reuse of a token, sign-out on every server, age.

use std::time::Duration;

use cnop_api::accounts::TokenPair;
use cnop_api::{Code, Credentials, Identify as _};
use cnop_coordination::Coordinator as _;

use crate::auth::record::SecurityEventKind;
use crate::tests::support::{Cluster, Server, client, code, login_request};

async fn is_known(server: &Server, credentials: Credentials<'_>) -> bool {
    match server.auth.identify(credentials).await {
        Ok(_) => true,
        Err(problem) => {
            assert_eq!((problem.code, problem.status()), (Code::AuthInvalidCredentials, 401));
            false
        }
    }
}

async fn signed_in(server: &Server) -> TokenPair {
    server.auth.login(login_request("first_user"), &client()).await.unwrap()
}

async fn cluster() -> (Cluster, Server) {
    let cluster = Cluster::new();
    let server = cluster.server();
    server.register("first_user").await;
    (cluster, server)
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_of_the_same_session() {
    let (_venue, server) = cluster().await;
    let first = signed_in(&server).await;
    let second = server.auth.refresh(&first.refresh_token, &client()).await.unwrap();
    assert_ne!(first.refresh_token, second.refresh_token);
    assert_ne!(first.access_token, second.access_token);
    let old = server.auth.identify(Credentials::Bearer(&first.access_token)).await.unwrap();
    let new = server.auth.identify(Credentials::Bearer(&second.access_token)).await.unwrap();
    assert_eq!(old, new);
    let third = server.auth.refresh(&second.refresh_token, &client()).await.unwrap();
    assert!(is_known(&server, Credentials::Bearer(&third.access_token)).await);
}

#[tokio::test]
async fn a_copy_of_a_used_refresh_token_ends_the_whole_session() {
    let (cluster, server) = cluster().await;
    let first = signed_in(&server).await;
    let bystander = signed_in(&server).await;
    let second = server.auth.refresh(&first.refresh_token, &client()).await.unwrap();
    let caller = server.auth.identify(Credentials::Bearer(&second.access_token)).await.unwrap();
    cluster.clock.advance_seconds(30);
    assert_eq!(
        code(server.auth.refresh(&first.refresh_token, &client()).await),
        Code::AuthInvalidCredentials
    );
    assert!(!is_known(&server, Credentials::Bearer(&second.access_token)).await);
    assert_eq!(
        code(server.auth.refresh(&second.refresh_token, &client()).await),
        Code::AuthInvalidCredentials
    );
    assert!(is_known(&server, Credentials::Bearer(&bystander.access_token)).await, "other sessions live on");
    assert_eq!(
        code(server.auth.refresh(&first.refresh_token, &client()).await),
        Code::AuthInvalidCredentials
    );
    let trail = cluster.trail_kinds(&format!("U#{}", caller.user_id)).await;
    let reuse = trail.iter().filter(|kind| **kind == SecurityEventKind::RefreshReused).count();
    assert_eq!(reuse, 1, "logged once: {trail:?}");
}

/// Two tabs, or a repetition after a lost answer, ended the session of their own user.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_refreshes_get_the_same_successor() {
    let (_venue, server) = cluster().await;
    let pair = signed_in(&server).await;
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let (auth, token) = (server.auth.clone(), pair.refresh_token.clone());
            tokio::spawn(async move { auth.refresh(&token, &client()).await })
        })
        .collect();
    let mut successors = std::collections::HashSet::new();
    for attempt in attempts {
        successors.insert(attempt.await.unwrap().unwrap().refresh_token);
    }
    assert_eq!(successors.len(), 1);
    assert!(is_known(&server, Credentials::Bearer(&pair.access_token)).await, "the session lives on");
}

#[tokio::test]
async fn a_refresh_is_repeated_for_half_a_minute_and_no_longer() {
    let (cluster, server) = cluster().await;
    let first = signed_in(&server).await;
    let second = server.auth.refresh(&first.refresh_token, &client()).await.unwrap();
    cluster.clock.advance_seconds(29);
    let again = cluster.server().auth.refresh(&first.refresh_token, &client()).await.unwrap();
    assert_eq!(again.refresh_token, second.refresh_token);
    let third = server.auth.refresh(&second.refresh_token, &client()).await.expect("the successor is alive");
    cluster.clock.advance_seconds(1);
    assert_eq!(
        code(server.auth.refresh(&first.refresh_token, &client()).await),
        Code::AuthInvalidCredentials
    );
    assert!(!is_known(&server, Credentials::Bearer(&third.access_token)).await, "a copy is being used");
}

/// A reader of the table must not be able to refresh.
#[tokio::test]
async fn the_table_never_has_a_successor() {
    let (cluster, server) = cluster().await;
    let first = signed_in(&server).await;
    let second = server.auth.refresh(&first.refresh_token, &client()).await.unwrap();
    let page = cluster.table.scan(0, 1, None, 1_000).await.unwrap();
    for item in &page.items {
        let text = String::from_utf8_lossy(&item.body);
        assert!(!text.contains(&second.refresh_token[54..]) && !text.contains(&first.refresh_token[54..]));
    }
}

/// A stream went on for as long as its session, up to thirty days, after its token had expired.
#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_token_that_opened_it() {
    let (cluster, server) = cluster().await;
    let pair = signed_in(&server).await;
    let caller = server.auth.identify(Credentials::Bearer(&pair.access_token)).await.unwrap();
    let mut stream = Box::pin(server.auth.session_ended(&caller));
    cluster.clock.advance_seconds(3_599);
    assert!(tokio::time::timeout(Duration::from_millis(500), &mut stream).await.is_err(), "it is alive");
    cluster.clock.advance_seconds(1);
    tokio::time::timeout(Duration::from_secs(11), stream).await.expect("the token has expired");
}

#[tokio::test]
async fn a_malformed_refresh_token_is_refused() {
    let (_venue, server) = cluster().await;
    let pair = signed_in(&server).await;
    let browser = server.auth.login_browser(login_request("first_user"), &client()).await.unwrap();
    let mut forged = pair.refresh_token.clone();
    forged.replace_range(forged.len() - 4.., "AAAA");
    for token in
        ["", "x", &pair.access_token, &browser.secret, &forged, &browser.secret.replacen("cs", "cr", 1)]
    {
        assert_eq!(code(server.auth.refresh(token, &client()).await), Code::AuthInvalidCredentials);
    }
    server.auth.refresh(&pair.refresh_token, &client()).await.expect("a forgery harms nobody");
}

#[tokio::test]
async fn sign_out_kills_access_token_refresh_token_and_cookie_at_once() {
    let (cluster, server) = cluster().await;
    let pair = signed_in(&server).await;
    let (cookie, browser) = server.caller("first_user").await;
    let api = server.auth.identify(Credentials::Bearer(&pair.access_token)).await.unwrap();
    server.auth.logout(&api, &client()).await.unwrap();
    assert!(!is_known(&server, Credentials::Bearer(&pair.access_token)).await);
    assert_eq!(code(server.auth.refresh(&pair.refresh_token, &client()).await), Code::AuthInvalidCredentials);
    assert!(is_known(&server, Credentials::Session(&cookie)).await, "the other session lives on");
    server.auth.logout(&browser, &client()).await.unwrap();
    assert!(!is_known(&server, Credentials::Session(&cookie)).await);
    server.auth.logout(&browser, &client()).await.expect("again does no harm");
    assert!(
        !is_known(&cluster.server(), Credentials::Bearer(&pair.access_token)).await,
        "nor on a new server"
    );
}

/// A browser that closes the connection while it signs out is signed out all the same.
#[tokio::test]
async fn sign_out_goes_on_when_the_client_hangs_up() {
    let (_venue, server) = cluster().await;
    let (cookie, caller) = server.caller("first_user").await;
    let ended = server.auth.session_ended(&caller);
    let mut request = Box::pin(async { server.auth.logout(&caller, &client()).await });
    std::future::poll_fn(|context| {
        assert!(request.as_mut().poll(context).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
    drop(request);
    ended.await;
    assert!(!is_known(&server, Credentials::Session(&cookie)).await);
}

#[tokio::test]
async fn sign_out_on_one_server_ends_the_session_on_the_others() {
    let (cluster, server) = cluster().await;
    let other = cluster.server();
    let pair = signed_in(&server).await;
    let caller = server.auth.identify(Credentials::Bearer(&pair.access_token)).await.unwrap();
    let stream = tokio::spawn(other.auth.session_ended(&caller));
    // Once the other server has subscribed, it has checked every session it knows.
    assert!(is_known(&other, Credentials::Bearer(&pair.access_token)).await);
    tokio::task::yield_now().await;
    server.auth.logout(&caller, &client()).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), stream).await.expect("streams are notified").unwrap();
    assert!(!is_known(&other, Credentials::Bearer(&pair.access_token)).await);
}

#[tokio::test]
async fn without_messages_a_sign_out_takes_effect_within_ten_seconds() {
    let (cluster, server) = cluster().await;
    let other = cluster.server_without_messages();
    let pair = signed_in(&server).await;
    let caller = other.auth.identify(Credentials::Bearer(&pair.access_token)).await.unwrap();
    server.auth.logout(&caller, &client()).await.unwrap();
    cluster.clock.advance_seconds(10);
    assert!(!is_known(&other, Credentials::Bearer(&pair.access_token)).await);
}

/// A stream went on for ten seconds after the message about the end of its session was lost.
#[tokio::test(start_paused = true)]
async fn a_stream_asks_again_at_once_when_messages_were_lost() {
    let (cluster, other) = cluster().await;
    let server = cluster.server_without_messages();
    let (_, caller) = other.caller("first_user").await;
    let mut stream = Box::pin(other.auth.session_ended(&caller));
    assert!(tokio::time::timeout(Duration::from_secs(5), &mut stream).await.is_err(), "it is alive");
    server.auth.logout(&caller, &client()).await.unwrap();
    for _ in 0..100 {
        cluster.coordinator.publish("auth.session_ended", "unreadable".into()).await.unwrap();
    }
    tokio::time::timeout(Duration::from_secs(1), stream).await.expect("asked at once");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_session_even_when_no_message_arrives() {
    let (cluster, server) = cluster().await;
    let other = cluster.server_without_messages();
    let (_, caller) = server.caller("first_user").await;
    let mut stream = Box::pin(other.auth.session_ended(&caller));
    assert!(tokio::time::timeout(Duration::from_secs(60), &mut stream).await.is_err(), "it is alive");
    server.auth.logout(&caller, &client()).await.unwrap();
    cluster.clock.advance_seconds(10);
    tokio::time::timeout(Duration::from_secs(11), stream).await.expect("asked again");
    other.auth.session_ended(&caller).await;
}

#[tokio::test]
async fn an_access_token_dies_after_an_hour_and_a_session_after_twelve_idle_hours() {
    let (cluster, server) = cluster().await;
    let pair = signed_in(&server).await;
    let (cookie, _) = server.caller("first_user").await;
    assert!(is_known(&server, Credentials::Bearer(&pair.access_token)).await);
    cluster.clock.advance_seconds(3_600);
    assert!(!is_known(&server, Credentials::Bearer(&pair.access_token)).await);
    cluster.clock.advance_seconds(11 * 3_600 - 1);
    assert!(is_known(&server, Credentials::Session(&cookie)).await, "this use prolongs it");
    let pair = server.auth.refresh(&pair.refresh_token, &client()).await.expect("one second before its end");
    cluster.clock.advance_seconds(12 * 3_600 - 1);
    assert!(is_known(&server, Credentials::Session(&cookie)).await);
    cluster.clock.advance_seconds(12 * 3_600);
    assert!(!is_known(&server, Credentials::Session(&cookie)).await);
    assert_eq!(code(server.auth.refresh(&pair.refresh_token, &client()).await), Code::AuthInvalidCredentials);
}

#[tokio::test]
async fn a_session_that_is_used_all_the_time_ends_after_thirty_days() {
    let (cluster, server) = cluster().await;
    let (cookie, caller) = server.caller("first_user").await;
    for _ in 0..59 {
        cluster.clock.advance_seconds(12 * 3_600 - 300);
        assert!(is_known(&server, Credentials::Session(&cookie)).await);
    }
    cluster.clock.advance_seconds(12 * 3_600 + 59 * 300 - 1);
    assert!(!is_known(&server, Credentials::Session(&cookie)).await);
    server.auth.session_ended(&caller).await;
}

#[tokio::test]
async fn a_cookie_is_no_bearer_token_and_a_forged_cookie_is_ignored() {
    let (_venue, server) = cluster().await;
    let pair = signed_in(&server).await;
    let (cookie, _) = server.caller("first_user").await;
    let mut forged = cookie.clone();
    forged.replace_range(forged.len() - 4.., "AAAA");
    for credentials in [
        Credentials::Bearer(&cookie),
        Credentials::Session(&pair.access_token),
        Credentials::Session(&pair.refresh_token),
        Credentials::Session(&forged),
        Credentials::Session(""),
        Credentials::Bearer(&"x".repeat(1_000_000)),
    ] {
        assert!(!is_known(&server, credentials).await, "{credentials:?}");
    }
    let as_cookie = pair.refresh_token.replacen("cr", "cs", 1);
    assert!(!is_known(&server, Credentials::Session(&as_cookie)).await, "a refresh token is no cookie");
    assert!(is_known(&server, Credentials::Session(&cookie)).await);
    assert!(is_known(&server, Credentials::Bearer(&pair.access_token)).await);
}
