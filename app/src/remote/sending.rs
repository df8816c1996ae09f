//! A form on its way to the server, and what came of it.

use std::marker::PhantomData;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::de::DeserializeOwned;

use super::payload::Payload;
use crate::error::AppError;

/// Reads a field of a form by its name; empty for one that was not filled in.
pub(crate) type Inputs<'form> = dyn Fn(&str) -> String + 'form;

/// Sends forms to one server function that answers with `T`. Cheap to copy; made in a component's body.
pub(crate) struct Sending<T> {
    address: &'static str,
    pending: RwSignal<bool>,
    outcome: RwSignal<Option<Payload>>,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for Sending<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Sending<T> {}

impl<T> std::fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sending").field(&self.address).finish()
    }
}

impl<T> Sending<T> {
    /// To this server function.
    pub(crate) fn to<S: ServerFn<Output = T, Error = AppError>>() -> Self {
        Self {
            address: S::PATH,
            pending: RwSignal::new(false),
            outcome: RwSignal::new(None),
            value: PhantomData,
        }
    }

    /// Where a form without scripts is posted.
    pub(crate) const fn address(self) -> &'static str {
        self.address
    }

    /// Whether a form is on its way.
    pub(crate) const fn pending(self) -> RwSignal<bool> {
        self.pending
    }

    /// Whether the last form was refused (tracked: each refusal counts, also the same one again).
    pub(crate) fn is_refused(self) -> bool {
        self.outcome.with(|outcome| outcome.as_ref().is_some_and(|payload| payload.refusal().is_some()))
    }

    /// Sends a form, urlencoded, unless one is on its way already.
    pub(crate) fn send(self, body: String) {
        if !self.pending.get_untracked() {
            send(self.address, body, self.pending, self.outcome);
        }
    }
}

impl<T: DeserializeOwned + Clone + 'static> Sending<T> {
    /// The outcome of the last form (tracked), none before the first.
    pub(crate) fn outcome(self) -> Option<Result<T, AppError>> {
        self.outcome.with(|outcome| outcome.as_ref().map(Payload::read))
    }
}

#[cfg(feature = "hydrate")]
fn send(address: &'static str, body: String, pending: RwSignal<bool>, outcome: RwSignal<Option<Payload>>) {
    pending.set(true);
    leptos::task::spawn_local(async move {
        let payload = super::fetch::post(address.to_owned(), body).await;
        // A page that was left meanwhile has nobody to tell.
        let _ = outcome.try_set(Some(payload));
        let _ = pending.try_set(false);
    });
}

#[cfg(not(feature = "hydrate"))]
fn send(_: &'static str, _: String, _: RwSignal<bool>, _: RwSignal<Option<Payload>>) {}
