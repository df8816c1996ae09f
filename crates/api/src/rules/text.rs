//! Characters allowed in personal data, and their normal form.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

/// The composed form (NFC): an accented letter is one character, whichever keyboard typed it.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// A space of any width, such as the no-break space of some keyboards.
pub(super) fn is_space(character: char) -> bool {
    category(character) == GeneralCategory::SpaceSeparator
}

/// A mark that belongs to the letter before it: an accent, a vowel sign, a tone. Hindi, Tamil and Thai cannot be
/// written without them.
pub(super) fn is_mark(character: char) -> bool {
    matches!(category(character), GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark)
        && !is_deceptive(character)
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

/// An invisible character that a password may have: a joiner, or the selector of an emoji's style.
pub(super) fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Control characters, invisible characters, and characters that change the display of their neighbors. With
/// them, two texts look alike and differ, or one imitates another.
pub(super) fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00ad}'
                | '\u{034f}'
                | '\u{061c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffd}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{e0000}'..='\u{10ffff}'
        )
}

/// A letter of any alphabet, but not one that only exists to look like another letter: circled, full-width,
/// mathematical, superscript and ligature forms.
pub(super) fn is_letter(character: char) -> bool {
    let is_look_alike = matches!(
        character,
        '\u{00aa}'
            | '\u{00ba}'
            | '\u{02b0}'..='\u{02ff}'
            | '\u{1d00}'..='\u{1dbf}'
            | '\u{2070}'..='\u{209f}'
            | '\u{2100}'..='\u{218f}'
            | '\u{2460}'..='\u{24ff}'
            | '\u{fb00}'..='\u{fb06}'
            | '\u{ff00}'..='\u{ffef}'
            | '\u{1d400}'..='\u{1d7ff}'
            | '\u{1f100}'..='\u{1f1ff}'
    );
    character.is_alphabetic() && !is_look_alike && !is_deceptive(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_spaces_are_known_by_their_category() {
        for mark in "\u{301}\u{94d}\u{bcd}\u{e48}\u{93f}".chars() {
            assert!(is_mark(mark), "{mark:?}");
        }
        for other in "a1 \u{34f}\u{fe0f}\u{20dd}".chars() {
            assert!(!is_mark(other), "{other:?}");
        }
        assert!(" \u{a0}\u{3000}\u{202f}".chars().all(is_space) && !is_space('\t') && !is_space('\u{200b}'));
        assert_eq!(composed("Jose\u{301}"), "José");
    }

    #[test]
    fn letters_of_every_alphabet_and_no_look_alikes() {
        for letter in "AzÄßéŁøçЖωשع中日ひ한ञ".chars() {
            assert!(is_letter(letter), "{letter}");
        }
        for other in "1_!\u{0}\u{200b}\u{202e}Ⓐ\u{1d4d0}ａªﬁⅣ\u{3164}\u{feff}😀".chars() {
            assert!(!is_letter(other), "{other:?}");
        }
    }
}
