//! Noise from integers, with the same bits on every machine.

/// Odd constant that spreads neighbouring numbers over the whole range (2⁶⁴ ÷ golden ratio).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of `splitmix64`: every bit of the answer depends on every bit of the question.
pub(crate) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// The number of one place in one stream of noise.
pub(crate) const fn at(key: u64, place: u64) -> u64 {
    mix(key.wrapping_add(place.wrapping_mul(GOLDEN)))
}

/// The key of a named stream of noise.
pub(crate) fn key(seed: u64, name: &str) -> u64 {
    name.bytes().fold(mix(seed ^ GOLDEN), |state, byte| at(state, u64::from(byte) + 1))
}

/// 0 (included) to 1 (excluded).
#[allow(clippy::cast_precision_loss, reason = "53 bits are exact in a float")]
pub(crate) fn unit(number: u64) -> f64 {
    (number >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_pinned() {
        assert_eq!(key(7, "market"), key(7, "market"));
        assert_ne!(key(7, "market"), key(8, "market"));
        assert_ne!(key(7, "AB"), key(7, "BA"));
        assert_eq!(mix(1), 6_238_072_747_940_578_789);
    }

    #[test]
    fn units_fill_their_range_evenly() {
        let key = key(1, "units");
        let sum: f64 = (0..10_000).map(|place| unit(at(key, place))).sum();
        assert!((sum / 10_000.0 - 0.5).abs() < 0.01, "{sum}");
        assert!((0..10_000).all(|place| (0.0..1.0).contains(&unit(at(key, place)))));
    }
}
