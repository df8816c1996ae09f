//! Words and signs of a Rust source, without comments and literals.

/// A word, `::`, or one other sign, and the line that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// Splits a source into tokens.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let at = |index: usize| text.get(index).copied().unwrap_or('\0');
    let (mut tokens, mut index, mut line) = (Vec::new(), 0, 1);
    while index < text.len() {
        let start = index;
        match at(index) {
            '/' if at(index + 1) == '/' => index = find(&text, index, '\n'),
            '/' if at(index + 1) == '*' => {
                index += 2;
                while index < text.len() && !(at(index) == '*' && at(index + 1) == '/') {
                    index += 1;
                }
                index += 2;
            }
            '"' => index = string_end(&text, index),
            'r' | 'b' if raw_hashes(&text, index).is_some() => index = raw_string_end(&text, index),
            '\'' if at(index + 1) == '\\' => index = find(&text, index + 3, '\'') + 1,
            '\'' if at(index + 2) == '\'' => index += 3,
            first if first.is_alphanumeric() || first == '_' => {
                while at(index).is_alphanumeric() || at(index) == '_' {
                    index += 1;
                }
                tokens.push(Token { text: text[start..index].iter().collect(), line });
            }
            ':' if at(index + 1) == ':' => {
                tokens.push(Token { text: "::".to_owned(), line });
                index += 2;
            }
            other => {
                if !other.is_whitespace() {
                    tokens.push(Token { text: other.to_string(), line });
                }
                index += 1;
            }
        }
        line += text[start..index.min(text.len())].iter().filter(|sign| **sign == '\n').count();
    }
    tokens
}

fn find(text: &[char], from: usize, sign: char) -> usize {
    (from..text.len()).find(|index| text[*index] == sign).unwrap_or(text.len())
}

fn string_end(text: &[char], quote: usize) -> usize {
    let mut index = quote + 1;
    while index < text.len() && text[index] != '"' {
        index += if text[index] == '\\' { 2 } else { 1 };
    }
    index + 1
}

/// The number of `#` of a raw string that begins here; `None` for anything else.
fn raw_hashes(text: &[char], start: usize) -> Option<usize> {
    let after_word = start > 0 && (text[start - 1].is_alphanumeric() || text[start - 1] == '_');
    let prefix = text[start..].iter().take_while(|sign| matches!(sign, 'b' | 'r')).count();
    let hashes = text[start + prefix..].iter().take_while(|sign| **sign == '#').count();
    let is_raw =
        text[start..start + prefix].contains(&'r') && text.get(start + prefix + hashes) == Some(&'"');
    (is_raw && !after_word).then_some(hashes)
}

fn raw_string_end(text: &[char], start: usize) -> usize {
    let hashes = raw_hashes(text, start).unwrap_or_default();
    let mut index = find(text, start, '"') + 1;
    while index < text.len() {
        let closing = text[index + 1..].iter().take_while(|sign| **sign == '#').count();
        if text[index] == '"' && closing >= hashes {
            return index + 1 + hashes;
        }
        index += 1;
    }
    index
}

#[test]
fn comments_and_literals_are_no_tokens() {
    let source = "a::b /* c */ // d\n\"e \\\" f\" r#\"g \" h\"# 'i' '\\'' <'j> for_r\"k\"\nl";
    let read: Vec<_> = tokens(source).into_iter().map(|token| (token.text, token.line)).collect();
    let expected =
        [("a", 1), ("::", 1), ("b", 1), ("<", 2), ("'", 2), ("j", 2), (">", 2), ("for_r", 2), ("l", 3)];
    assert_eq!(read, expected.map(|(text, line)| (text.to_owned(), line)));
}
