mod cases;
mod naive;
mod properties;
mod triggers;
