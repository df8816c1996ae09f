//! One transaction as one `TransactWriteItems` request.

use std::time::Duration;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};
use bytes::Bytes;
use cnop_store::{Condition, FailedCondition, Item, Key, StoreError, Write};
use tokio::time::{Instant, timeout_at};

use crate::DynamoTable;
use crate::attributes::{self, Attributes, BODY, EXPIRY, VERSION};
use crate::failure::RequestFailure;
use crate::retry_budget::{COST_REFUSED, COST_UNKNOWN};

/// Attempts when DynamoDB says that another transaction is at work on one of the items, or that it has too much to do.
const ATTEMPTS_MAX: u32 = 8;
/// Maximum attempts with an unknown outcome. Each can take as long as an attempt may; all of them end with the time of the
/// operation.
const UNKNOWN_MAX: u32 = 3;
/// The first pause between two attempts lasts at most so long; each further one twice as long.
const PAUSE_MS_FIRST: u64 = 10;
/// No pause lasts longer.
const PAUSE_MS_MAX: u64 = 320;

/// Bytes of entropy in a transaction's name; as hexadecimal digits it has at most the 36 that DynamoDB takes.
const TOKEN_BYTES: usize = 16;

/// Codes of DynamoDB's own failures, and of an attempt with the same token that is still running.
const UNKNOWN_CODES: [&str; 5] = [
    "InternalServerError",
    "InternalFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "TransactionInProgressException",
];

/// Interpretation of a failed attempt.
enum Verdict {
    /// Nothing was written. A retry may succeed.
    Again,
    /// Unknown outcome. A retry with the same token is applied once.
    Unknown(StoreError),
    /// This is the answer.
    Final(StoreError),
}

/// A condition as DynamoDB reads it, with the values it names.
struct Expression {
    condition: Option<&'static str>,
    values: Attributes,
}

impl DynamoTable {
    pub(crate) async fn write(&self, writes: &[Write]) -> Result<(), StoreError> {
        let now_s = self.now_s();
        let mut actions = Vec::with_capacity(writes.len());
        // Index of the write behind each action. A check without a condition needs no action.
        let mut indexes = Vec::with_capacity(writes.len());
        for (index, write) in writes.iter().enumerate() {
            let action = action(&self.table, write, now_s);
            if let Some(action) = action.map_err(StoreError::unavailable)? {
                actions.push(action);
                indexes.push(index);
            }
        }
        if actions.is_empty() {
            return Ok(());
        }
        // One name for all attempts: DynamoDB does it once, also when the answer to an earlier one was lost.
        let token = self.token();
        let deadline = Instant::now() + self.operation_time_max();
        let mut unknown = 0;
        let mut doubt = None;
        let mut cost = None;
        for attempt in 0..ATTEMPTS_MAX {
            if let Some(cost) = cost {
                let pause = self.pause(attempt);
                if Instant::now() + pause >= deadline || !self.retries.take(cost) {
                    break;
                }
                tokio::time::sleep(pause).await;
            }
            let ended = match timeout_at(deadline, self.attempt(&token, actions.clone())).await {
                Ok(Ok(())) => {
                    self.retries.succeeded();
                    return Ok(());
                }
                Ok(Err(error)) => verdict(&error, &indexes, now_s)?,
                // It may still arrive.
                Err(_) => {
                    return Err(StoreError::unavailable("DynamoDB did not end the transaction in time"));
                }
            };
            cost = Some(if matches!(ended, Verdict::Unknown(_)) { COST_UNKNOWN } else { COST_REFUSED });
            match ended {
                Verdict::Again => {}
                Verdict::Unknown(error) => {
                    unknown += 1;
                    if unknown == UNKNOWN_MAX {
                        return Err(error);
                    }
                    doubt = Some(error);
                }
                // The conflict may be with an earlier attempt of this same transaction.
                Verdict::Final(StoreError::Conflict(failed)) => {
                    return Err(doubt.unwrap_or(StoreError::Conflict(failed)));
                }
                Verdict::Final(error) => return Err(error),
            }
        }
        Err(doubt.unwrap_or(StoreError::Busy))
    }

    /// Sends one request. The SDK's own retries are off, because they hide attempts with an unknown outcome.
    async fn attempt(
        &self,
        token: &str,
        actions: Vec<TransactWriteItem>,
    ) -> Result<(), SdkError<TransactWriteItemsError, HttpResponse>> {
        let once = aws_sdk_dynamodb::config::Config::builder().retry_config(RetryConfig::disabled());
        let request = self.client().transact_write_items().client_request_token(token);
        let request = request.set_transact_items(Some(actions)).customize().config_override(once);
        request.send().await.map(|_| ())
    }

    fn token(&self) -> String {
        let mut bytes = [0; TOKEN_BYTES];
        self.entropy.fill(&mut bytes);
        hex::encode(bytes)
    }

    /// Any time up to the longest for this attempt, so that those who met do not meet again.
    fn pause(&self, attempt: u32) -> Duration {
        let mut bytes = [0; 8];
        self.entropy.fill(&mut bytes);
        let longest_ms = (PAUSE_MS_FIRST << (attempt - 1).min(16)).min(PAUSE_MS_MAX);
        Duration::from_micros(u64::from_le_bytes(bytes) % (longest_ms * 1_000))
    }
}

fn action(table: &str, write: &Write, now_s: i64) -> Result<Option<TransactWriteItem>, BuildError> {
    let expression = expression(write.condition(), now_s);
    let old = ReturnValuesOnConditionCheckFailure::AllOld;
    let item = TransactWriteItem::builder();
    Ok(Some(match write {
        Write::Check { condition: Condition::Any, .. } => return Ok(None),
        Write::Check { key, .. } => {
            let check = ConditionCheck::builder()
                .table_name(table)
                .set_key(Some(attributes::of_key(key)))
                .set_condition_expression(expression.condition.map(str::to_owned))
                .set_expression_attribute_values(some_unless_empty(expression.values))
                .return_values_on_condition_check_failure(old);
            item.condition_check(check.build()?).build()
        }
        Write::Delete { key, .. } => {
            let delete = Delete::builder()
                .table_name(table)
                .set_key(Some(attributes::of_key(key)))
                .set_condition_expression(expression.condition.map(str::to_owned))
                .set_expression_attribute_values(some_unless_empty(expression.values))
                .return_values_on_condition_check_failure(old);
            item.delete(delete.build()?).build()
        }
        Write::Restore(restored) => {
            let Item { key, version, expires_at, body } = restored;
            item.put(put(table, key, body, *expires_at, *version, expression)?).build()
        }
        Write::Put { key, body, expires_at, condition } => match condition {
            Condition::Absent => item.put(put(table, key, body, *expires_at, 1, expression)?).build(),
            Condition::Version(version) => {
                let next = version.saturating_add(1);
                item.put(put(table, key, body, *expires_at, next, expression)?).build()
            }
            Condition::Any | Condition::Present => {
                item.update(update(table, key, body, *expires_at, expression)?).build()
            }
        },
    }))
}

/// Replaces the item; its next version is known.
fn put(
    table: &str,
    key: &Key,
    body: &Bytes,
    expires_at: Option<i64>,
    version: u64,
    expression: Expression,
) -> Result<Put, BuildError> {
    let mut item = attributes::of_key(key);
    item.insert(VERSION.to_owned(), attributes::number(version));
    item.insert(BODY.to_owned(), attributes::body(body));
    if let Some(at) = expires_at {
        item.insert(EXPIRY.to_owned(), attributes::number(at));
    }
    Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .set_condition_expression(expression.condition.map(str::to_owned))
        .set_expression_attribute_values(some_unless_empty(expression.values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
}

/// Replaces the item: DynamoDB counts its version.
fn update(
    table: &str,
    key: &Key,
    body: &Bytes,
    expires_at: Option<i64>,
    expression: Expression,
) -> Result<Update, BuildError> {
    let Expression { condition, mut values } = expression;
    values.insert(":body".to_owned(), attributes::body(body));
    values.insert(":zero".to_owned(), attributes::number(0));
    values.insert(":one".to_owned(), attributes::number(1));
    let change = if let Some(at) = expires_at {
        values.insert(":expiry".to_owned(), attributes::number(at));
        "SET b = :body, v = if_not_exists(v, :zero) + :one, x = :expiry"
    } else {
        "SET b = :body, v = if_not_exists(v, :zero) + :one REMOVE x"
    };
    Update::builder()
        .table_name(table)
        .set_key(Some(attributes::of_key(key)))
        .update_expression(change)
        .set_condition_expression(condition.map(str::to_owned))
        .set_expression_attribute_values(Some(values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
}

/// DynamoDB removes an expired item hours later: until then the condition itself says that it is absent.
fn expression(condition: Condition, now_s: i64) -> Expression {
    let mut values = Attributes::new();
    if condition != Condition::Any {
        values.insert(":now".to_owned(), attributes::number(now_s));
    }
    let condition = match condition {
        Condition::Any => None,
        Condition::Absent => Some("attribute_not_exists(pk) OR x <= :now"),
        Condition::Present => Some("attribute_exists(pk) AND (attribute_not_exists(x) OR x > :now)"),
        Condition::Version(version) => {
            values.insert(":version".to_owned(), attributes::number(version));
            Some("v = :version AND (attribute_not_exists(x) OR x > :now)")
        }
    };
    Expression { condition, values }
}

fn some_unless_empty(values: Attributes) -> Option<Attributes> {
    (!values.is_empty()).then_some(values)
}

fn verdict<R: std::fmt::Debug + 'static>(
    error: &SdkError<TransactWriteItemsError, R>,
    indexes: &[usize],
    now_s: i64,
) -> Result<Verdict, StoreError> {
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
        let reasons = cancelled.cancellation_reasons();
        let failed = failed_conditions(reasons, indexes, now_s)?;
        if !failed.is_empty() {
            return Ok(Verdict::Final(StoreError::Conflict(failed)));
        }
        if reasons.iter().any(|reason| reason.code().is_some_and(is_transient)) {
            return Ok(Verdict::Again);
        }
    }
    let failure = RequestFailure::new("TransactWriteItems", error);
    Ok(if failure.is_throttling() {
        Verdict::Again
    } else if ended_unknown(error, &failure) {
        Verdict::Unknown(failure.into())
    } else {
        Verdict::Final(failure.into())
    })
}

/// Returns true if the request may have been done, or is being done, although the answer does not say so.
fn ended_unknown<R>(error: &SdkError<TransactWriteItemsError, R>, failure: &RequestFailure) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(answer) => {
            !answer.err().is_transaction_canceled_exception()
                && failure.code().is_none_or(|code| UNKNOWN_CODES.contains(&code))
        }
        _ => false,
    }
}

fn is_transient(code: &str) -> bool {
    matches!(code, "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
}

fn failed_conditions(
    reasons: &[CancellationReason],
    indexes: &[usize],
    now_s: i64,
) -> Result<Vec<FailedCondition>, StoreError> {
    let mut failed = Vec::new();
    for (reason, index) in reasons.iter().zip(indexes) {
        if reason.code() == Some("ConditionalCheckFailed") {
            let current = reason.item().filter(|item| !item.is_empty()).cloned();
            let current = current.map(attributes::item).transpose()?;
            let current = current.filter(|item| !item.is_expired(now_s));
            failed.push(FailedCondition { index: *index, current });
        }
    }
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::{ErrorMetadata, SdkError};
    use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
    use aws_sdk_dynamodb::types::CancellationReason;
    use aws_sdk_dynamodb::types::error::{TransactionCanceledException, TransactionInProgressException};
    use cnop_store::{Key, StoreError};

    use super::{Verdict, attributes, verdict};

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    fn cancelled(reasons: Vec<CancellationReason>) -> SdkError<TransactWriteItemsError, ()> {
        let error = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons)).build();
        SdkError::service_error(TransactWriteItemsError::TransactionCanceledException(error), ())
    }

    /// A transaction that met another one is tried again.
    #[test]
    fn another_transaction_is_no_conflict_of_ours() {
        for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
            let error = cancelled(vec![reason("None"), reason(code)]);
            assert!(matches!(verdict(&error, &[0, 1], 0), Ok(Verdict::Again)), "{code}");
        }
    }

    /// A condition that failed is final, whatever else happened, and keeps its position and its item.
    #[test]
    fn failed_conditions_keep_their_position() {
        let mut item = attributes::of_key(&Key::new("p", "s"));
        item.insert("v".to_owned(), attributes::number(3));
        item.insert("b".to_owned(), attributes::body(&"body".into()));
        let with_item = CancellationReason::builder().code("ConditionalCheckFailed").set_item(Some(item));
        let error = cancelled(vec![
            reason("TransactionConflict"),
            with_item.build(),
            reason("ConditionalCheckFailed"),
        ]);
        let Ok(Verdict::Final(StoreError::Conflict(failed))) = verdict(&error, &[0, 4, 7], 0) else {
            panic!()
        };
        assert_eq!(failed.iter().map(|failed| failed.index).collect::<Vec<_>>(), [4, 7]);
        assert_eq!(failed[0].current.as_ref().unwrap().version, 3);
        assert_eq!(failed[1].current, None);
    }

    /// Only refusals by DynamoDB prove that nothing was written.
    #[test]
    fn other_failures_leave_the_caller_without_knowledge() {
        let error = cancelled(vec![reason("ValidationError")]);
        assert!(matches!(verdict(&error, &[0], 0), Ok(Verdict::Final(StoreError::Unavailable(_)))));
        let in_progress = TransactionInProgressException::builder()
            .meta(ErrorMetadata::builder().code("TransactionInProgressException").build())
            .build();
        let in_progress = TransactWriteItemsError::TransactionInProgressException(in_progress);
        for error in [
            SdkError::service_error(in_progress, ()),
            SdkError::timeout_error("late"),
            SdkError::response_error("cut", ()),
        ] {
            assert!(matches!(verdict(&error, &[0], 0), Ok(Verdict::Unknown(StoreError::Unavailable(_)))));
        }
    }
}
