//! Creation and validation of the table itself.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    ScalarAttributeType, TableDescription, TableStatus, TimeToLiveSpecification,
};

use crate::DynamoTable;
use crate::attributes::{EXPIRY, PARTITION_KEY, SORT_KEY};
use crate::failure::RequestFailure;

/// Maximum number of polls until a new table is ready.
const READY_LOOKS_MAX: u32 = 120;
/// The time between two looks.
const READY_LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// Error while preparing the table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// There is none of this name.
    #[error("there is no DynamoDB table `{0}`")]
    Missing(String),
    /// Its keys are not `pk` and `sk`.
    #[error("the DynamoDB table `{0}` has other keys than the strings `pk` and `sk`")]
    OtherKeys(String),
    /// A property of it is wrong; one sentence with the remedy.
    #[error("{0}")]
    Fault(String),
    /// The credentials do not allow what a server does.
    #[error(
        "the credentials do not allow reading and writing the DynamoDB table `{table}`; allow GetItem, BatchGetItem, Query, Scan, PutItem, \
         UpdateItem, DeleteItem, ConditionCheckItem and DescribeTable on it ({cause})"
    )]
    Denied {
        /// Name of the table.
        table: String,
        /// DynamoDB's answer.
        cause: String,
    },
    /// It was created but did not become ready.
    #[error("the DynamoDB table `{0}` did not become ready in time")]
    NotReady(String),
    /// DynamoDB does not answer, or refuses.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl DynamoTable {
    /// Checks that the table exists and has the right keys.
    ///
    /// # Errors
    /// [`TableError`] when it does not, or when DynamoDB does not answer.
    pub async fn table_check(&self) -> Result<(), TableError> {
        self.table_described().await.map(drop)
    }

    /// Creates the table if it is missing, and waits until it is ready. Billing is per request, expired items
    /// are removed, and point-in-time recovery is enabled where available. Several servers may do this at
    /// once.
    ///
    /// # Errors
    /// [`TableError`] when the table is unusable afterwards.
    pub async fn table_create_if_missing(&self) -> Result<(), TableError> {
        match self.table_describe().await {
            Err(TableError::Missing(_)) => {
                self.table_create().await?;
                self.table_ready().await?;
                self.layout_settle().await?;
            }
            Err(error) => return Err(error),
            Ok(TableStatus::Creating) => {}
            Ok(_) => return Ok(()),
        }
        self.table_ready().await?;
        self.table_expiry_enable().await?;
        // Some DynamoDB services lack it, and some accounts may not enable it. The table works without it.
        if let Err(error) = self.table_recovery_enable().await {
            tracing::warn!(%error, "The table has no point-in-time recovery");
        }
        Ok(())
    }

    async fn table_describe(&self) -> Result<TableStatus, TableError> {
        let description = self.table_described().await?;
        Ok(description.table_status.unwrap_or(TableStatus::Active))
    }

    pub(crate) async fn table_described(&self) -> Result<TableDescription, TableError> {
        let described = self.patient.describe_table().table_name(&self.table).send().await;
        let description = described.map_err(|error| {
            let failure = RequestFailure::new("DescribeTable", &error);
            if failure.code() == Some("ResourceNotFoundException") {
                TableError::Missing(self.table.clone())
            } else {
                failed(failure)
            }
        })?;
        match description.table {
            Some(table) if has_our_keys(&table) => Ok(table),
            _ => Err(TableError::OtherKeys(self.table.clone())),
        }
    }

    async fn table_create(&self) -> Result<(), TableError> {
        let mut request =
            self.patient.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        for (name, key_type) in [(PARTITION_KEY, KeyType::Hash), (SORT_KEY, KeyType::Range)] {
            let attribute = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .map_err(|error| TableError::Failed(error.into()))?;
            let key = KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(key_type)
                .build()
                .map_err(|error| TableError::Failed(error.into()))?;
            request = request.attribute_definitions(attribute).key_schema(key);
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let failure = RequestFailure::new("CreateTable", &error);
                // Another server was faster.
                if failure.code() == Some("ResourceInUseException") { Ok(()) } else { Err(failed(failure)) }
            }
        }
    }

    async fn table_ready(&self) -> Result<(), TableError> {
        for _ in 0..READY_LOOKS_MAX {
            match self.table_describe().await {
                Ok(TableStatus::Active) => return Ok(()),
                // DynamoDB may need a moment until it sees its own new table.
                Ok(_) | Err(TableError::Missing(_)) => tokio::time::sleep(READY_LOOK_INTERVAL).await,
                Err(error) => return Err(error),
            }
        }
        Err(TableError::NotReady(self.table.clone()))
    }

    pub(crate) async fn table_expiry_enable(&self) -> Result<(), TableError> {
        let specification = TimeToLiveSpecification::builder()
            .attribute_name(EXPIRY)
            .enabled(true)
            .build()
            .map_err(|error| TableError::Failed(error.into()))?;
        let request = self.patient.update_time_to_live().table_name(&self.table);
        match request.time_to_live_specification(specification).send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let failure = RequestFailure::new("UpdateTimeToLive", &error);
                // Enabled already, by another server.
                if failure.code() == Some("ValidationException") { Ok(()) } else { Err(failed(failure)) }
            }
        }
    }

    pub(crate) async fn table_recovery_enable(&self) -> Result<(), TableError> {
        let specification = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(true)
            .build()
            .map_err(|error| TableError::Failed(error.into()))?;
        let request = self.patient.update_continuous_backups().table_name(&self.table);
        let sent = request.point_in_time_recovery_specification(specification).send().await;
        sent.map(drop).map_err(|error| failed(RequestFailure::new("UpdateContinuousBackups", &error)))
    }
}

fn has_our_keys(table: &TableDescription) -> bool {
    let is_key = |name: &str, key_type: &KeyType| {
        table.key_schema().iter().any(|key| key.attribute_name() == name && key.key_type() == key_type)
            && table.attribute_definitions().iter().any(|attribute| {
                attribute.attribute_name() == name && *attribute.attribute_type() == ScalarAttributeType::S
            })
    };
    is_key(PARTITION_KEY, &KeyType::Hash) && is_key(SORT_KEY, &KeyType::Range)
}

fn failed(failure: RequestFailure) -> TableError {
    TableError::Failed(Box::new(failure))
}
