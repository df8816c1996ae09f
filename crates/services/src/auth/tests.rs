//! The behaviours of registration, sign-in and sessions, against a table and a coordinator in memory.

mod registration;
mod sessions;
mod sign_in;
