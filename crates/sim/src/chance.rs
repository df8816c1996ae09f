//! Dice, entropy and a clock that follow from a seed.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use cnop_domain::{Clock, Entropy};

/// Odd constant that spreads neighbouring numbers over the whole range (2⁶⁴ ÷ golden ratio).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of `splitmix64`.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A stream of numbers that looks random and is the same for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a seed and a name: streams of other names are independent.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        Self(name.bytes().fold(mix(seed ^ GOLDEN), |state, byte| mix(state ^ u64::from(byte))))
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// 0 to `end`, which is not reached; 0 when `end` is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        let next = self.next();
        if end == 0 { 0 } else { next % end }
    }

    /// `from` to `to`, both reached.
    pub const fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// Whether something happens that happens so many times in a thousand.
    pub const fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1_000) < chance
    }

    /// One of these; none of nothing.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        let index = self.below(u64::try_from(choices.len()).unwrap_or(u64::MAX));
        choices.get(usize::try_from(index).unwrap_or(usize::MAX)).cloned()
    }
}

/// Entropy from a seed. Each call takes the next numbers of one stream.
#[derive(Debug)]
pub struct SeededEntropy {
    key: u64,
    place: AtomicU64,
}

impl SeededEntropy {
    /// The entropy of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { key: Dice::new(seed, "entropy").next(), place: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let place = self.place.fetch_add(1, Ordering::Relaxed);
            let bytes = mix(self.key.wrapping_add(place.wrapping_mul(GOLDEN))).to_be_bytes();
            for (byte, random) in chunk.iter_mut().zip(bytes) {
                *byte = random;
            }
        }
    }
}

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start_us` (µs since 1970).
    #[must_use]
    pub const fn new(start_us: i64) -> Self {
        Self(AtomicI64::new(start_us))
    }

    /// Lets time pass.
    pub fn advance(&self, duration_us: i64) {
        self.0.fetch_add(duration_us, Ordering::SeqCst);
    }

    /// Goes on to a moment; stays where it is when that is over.
    pub fn advance_to(&self, time_us: i64) {
        self.0.fetch_max(time_us, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_us(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
