//! Forms that work before, without and with WASM.
//!
//! A form posts urlencoded text fields to a server function. Without WASM the answer is a redirect: to the result,
//! or back to the form with the problem's code and field names in the query; the sentences and those inputs that
//! are no secrets come back in a cookie that lives a minute and is cleared when it is read ([`Flash`]). With WASM the
//! same form is sent by its action and the same problem is shown in place.

mod action;
mod browser;
mod field;
mod flash;
mod posted;
#[cfg(feature = "ssr")]
mod respond;
mod summary;
mod words;

pub(crate) use action::FormState;
#[cfg(feature = "hydrate")]
pub(crate) use browser::press;
pub(crate) use browser::{
    focus, focus_first_invalid, focus_keep, here, location_assign, now_us, path_encode,
};
pub(crate) use field::{Checkbox, Submit, TextField};
pub(crate) use flash::Flash;
#[cfg(feature = "ssr")]
pub(crate) use flash::path_decode;
#[cfg(feature = "hydrate")]
pub(crate) use posted::form_inputs;
pub(crate) use posted::posted;
#[cfg(feature = "ssr")]
pub(crate) use respond::{
    Form, fail, flash_of, header_append, idempotency_key, is_secure, local_path, respond, respond_in_place,
    see_other, sign_in_redirect,
};
pub(crate) use summary::ProblemSummary;
pub(crate) use words::in_words;
#[cfg(feature = "ssr")]
pub(crate) use words::{problem_in_words, worded};

use std::fmt::Write;

use cnop_domain::Entropy;

/// Random bytes in an idempotency key.
const KEY_BYTES: usize = 16;

/// A new idempotency key: one for each command that a person means.
pub(crate) fn key_new(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; KEY_BYTES];
    entropy.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(2 * KEY_BYTES), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
