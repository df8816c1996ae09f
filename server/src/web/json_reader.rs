//! A parser of JSON bodies with typed errors for each member.
//!
//! Not `serde_json::Error`: it distinguishes a missing member from a wrong one only in its English sentence,
//! which also repeats the value. Here serde calls a constructor for each kind of error. The body is first
//! split into the borrowed texts of its members, so that a number is still parsed from its digits.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use cnop_api::{Code, FieldError, Problem};
use serde::de::value::{CowStrDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::value::RawValue;

/// Longest name of a member that an answer repeats.
const NAME_BYTES_SHOWN_MAX: usize = 40;
/// Name with which `RawValue` requests the raw text from its deserializer.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Parses a body.
///
/// # Errors
/// `request.malformed` (400) for invalid JSON; `request.invalid` (422) with a pointer for a member that is
/// missing, unknown, duplicate or of the wrong type.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let body: &RawValue = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    T::deserialize(Node(body)).map_err(BodyError::into_problem)
}

/// The body is no JSON.
pub(super) fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("The body is not valid JSON at line {}, column {}.", error.line(), error.column());
    Problem::new(Code::RequestMalformed, detail)
}

/// One value of a body.
#[derive(Clone, Copy)]
struct Node<'a>(&'a RawValue);

impl<'a> Node<'a> {
    fn first(self) -> u8 {
        self.0.get().bytes().next().unwrap_or_default()
    }

    /// The value as parsed by serde_json; the text is valid except for escapes without a character.
    fn parse<T: Deserialize<'a>>(self) -> Result<T, BodyError> {
        serde_json::from_str(self.0.get()).map_err(|_| BodyError::new(BodyFault::Malformed))
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = BodyError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyError> {
        match self.first() {
            b'{' => {
                let members: Members<'_> = self.parse()?;
                if let Some(twice) = members.duplicate() {
                    return Err(BodyError::new(BodyFault::Duplicate(twice.to_owned())));
                }
                visitor.visit_map(Object { members: members.0.into_iter(), value: None })
            }
            b'[' => visitor.visit_seq(List { items: self.parse::<Vec<_>>()?.into_iter(), index: 0 }),
            b'"' => match self.parse::<Name<'_>>()?.0 {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            b't' | b'f' => visitor.visit_bool(self.first() == b't'),
            b'n' => visitor.visit_unit(),
            _ => self.number(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyError> {
        if self.first() == b'n' { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, BodyError> {
        if name == RAW_VALUE {
            let text = self.0.deserialize_newtype_struct(name, visitor);
            return text.map_err(|_| BodyError::new(BodyFault::Malformed));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BodyError> {
        if self.first() != b'"' {
            return Err(de::Error::invalid_type(Unexpected::Other("no text"), &"a string"));
        }
        visitor.visit_enum(CowStrDeserializer::<BodyError>::new(self.parse::<Name<'_>>()?.0))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier
    }
}

impl<'de> Node<'de> {
    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BodyError> {
        let text = self.0.get();
        if let Ok(number) = text.parse() {
            return visitor.visit_u64(number);
        }
        match text.parse() {
            Ok(number) => visitor.visit_i64(number),
            // No member takes it: money is read from its text.
            Err(_) => visitor.visit_f64(text.parse().unwrap_or(f64::NAN)),
        }
    }
}

/// A text, not copied where the body holds it as it is.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members of an object in their order.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl Members<'_> {
    /// The first name that comes a second time, also of a member that is ignored: two readers could each take another
    /// one of them.
    fn duplicate(&self) -> Option<&str> {
        let mut names = HashSet::new();
        self.0.iter().map(|(name, _)| name.as_ref()).find(|name| !names.insert(*name))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

struct Object<'a> {
    members: std::vec::IntoIter<(Cow<'a, str>, &'a RawValue)>,
    /// Of the name that was read last.
    value: Option<(Cow<'a, str>, Node<'a>)>,
}

impl<'de> MapAccess<'de> for Object<'de> {
    type Error = BodyError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, BodyError> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        let key = seed.deserialize(StrDeserializer::<BodyError>::new(&name))?;
        self.value = Some((name, Node(value)));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, BodyError> {
        let (name, value) = self.value.take().ok_or_else(|| BodyError::new(BodyFault::Malformed))?;
        seed.deserialize(value).map_err(|error| error.within(&name))
    }
}

struct List<'a> {
    items: std::vec::IntoIter<&'a RawValue>,
    index: usize,
}

impl<'de> SeqAccess<'de> for List<'de> {
    type Error = BodyError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, BodyError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let read = seed.deserialize(Node(item)).map_err(|error| error.within(&self.index.to_string()));
        self.index += 1;
        read.map(Some)
    }
}

/// Error while reading a body, and its place.
#[derive(Debug, thiserror::Error)]
#[error("{fault:?} at {path:?}")]
struct BodyError {
    fault: BodyFault,
    /// From the member outwards.
    path: Vec<String>,
}

#[derive(Debug)]
enum BodyFault {
    /// A text with an escape without a character.
    Malformed,
    /// A member of this name is needed.
    Missing(&'static str),
    /// A member of this name comes twice.
    Duplicate(String),
    /// A member of this name is not known; these are.
    Unknown(String, &'static [&'static str]),
    /// The value has another type than expected.
    Type(String),
}

impl BodyError {
    fn new(fault: BodyFault) -> Self {
        Self { fault, path: Vec::new() }
    }

    /// The same fault, seen from the object or the list that has it in this place.
    fn within(mut self, place: &str) -> Self {
        self.path.push(place.to_owned());
        self
    }

    fn into_problem(mut self) -> Problem {
        let (name, rule, detail) = match self.fault {
            BodyFault::Malformed => {
                let detail = "The body is not valid JSON: a text has an escape that stands for no character.";
                return Problem::new(Code::RequestMalformed, detail);
            }
            BodyFault::Missing(name) => (Some(name.to_owned()), "required", format!("`{name}` is required.")),
            BodyFault::Duplicate(name) if is_plain(&name) => {
                let detail = format!("`{name}` is given twice.");
                (Some(name), "duplicate", detail)
            }
            BodyFault::Duplicate(_) => (None, "duplicate", "A member of the body is given twice.".to_owned()),
            BodyFault::Unknown(name, known) => {
                let detail = format!("This member is not known here; expected {}.", one_of(known));
                (Some(name).filter(|name| is_plain(name)), "unknown", detail)
            }
            BodyFault::Type(expected) => {
                let member = self.path.first().map_or("the body", String::as_str);
                (None, "type", format!("`{member}` must be {expected}."))
            }
        };
        self.path.reverse();
        self.path.extend(name);
        let pointer = self.path.iter().fold("#".to_owned(), |pointer, place| {
            format!("{pointer}/{}", place.replace('~', "~0").replace('/', "~1"))
        });
        Problem::invalid(vec![FieldError { pointer: Some(pointer), ..FieldError::new("", rule, detail) }])
    }
}

impl de::Error for BodyError {
    /// The sentence may repeat the value: it is not shown.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new(BodyFault::Type("another value".to_owned()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(BodyFault::Type(expected.to_string()))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(BodyFault::Type(expected.to_string()))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(BodyFault::Type(one_of(expected)))
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        Self::new(BodyFault::Unknown(name.to_owned(), expected))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(BodyFault::Missing(name))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(BodyFault::Duplicate(name.to_owned()))
    }
}

/// Returns true if a member's name looks like one of ours: names are the client's text, and no other is repeated.
fn is_plain(name: &str) -> bool {
    name.len() <= NAME_BYTES_SHOWN_MAX
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `` `a` ``, `` `a` or `b` ``, or `` one of `a`, `b`, `c` ``.
fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "no other member".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        several => format!("one of {}", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Body {
        text: String,
        count: Option<u32>,
        list: Vec<Body>,
        side: Option<Side>,
        is_on: bool,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Side {
        Buy,
        Sell,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[allow(dead_code, reason = "only its presence matters")]
        one: u8,
    }

    fn refused<T: DeserializeOwned + fmt::Debug>(body: &str) -> (String, String, String) {
        let error = read::<T>(body.as_bytes()).unwrap_err().errors.remove(0);
        (error.pointer.unwrap(), error.rule, error.detail)
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let body =
            r#"{"text":"a\u0062","count":7,"list":[{"text":"x"},{}],"side":"sell","is_on":true,"x":[{}]}"#;
        let list = vec![Body { text: "x".to_owned(), ..Body::default() }, Body::default()];
        let expected =
            Body { text: "ab".to_owned(), count: Some(7), list, side: Some(Side::Sell), is_on: true };
        assert_eq!(read::<Body>(body.as_bytes()), Ok(expected));
        assert_eq!(read::<Body>(br#"{"count":null,"side":null}"#), Ok(Body::default()));
    }

    #[test]
    fn every_fault_has_its_rule_and_its_place() {
        for (body, pointer, rule, detail) in [
            (r#"{"text":1}"#, "#/text", "type", "`text` must be a string."),
            (r#"{"count":-1}"#, "#/count", "type", "`count` must be u32."),
            (r#"{"count":1e400}"#, "#/count", "type", "`count` must be u32."),
            (r#"{"list":[{},{"text":[]}]}"#, "#/list/1/text", "type", "`text` must be a string."),
            (r#"{"side":"both"}"#, "#/side", "type", "`side` must be `buy` or `sell`."),
            (r#"{"side":1}"#, "#/side", "type", "`side` must be a string."),
            (r#"{"x":1,"x":2}"#, "#/x", "duplicate", "`x` is given twice."),
            (r#"{"list":[{"x":1,"\u0078":2}]}"#, "#/list/0/x", "duplicate", "`x` is given twice."),
            (r#"{"se cret":1,"se cret":2}"#, "#", "duplicate", "A member of the body is given twice."),
        ] {
            let expected = (pointer.to_owned(), rule.to_owned(), detail.to_owned());
            assert_eq!(refused::<Body>(body), expected, "{body}");
        }
        let unknown = "This member is not known here; expected `one`.".to_owned();
        assert_eq!(
            refused::<Strict>(r#"{"a":1}"#),
            ("#/a".to_owned(), "unknown".to_owned(), unknown.clone())
        );
        assert_eq!(refused::<Strict>(r#"{"a b":1}"#), ("#".to_owned(), "unknown".to_owned(), unknown));
        let missing = "`one` is required.".to_owned();
        assert_eq!(refused::<Strict>("{}"), ("#/one".to_owned(), "required".to_owned(), missing));
    }

    #[test]
    fn an_escape_without_a_character_is_malformed() {
        let problem = read::<Body>(br#"{"text":"\ud800"}"#).unwrap_err();
        assert_eq!((problem.status(), problem.errors.len()), (400, 0));
    }
}
