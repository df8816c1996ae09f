//! The credentials of a request: access token and session cookie.

use cnop_api::cookies::cookie_value;
use cnop_api::{Code, Credentials, Identify, Problem};
use http::{HeaderMap, header};

use crate::Identity;

/// The credentials that a request presents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PresentedCredentials<'a> {
    /// The access token, or that the field is not one of ours.
    authorization: Option<Result<&'a str, ()>>,
    /// Value of the session cookie.
    session: Option<&'a str>,
}

impl<'a> PresentedCredentials<'a> {
    pub(crate) fn of(headers: &'a HeaderMap, cookie_name: &str) -> Self {
        Self { authorization: bearer(headers), session: cookie_value(headers, cookie_name) }
    }

    /// Returns true if the browser sent the session along, as it also does when another site makes it ask.
    pub(crate) const fn has_session(self) -> bool {
        self.session.is_some()
    }

    /// Returns true if a program authorized itself: no other site can make a browser do that unasked.
    pub(crate) const fn has_authorization(self) -> bool {
        self.authorization.is_some()
    }

    /// Identifies the caller. A token counts before a cookie.
    pub(crate) async fn identify(self, identify: &dyn Identify) -> Identity {
        let credentials = match (self.authorization, self.session) {
            (Some(Ok(token)), _) => Credentials::Bearer(token),
            (Some(Err(())), _) => {
                return Identity::Refused(Problem::new(
                    Code::AuthInvalidCredentials,
                    "The Authorization field must be `Bearer`, one space and an access token.",
                ));
            }
            (None, Some(session)) => Credentials::Session(session),
            (None, None) => return Identity::Anonymous,
        };
        match identify.identify(credentials).await {
            Ok(caller) => Identity::Known(caller),
            Err(problem) => Identity::Refused(problem),
        }
    }
}

/// The token of exactly one field that is `Bearer` in any case (RFC 9110, 11.1), a space and a token.
fn bearer(headers: &HeaderMap) -> Option<Result<&str, ()>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(Err(()));
    }
    let credentials = value.to_str().ok().and_then(|value| value.split_once(' '));
    Some(
        credentials
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
            .map(|(_, token)| token)
            .filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()))
            .ok_or(()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_token_in_any_case_of_the_scheme() {
        let of = |value: &str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            bearer(&headers).unwrap().map(str::to_owned)
        };
        assert_eq!(of("Bearer abc.def-_"), Ok("abc.def-_".to_owned()));
        assert_eq!(of("bEARER abc"), Ok("abc".to_owned()));
        for bad in ["Bearer", "Bearer ", "Bearer  abc", "Bearer a b", "Basic abc", "abc"] {
            assert_eq!(of(bad), Err(()), "{bad}");
        }
        let mut twice = HeaderMap::new();
        twice.append(header::AUTHORIZATION, "Bearer a".parse().unwrap());
        twice.append(header::AUTHORIZATION, "Bearer b".parse().unwrap());
        assert_eq!(bearer(&twice), Some(Err(())));
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
