//! Registration, sign-in and sessions.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{PASSWORD, RequestExt, TestApp, registration};

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
        ("password", json!("Password123!")),
        ("password", json!("My-Valid_Name-77")),
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
        let answer = app.api_post("/auth/register", &body).await;
        let (status, _, field) = answer.refusal();
        assert_eq!((status, field), (422, Some(format!("#/{member}"))), "{member} {value}");
    }
    for member in ["username", "email", "password", "first_name", "last_name"] {
        let mut body = registration("valid_name");
        body.as_object_mut().unwrap().remove(member);
        let answer = app.api_post("/auth/register", &body).await;
        assert_eq!(answer.refusal().2, Some(format!("#/{member}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_are_taken_once() {
    let app = TestApp::start().await;
    app.trader("first_one").await;
    let mut same_name = registration("FIRST_ONE");
    same_name["email"] = json!("other@example.com");
    let answer = app.api_post("/auth/register", &same_name).await;
    assert_eq!(answer.refusal().1, "user.username_taken");
    let mut same_address = registration("second_one");
    same_address["email"] = json!("First_One@Example.com");
    let answer = app.api_post("/auth/register", &same_address).await;
    assert_eq!(answer.refusal().1, "user.email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_fails_alike_and_locks() {
    let app = TestApp::start().await;
    app.trader("locked_out").await;
    let login = async |name: &str, password: &str| {
        let body = json!({ "username": name, "password": password });
        app.api_post("/auth/login", &body).await
    };
    assert_eq!(login("no such name!", PASSWORD).await.refusal().0, 422);
    for _ in 0..5 {
        let wrong = login("locked_out", "Wrong-Password-1").await.refusal();
        assert_eq!((wrong.0, wrong.1.as_str()), (401, "auth.wrong_password"));
    }
    let blocked = login("locked_out", PASSWORD).await;
    assert!(blocked.headers().contains_key("retry-after"));
    assert_eq!(blocked.refusal().1, "auth.blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_is_sent_twice_gets_the_same_successor() {
    let app = TestApp::start().await;
    let trader = app.trader("refresher").await;
    let refresh = async |token: &str| {
        let body = json!({ "refresh_token": token });
        app.api_post("/auth/refresh", &body).await
    };
    let pair = refresh(&trader.refresh_token).await.expect(StatusCode::OK);
    let again = refresh(&trader.refresh_token).await.expect(StatusCode::OK);
    assert_eq!(pair["refresh_token"], again["refresh_token"]);
    for pair in [&pair, &again] {
        let answer = app.api(Method::GET, "/balance").bearer_auth(pair["access_token"].as_str().unwrap());
        assert_eq!(answer.answer().await.status(), StatusCode::OK);
    }
    assert_eq!(refresh("cr").await.refusal().0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profile_changes_only_what_is_sent() {
    let app = TestApp::start().await;
    let trader = app.trader("changeable").await;
    let mut body = json!({ "phone": "+49 (30) 1234-5678", "marketing_emails_consent": true });
    let refused = trader.put("/auth/profile", &body).await.refusal();
    assert_eq!(refused, (422, "request.invalid".to_owned(), Some("#/current_password".to_owned())));
    body["current_password"] = json!(PASSWORD);
    let answer = trader.put("/auth/profile", &body).await;
    let updated = answer.expect(StatusCode::OK);
    assert_eq!(updated["message"], "Profile updated successfully");
    assert_eq!(
        (&updated["user"]["phone"], &updated["user"]["first_name"]),
        (&json!("493012345678"), &json!("Ada"))
    );
    let answer = trader.put("/auth/profile", &json!({ "email": "x" })).await;
    assert_eq!(answer.refusal().2.as_deref(), Some("#/email"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let elsewhere = app.trader("password_one").await;
    let here = app.sign_in("password_one").await;
    let change = async |current: &str, chosen: &str| {
        here.post("/auth/password", &json!({ "current_password": current, "new_password": chosen })).await
    };
    let wrong = change("Wrong-Password-1", "Another-Horse-8").await.refusal();
    assert_eq!(wrong, (422, "request.invalid".to_owned(), Some("#/current_password".to_owned())));
    let weak = change(PASSWORD, "weak").await.refusal();
    assert_eq!(weak.2.as_deref(), Some("#/new_password"));
    let changed = change(PASSWORD, "Another-Horse-8").await.expect(StatusCode::OK);
    assert_eq!(changed["message"], "Password changed successfully");
    for ended in [&elsewhere, &here] {
        assert_eq!(ended.try_get("/balance").await.refusal().1, "auth.invalid_credentials");
    }
    let token = changed["access_token"].as_str().unwrap();
    let answer = app.api(Method::GET, "/balance").bearer_auth(token).answer().await;
    assert_eq!(answer.status(), StatusCode::OK, "the answer has the new session's tokens");
    let answer = app.api_post("/auth/refresh", &json!({ "refresh_token": here.refresh_token })).await;
    assert_eq!(answer.refusal().0, 401, "the old refresh token is dead");
    let easy = json!({ "current_password": "Another-Horse-8", "new_password": "Password123!" });
    let answer = app.api(Method::POST, "/auth/password").bearer_auth(token).json(&easy).answer().await;
    assert_eq!(answer.refusal(), (422, "password.common".to_owned(), Some("#/new_password".to_owned())));
    let answer = app.api_post("/auth/password", &json!({})).await;
    assert_eq!(answer.refusal().0, 401, "nobody is signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_none_are_401_with_a_challenge() {
    let app = TestApp::start().await;
    for path in ["/balance", "/orders", "/portfolio", "/auth/profile", "/stream?topics=account"] {
        let answer = app.api_get(path).await;
        assert!(answer.headers().contains_key("www-authenticate"), "{path}");
        assert_eq!(answer.refusal(), (401, "auth.required".to_owned(), None), "{path}");
        let answer = app.api(Method::GET, path).bearer_auth("not.a.token").answer().await;
        assert_eq!(answer.refusal().1, "auth.invalid_credentials", "{path}");
    }
    // Public routes stay open.
    let answer = app.api(Method::GET, "/inventory/assets").bearer_auth("not.a.token").answer().await;
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
        .answer()
        .await;
    assert_eq!(answer.refusal().0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_sees_their_security_events() {
    let app = TestApp::start().await;
    let trader = app.trader("watchful").await;
    let body = json!({ "username": "watchful", "password": "Wrong-Password-1" });
    assert_eq!(app.api_post("/auth/login", &body).await.refusal().0, 401);
    let page = trader.get("/auth/events?limit=2").await;
    assert_eq!(page["data"][0]["event"], "sign_in_failed");
    assert_eq!((&page["data"][1]["event"], &page["has_more"]), (&json!("signed_in"), &json!(true)));
    assert_eq!(page["data"][1]["is_current_session"], true);
    let cursor = page["next_cursor"].as_str().unwrap();
    let older = trader.get(&format!("/auth/events?cursor={cursor}")).await;
    assert_eq!((&older["data"][0]["event"], &older["has_more"]), (&json!("registered"), &json!(false)));
    let refused = trader.try_get("/auth/events?cursor=x").await.refusal();
    assert_eq!(refused.0, 422);
    assert_eq!(app.api_get("/auth/events").await.refusal().0, 401);
}

/// The form's answer signs in, and makes the browser known: guesses of strangers do not delay it afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_device_cookie_and_leaves_its_cache_behind() {
    let app = TestApp::start().await;
    app.trader("browsing").await;
    let form = |path: &str, body: String, cookies: &str| {
        app.request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookies)
            .body(body)
    };
    let answer = form("/fn/login", format!("username=browsing+&password={PASSWORD}"), "").answer().await;
    let cookies: Vec<String> = answer
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for _ in 0..5 {
        let body = json!({ "username": "browsing", "password": "Wrong-Password-1" });
        assert_eq!(app.api_post("/auth/login", &body).await.refusal().0, 401);
    }
    let right = json!({ "username": "browsing", "password": PASSWORD });
    assert_eq!(app.api_post("/auth/login", &right).await.refusal().1, "auth.blocked");
    let cookies = cookies.join("; ");
    let body = format!("username=browsing&password={PASSWORD}");
    let answer = form("/fn/login", body, &cookies).answer().await;
    assert_eq!(answer.headers()["location"], "/dashboard", "signed in from the known browser");
    assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 1, "the device keeps its cookie");
    let answer = form("/fn/logout", String::new(), &cookies).answer().await;
    assert_eq!(answer.headers()["clear-site-data"], "\"cache\"");
}
