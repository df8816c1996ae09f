//! Forms that work without scripts.
//!
//! A form posts urlencoded text fields to an action. The answer is a redirect: to the result, or back to the form's page
//! with the problem's code and field names in the query. The sentences of the problem and the inputs that are no secrets
//! come back in a cookie that lives a minute and is cleared when it is read ([`Flash`]). `shell/enhance.js` follows the
//! same redirect and swaps the answer into the page.

mod field;
mod summary;
mod words;

#[cfg(feature = "ssr")]
mod flash;
#[cfg(feature = "ssr")]
mod respond;
#[cfg(feature = "ssr")]
mod state;

pub(crate) use crate::components::FORM_RESULT;
#[cfg(feature = "ssr")]
pub(crate) use field::{Checkbox, Submit};
pub(crate) use field::{FieldUnit, TextField};
#[cfg(feature = "ssr")]
pub(crate) use flash::Flash;
#[cfg(feature = "ssr")]
pub(crate) use respond::{
    Form, cookie_set, flash_of, header_append, idempotency_key, is_secure, local_or_home, respond, see_other,
    session_cookie_set, sign_in_redirect,
};
#[cfg(feature = "ssr")]
pub(crate) use state::{ButtonForm, FormState, Hidden, TextInput, key_new};
pub(crate) use summary::ProblemSummary;
pub(crate) use words::in_words;
#[cfg(feature = "ssr")]
pub(crate) use words::{problem_in_words, worded};
