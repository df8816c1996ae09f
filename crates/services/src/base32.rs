//! 128 bits as 26 characters of Crockford's base32, upper case: the order of texts is the order of numbers.

use cnop_domain::Entropy;

/// Random bits of an identifier that begins with its time.
const RANDOM_BITS: u32 = 80;
/// Its bits of time, in ms.
const TIME_MASK: u128 = (1 << 48) - 1;
/// No `I`, `L`, `O`, `U`.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of 128 bits.
const CHARACTERS: usize = 26;

/// 48 bits of time in ms, so that newer ones sort behind, and 80 random bits.
pub(crate) fn timed(now_us: i64, entropy: &dyn Entropy) -> u128 {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    let random = u128::from_be_bytes(random) & ((1 << RANDOM_BITS) - 1);
    let time = u128::try_from(now_us / 1_000).unwrap_or(0) & TIME_MASK;
    time << RANDOM_BITS | random
}

/// The text of a number.
pub(crate) fn encode(value: u128) -> String {
    (0..CHARACTERS)
        .rev()
        .map(|place| {
            let digit = usize::try_from(value >> (5 * place) & 31).unwrap_or(0);
            char::from(ALPHABET.get(digit).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// The number of a text; none for a text that [`encode`] does not write.
pub(crate) fn decode(text: &str) -> Option<u128> {
    if text.len() != CHARACTERS {
        return None;
    }
    text.bytes().try_fold(0_u128, |value, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        value.checked_mul(32)?.checked_add(u128::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_canonical_texts_are_decoded() {
        assert_eq!(encode(0), "0".repeat(26));
        assert_eq!(decode(&format!("8{}", "0".repeat(25))), None, "129 bits");
        assert_eq!(decode(&format!("{}U", "0".repeat(25))), None);
        assert_eq!(decode("0"), None);
    }

    proptest! {
        #[test]
        fn texts_read_back_and_keep_the_order(a: u128, b: u128) {
            prop_assert_eq!(decode(&encode(a)), Some(a));
            prop_assert_eq!(a.cmp(&b), encode(a).cmp(&encode(b)));
        }
    }
}
