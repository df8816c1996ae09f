//! Characters allowed in personal data.

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
    fn letters_of_every_alphabet_and_no_look_alikes() {
        for letter in "AzÄßéŁøçЖωשع中日ひ한ञ".chars() {
            assert!(is_letter(letter), "{letter}");
        }
        for other in "1_!\u{0}\u{200b}\u{202e}Ⓐ\u{1d4d0}ａªﬁⅣ\u{3164}\u{feff}😀".chars() {
            assert!(!is_letter(other), "{other:?}");
        }
    }
}
