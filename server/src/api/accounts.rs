//! Routes under `/auth`: registration, sign-in, sessions and profile.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cnop_api::accounts::{
    LoginRequest, Message, PasswordChange, Profile, ProfileUpdate, ProfileUpdated, RefreshRequest,
    RegisterRequest, TokenPair,
};
use cnop_gateway::SignedIn;
use cnop_services::Services;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::ApiState;
use crate::web::{HandlerResult, JsonBody, NoQuery, RequestClient};

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

/// Exchange the newest refresh token for a new pair. Showing an old one ends the session.
#[utoipa::path(post, path = "/auth/refresh", tag = "Accounts", request_body = RefreshRequest,
    responses((status = 200, description = "The new pair.", body = TokenPair)))]
async fn refresh_tokens(
    State(services): State<Services>,
    RequestClient(client): RequestClient,
    JsonBody(request): JsonBody<RefreshRequest>,
) -> HandlerResult<Json<TokenPair>> {
    Ok(Json(services.auth.refresh(&request.refresh_token, &client).await?))
}

/// End the session: its tokens are dead from then on.
#[utoipa::path(post, path = "/auth/logout", tag = "Accounts", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "Signed out.", body = Message)))]
async fn logout_user(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    RequestClient(client): RequestClient,
) -> HandlerResult<Json<Message>> {
    services.auth.logout(&caller, &client).await?;
    Ok(Json(Message { message: "Logged out successfully".to_owned() }))
}

/// Change the password. Every other session of yours ends; this one lives on.
#[utoipa::path(post, path = "/auth/password", tag = "Accounts", security(("bearer" = []), ("session" = [])),
    request_body = PasswordChange,
    responses((status = 200, description = "From now on the new password signs in.", body = Message)))]
async fn change_password(
    State(services): State<Services>,
    SignedIn(caller): SignedIn,
    RequestClient(client): RequestClient,
    JsonBody(change): JsonBody<PasswordChange>,
) -> HandlerResult<Json<Message>> {
    services.auth.password_change(&caller, change, &client).await?;
    Ok(Json(Message { message: "Password changed successfully".to_owned() }))
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

/// Change some members of the profile; members that are left out stay.
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
