//! Behavior of registration, sign-in and sessions, on a table and a coordinator in memory.

mod equal_work;
mod guessing;
mod password_change;
mod registration;
mod sessions;
mod sign_in;
