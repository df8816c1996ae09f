//! The answer to a posted form.

use std::time::Duration;

use cnop_api::cookies::{cookie_value, session_cookie_name, set_cookie};
use cnop_api::{Code, FieldError, Problem, account_tag, local_path, path_of};
use http::header::{ACCEPT, CACHE_CONTROL, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::{Flash, problem_in_words};
use crate::address::{encoded, with_member};
use crate::context::{caller, fault_report};
use crate::error::AppError;

/// Lifetime of the cookie with the inputs of a refused form.
const FLASH_AGE: Duration = Duration::from_secs(60);
/// Longest input that is shown again.
const VALUE_BYTES_MAX: usize = 200;
/// The page after a form that names none, or none of ours.
const HOME: &str = "/dashboard";

/// Target of a form's answer, and the inputs to show again after a refusal.
#[derive(Debug)]
pub(crate) struct Form {
    /// Names the flash cookie: one a form.
    pub(crate) name: &'static str,
    /// Local path of the form's page, with its own query if it has one.
    pub(crate) page: String,
    /// Idempotency key of the form; empty without one.
    pub(crate) key: String,
    /// Inputs that are no secrets.
    pub(crate) kept: Vec<(&'static str, String)>,
}

/// Answers a posted form: `done` is the local path of the result.
///
/// # Errors
/// The problem: for a browser a redirect back to the form, for a program its status.
pub(crate) fn respond<T>(
    outcome: Result<T, Problem>,
    form: Form,
    done: impl FnOnce(&T) -> String,
) -> Result<(), AppError> {
    match outcome.inspect_err(fault_report).map_err(problem_in_words) {
        Ok(value) => {
            see_other(&done(&value));
            Ok(())
        }
        Err(problem) if is_page_request() && problem.code == Code::AuthRequired => {
            see_other(&format!("/login?next={}", encoded(&form.page)));
            Err(AppError(problem))
        }
        Err(problem) if is_page_request() => {
            let form = Form { page: local_or_home(&form.page), ..form };
            see_other(&refused_path(&form.page, &problem));
            flash_set(form, &problem);
            Err(AppError(problem))
        }
        Err(problem) => Err(fail(problem)),
    }
}

/// A refusal with its status, for readers of JSON. A page's own status is never touched.
pub(crate) fn fail(problem: Problem) -> AppError {
    if let Some(response) = use_context::<ResponseOptions>().filter(|_| !is_page_request()) {
        if let Ok(status) = StatusCode::from_u16(problem.status()) {
            response.set_status(status);
        }
        if let Some(seconds) = problem.retry_after_seconds {
            response.insert_header(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    AppError(problem)
}

/// Sends a visitor of a private page to sign in, and back afterwards.
pub(crate) fn sign_in_redirect() {
    let Some(parts) = use_context::<Parts>().filter(|_| is_page_request()) else { return };
    let here = parts.uri.path_and_query().map_or(HOME, |path| path.as_str());
    see_other(&format!("/login?next={}", encoded(here)));
}

/// The cookie's flash if the query says that this page shows a refusal of this form, or else what the query tells.
pub(crate) fn flash_of(name: &str, read: impl Fn(&str) -> String) -> Flash {
    let code = read("problem");
    if code.is_empty() || (read("form") != name && !read("form").is_empty()) {
        return Flash::default();
    }
    let from_query = Flash::from_query(&code, &read("fields"));
    match flash_take(name) {
        Some(flash) if flash.problem.as_ref().is_none_or(|problem| problem.code.as_str() == code) => {
            Flash { problem: flash.problem.or(from_query.problem), values: flash.values }
        }
        _ => from_query,
    }
}

/// The flash that belongs to the form of this request, cleared in the same answer.
fn flash_take(name: &str) -> Option<Flash> {
    let parts = use_context::<Parts>()?;
    let cookie = flash_name(name);
    let flash = Flash::from_cookie(cookie_value(&parts.headers, &cookie)?)?;
    cookie_set_at(&room(parts.uri.path()), &cookie, "", Duration::ZERO);
    Some(flash)
}

/// Returns true if the answer is a page.
fn is_page_request() -> bool {
    use_context::<Parts>()
        .and_then(|parts| parts.headers.get(ACCEPT)?.to_str().ok().map(|accept| accept.contains("text/html")))
        .unwrap_or(false)
}

fn refused_path(page: &str, problem: &Problem) -> String {
    let fields: Vec<_> = problem.errors.iter().filter_map(FieldError::member).collect();
    let fields = if fields.is_empty() { String::new() } else { format!("&fields={}", fields.join(",")) };
    with_member(page, &format!("problem={}{fields}", problem.code.as_str()))
}

fn flash_set(form: Form, problem: &Problem) {
    let bounded =
        |(name, value): (&str, String)| (value.len() <= VALUE_BYTES_MAX).then(|| (name.to_owned(), value));
    // The content of a field comes back by `kept`; the figures of a refusal are in its sentence.
    let errors = problem.errors.iter().map(|error| FieldError { given: None, ..error.clone() }).collect();
    // While the outcome is open the key stays: the same form sent again is the same command.
    let key = is_undecided(problem).then_some(("key", form.key));
    let flash = Flash {
        values: form.kept.into_iter().chain(key).filter_map(bounded).collect(),
        problem: Some(Problem { errors, facts: Vec::new(), ..problem.clone() }),
    };
    cookie_set_at(&room(&form.page), &flash_name(form.name), &flash.to_cookie(), FLASH_AGE);
}

/// Returns true if the outcome of the form is unknown.
fn is_undecided(problem: &Problem) -> bool {
    problem.status() >= 500 || problem.code == Code::IdempotencyInProgress
}

/// Returns true if users reach the venue over TLS.
pub(crate) fn is_secure() -> bool {
    crate::context::app_context().is_some_and(|app| app.public_url.starts_with("https://"))
}

/// Sets the address of the next page, the dashboard for one that is none of ours; a browser asks for it with GET, whatever it has sent.
pub(crate) fn see_other(path: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let Ok(location) = HeaderValue::from_str(&local_or_home(path)) else { return };
    let is_read = use_context::<Parts>().is_some_and(|parts| parts.method == Method::GET);
    response.set_status(if is_read { StatusCode::FOUND } else { StatusCode::SEE_OTHER });
    response.insert_header(LOCATION, location);
    response.insert_header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Sets or, with an age of zero, removes the session's cookie. The gateway reads the same name.
pub(crate) fn session_cookie_set(secret: &str, max_age_seconds: u32) {
    cookie_set(session_cookie_name(is_secure()), secret, max_age_seconds);
}

/// Sets a cookie of the whole site.
pub(crate) fn cookie_set(name: &str, value: &str, max_age_seconds: u32) {
    cookie_set_at("/", name, value, Duration::from_secs(max_age_seconds.into()));
}

/// Sets a cookie of the pages below a path; an age of zero deletes it.
fn cookie_set_at(path: &str, name: &str, value: &str, age: Duration) {
    let cookie = set_cookie(name, value, path, age, is_secure());
    if let (Some(response), Some(cookie)) = (use_context::<ResponseOptions>(), cookie) {
        response.append_header(SET_COOKIE, cookie);
    }
}

/// Adds a header to the answer, beside others of its name.
pub(crate) fn header_append(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        response.append_header(name, value);
    }
}

/// The address if it leads to a page of this site, else the dashboard.
pub(crate) fn local_or_home(address: &str) -> String {
    local_path(address).unwrap_or(HOME).to_owned()
}

fn flash_name(form: &str) -> String {
    format!("flash_{form}")
}

/// The first segment of an address: the pages that a flash is sent to.
fn room(address: &str) -> String {
    let segments = local_path(address).map(path_of).unwrap_or_default();
    format!("/{}", segments.trim_start_matches('/').split('/').next().unwrap_or_default())
}

/// The hidden key of a form; a form without one is still a command, only without protection against a twin.
///
/// # Errors
/// `request.malformed` for a text that is no key; `auth.other_account` for a form that was made for another account:
/// somebody else signed in in another tab, and what this page shows is not theirs.
pub(crate) fn idempotency_key(text: &str) -> Result<Option<cnop_services::IdempotencyKey>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let owner = text.split_once('.').map(|(owner, _)| owner);
    if let (Some(owner), Some(caller)) = (owner, caller())
        && owner != account_tag(&caller.account_id)
    {
        let detail = format!(
            "This form was made for another account. You are signed in as {} now. Nothing was changed.",
            caller.username
        );
        return Err(Problem::new(Code::AuthOtherAccount, detail));
    }
    let malformed =
        |_| Problem::new(Code::RequestMalformed, "The form could not be read. Load the page again.");
    text.parse().map(Some).map_err(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_carries_code_and_fields_alone() {
        let problem = Problem::invalid(vec![
            FieldError::new("amount", "decimals", "At most 2 decimals.").given("1.234"),
            FieldError::new("unit", "choice", "…"),
        ]);
        assert_eq!(refused_path("/account", &problem), "/account?problem=request.invalid&fields=amount,unit");
        let funds = Problem::new(Code::BalanceInsufficientFunds, "You have 1.00 USD available.");
        assert_eq!(
            refused_path("/trade/BTC?side=buy", &funds),
            "/trade/BTC?side=buy&problem=balance.insufficient_funds"
        );
    }

    #[test]
    fn a_flash_is_sent_to_its_own_pages_alone() {
        assert_eq!(room("/trade/BTC?side=buy"), "/trade");
        assert_eq!(room("/account"), "/account");
        assert_eq!(room("/"), "/");
    }

    /// A posted page with `;` would add attributes to the cookie, such as a domain.
    #[test]
    fn a_page_that_is_none_of_ours_adds_nothing_to_the_cookie() {
        for page in ["/a; Domain=example", "/a;x", "//evil.example", ""] {
            assert_eq!((room(page).as_str(), local_or_home(page).as_str()), ("/", "/dashboard"), "{page}");
        }
    }
}
