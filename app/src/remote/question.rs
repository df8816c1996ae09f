//! A question to the server: in the browser an address, on the server a call without any HTTP between.

#[cfg(feature = "ssr")]
use std::future::Future;
use std::marker::PhantomData;
#[cfg(feature = "ssr")]
use std::pin::Pin;
#[cfg(feature = "ssr")]
use std::sync::Arc;

use leptos::server_fn::ServerFn;
#[cfg(feature = "ssr")]
use serde::Serialize;

use super::payload::Payload;
use crate::error::AppError;
use crate::forms::path_encode;

/// The call of a server function with its arguments.
#[cfg(feature = "ssr")]
type Call = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Payload> + Send>> + Send + Sync>;

/// A question without the type of its answer. The same address is the same question.
#[derive(Clone)]
pub(super) struct Asked {
    address: String,
    #[cfg(feature = "ssr")]
    call: Call,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl Asked {
    /// Gets the answer.
    pub(super) async fn answer(self) -> Payload {
        #[cfg(feature = "ssr")]
        {
            (self.call)().await
        }
        #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
        {
            super::fetch::get(self.address).await
        }
        #[cfg(not(any(feature = "ssr", feature = "hydrate")))]
        {
            Payload::none()
        }
    }
}

/// A question that is answered with `T`. Made by [`ask!`].
pub(crate) struct Question<T> {
    pub(super) asked: Asked,
    answer: PhantomData<fn() -> T>,
}

#[cfg(feature = "ssr")]
impl<T> Question<T> {
    /// The question that a server function answers.
    pub(crate) fn new<S>(request: S, query: &str) -> Self
    where
        S: ServerFn<Output = T, Error = AppError> + Clone + Sync + 'static,
        T: Serialize + Send + Sync + 'static,
    {
        let call: Call = Arc::new(move || {
            let request = request.clone();
            Box::pin(async move { Payload::made(request.run_body().await) })
        });
        Self { asked: Asked { address: address::<S>(query), call }, answer: PhantomData }
    }
}

#[cfg(not(feature = "ssr"))]
impl<T> Question<T> {
    /// The question that a server function answers.
    pub(crate) fn new<S: ServerFn<Output = T, Error = AppError>>(_: S, query: &str) -> Self {
        Self { asked: Asked { address: address::<S>(query) }, answer: PhantomData }
    }
}

fn address<S: ServerFn>(query: &str) -> String {
    if query.is_empty() { S::PATH.to_owned() } else { format!("{}?{query}", S::PATH) }
}

/// Fields as an address's query or a form's body; names are plain words.
pub(crate) fn urlencoded(fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(&path_encode(value));
    }
    text
}

/// The question that a server function of texts answers: `ask!(OrderRead { order_id: id })`.
macro_rules! ask {
    ($function:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        let request = $function { $($field: $value),* };
        let query = crate::remote::urlencoded(&[$((stringify!($field), request.$field.as_str())),*]);
        crate::remote::Question::new(request, &query)
    }};
}
pub(crate) use ask;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_carries_any_text() {
        assert_eq!(urlencoded(&[]), "");
        assert_eq!(urlencoded(&[("q", "a b&c=ü"), ("sort", "-price")]), "q=a%20b%26c%3D%C3%BC&sort=-price");
    }
}
