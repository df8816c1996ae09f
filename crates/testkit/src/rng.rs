//! Random numbers that follow from a seed.

use std::sync::atomic::{AtomicU64, Ordering};

use cnop_domain::Entropy;

/// Odd constant that spreads neighbouring numbers over the whole range (2⁶⁴ ÷ golden ratio).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of `splitmix64`.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A `splitmix64` generator: the same seed and name give the same numbers.
#[derive(Debug, Clone)]
pub struct SeededRng(u64);

impl SeededRng {
    /// The generator of a seed and a name. Generators with different names are independent.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        Self(name.bytes().fold(mix(seed ^ GOLDEN), |state, byte| mix(state ^ u64::from(byte))))
    }

    /// The next number of the whole range.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number in `0..end`; 0 when `end` is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        let next = self.next();
        if end == 0 { 0 } else { next % end }
    }

    /// A number in `from..=to`.
    pub const fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// True with a probability of `chance` in a thousand.
    pub const fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1_000) < chance
    }

    /// One of the choices; `None` when there are none.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        let index = self.below(u64::try_from(choices.len()).unwrap_or(u64::MAX));
        choices.get(usize::try_from(index).unwrap_or(usize::MAX)).cloned()
    }
}

/// Entropy from a seed: predictable, for tests only. Each call takes the next numbers of one stream.
#[derive(Debug)]
pub struct SeededEntropy {
    key: u64,
    position: AtomicU64,
}

impl SeededEntropy {
    /// The entropy of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { key: SeededRng::new(seed, "entropy").next(), position: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let position = self.position.fetch_add(1, Ordering::Relaxed);
            let bytes = mix(self.key.wrapping_add(position.wrapping_mul(GOLDEN))).to_be_bytes();
            for (byte, random) in chunk.iter_mut().zip(bytes) {
                *byte = random;
            }
        }
    }
}
