//! One module per page, or per group of pages that share a subject.

mod account;
mod alerts;
mod asset;
mod dashboard;
#[cfg(feature = "ssr")]
mod drawn;
mod fills;
mod guards;
mod landing;
mod login;
mod market;
mod not_found;
mod order;
mod orders;
mod portfolio;
mod private;
mod profile;
mod recurring;
mod register;
mod register_rules;
mod trade;

pub(crate) use account::AccountPage;
pub(crate) use alerts::alerts_page;
pub(crate) use asset::AssetPage;
pub(crate) use dashboard::DashboardPage;
#[cfg(feature = "ssr")]
pub(crate) use drawn::draw;
pub(crate) use fills::FillsPage;
#[cfg(feature = "ssr")]
pub(crate) use fills::article;
#[cfg(feature = "ssr")]
pub(crate) use guards::guard_notice;
pub(crate) use guards::guards_page;
pub(crate) use landing::LandingPage;
#[cfg(feature = "ssr")]
pub(crate) use landing::steps;
pub(crate) use login::LoginPage;
pub(crate) use market::MarketPage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use order::OrderPage;
#[cfg(feature = "ssr")]
pub(crate) use order::{proof, story};
pub(crate) use orders::orders_page;
pub(crate) use portfolio::PortfolioPage;
pub(crate) use private::refusal;
pub(crate) use profile::profile_page;
pub(crate) use recurring::recurring_page;
pub(crate) use register::RegisterPage;
pub(crate) use trade::TradePage;
#[cfg(feature = "ssr")]
pub(crate) use trade::{result, rules_text};
