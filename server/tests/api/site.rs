//! The site's files and the pages.

use reqwest::{Method, StatusCode};

use crate::support::{RequestExt, TestApp};

async fn with_site() -> TestApp {
    let directory = tempfile::tempdir().unwrap();
    let site = directory.path().join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::create_dir_all(site.join("icons")).unwrap();
    std::fs::write(site.join("pkg/cnop.AbCdEfGhIjKlMnOpQr.wasm"), b"\0asm").unwrap();
    std::fs::write(site.join("pkg/cnop.AbCdEfGhIjKlMnOpQr.js"), b"export default 1").unwrap();
    std::fs::write(site.join("icons/btc.svg"), b"<svg/>").unwrap();
    let path = site.to_str().unwrap().to_owned();
    TestApp::start_in(directory, &["--site-dir", &path]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_served_with_type_tag_and_age() {
    let app = with_site().await;
    let bundle = "/pkg/cnop.AbCdEfGhIjKlMnOpQr.wasm";
    let answer = app.get(bundle).await;
    assert_eq!(answer.headers()["content-type"], "application/wasm");
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let tag = answer.headers()["etag"].clone();
    let again = app.request(Method::GET, bundle).header("if-none-match", tag).answer().await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert!(again.text().is_empty());
    let head = app.request(Method::HEAD, bundle).answer().await;
    assert_eq!((head.status(), &head.headers()["content-length"]), (StatusCode::OK, &"4".parse().unwrap()));
    let icon = app.get("/icons/btc.svg").await;
    assert_eq!(icon.headers()["content-type"], "image/svg+xml");
    assert!(!icon.headers()["cache-control"].to_str().unwrap().contains("immutable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_name_the_hashed_files() {
    let app = with_site().await;
    let page = app.get("/").await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
    let text = page.text();
    assert!(text.contains("/pkg/cnop.AbCdEfGhIjKlMnOpQr.wasm") && text.contains("</html>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers() {
    let app = TestApp::start().await;
    for path in ["/", "/login", "/register", "/market", "/market/BTC", "/about/fills", "/design"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(answer.text().contains("<h1"), "{path}");
    }
    for path in ["/dashboard", "/orders", "/portfolio", "/account", "/profile"] {
        let request = app.request(Method::GET, path).header("accept", "text/html");
        let answer = request.answer().await;
        assert!(answer.status().is_redirection() || answer.status() == StatusCode::OK, "{path}");
    }
    let missing = app.get("/no/such/page").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert!(missing.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

/// Visitors met a bare form for sign-in in place of the trading page.
#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_sees_the_trading_page_and_signs_in_at_the_submit() {
    let app = TestApp::start().await;
    let page = |path: &'static str| app.request(Method::GET, path).header("accept", "text/html").answer();
    let seen = page("/trade/BTC").await;
    assert_eq!(seen.status(), StatusCode::OK);
    let html = seen.text();
    for part in ["Sign in to buy BTC", "id=\"pairs\"", "Bid × size", "id=\"dock\"", "id=\"ticket-amount\""] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let review = page("/trade/BTC?side=buy&type=market&amount=0.01&review=1").await;
    assert!(review.status().is_redirection(), "{}", review.status());
    let location = review.headers()["location"].to_str().unwrap();
    assert!(location.starts_with("/login?next=%2Ftrade%2FBTC%3F") && location.contains("0.01"), "{location}");
    let refused = page("/trade/BTC?side=buy&type=market&amount=99&review=1").await;
    assert_eq!(refused.status(), StatusCode::OK, "what no trader may do needs no sign-in");
    assert!(refused.text().contains("aria-invalid=\"true\""));
}

/// No link led from one asset to another.
#[tokio::test(flavor = "multi_thread")]
async fn the_trading_page_finds_other_assets() {
    let app = TestApp::start().await;
    let html = app.get("/trade/BTC?find=DOGEC").await.text().to_owned();
    assert!(html.contains("href=\"/trade/DOGE\"") && !html.contains("href=\"/trade/ETH\""), "{html}");
    let html = app.get("/trade/BTC?find=%3Cnone%3E").await.text().to_owned();
    assert!(html.contains("No matches.") && !html.contains("<none>"), "{html}");
    let html = app.get("/trade/ETH").await.text().to_owned();
    assert!(html.contains("href=\"/trade/ETH\" aria-current=\"page\""), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn older_addresses_lead_to_the_new_ones() {
    let app = TestApp::start().await;
    for (from, to) in [("/inventory", "/market"), ("/trading", "/trade"), ("/auth", "/login")] {
        let answer = app.get(from).await;
        assert_eq!(
            (answer.status(), &answer.headers()["location"]),
            (StatusCode::PERMANENT_REDIRECT, &to.parse().unwrap())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_theme_is_kept_in_a_cookie_that_is_secure_over_tls() {
    for (public_url, is_secure) in [("http://localhost:3000", false), ("https://venue.example", true)] {
        let app = TestApp::start_with(&["--public-url", public_url]).await;
        let form = app.request(Method::POST, "/fn/theme").body("theme=dark");
        let answer = form.header("content-type", "application/x-www-form-urlencoded").answer().await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("=dark; ") && cookie.contains("Path=/"), "{cookie}");
        assert_eq!(cookie.contains("; Secure"), is_secure, "{cookie}");
    }
}
