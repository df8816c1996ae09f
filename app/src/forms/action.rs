//! The state of one form: its idempotency key, what it held before, and what was refused.

use cnop_api::Problem;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Flash;
use crate::error::AppError;
use crate::json::Json;
use crate::remote::Sending;

/// What the server writes into the page about a form, so that the browser starts from the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Start {
    key: String,
    flash: Flash,
}

/// One form of a page. Cheap to copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormState {
    /// One for each command that a person means: kept while the outcome is open, renewed after it.
    pub(crate) key: RwSignal<String>,
    /// What was refused last.
    pub(crate) problem: RwSignal<Option<Problem>>,
    start: StoredValue<Flash>,
}

impl FormState {
    /// The state of the form with this name. Call it in a component's body, not in a closure.
    pub(crate) fn new(name: &'static str) -> Self {
        let Start { key, flash } = SharedValue::<_, Json>::new_with_encoding(|| start(name)).into_inner();
        Self {
            key: RwSignal::new(key),
            problem: RwSignal::new(flash.problem.clone()),
            start: StoredValue::new(flash),
        }
    }

    /// A signal with what a field held before the refusal, or else with `initial`.
    pub(crate) fn field(self, name: &str, initial: impl Into<String>) -> RwSignal<String> {
        let kept = self.start.with_value(|flash| flash.value(name));
        RwSignal::new(kept.unwrap_or_else(|| initial.into()))
    }

    /// Shows the outcomes of what is sent and calls `done` with each result.
    pub(crate) fn follow<T>(self, sending: Sending<T>, done: impl Fn(T) + Send + Sync + 'static)
    where
        T: DeserializeOwned + Clone + 'static,
    {
        Effect::new(move |_| match sending.outcome() {
            None => {}
            Some(Ok(value)) => {
                self.settle(None);
                done(value);
            }
            Some(Err(error)) => self.settle(Some(error)),
        });
    }

    /// Takes an outcome in: shows a refusal, and renews the key once the venue has decided.
    fn settle(self, refusal: Option<AppError>) {
        // While the outcome is unknown the key stays: sending again then never does it twice.
        let is_decided = refusal.as_ref().is_none_or(|error| {
            error.0.status() < 500 && error.0.code != cnop_api::Code::IdempotencyInProgress
        });
        if is_decided {
            self.renew();
        }
        self.problem.set(refusal.map(|error| error.0));
    }

    fn renew(self) {
        self.key.set(super::key_new(&super::browser::BrowserEntropy));
    }
}

#[cfg(feature = "ssr")]
fn start(name: &str) -> Start {
    let key =
        crate::context::services().map(|services| super::key_new(services.entropy())).unwrap_or_default();
    Start { key, flash: flash(name) }
}

#[cfg(not(feature = "ssr"))]
fn start(_name: &str) -> Start {
    Start { key: super::key_new(&super::browser::BrowserEntropy), flash: Flash::default() }
}

/// What the query tells about this form.
#[cfg(feature = "ssr")]
fn flash(name: &str) -> Flash {
    let query = leptos_router::hooks::use_query_map();
    super::flash_of(name, |key| query.with_untracked(|query| query.get(key)).unwrap_or_default())
}
