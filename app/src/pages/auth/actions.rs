//! Actions of sign-in, registration and sign-out.
#![allow(clippy::too_many_arguments, reason = "one argument is one field of the form")]

use leptos::prelude::*;

use crate::address::encoded;
use crate::error::AppError;
use crate::forms::{Form, respond};

/// Signs in and sets the session's cookie.
///
/// # Errors
/// A wrong name or password, and too many of them.
#[server(prefix = "/fn", endpoint = "login")]
pub(crate) async fn login(
    #[server(default)] username: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let page = if next.is_empty() {
        "/login".to_owned()
    } else {
        format!("/login?next={}", encoded(&server::destination(&next)))
    };
    let form = Form { name: "login", page, key: String::new(), kept: vec![("username", username.clone())] };
    let request = cnop_api::accounts::LoginRequest { username, password };
    respond(server::sign_in(request).await, form, |()| server::destination(&next))
}

/// Opens an account and signs in.
///
/// # Errors
/// Fields that break a rule; a name or an address that is taken.
#[server(prefix = "/fn", endpoint = "register")]
pub(crate) async fn register(
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
    #[server(default)] username: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] phone: String,
    #[server(default)] date_of_birth: String,
    #[server(default)] marketing_emails_consent: String,
) -> Result<(), AppError> {
    let form = Form {
        name: "register",
        page: "/register".to_owned(),
        key: String::new(),
        kept: vec![
            ("first_name", first_name.clone()),
            ("last_name", last_name.clone()),
            ("username", username.clone()),
            ("email", email.clone()),
            ("phone", phone.clone()),
            ("date_of_birth", date_of_birth.clone()),
            ("marketing_emails_consent", marketing_emails_consent.clone()),
        ],
    };
    let filled = |text: String| (!text.trim().is_empty()).then_some(text);
    let request = cnop_api::accounts::RegisterRequest {
        username: username.clone(),
        email,
        password: password.clone(),
        first_name,
        last_name,
        phone: filled(phone),
        date_of_birth: filled(date_of_birth),
        marketing_emails_consent: marketing_emails_consent == "true",
    };
    respond(server::register(request).await, form, |page| (*page).to_owned())
}

/// Ends the session on every server and clears its cookie.
///
/// # Errors
/// 503 when the session could not be ended now.
#[server(prefix = "/fn", endpoint = "logout")]
pub(crate) async fn logout() -> Result<(), AppError> {
    let form = Form {
        name: "logout",
        page: "/profile?form=logout".to_owned(),
        key: String::new(),
        kept: Vec::new(),
    };
    respond(server::sign_out().await, form, |()| "/login?result=signed_out".to_owned())
}

mod server {
    use cnop_api::Problem;
    use cnop_api::accounts::{LoginRequest, RegisterRequest};
    use cnop_api::cookies::device_cookie_name;
    use cnop_services::auth::BrowserSession;
    use http::HeaderName;

    use crate::context::{self, client};
    use crate::forms::{cookie_set, header_append, is_secure, local_or_home, session_cookie_set};

    /// Empties the browser's cache: pages of the account must not come back with the Back button.
    const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

    /// Target of a sign-in: a page of ours, and never a sign-in form again.
    pub(super) fn destination(next: &str) -> String {
        let path = local_or_home(next);
        let circular = ["/login", "/register", "/fn/"].iter().any(|start| path.starts_with(start));
        if circular { "/dashboard".to_owned() } else { path }
    }

    pub(super) async fn sign_in(request: LoginRequest) -> Result<(), Problem> {
        let session =
            context::services()?.auth.login_browser(request, &client()?).await.map_err(Problem::from)?;
        session_cookie_set(&session.secret, session.max_age_seconds);
        if let Some(device) = &session.device {
            cookie_set(device_cookie_name(is_secure()), device, BrowserSession::DEVICE_MAX_AGE_SECONDS);
        }
        Ok(())
    }

    /// Opens the account and signs in; the page to go to.
    pub(super) async fn register(request: RegisterRequest) -> Result<&'static str, Problem> {
        let credentials =
            LoginRequest { username: request.username.clone(), password: request.password.clone() };
        context::services()?.auth.register(request, &client()?).await.map_err(Problem::from)?;
        // The account exists from here on: if only the sign-in fails, its page is where to go.
        Ok(match sign_in(credentials).await {
            Ok(()) => "/dashboard?result=register",
            Err(_) => "/login?result=register",
        })
    }

    pub(super) async fn sign_out() -> Result<(), Problem> {
        if let Some(caller) = context::caller() {
            context::services()?.auth.logout(&caller, &client()?).await.map_err(Problem::from)?;
        }
        session_cookie_set("", 0);
        header_append(CLEAR_SITE_DATA, "\"cache\"");
        Ok(())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_sign_in_leads_to_a_page_of_ours() {
            assert_eq!(destination(""), "/dashboard");
            assert_eq!(destination("/trade/ETH?side=sell"), "/trade/ETH?side=sell");
            for next in
                ["//evil.example/", "https://evil.example", "/login?next=/login", "/fn/logout", "/\\evil"]
            {
                assert_eq!(destination(next), "/dashboard", "{next}");
            }
        }
    }
}
