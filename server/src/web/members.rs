//! The names of a body's members, looked at before the body is read: what comes twice is refused.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use cnop_api::{FieldError, Problem};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// Longest name of a member that an answer repeats.
const NAME_BYTES_SHOWN_MAX: usize = 40;

/// Refuses a member that comes twice, also one that is ignored: two readers could each take another one of them. What
/// is no JSON object is told by the reader proper.
///
/// # Errors
/// `request.invalid` (422) with a pointer.
pub(super) fn members_check(bytes: &[u8]) -> Result<(), Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Members { twice: Some(name) }) => Err(Problem::invalid(vec![duplicate(&name)])),
        Ok(Members { twice: None }) | Err(_) => Ok(()),
    }
}

/// Names are the client's text: only one that looks like ours is repeated.
fn duplicate(name: &str) -> FieldError {
    if is_plain(name) {
        return FieldError::new(name, "duplicate", format!("`{name}` is given twice."));
    }
    let error = FieldError::new("", "duplicate", "A member of the body is given twice.");
    FieldError { pointer: Some("#".to_owned()), ..error }
}

/// Whether a member's name looks like one of ours.
pub(super) fn is_plain(name: &str) -> bool {
    name.len() <= NAME_BYTES_SHOWN_MAX
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The members of an object.
struct Members<'a> {
    /// The first that came a second time.
    twice: Option<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A member's name, not copied where the body holds it as it is.
#[derive(Deserialize, PartialEq, Eq, Hash, Clone)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut seen: HashSet<Cow<'de, str>> = HashSet::new();
        let mut members = Members { twice: None };
        while let Some(Name(name)) = map.next_key()? {
            map.next_value::<IgnoredAny>()?;
            if let Some(name) = seen.replace(name).filter(|_| members.twice.is_none()) {
                members.twice = Some(name);
            }
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(body: &str) -> Vec<String> {
        let checked = members_check(body.as_bytes());
        let errors = checked.err().map(|problem| problem.errors).unwrap_or_default();
        errors.into_iter().filter_map(|error| error.pointer).collect()
    }

    #[test]
    fn what_comes_twice_is_refused_even_if_it_is_ignored() {
        assert_eq!(pointers(r#"{"a":1,"a":1}"#), ["#/a"]);
        assert_eq!(pointers(r#"{"amount":"1","\u0061mount":"2"}"#), ["#/amount"]);
        assert_eq!(pointers(r#"{"se cret":1,"se cret":1}"#), ["#"]);
        assert!(pointers(r#"{"a":1,"A":1,"b":{"a":1}}"#).is_empty());
    }

    #[test]
    fn what_is_no_object_is_left_to_the_reader() {
        for body in ["", "{", "[]", "{\"a\":1,\"a\":}", "{\"a\":1}x"] {
            assert!(pointers(body).is_empty(), "{body}");
        }
    }
}
