//! 128 bits as 26 characters of Crockford's base32, upper case: the order of texts is the order of numbers.

/// No `I`, `L`, `O`, `U`.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of 128 bits.
const CHARACTERS: usize = 26;

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
    fn only_its_own_texts_are_read() {
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
