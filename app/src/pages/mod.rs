//! One module for each page, or for a group of pages with one subject. The actions that a page's forms post to are beside
//! it.

mod account;
mod alerts;
mod asset;
mod auth;
mod chart;
mod dashboard;
mod design;
mod fills;
mod guards;
mod landing;
mod market;
mod not_found;
mod notifications;
mod order;
mod orders;
mod portfolio;
mod profile;
mod recurring;
mod region;
mod request;
mod trade;

pub(crate) use account::AccountPage;
pub(crate) use alerts::AlertsPage;
pub(crate) use asset::AssetPage;
pub(crate) use auth::{LoginPage, RegisterPage};
pub(crate) use dashboard::DashboardPage;
pub(crate) use design::DesignPage;
pub(crate) use fills::FillsPage;
pub(crate) use guards::GuardsPage;
pub(crate) use landing::LandingPage;
pub(crate) use market::MarketPage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use notifications::NotificationsPage;
pub(crate) use order::OrderPage;
pub(crate) use orders::OrdersPage;
pub(crate) use portfolio::PortfolioPage;
pub(crate) use profile::ProfilePage;
pub(crate) use recurring::RecurringPage;
pub(crate) use region::refusal;
pub(crate) use request::{PageRequest, use_request};
pub(crate) use trade::TradePage;
