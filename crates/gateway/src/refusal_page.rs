//! The refusal page: for a browser without scripts, in place of the JSON problem.

use axum::body::Body;
use axum::response::Response;
use cnop_api::{Code, Problem, local_part};
use html_escape::{encode_quoted_attribute, encode_text};
use http::{HeaderMap, HeaderValue, header};

use crate::RequestContext;
use crate::problem::problem_response;

/// The page's only style. The policy below contains its hash; a test compares the two.
const STYLE: &str = ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:12vh auto;\
                     padding:0 1.25rem}h1{font-size:1.5rem;line-height:1.25}footer{margin-top:2.5rem;font-size:.8125rem;\
                     opacity:.7;overflow-wrap:anywhere}a{color:inherit}";
/// Only that style, and no form target.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'sha256-02QCWCtBqomhXGTsBWS5ORXnQxPAsAXwr/Vj3HNwMTI='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Longest local address that the page leads back to.
const BACK_BYTES_MAX: usize = 512;

/// Returns true if the client shows the response to a person.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.into_iter().any(|value| value.contains("text/html"))
}

/// Path and query of the page that the person came from, if that was a page of this host.
pub(crate) fn back(headers: &HeaderMap, is_own: impl FnOnce(&str) -> bool) -> Option<String> {
    let referer = headers.get(header::REFERER)?.to_str().ok()?;
    let (origin, path) = local_part(referer.split('#').next().unwrap_or(referer))?;
    (path.len() <= BACK_BYTES_MAX && is_own(origin)).then(|| path.to_owned())
}

/// The problem as a page, with the status and the fields of the problem.
pub(crate) fn refusal_page(problem: &Problem, context: &RequestContext, back: Option<&str>) -> Response {
    let mut response = problem_response(problem, context);
    *response.body_mut() = Body::from(text(problem, context, back));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn text(problem: &Problem, context: &RequestContext, back: Option<&str>) -> String {
    let title = problem.code.title();
    let detail = encode_text(&problem.detail);
    let advice = advice(problem);
    let link = match back {
        Some(path) => {
            format!("<a href=\"{}\">Back to the page you came from</a> · ", encode_quoted_attribute(path))
        }
        None => String::new(),
    };
    let request_id = encode_text(&context.request_id);
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title} · CNOP</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1><p>{detail}</p><p>{advice}</p><p>{link}<a href=\"/\">CNOP's first page</a></p>\
         </main><footer>Request {request_id}</footer></body></html>"
    )
}

/// Advice for a person, by kind of refusal.
fn advice(problem: &Problem) -> String {
    let wait = problem.retry_after_seconds.map(|seconds| format!("Wait {seconds} s, then try again. "));
    let then = match problem.status() {
        _ if problem.code == Code::AuthCrossSite => {
            "Open the page here, on CNOP itself, and send the form from there. Nothing was done."
        }
        401 => "Sign in, then try again. Nothing was done.",
        404 => "Check the address, or start from the first page.",
        405 => "This address belongs to a form: open the form's page and send it from there.",
        413 => "Go back and send less. Nothing was done.",
        429 => "Nothing was done.",
        503 if problem.code == Code::RequestTimeout => {
            "Look first whether it was done, before you send it again."
        }
        503 => "It is not your fault. Your browser's Back button keeps what you typed.",
        500.. => "It is not your fault, and it was written down for us to look at.",
        _ => "Load the page again and fill the form in once more. Nothing was done.",
    };
    wait.unwrap_or_default() + then
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_names_the_style() {
        let hash = STANDARD.encode(Sha256::digest(STYLE));
        assert!(POLICY.to_str().unwrap().contains(&format!("'sha256-{hash}'")), "the style's hash is {hash}");
    }

    #[test]
    fn nothing_that_was_sent_becomes_markup() {
        let problem = Problem::new(Code::RequestMalformed, "<script>alert('1')</script>");
        let context =
            RequestContext { request_id: "r-1".to_owned(), problem_base: "https://x/problems/".into() };
        let text = text(&problem, &context, Some("/market?q=\"><b>"));
        assert!(!text.contains("<script>") && !text.contains("<b>"), "{text}");
        assert!(text.contains("&lt;script&gt;alert('1')") && text.contains("Request r-1"), "{text}");
    }

    #[test]
    fn only_pages_of_ours_are_led_back_to() {
        let back = |referer: &str| {
            let headers = HeaderMap::from_iter([(header::REFERER, HeaderValue::from_str(referer).unwrap())]);
            back(&headers, |origin| origin == "https://cnop.example")
        };
        assert_eq!(back("https://cnop.example/trade/BTC?side=buy#x").as_deref(), Some("/trade/BTC?side=buy"));
        assert_eq!(back("https://cnop.example/").as_deref(), Some("/"));
        for referer in [
            "https://evil.example/",
            "https://cnop.example",
            "https://cnop.example//evil.example",
            "https://cnop.example/\\evil",
            "https://cnop.example.evil.example/x",
            "javascript:alert(1)",
            "/trade",
            "",
        ] {
            assert_eq!(back(referer), None, "{referer}");
        }
        assert_eq!(back(&format!("https://cnop.example/{}", "a".repeat(BACK_BYTES_MAX))), None);
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        for code in Code::ALL {
            let problem = Problem::new(*code, "").retry_after(7);
            assert!(advice(&problem).starts_with("Wait 7 s"), "{code:?}");
            assert!(advice(&Problem::new(*code, "")).len() > 15, "{code:?}");
        }
    }
}
