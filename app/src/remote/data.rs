//! The data of a page: read before the page leaves the server, and again whenever the question changes.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::payload::{PageText, Payload};
use super::question::{Asked, Question};
use crate::erased::Erase;
use crate::error::AppError;
use crate::live::Live;

/// The one resource.
type Answers = Resource<Payload, PageText>;
/// What is drawn of an answer.
type View = Arc<dyn Fn(&Payload) -> AnyView + Send + Sync>;

/// Data of a page. Cheap to copy; made in a component's body.
pub(crate) struct PageData<T: 'static> {
    answers: Answers,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for PageData<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PageData<T> {}

impl<T> std::fmt::Debug for PageData<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageData")
    }
}

impl<T> PageData<T> {
    /// The answer to a question, and to the next one when a signal in it changes.
    pub(crate) fn new(question: impl Fn() -> Question<T> + Send + Sync + 'static) -> Self {
        Self { answers: answers(Box::new(move || question().asked)), value: PhantomData }
    }

    /// Asks again now.
    pub(crate) fn refetch(self) {
        self.answers.refetch();
    }

    /// Asks again whenever the account has changed.
    pub(crate) fn follow_account(self) -> Self {
        follow_account(self.answers);
        self
    }
}

impl<T: DeserializeOwned + Clone + 'static> PageData<T> {
    /// What is there now, if anything (untracked).
    pub(crate) fn get_untracked(self) -> Option<Result<T, AppError>> {
        self.answers.get_untracked().map(|payload| payload.read())
    }

    /// Draws the answer once it is there: while it is asked for again what was there stays.
    ///
    /// Everything that a part of a page waits for is one answer, awaited here: a part that waited inside another
    /// would be drawn by the server in one of two ways, whichever came first, and the browser could not take it over.
    pub(crate) fn show(
        self,
        fallback: fn() -> AnyView,
        view: impl Fn(Result<T, AppError>) -> AnyView + Send + Sync + 'static,
    ) -> AnyView {
        show(self.answers, fallback, Arc::new(move |payload: &Payload| view(payload.read())))
    }
}

fn answers(question: Box<dyn Fn() -> Asked + Send + Sync>) -> Answers {
    Resource::new_with_options(question, Asked::answer, true)
}

fn follow_account(answers: Answers) {
    let live = Live::current();
    Effect::new(move |before: Option<Option<u64>>| {
        let now = live.account_seq();
        // The first snapshot says where the page starts from.
        if now.is_some() && before.flatten().is_some() && before.flatten() != now {
            answers.refetch();
        }
        now
    });
}

fn show(answers: Answers, fallback: fn() -> AnyView, view: View) -> AnyView {
    view! {
        <Transition fallback=fallback>
            {move || {
                let view = Arc::clone(&view);
                Suspend::new(async move { view(&answers.await) })
            }}
        </Transition>
    }
    .erased()
}
