//! Registration, sign-in, sessions and profile.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

cnop_domain::closed_set! {
    /// Permissions of a user.
    pub enum UserRole {
        /// Trades with their own account.
        Customer = "customer",
        /// Operates the venue as administrator.
        Admin = "admin",
    }
}

cnop_domain::closed_set! {
    /// Scheme of an access token.
    pub enum TokenType {
        /// Sent as `Authorization: Bearer`.
        Bearer = "bearer",
    }
}

/// Body of `POST /auth/register`.
#[derive(Clone, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// 6 to 30 of letters, digits and `_`; stored in lower case.
    #[cfg_attr(feature = "openapi", schema(min_length = 6, max_length = 30, pattern = "^[A-Za-z0-9_]+$"))]
    pub username: String,
    /// Email address, unique among users.
    #[cfg_attr(feature = "openapi", schema(max_length = 254, format = Email))]
    pub email: String,
    /// 12 to 128 characters with upper case, lower case, a digit, and a symbol or a space: any character that is neither
    /// letter nor digit. Easy guesses and the user's own name are refused.
    #[cfg_attr(feature = "openapi", schema(min_length = 12, max_length = 128, format = Password))]
    pub password: String,
    /// 1 to 50 letters of any script with their marks, spaces, `'`, `-` and `·`; stored composed (NFC).
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 50))]
    pub first_name: String,
    /// 1 to 50 letters of any script with their marks, spaces, `'`, `-` and `·`; stored composed (NFC).
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 50))]
    pub last_name: String,
    /// 10 to 15 digits; everything else is dropped.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 64, pattern = "^$|^[^0-9]*([0-9][^0-9]*){10,15}$"))]
    pub phone: Option<String>,
    /// `YYYY-MM-DD`, for an age of 13 to 120.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(pattern = "^$|^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub date_of_birth: Option<String>,
    /// Consent to news by email.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub marketing_emails_consent: bool,
}

impl std::fmt::Debug for RegisterRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegisterRequest").finish_non_exhaustive()
    }
}

/// Body of `POST /auth/login`.
#[derive(Clone, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The user name, in any case.
    #[cfg_attr(feature = "openapi", schema(min_length = 6, max_length = 30, pattern = "^[A-Za-z0-9_]+$"))]
    pub username: String,
    /// Password of the user.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, format = Password))]
    pub password: String,
}

impl std::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginRequest").finish_non_exhaustive()
    }
}

/// Body of `POST /auth/refresh`.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The newest refresh token of the session.
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub refresh_token: String,
}

impl std::fmt::Debug for RefreshRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshRequest").finish_non_exhaustive()
    }
}

/// Body of `POST /auth/password`.
#[derive(Clone, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password until now. Wrong ones are counted like those of a sign-in.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, format = Password))]
    pub current_password: String,
    /// As at registration, and another one than until now.
    #[cfg_attr(feature = "openapi", schema(min_length = 12, max_length = 128, format = Password))]
    pub new_password: String,
}

impl std::fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordChange").finish_non_exhaustive()
    }
}

/// The answer to a sign-in or a refresh.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenPair {
    /// Signed, for `Authorization: Bearer`.
    pub access_token: String,
    /// Type of the token, always `bearer`.
    pub token_type: TokenType,
    /// Life of the access token in seconds.
    pub expires_in: u32,
    /// Good for one `POST /auth/refresh`.
    pub refresh_token: String,
}

impl std::fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenPair").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// A sentence as an answer.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Confirmation for a person.
    pub message: String,
}

/// Response of `GET /auth/profile`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// User name in lower case.
    pub username: String,
    /// Email address of the user.
    pub email: String,
    /// Given name of the user.
    pub first_name: String,
    /// Family name of the user.
    pub last_name: String,
    /// Phone number, digits only.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub phone: Option<String>,
    /// Date of birth as `YYYY-MM-DD`.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub date_of_birth: Option<String>,
    /// Consent to news by email.
    pub marketing_emails_consent: bool,
    /// Role of the user: `customer` or `admin`.
    pub role: UserRole,
    /// Opening time of the account.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Time of the profile's last change.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// `PUT /auth/profile`: only members that are present change; `""` clears an optional one.
#[derive(Clone, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileUpdate {
    /// New given name, same rules as for registration.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 50))]
    pub first_name: Option<String>,
    /// New family name, same rules as for registration.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 50))]
    pub last_name: Option<String>,
    /// New email address, same rules as for registration.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 254, format = Email))]
    pub email: Option<String>,
    /// New phone number, same rules as for registration; `""` clears it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 64, pattern = "^$|^[^0-9]*([0-9][^0-9]*){10,15}$"))]
    pub phone: Option<String>,
    /// New date of birth, same rules as for registration; `""` clears it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(pattern = "^$|^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub date_of_birth: Option<String>,
    /// Consent to news by email.
    #[serde(default)]
    pub marketing_emails_consent: Option<bool>,
    /// The user's password. Another email or phone number needs it, nothing else does.
    #[serde(default, skip_serializing)]
    #[cfg_attr(feature = "openapi", schema(format = Password, write_only))]
    pub current_password: Option<String>,
}

impl std::fmt::Debug for ProfileUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileUpdate").finish_non_exhaustive()
    }
}

/// Response of `POST /auth/password`. An API client gets the tokens of the session that replaces the present one; a
/// browser gets its cookie.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChanged {
    /// Confirmation for a person.
    pub message: String,
    /// Signed, for `Authorization: Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Type of the token, always `bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<TokenType>,
    /// Life of the access token in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u32>,
    /// Good for one `POST /auth/refresh`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

impl std::fmt::Debug for PasswordChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordChanged").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

cnop_domain::closed_set! {
    /// Kind of a security event.
    pub enum SecurityEventType {
        /// The account was opened.
        Registered = "registered",
        /// A session began.
        SignedIn = "signed_in",
        /// A wrong password.
        SignInFailed = "sign_in_failed",
        /// Too many wrong passwords: a pause began.
        Blocked = "blocked",
        /// A refresh token was exchanged.
        Refreshed = "refreshed",
        /// An old refresh token came again, and its session was ended.
        RefreshReused = "refresh_reused",
        /// A session was ended by its user.
        SignedOut = "signed_out",
        /// Name, date of birth or consent changed.
        ProfileChanged = "profile_changed",
        /// Email or phone number changed.
        ContactChanged = "contact_changed",
        /// The password changed, and every other session ended.
        PasswordChanged = "password_changed",
        /// A signed-in user entered a wrong password.
        PasswordRefused = "password_refused",
        /// Somebody asked for an email that belongs to an account.
        EmailRefused = "email_refused",
    }
}

/// One security event of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityEventView {
    /// Kind of the event.
    pub event: SecurityEventType,
    /// Time of the event.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// Address of the client.
    pub address: String,
    /// The client's own name for itself.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub user_agent: Option<String>,
    /// True if it belongs to the session of this request.
    pub is_current_session: bool,
}

/// Response of `GET /auth/events`, the newest event first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityEventPage {
    /// The events.
    pub data: Vec<SecurityEventView>,
    /// True if older ones exist.
    pub has_more: bool,
    /// Cursor of the next page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<String>,
}

/// The answer to `PUT /auth/profile`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileUpdated {
    /// Confirmation for a person.
    pub message: String,
    /// The profile as it is now.
    pub user: Profile,
}
