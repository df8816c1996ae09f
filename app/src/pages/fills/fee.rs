//! The fee in words.

use crate::format;

/// A fee in percent: `0.10%`.
pub(in crate::pages) fn fee_text(fee_bps: u32) -> String {
    format::share(f64::from(fee_bps) / 100.0)
}
