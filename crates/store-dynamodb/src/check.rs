//! Properties of the table that the venue needs, and what differs from them.

use aws_sdk_dynamodb::types::{BillingMode, PointInTimeRecoveryStatus, TableDescription, TimeToLiveStatus};
use cnop_store::{Condition, Key, StoreError, Table as _, TableQuery, Write};

use crate::DynamoTable;
use crate::attributes::EXPIRY;
use crate::create::TableError;
use crate::failure::RequestFailure;
use crate::layout::CHECK_PARTITION;

/// Codes by which AWS refuses for lack of rights or with unknown credentials.
const DENIED_CODES: [&str; 4] = [
    "AccessDeniedException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "ExpiredTokenException",
];
/// Codes of a DynamoDB service that does not know an operation, as DynamoDB Local does for backups.
const UNKNOWN_OPERATION_CODES: [&str; 2] = ["UnknownOperationException", "NotImplemented"];
/// Seconds for which the item of a check of the right to write stays at least.
const CHECK_ITEM_S: i64 = 3_600;

/// A property of a table that is not as the venue needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFault {
    /// The property.
    pub kind: TableFaultKind,
    /// One sentence: the fault and its remedy.
    pub sentence: String,
}

/// Properties of a table that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFaultKind {
    /// Expired items are not removed.
    Expiry,
    /// Another attribute than ours is the time to live.
    OtherExpiry,
    /// There is no point-in-time recovery.
    Recovery,
    /// The capacity is provisioned and not on demand.
    Billing,
}

impl TableFaultKind {
    /// Returns true if a server must not use the table so.
    #[must_use]
    pub const fn is_severe(self) -> bool {
        matches!(self, Self::Expiry | Self::OtherExpiry)
    }
}

impl DynamoTable {
    /// Compares the table with what the venue needs. Empty when nothing differs.
    ///
    /// # Errors
    /// [`TableError`] when there is no table, when it has other keys, or when DynamoDB does not answer.
    pub async fn table_faults(&self) -> Result<Vec<TableFault>, TableError> {
        let description = self.table_described().await?;
        let mut faults = Vec::new();
        faults.extend(self.expiry_fault().await?);
        faults.extend(self.recovery_fault().await);
        faults.extend(self.billing_fault(&description));
        Ok(faults)
    }

    /// Checks what a server needs: keys, removal of expired items, and the right to read and write.
    ///
    /// # Errors
    /// [`TableError`] with one sentence about what is missing.
    pub async fn table_check_for_serving(&self) -> Result<(), TableError> {
        for fault in self.table_faults().await? {
            if fault.kind.is_severe() {
                return Err(TableError::Fault(fault.sentence));
            }
            tracing::warn!("{}", fault.sentence);
        }
        self.rights_check().await
    }

    /// Writes an item, reads it and removes it.
    ///
    /// # Errors
    /// [`TableError`] when the credentials do not allow it, or when DynamoDB does not answer.
    pub async fn rights_check(&self) -> Result<(), TableError> {
        let mut name = [0; 8];
        self.entropy.fill(&mut name);
        let key = Key::new(CHECK_PARTITION, format!("START#{}", hex::encode(name)));
        self.rights_use(&key).await.map_err(|error| self.denied(error))
    }

    async fn rights_use(&self, key: &Key) -> Result<(), StoreError> {
        let expires_at = self.now_s().saturating_add(CHECK_ITEM_S);
        self.transact(vec![Write::put_expiring(key.clone(), "", expires_at, Condition::Any)]).await?;
        self.get(key).await?;
        self.get_many(std::slice::from_ref(key)).await?;
        self.query(&TableQuery::prefix(&*key.pk, &*key.sk, 1)).await?;
        let check = Write::check(Key::new(&*key.pk, "PROBE"), Condition::Absent);
        self.transact(vec![Write::delete(key.clone(), Condition::Any), check]).await
    }

    fn denied(&self, error: StoreError) -> TableError {
        let StoreError::Unavailable(source) = &error else { return TableError::Failed(error.into()) };
        match source.downcast_ref::<RequestFailure>() {
            Some(failure) if failure.code().is_some_and(|code| DENIED_CODES.contains(&code)) => {
                TableError::Denied { table: self.table.clone(), cause: failure.to_string() }
            }
            _ => TableError::Failed(error.into()),
        }
    }

    async fn expiry_fault(&self) -> Result<Option<TableFault>, TableError> {
        let asked = self.patient.describe_time_to_live().table_name(&self.table).send().await;
        let described = match asked {
            Ok(answer) => answer.time_to_live_description,
            Err(error) => {
                let failure = RequestFailure::new("DescribeTimeToLive", &error);
                if failure.code().is_some_and(|code| DENIED_CODES.contains(&code)) {
                    tracing::warn!(error = %failure, "the removal of expired items could not be checked");
                    return Ok(None);
                }
                return Err(TableError::Failed(Box::new(failure)));
            }
        };
        let table = &self.table;
        let is_on = |status: Option<&TimeToLiveStatus>| {
            matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
        };
        let described = described.filter(|described| is_on(described.time_to_live_status()));
        Ok(match described.as_ref().and_then(|described| described.attribute_name()) {
            Some(EXPIRY) => None,
            Some(other) => Some(TableFault {
                kind: TableFaultKind::OtherExpiry,
                sentence: format!(
                    "the DynamoDB table `{table}` has the time to live attribute `{other}`, so expired items are never \
                     removed; disable it, wait an hour, and run `cnop migrate`"
                ),
            }),
            None => Some(TableFault {
                kind: TableFaultKind::Expiry,
                sentence: format!(
                    "the DynamoDB table `{table}` has no time to live, so expired items are never removed; run `cnop \
                     migrate`, or enable it on the attribute `{EXPIRY}`"
                ),
            }),
        })
    }

    /// A service without backups, as DynamoDB Local is, has no fault.
    async fn recovery_fault(&self) -> Option<TableFault> {
        let asked = self.patient.describe_continuous_backups().table_name(&self.table).send().await;
        let status = match asked {
            Ok(answer) => answer
                .continuous_backups_description
                .and_then(|described| described.point_in_time_recovery_description)
                .and_then(|described| described.point_in_time_recovery_status),
            Err(error) => {
                let failure = RequestFailure::new("DescribeContinuousBackups", &error);
                if !failure.code().is_some_and(|code| UNKNOWN_OPERATION_CODES.contains(&code)) {
                    tracing::warn!(error = %failure, "point-in-time recovery could not be checked");
                }
                return None;
            }
        };
        let table = &self.table;
        (status != Some(PointInTimeRecoveryStatus::Enabled)).then(|| TableFault {
            kind: TableFaultKind::Recovery,
            sentence: format!(
                "the DynamoDB table `{table}` has no point-in-time recovery, so what is lost by mistake stays lost; \
                 run `cnop migrate`, or enable it"
            ),
        })
    }

    fn billing_fault(&self, description: &TableDescription) -> Option<TableFault> {
        let mode = description.billing_mode_summary().and_then(|summary| summary.billing_mode());
        let table = &self.table;
        (mode != Some(&BillingMode::PayPerRequest)).then(|| TableFault {
            kind: TableFaultKind::Billing,
            sentence: format!(
                "the DynamoDB table `{table}` has provisioned capacity, so commands beyond it are refused; change its \
                 billing mode to PAY_PER_REQUEST, or provision what docs/data-model.md computes"
            ),
        })
    }

    /// Enables what can be enabled on a table in use: removal of expired items, and point-in-time recovery. Returns false
    /// for a fault that is the operator's to mend.
    ///
    /// # Errors
    /// [`TableError`] when DynamoDB refuses.
    pub async fn table_mend(&self, fault: TableFaultKind) -> Result<bool, TableError> {
        match fault {
            TableFaultKind::Expiry => self.table_expiry_enable().await.map(|()| true),
            TableFaultKind::Recovery => self.table_recovery_enable().await.map(|()| true),
            TableFaultKind::OtherExpiry | TableFaultKind::Billing => Ok(false),
        }
    }

    /// Returns true if the table is there. It may have other keys, and may still be in creation.
    ///
    /// # Errors
    /// [`TableError`] when DynamoDB does not answer, or when the table has other keys.
    pub async fn table_exists(&self) -> Result<bool, TableError> {
        match self.table_described().await {
            Ok(_) => Ok(true),
            Err(TableError::Missing(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
