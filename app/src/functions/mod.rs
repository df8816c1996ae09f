//! What pages ask the server for. Reads are GET, writes are posted forms; each is a few lines around a use case
//! and checks for itself who asks, because a page rendered on the server calls it without any HTTP between.

mod alerts;
mod auth;
mod drawn;
mod guards;
mod money;
mod order_form;
mod orders;
mod portfolio;
mod positions;
mod profile;
mod recurring;
mod trading;

#[cfg(feature = "ssr")]
pub(crate) use alerts::{AlertCreate, AlertRemove};
#[cfg(feature = "ssr")]
pub(crate) use auth::Logout;
pub(crate) use auth::{Arrived, Login, Register};
pub(crate) use drawn::DrawnRead;
#[cfg(feature = "ssr")]
pub(crate) use guards::{GuardsKill, GuardsSet};
#[cfg(feature = "ssr")]
pub(crate) use money::{AccountHistory, history, kind_of};
pub(crate) use money::{BalanceRead, Deposit, Withdraw};
#[cfg(feature = "ssr")]
pub(crate) use order_form::basis_points;
pub(crate) use order_form::{Asked, Kind, OrderForm, at_fields};
#[cfg(feature = "ssr")]
pub(crate) use orders::{OrderCancel, OrderReplace, OrdersCancelAll};
pub(crate) use portfolio::{PortfolioRead, PortfolioView};
#[cfg(feature = "ssr")]
pub(crate) use positions::PositionClose;
#[cfg(feature = "ssr")]
pub(crate) use profile::{PasswordSave, ProfileSave};
#[cfg(feature = "ssr")]
pub(crate) use recurring::{Plan, RecurringChange, RecurringCreate, RecurringEnd, RecurringStatus};
pub(crate) use trading::{
    FillProof, FillsRead, OrderPlace, OrderRead, OrderStory, Placed, STEPS, TicketData, TradeData, TradeRead,
};

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use cnop_api::{Caller, Code, Problem};
    use cnop_services::Services;
    use cnop_services::auth::Client;
    use http::HeaderValue;
    use http::header::CACHE_CONTROL;
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use crate::context;
    use crate::error::AppError;
    use crate::forms::{fail, sign_in_redirect};

    /// The use cases and who is signed in; others are sent to sign in first. The answer is his alone: nobody keeps it.
    pub(crate) fn private() -> Result<(Services, Arc<Caller>), AppError> {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
        let services = context::services().map_err(fail)?;
        let caller = context::signed_in().map_err(|problem| {
            sign_in_redirect();
            fail(problem)
        })?;
        Ok((services, caller))
    }

    /// Where the request comes from, for the trail of security events.
    pub(crate) fn client() -> Result<Client, Problem> {
        let info = context::client().ok_or_else(|| {
            Problem::new(Code::Unavailable, "The venue is starting. Try again in a moment.")
        })?;
        Ok(Client { address: info.address, user_agent: info.user_agent, request_id: info.request_id })
    }

    /// A use case's refusal, with its status.
    pub(crate) fn refused(error: cnop_services::Error) -> AppError {
        fail(error.into())
    }
}

#[cfg(feature = "ssr")]
pub(crate) use server::{client, private, refused};
