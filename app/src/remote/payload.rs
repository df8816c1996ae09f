//! The answer to a question, whatever its type.

#[cfg(feature = "ssr")]
use std::any::Any;
use std::sync::Arc;

use cnop_api::Problem;
use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
#[cfg(feature = "ssr")]
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::AppError;
use crate::json::{self, Unreadable};

/// First character of an answer in the page; what follows is the JSON of the value.
const GIVEN: &str = "+";
/// First character of a refusal in the page; what follows is the JSON of the problem.
const REFUSED: &str = "-";

/// An answer that has not been read yet.
#[derive(Clone)]
pub(crate) struct Payload(Result<Content, AppError>);

#[derive(Clone)]
enum Content {
    /// JSON, as it came from the server.
    Text(Arc<str>),
    /// As the server made it: views take it as it is, and it becomes text once, when the page leaves.
    #[cfg(feature = "ssr")]
    Value(Arc<dyn Answer>),
}

/// A value that can be written without its type being known.
#[cfg(feature = "ssr")]
trait Answer: Any + Send + Sync {
    fn json(&self) -> serde_json::Result<String>;
}

#[cfg(feature = "ssr")]
impl<T: Any + Send + Sync + Serialize> Answer for T {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

impl std::fmt::Debug for Payload {
    /// Says what it is, not what it holds: an answer is one person's alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_ok() { "Payload(given)" } else { "Payload(refused)" })
    }
}

impl Payload {
    /// What the server made.
    #[cfg(feature = "ssr")]
    pub(super) fn made<T: Any + Send + Sync + Serialize>(outcome: Result<T, AppError>) -> Self {
        Self(outcome.map(|value| {
            let value: Arc<dyn Answer> = Arc::new(value);
            Content::Value(value)
        }))
    }

    /// An answer of the server: its text, and whether it is a value or a problem.
    #[cfg_attr(
        not(any(feature = "hydrate", test)),
        allow(dead_code, reason = "answers arrive in the browser")
    )]
    pub(super) fn arrived(is_value: bool, text: String) -> Self {
        if is_value {
            return Self(Ok(Content::Text(text.into())));
        }
        Self(Err(json::read::<Problem>(&text).map_or_else(|_| unreadable(), AppError)))
    }

    /// No answer came.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "the network is the browser's"))]
    pub(super) fn none() -> Self {
        Self(Err(AppError::from_server_fn_error(ServerFnErrorErr::Request(String::new()))))
    }

    /// What was refused, if it was.
    pub(super) const fn refusal(&self) -> Option<&AppError> {
        match &self.0 {
            Ok(_) => None,
            Err(error) => Some(error),
        }
    }

    /// The value.
    ///
    /// # Errors
    /// What was refused; an answer of another type.
    pub(crate) fn read<T: DeserializeOwned + Clone + 'static>(&self) -> Result<T, AppError> {
        match &self.0 {
            Err(error) => Err(error.clone()),
            Ok(Content::Text(text)) => json::read(text).map_err(|_| unreadable()),
            #[cfg(feature = "ssr")]
            Ok(Content::Value(value)) => {
                let value: &dyn Any = &**value;
                value.downcast_ref::<T>().cloned().ok_or_else(unreadable)
            }
        }
    }
}

/// An answer that is not what it should be: another version of the venue, or something between.
fn unreadable() -> AppError {
    AppError::from_server_fn_error(ServerFnErrorErr::Deserialization(String::new()))
}

/// How an answer stands in the page, for the browser to start from.
#[derive(Debug)]
pub(super) struct PageText;

impl Encoder<Payload> for PageText {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(payload: &Payload) -> Result<String, Self::Error> {
        Ok(match &payload.0 {
            Ok(Content::Text(text)) => format!("{GIVEN}{text}"),
            #[cfg(feature = "ssr")]
            Ok(Content::Value(value)) => format!("{GIVEN}{}", value.json()?),
            Err(error) => format!("{REFUSED}{}", serde_json::to_string(&error.0)?),
        })
    }
}

impl Decoder<Payload> for PageText {
    type Error = Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> Result<Payload, Self::Error> {
        Ok(match text.strip_prefix(GIVEN) {
            Some(text) => Payload(Ok(Content::Text(text.into()))),
            None => Payload::arrived(false, text.strip_prefix(REFUSED).unwrap_or(text).to_owned()),
        })
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use cnop_api::Code;

    use super::*;

    fn through_the_page(payload: &Payload) -> Option<Payload> {
        PageText::decode(&PageText::encode(payload).ok()?).ok()
    }

    #[test]
    fn a_value_is_the_same_before_and_after_the_page() {
        let value = vec![("a".to_owned(), 1_u32), ("</script>".to_owned(), 2)];
        let made = Payload::made(Ok(value.clone()));
        assert_eq!(made.read::<Vec<(String, u32)>>().unwrap(), value);
        assert_eq!(through_the_page(&made).unwrap().read::<Vec<(String, u32)>>().unwrap(), value);
    }

    #[test]
    fn a_refusal_is_the_same_before_and_after_the_page() {
        let problem = Problem::new(Code::OrderNotFound, "There is no such order.");
        let made = Payload::made::<u32>(Err(AppError(problem.clone())));
        for payload in [&made, &through_the_page(&made).unwrap()] {
            assert_eq!(payload.read::<u32>().unwrap_err().0, problem);
            assert_eq!(payload.refusal().unwrap().0, problem);
        }
    }

    #[test]
    fn an_answer_of_another_kind_is_a_problem_and_no_value() {
        for text in ["", "<html>", "[1]", "{}"] {
            let error = Payload::arrived(true, text.to_owned()).read::<u32>().unwrap_err();
            assert_eq!(error.0.code, Code::Unavailable, "{text}");
        }
        assert_eq!(
            Payload::arrived(false, "<html>".to_owned()).read::<u32>().unwrap_err().0.code,
            Code::Unavailable
        );
        assert!(Payload::made(Ok(1_u32)).read::<String>().is_err());
        assert!(Payload::none().read::<u32>().is_err());
    }

    #[test]
    fn debugging_shows_no_answer() {
        let payload = Payload::made(Ok("balance 12".to_owned()));
        assert_eq!(format!("{payload:?}"), "Payload(given)");
    }
}
