//! Pages for sign-in and registration.

mod actions;
mod login;
mod register;

pub(crate) use self::actions::Logout;
pub(crate) use self::login::LoginPage;
pub(crate) use self::register::{PASSWORD_HINT, RegisterPage};
