//! One module per page, or per group of pages that share a subject.

mod account;
mod asset;
mod dashboard;
mod fills;
mod landing;
mod login;
mod market;
mod not_found;
mod order;
mod orders;
mod portfolio;
mod private;
mod profile;
mod register;
mod register_rules;
mod trade;

pub(crate) use account::AccountPage;
pub(crate) use asset::AssetPage;
pub(crate) use dashboard::DashboardPage;
pub(crate) use fills::FillsPage;
pub(crate) use landing::LandingPage;
pub(crate) use login::LoginPage;
pub(crate) use market::MarketPage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use order::OrderPage;
pub(crate) use orders::OrdersPage;
pub(crate) use portfolio::PortfolioPage;
pub(crate) use profile::ProfilePage;
pub(crate) use register::RegisterPage;
pub(crate) use trade::TradePage;
