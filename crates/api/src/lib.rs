//! Wire types: requests, responses, stream events and problem codes, shared by the server, the browser and
//! every client. Amounts are exact: domain types that serialize as decimal strings.

pub mod accounts;
#[cfg(feature = "server")]
pub mod cookies;
pub mod events;
mod figure;
#[cfg(feature = "server")]
mod identity;
#[cfg(feature = "server")]
mod local_path;
pub mod market;
pub mod money;
pub mod portfolio;
mod problem;
pub mod refusal;
#[cfg(feature = "server")]
pub mod rules;
mod text_serde;
pub mod trading;
mod typed_figure;
mod whole;

pub use cnop_domain::Timestamp;
pub use figure::Figure;
#[cfg(feature = "server")]
pub use identity::{Caller, Credentials, Identify, account_tag};
#[cfg(feature = "server")]
pub use local_path::{local_part, local_path, path_of};
pub use problem::{Code, FieldError, Problem};
pub use typed_figure::TypedUnit;
