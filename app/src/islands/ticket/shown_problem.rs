//! A refusal in the props of the ticket: as much of it as the ticket shows, by position.

use cnop_api::{Code, FieldError, Problem};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Code, sentence, and member, rule and sentence of each error.
type Shown<'text> = (&'text str, &'text str, Vec<ShownError<'text>>);
type ShownError<'text> = (Option<&'text str>, &'text str, &'text str);

#[allow(clippy::ref_option, reason = "serde gives the field")]
pub(super) fn serialize<S: Serializer>(problem: &Option<Problem>, serializer: S) -> Result<S::Ok, S::Error> {
    fn shown(error: &FieldError) -> ShownError<'_> {
        (error.member(), &error.rule, &error.detail)
    }
    fn whole(problem: &Problem) -> Shown<'_> {
        (problem.code.as_str(), &problem.detail, problem.errors.iter().map(shown).collect())
    }
    problem.as_ref().map(whole).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Problem>, D::Error> {
    let error = |(member, rule, detail): ShownError<'de>| FieldError {
        pointer: member.map(|member| format!("#/{member}")),
        ..FieldError::new("", rule, detail)
    };
    let shown = Option::<Shown<'de>>::deserialize(deserializer)?;
    Ok(shown.map(|(code, detail, errors)| Problem {
        errors: errors.into_iter().map(error).collect(),
        ..Problem::new(Code::from_text(code).unwrap_or(Code::Internal), detail)
    }))
}
