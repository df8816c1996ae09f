//! Noise that nobody can compute without the secret, with the same bits on every machine.
//!
//! The number at a place of a stream is AES-128 of the stream's name and the place, under a key that BLAKE3 derives
//! from the secret. Without the key, published numbers tell nothing about others or about the secret.

use std::fmt;
use std::sync::Arc;

use aes::Aes128Enc;
use aes::cipher::{BlockEncrypt as _, KeyInit as _};
use zeroize::Zeroizing;

/// Domain of the cipher's key.
const CIPHER_CONTEXT: &str = "cnop market 2026-11 key of the noise";
/// Domain of the names of streams.
const STREAM_CONTEXT: &str = "cnop market 2026-11 name of a stream of noise";
/// Domain of the fingerprint.
const FINGERPRINT_CONTEXT: &str = "cnop market 2026-11 fingerprint of the secret";
/// Bits of a place that number it within its level.
const INDEX_BITS: u32 = 56;
/// Size of a step of 1 in [`unit`].
const UNIT_STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
/// Square root of three: a number that is even over ±√3 has variance one.
const SQRT_3: f64 = 1.732_050_807_568_877_2;
/// Largest [`even`] value.
pub(crate) const EVEN_MAX: f64 = SQRT_3;

/// 256 secret bits from which every price of a simulated market follows.
#[derive(Clone, PartialEq, Eq)]
pub struct MarketSecret(Zeroizing<[u8; 32]>);

impl MarketSecret {
    /// The secret with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret itself, to be kept for the next start.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// A public number of this secret, by which two copies can be compared.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        blake3::derive_key(FINGERPRINT_CONTEXT, self.0.as_slice())
    }

    /// The noise of this secret.
    pub(crate) fn noise(&self) -> Noise {
        let key = Zeroizing::new(blake3::derive_key(CIPHER_CONTEXT, self.0.as_slice()));
        let [key @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = &*key;
        Noise(Arc::new(Aes128Enc::new(key.into())))
    }
}

impl fmt::Debug for MarketSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// All noise of one market. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Noise(Arc<Aes128Enc>);

impl fmt::Debug for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Name of one stream of noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream for a purpose (`path`) and its subject (`BTC`).
    pub(crate) fn new(purpose: &str, subject: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(STREAM_CONTEXT);
        // The length keeps `a` of `bc` apart from `ab` of `c`.
        hasher.update(&u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(purpose.as_bytes());
        hasher.update(subject.as_bytes());
        let mut name = [0; 8];
        hasher.finalize_xof().fill(&mut name);
        Self(u64::from_le_bytes(name))
    }
}

impl Noise {
    /// The numbers of several streams at one place: `index` within `level`. Faster than one by one.
    pub(crate) fn at_each<const N: usize>(&self, streams: [Stream; N], level: u32, index: i64) -> [u64; N] {
        let place = (u64::from(level) << INDEX_BITS).wrapping_add(index.cast_unsigned());
        let mut blocks =
            streams.map(|Stream(name)| ((u128::from(name) << 64) | u128::from(place)).to_le_bytes().into());
        self.0.encrypt_blocks(&mut blocks);
        blocks.map(|block| low_half(u128::from_le_bytes(block.into())))
    }

    /// The number at a place of one stream, from 0 (included) to 1 (excluded).
    pub(crate) fn unit_at(&self, stream: Stream, level: u32, index: i64) -> f64 {
        let [number] = self.at_each([stream], level, index);
        unit(number)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the other half is not needed")]
const fn low_half(number: u128) -> u64 {
    number as u64
}

/// 0 (included) to 1 (excluded).
#[allow(clippy::cast_precision_loss, reason = "53 bits are exact in a float")]
fn unit(number: u64) -> f64 {
    (number >> 11) as f64 * UNIT_STEP
}

/// Mean 0, variance 1, even over ±[`EVEN_MAX`].
pub(crate) fn even(number: u64) -> f64 {
    (unit(number) * 2.0 - 1.0) * SQRT_3
}

/// Mean 0, variance 1, bell-shaped within ±2√3: the sum of four even numbers of 16 bits.
#[allow(clippy::cast_precision_loss, reason = "18 bits are exact in a float")]
pub(crate) fn bell(number: u64) -> f64 {
    const MIDDLE: f64 = 131_070.0;
    const SCALE: f64 = SQRT_3 / 65_536.0;
    let sum: u64 = [0, 16, 32, 48].iter().map(|shift| (number >> shift) & 0xFFFF).sum();
    (sum as f64 - MIDDLE) * SCALE
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn number(secret: u8, level: u32, index: i64) -> u64 {
        let noise = MarketSecret::from_bytes([secret; 32]).noise();
        noise.at_each([Stream::new("test", "noise")], level, index)[0]
    }

    /// Largest [`bell`] value.
    const BELL_MAX: f64 = 2.0 * SQRT_3;
    const NUMBERS: [u64; 2] = [2_758_494_850_195_292_168, 6_263_325_545_785_015_640];

    /// A release that computes other noise would move every market that has been started.
    #[test]
    fn numbers_are_pinned() {
        assert_eq!([number(7, 0, 0), number(7, 3, -5)], NUMBERS);
    }

    #[test]
    fn a_number_depends_on_secret_stream_and_place() {
        let noise = MarketSecret::from_bytes([7; 32]).noise();
        let names = [("test", "noise"), ("tes", "tnoise"), ("test", "noises"), ("path", "noise")];
        let together = noise.at_each(names.map(|(purpose, subject)| Stream::new(purpose, subject)), 0, 1);
        assert_eq!(together[0], number(7, 0, 1), "in one call as in several");
        let numbers: HashSet<u64> =
            together.into_iter().chain([number(8, 0, 1), number(7, 1, 1), number(7, 0, 2)]).collect();
        assert_eq!(numbers.len(), 7);
    }

    /// The noise of splitmix64 gave the seed away: each number was a known, reversible function of a key plus
    /// a multiple of its place, so from one number every other one followed. Here no difference between
    /// neighbors repeats, neither of places nor of secrets.
    #[test]
    fn neighbors_have_nothing_in_common() {
        let noise = |secret: u8| MarketSecret::from_bytes([secret; 32]).noise();
        let (seven, six, stream) = (noise(7), noise(6), Stream::new("test", "noise"));
        let mut differences = HashSet::new();
        for index in 0..1_000 {
            let [number] = seven.at_each([stream], 0, index);
            differences.insert(seven.at_each([stream], 0, index + 1)[0].wrapping_sub(number));
            differences.insert(six.at_each([stream], 0, index)[0] ^ number);
        }
        assert_eq!(differences.len(), 2_000);
    }

    #[test]
    fn a_secret_does_not_print_and_its_fingerprint_tells_others_apart() {
        let secret = MarketSecret::from_bytes([7; 32]);
        assert_eq!(format!("{secret:?} {:?}", secret.noise()), "(secret) (secret)");
        assert_ne!(secret.fingerprint(), MarketSecret::from_bytes([8; 32]).fingerprint());
        assert_ne!(&secret.fingerprint(), secret.expose());
    }

    #[test]
    fn numbers_have_mean_zero_and_variance_one_within_their_bounds() {
        let noise = MarketSecret::from_bytes([1; 32]).noise();
        let stream = Stream::new("test", "noise");
        for (shape, bound) in [(even as fn(u64) -> f64, EVEN_MAX), (bell, BELL_MAX)] {
            let values: Vec<f64> =
                (0..20_000).map(|index| shape(noise.at_each([stream], 0, index)[0])).collect();
            let mean = values.iter().sum::<f64>() / 20_000.0;
            let variance = values.iter().map(|value| value * value).sum::<f64>() / 20_000.0;
            assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
            assert!(values.iter().all(|value| value.abs() <= bound));
            assert!(shape(0) >= -bound && shape(u64::MAX) <= bound);
        }
    }
}
