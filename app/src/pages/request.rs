//! The request for a private page: the caller, and the address.

use std::ops::Deref;
use std::sync::Arc;

use cnop_api::{Caller, Problem};
use cnop_services::Services;
use leptos::prelude::expect_context;

use crate::address::PageAddress;
use crate::context;
use crate::forms::sign_in_redirect;

/// The request for a private page. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct PageRequest {
    /// Use cases of the venue.
    pub(crate) services: Services,
    /// The signed-in caller of the request.
    pub(crate) caller: Arc<Caller>,
    address: PageAddress,
}

impl PageRequest {
    /// The present request. A visitor is redirected to sign in.
    ///
    /// # Errors
    /// `auth.required` without a session.
    pub(crate) fn signed_in() -> Result<Self, Problem> {
        let services = context::services()?;
        let caller = context::signed_in().inspect_err(|_| sign_in_redirect())?;
        Ok(Self { services, caller, address: PageAddress::current() })
    }
}

impl Deref for PageRequest {
    type Target = PageAddress;

    fn deref(&self) -> &PageAddress {
        &self.address
    }
}

/// The request for a page that visitors see too.
#[derive(Debug, Clone)]
pub(crate) struct PublicRequest {
    /// Use cases of the venue.
    pub(crate) services: Services,
    /// The signed-in caller, none for a visitor.
    pub(crate) caller: Option<Arc<Caller>>,
    address: PageAddress,
}

impl PublicRequest {
    /// The present request.
    ///
    /// # Errors
    /// `service.unavailable` outside a request.
    pub(crate) fn current() -> Result<Self, Problem> {
        let (services, caller) = (context::services()?, context::caller());
        Ok(Self { services, caller, address: PageAddress::current() })
    }

    /// The same request of a signed-in caller; none of a visitor.
    pub(crate) fn signed_in(&self) -> Option<PageRequest> {
        let caller = self.caller.clone()?;
        Some(PageRequest { services: self.services.clone(), caller, address: self.address.clone() })
    }
}

impl Deref for PublicRequest {
    type Target = PageAddress;

    fn deref(&self) -> &PageAddress {
        &self.address
    }
}

/// The request for the private page that is rendered.
pub(crate) fn use_request() -> PageRequest {
    expect_context::<PageRequest>()
}
