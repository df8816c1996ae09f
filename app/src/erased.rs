//! Views without their types, each type once.

use leptos::prelude::*;

/// A view that has forgotten its type.
///
/// Like [`IntoAny::into_any`], but without the wrapping that `view!` adds: an element that is returned and one that
/// stands in another are then the same type, and their drawing is compiled once. It makes the bundle smaller.
pub(crate) trait Erase {
    /// Forgets the type.
    fn erased(self) -> AnyView;
}

impl<T: IntoAny> Erase for View<T> {
    fn erased(self) -> AnyView {
        self.into_inner().into_any()
    }
}

/// A text that follows signals.
///
/// Each closure in a view is a type of its own, and what draws it is compiled for each; these texts are all one type.
pub(crate) fn text(read: Box<dyn Fn() -> String + Send + Sync>) -> AnyView {
    (move || read()).into_any()
}

/// The same, for a text that is not always there.
pub(crate) fn text_if(read: Box<dyn Fn() -> Option<String> + Send + Sync>) -> AnyView {
    (move || read()).into_any()
}
