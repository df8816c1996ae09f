//! The shapes on the wire, as snapshots: a change here is a change of the contract.

mod answers;
mod requests;
