//! The system's clock and randomness.

use cnop_domain::Entropy;

pub(crate) use crate::guard_clock::SystemClock;

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            // Session secrets without randomness could be guessed, so the program must stop.
            tracing::error!(error = %error, "the operating system gives no randomness");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn randomness_differs() {
        let (mut left, mut right) = ([0_u8; 32], [0_u8; 32]);
        OsEntropy.fill(&mut left);
        OsEntropy.fill(&mut right);
        assert_ne!(left, right);
    }
}
