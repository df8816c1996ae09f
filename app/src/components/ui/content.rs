//! The content of a component.

use leptos::children::{ChildrenOptContainer, ToChildren};
use leptos::prelude::*;

/// Children that are rendered at once, before the component around them: they may borrow, unlike [`Children`].
pub(crate) struct Content(pub(super) AnyView);

impl std::fmt::Debug for Content {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Content")
    }
}

impl<F, V> ToChildren<F> for Content
where
    F: FnOnce() -> V,
    V: IntoView + 'static,
{
    fn to_children(children: F) -> Self {
        Self(children().into_any())
    }
}

/// A single text, which the view macro passes without a closure.
impl<T> ToChildren<ChildrenOptContainer<T>> for Content
where
    T: IntoView + 'static,
{
    fn to_children(text: ChildrenOptContainer<T>) -> Self {
        Self(text.0.into_any())
    }
}
