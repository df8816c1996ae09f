//! Routes under `/auth`: registration, sign-in, sessions and profile.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use cnop_api::accounts::{
    LoginRequest, Message, PasswordChange, PasswordChanged, Profile, ProfileUpdate, ProfileUpdated,
    RefreshRequest, RegisterRequest, SecurityEventPage, TokenPair,
};
use cnop_api::cookies::{session_cookie_name, set_cookie};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use cnop_services::auth::Renewed;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{HandlerResult, JsonBody, NoQuery, Query, RequestClient, query};

/// Empties the browser's cache: pages of the account must not come back with the Back button.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The routes of this module.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(register_user))
        .routes(routes!(login_user))
        .routes(routes!(refresh_tokens))
        .routes(routes!(logout_user))
        .routes(routes!(change_password))
        .routes(routes!(find_profile, update_profile))
        .routes(routes!(find_me))
        .routes(routes!(list_security_events))
}

/// Register a user with an account.
#[utoipa::path(post, path = "/auth/register", tag = "Accounts", request_body = RegisterRequest,
    responses((status = 201, description = "The account is open.", body = Message)))]
async fn register_user(
    State(services): State<Services>,
    RequestClient(client): RequestClient,
    JsonBody(request): JsonBody<RegisterRequest>,
) -> HandlerResult<(StatusCode, Json<Message>)> {
    services.auth.register(request, &client).await?;
    Ok((StatusCode::CREATED, Json(Message { message: "User registered successfully".to_owned() })))
}

/// Sign in with name and password.
#[utoipa::path(post, path = "/auth/login", tag = "Accounts", request_body = LoginRequest,
    responses((status = 200, description = "A signed access token and a refresh token.", body = TokenPair)))]
async fn login_user(
    State(services): State<Services>,
    RequestClient(client): RequestClient,
    JsonBody(request): JsonBody<LoginRequest>,
) -> HandlerResult<Json<TokenPair>> {
    Ok(Json(services.auth.login(request, &client).await?))
}

/// Exchange the newest refresh token for a new pair. Sent again within 30 seconds it gives the same successor; an older one
/// ends the session.
#[utoipa::path(post, path = "/auth/refresh", tag = "Accounts", request_body = RefreshRequest,
    responses((status = 200, description = "The new pair.", body = TokenPair)))]
async fn refresh_tokens(
    State(services): State<Services>,
    RequestClient(client): RequestClient,
    JsonBody(request): JsonBody<RefreshRequest>,
) -> HandlerResult<Json<TokenPair>> {
    Ok(Json(services.auth.refresh(&request.refresh_token, &client).await?))
}

/// End the session. Its tokens are refused from then on.
#[utoipa::path(post, path = "/auth/logout", tag = "Accounts", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "Signed out.", body = Message)))]
async fn logout_user(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    RequestClient(client): RequestClient,
) -> HandlerResult<([(HeaderName, HeaderValue); 1], Json<Message>)> {
    services.auth.logout(&caller, &client).await?;
    let clear = [(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""))];
    Ok((clear, Json(Message { message: "Logged out successfully".to_owned() })))
}

/// Change the password. Every session of yours ends, and a new one replaces this one: an API client gets its tokens in the
/// answer, a browser its cookie.
#[utoipa::path(post, path = "/auth/password", tag = "Accounts", security(("bearer" = []), ("session" = [])),
    request_body = PasswordChange,
    responses((status = 200, description = "From now on the new password signs in.", body = PasswordChanged)))]
async fn change_password(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    RequestClient(client): RequestClient,
    JsonBody(change): JsonBody<PasswordChange>,
) -> HandlerResult<(HeaderMap, Json<PasswordChanged>)> {
    let mut headers = HeaderMap::new();
    let mut answer = PasswordChanged {
        message: "Password changed successfully".to_owned(),
        access_token: None,
        token_type: None,
        expires_in: None,
        refresh_token: None,
    };
    match services.auth.password_change(&caller, change, &client).await? {
        Renewed::Client(pair) => {
            answer.access_token = Some(pair.access_token);
            answer.token_type = Some(pair.token_type);
            answer.expires_in = Some(pair.expires_in);
            answer.refresh_token = Some(pair.refresh_token);
        }
        Renewed::Browser(session) => {
            let is_https = services.config().public_url.starts_with("https://");
            let life = Duration::from_secs(session.max_age_seconds.into());
            let cookie = set_cookie(session_cookie_name(is_https), &session.secret, "/", life, is_https);
            headers.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        }
    }
    Ok((headers, Json(answer)))
}

/// Page of the security events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SecurityEventParams {
    /// Rows of the page.
    #[serde(default = "query::page_rows", deserialize_with = "query::limit")]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: u32,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Your sign-ins, failed ones too, and changes of your password and profile, newest first. They are kept for 400 days.
#[utoipa::path(get, path = "/auth/events", tag = "Accounts", security(("bearer" = []), ("session" = [])),
    params(SecurityEventParams),
    responses((status = 200, description = "One page.", body = SecurityEventPage)))]
async fn list_security_events(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    Query(SecurityEventParams { limit, cursor }): Query<SecurityEventParams>,
) -> HandlerResult<Json<SecurityEventPage>> {
    Ok(Json(services.auth.events(&caller, limit, cursor.as_deref()).await?))
}

/// Your profile with your personal data.
#[utoipa::path(get, path = "/auth/profile", tag = "Accounts", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "Your profile.", body = Profile)))]
async fn find_profile(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
) -> HandlerResult<Json<Profile>> {
    Ok(Json(services.users.profile(&caller).await?))
}

/// The same as the profile.
#[utoipa::path(get, path = "/auth/me", tag = "Accounts", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "Your profile.", body = Profile)))]
async fn find_me(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    NoQuery: NoQuery,
) -> HandlerResult<Json<Profile>> {
    Ok(Json(services.users.profile(&caller).await?))
}

/// Change some members of the profile; members that are left out stay. Another email or phone number needs
/// `current_password`, and is told to the old email.
#[utoipa::path(put, path = "/auth/profile", tag = "Accounts", security(("bearer" = []), ("session" = [])),
    request_body = ProfileUpdate,
    responses((status = 200, description = "The profile as it is now.", body = ProfileUpdated)))]
async fn update_profile(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    RequestClient(client): RequestClient,
    JsonBody(update): JsonBody<ProfileUpdate>,
) -> HandlerResult<Json<ProfileUpdated>> {
    let user = services.users.profile_update(&caller, update, &client).await?;
    Ok(Json(ProfileUpdated { message: "Profile updated successfully".to_owned(), user }))
}
