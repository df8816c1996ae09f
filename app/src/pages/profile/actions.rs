//! Personal details of the user.
#![allow(clippy::too_many_arguments, reason = "one argument is one field of the form")]

use leptos::prelude::*;

use crate::error::AppError;
use crate::forms::{Form, respond};

/// Changes the signed-in user's data.
///
/// # Errors
/// Fields that break a rule; an address that is taken; another address without the password.
#[server(prefix = "/fn", endpoint = "profile/save")]
pub(crate) async fn profile_save(
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
    #[server(default)] email: String,
    #[server(default)] phone: String,
    #[server(default)] date_of_birth: String,
    #[server(default)] marketing_emails_consent: String,
    #[server(default)] current_password: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let form = Form {
        name: "profile",
        page: "/profile?form=profile".to_owned(),
        key: key.clone(),
        kept: vec![
            ("first_name", first_name.clone()),
            ("last_name", last_name.clone()),
            ("email", email.clone()),
            ("phone", phone.clone()),
            ("date_of_birth", date_of_birth.clone()),
            ("marketing_emails_consent", marketing_emails_consent.clone()),
        ],
    };
    let update = cnop_api::accounts::ProfileUpdate {
        first_name: Some(first_name),
        last_name: Some(last_name),
        email: Some(email),
        phone: Some(phone),
        date_of_birth: Some(date_of_birth),
        // An unticked box is not sent at all.
        marketing_emails_consent: Some(marketing_emails_consent == "true"),
        current_password: (!current_password.is_empty()).then_some(current_password),
    };
    respond(server::save(update, &key).await, form, |_| "/profile?result=profile".to_owned())
}

/// Changes the signed-in user's password, ends their other sessions and replaces this one.
///
/// # Errors
/// A wrong present password, or too many of them; an invalid new password.
#[server(name = PasswordSave, prefix = "/fn", endpoint = "password")]
pub(crate) async fn password_save(
    #[server(default)] current_password: String,
    #[server(default)] new_password: String,
) -> Result<(), AppError> {
    // Passwords are secrets: a refused form comes back empty.
    let form = Form {
        name: "password",
        page: "/profile?form=password".to_owned(),
        key: String::new(),
        kept: Vec::new(),
    };
    let change = cnop_api::accounts::PasswordChange { current_password, new_password };
    respond(server::password(change).await, form, |()| "/profile?result=password".to_owned())
}

mod server {
    use cnop_api::Problem;
    use cnop_api::accounts::{PasswordChange, Profile, ProfileUpdate};
    use cnop_services::auth::Renewed;

    use crate::context;
    use crate::forms::{idempotency_key, session_cookie_set};

    pub(super) async fn save(update: ProfileUpdate, key: &str) -> Result<Profile, Problem> {
        let caller = context::signed_in()?;
        // Sending it twice changes nothing more: the key only says whose form it is.
        idempotency_key(key)?;
        let client = context::client()?;
        context::services()?.users.profile_update(&caller, update, &client).await.map_err(Problem::from)
    }

    pub(super) async fn password(change: PasswordChange) -> Result<(), Problem> {
        let caller = context::signed_in()?;
        let client = context::client()?;
        let changed = context::services()?.auth.password_change(&caller, change, &client).await;
        match changed.map_err(Problem::from)? {
            Renewed::Browser(session) => session_cookie_set(&session.secret, session.max_age_seconds),
            // The form was sent with an access token: no browser does that.
            Renewed::Client(_) => {}
        }
        Ok(())
    }
}
