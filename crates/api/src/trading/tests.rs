//! Snapshots of the wire format. A change here is a change of the contract.

mod answers;
mod requests;
