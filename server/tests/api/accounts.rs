//! Registration, sign-in, sessions.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, expect, refusal, registration};

/// A registration with one member changed.
fn changed(member: &str, value: Value) -> Value {
    let mut body = registration("valid_name");
    body[member] = value;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_a_registration_has_its_pointer() {
    let app = TestApp::start().await;
    let cases = [
        ("username", json!("short")),
        ("username", json!("a".repeat(31))),
        ("username", json!("no spaces")),
        ("username", json!("naïve_name")),
        ("username", json!("nul\u{0}name")),
        ("email", json!("nobody")),
        ("email", json!("a@b\u{202e}.com")),
        ("password", json!("Short-1")),
        ("password", json!(format!("Aa1!{}", "x".repeat(125)))),
        ("password", json!("no-upper-case-1")),
        ("password", json!("NO-LOWER-CASE-1")),
        ("password", json!("No-Digit-At-All")),
        ("password", json!("NoSpecialSign12")),
        ("first_name", json!("")),
        ("first_name", json!("R2D2")),
        ("last_name", json!("x".repeat(51))),
        ("phone", json!("123")),
        ("phone", json!("1234567890123456")),
        ("date_of_birth", json!("1990-02-30")),
        ("date_of_birth", json!("2025-01-01")),
        ("date_of_birth", json!("1800-01-01")),
        ("marketing_emails_consent", json!("yes")),
    ];
    for (member, value) in cases {
        let body = changed(member, value.clone());
        let answer = app.api(Method::POST, "/auth/register").json(&body).send().await.unwrap();
        let (status, _, field) = refusal(answer).await;
        assert_eq!((status, field), (422, Some(format!("#/{member}"))), "{member} {value}");
    }
    for member in ["username", "email", "password", "first_name", "last_name"] {
        let mut body = registration("valid_name");
        body.as_object_mut().unwrap().remove(member);
        let answer = app.api(Method::POST, "/auth/register").json(&body).send().await.unwrap();
        assert_eq!(refusal(answer).await.2, Some(format!("#/{member}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_are_taken_once() {
    let app = TestApp::start().await;
    app.trader("first_one").await;
    let mut same_name = registration("FIRST_ONE");
    same_name["email"] = json!("other@example.com");
    let answer = app.api(Method::POST, "/auth/register").json(&same_name).send().await.unwrap();
    assert_eq!(refusal(answer).await.1, "user.username_taken");
    let mut same_address = registration("second_one");
    same_address["email"] = json!("First_One@Example.com");
    let answer = app.api(Method::POST, "/auth/register").json(&same_address).send().await.unwrap();
    assert_eq!(refusal(answer).await.1, "user.email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_fails_alike_and_locks() {
    let app = TestApp::start().await;
    app.trader("locked_out").await;
    let login = async |name: &str, password: &str| {
        let body = json!({ "username": name, "password": password });
        app.api(Method::POST, "/auth/login").json(&body).send().await.unwrap()
    };
    assert_eq!(refusal(login("no such name!", PASSWORD).await).await.0, 422);
    for _ in 0..5 {
        let wrong = refusal(login("locked_out", "Wrong-Password-1").await).await;
        assert_eq!((wrong.0, wrong.1.as_str()), (401, "auth.wrong_password"));
    }
    let blocked = login("locked_out", PASSWORD).await;
    assert!(blocked.headers().contains_key("retry-after"));
    assert_eq!(refusal(blocked).await.1, "auth.blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once() {
    let app = TestApp::start().await;
    let trader = app.trader("refresher").await;
    let refresh = async |token: &str| {
        let body = json!({ "refresh_token": token });
        app.api(Method::POST, "/auth/refresh").json(&body).send().await.unwrap()
    };
    let pair = expect(refresh(&trader.refresh_token).await, StatusCode::OK).await;
    let newer = pair["access_token"].as_str().unwrap().to_owned();
    let answer = app.api(Method::GET, "/balance").bearer_auth(&newer).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    // Showing the old one again ends the whole family.
    assert_eq!(refusal(refresh(&trader.refresh_token).await).await.0, 401);
    let answer = app.api(Method::GET, "/balance").bearer_auth(&newer).send().await.unwrap();
    assert_eq!(refusal(answer).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profile_changes_only_what_is_sent() {
    let app = TestApp::start().await;
    let trader = app.trader("changeable").await;
    let body = json!({ "phone": "+49 (30) 1234-5678", "marketing_emails_consent": true });
    let answer = trader.request(Method::PUT, "/auth/profile").json(&body).send().await.unwrap();
    let updated = expect(answer, StatusCode::OK).await;
    assert_eq!(updated["message"], "Profile updated successfully");
    assert_eq!(
        (&updated["user"]["phone"], &updated["user"]["first_name"]),
        (&json!("493012345678"), &json!("Ada"))
    );
    let answer =
        trader.request(Method::PUT, "/auth/profile").json(&json!({ "email": "x" })).send().await.unwrap();
    assert_eq!(refusal(answer).await.2.as_deref(), Some("#/email"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let elsewhere = app.trader("password_one").await;
    let here = app.sign_in("password_one").await;
    let change = async |current: &str, chosen: &str| {
        here.post("/auth/password", &json!({ "current_password": current, "new_password": chosen })).await
    };
    let wrong = refusal(change("Wrong-Password-1", "Another-Horse-8").await).await;
    assert_eq!(wrong, (422, "request.invalid".to_owned(), Some("#/current_password".to_owned())));
    let weak = refusal(change(PASSWORD, "weak").await).await;
    assert_eq!(weak.2.as_deref(), Some("#/new_password"));
    let changed = expect(change(PASSWORD, "Another-Horse-8").await, StatusCode::OK).await;
    assert_eq!(changed["message"], "Password changed successfully");
    here.get("/balance").await;
    let ended = elsewhere.request(Method::GET, "/balance").send().await.unwrap();
    assert_eq!(refusal(ended).await.1, "auth.invalid_credentials");
    let answer = app.api(Method::POST, "/auth/password").json(&json!({})).send().await.unwrap();
    assert_eq!(refusal(answer).await.0, 401, "nobody is signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_none_are_401_with_a_challenge() {
    let app = TestApp::start().await;
    for path in ["/balance", "/orders", "/portfolio", "/auth/profile", "/stream?topics=account"] {
        let answer = app.api(Method::GET, path).send().await.unwrap();
        assert!(answer.headers().contains_key("www-authenticate"), "{path}");
        assert_eq!(refusal(answer).await, (401, "auth.required".to_owned(), None), "{path}");
        let answer = app.api(Method::GET, path).bearer_auth("not.a.token").send().await.unwrap();
        assert_eq!(refusal(answer).await.1, "auth.invalid_credentials", "{path}");
    }
    // Public routes stay open.
    let answer = app.api(Method::GET, "/inventory/assets").bearer_auth("not.a.token").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_from_another_site_is_refused() {
    let app = TestApp::start().await;
    let answer = app
        .api(Method::POST, "/balance/deposit")
        .header("cookie", "cnop=some-session")
        .header("origin", "https://evil.example")
        .json(&json!({ "amount": "1" }))
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(answer).await.0, 403);
}
