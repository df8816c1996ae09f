//! Opening the file, with an error message for each failure.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable, StorageBackend,
    StorageError, TableDefinition, TableError,
};

use crate::file::Watched;
use crate::health::FileHealth;
use crate::record;

/// Size of redb's page cache; the operating system caches the rest. (redb's own default is 1 GiB.)
pub const CACHE_BYTES: usize = 24 * 1024 * 1024;

/// The items, by the bytes of their key.
pub(crate) const ITEMS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("items");
/// The keys of items that expire, by their expiry (seconds since 1970) and a number.
pub(crate) const EXPIRIES: TableDefinition<'_, (i64, u64), &[u8]> = TableDefinition::new("expiries");

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
const FORMAT_NAME: &str = "format";
/// Counts the layouts of the file; a file of another layout is refused.
const FORMAT: u64 = 1;
/// Items at each end of the file that are read when it is opened.
const SAMPLE_ITEMS: usize = 1_000;
/// Magic number at the start of every redb file.
const MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// Options of the file.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// Bytes of pages kept in memory.
    pub cache_bytes: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self { cache_bytes: CACHE_BYTES }
    }
}

/// Error while opening the file. Each says so in one sentence for the person who started the program.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the store {} is in use by another process", path.display())]
    Locked {
        /// Path of the file.
        path: PathBuf,
    },
    /// The content is damaged.
    #[error("the store {} is damaged or not a store: {reason}", path.display())]
    Corrupt {
        /// Path of the file.
        path: PathBuf,
        /// Description of the damage.
        reason: String,
    },
    /// It was written by a version of this program that lays it out otherwise.
    #[error("the store {} has format {found}, this program reads format {FORMAT}", path.display())]
    Format {
        /// Path of the file.
        path: PathBuf,
        /// Format version of the file.
        found: u64,
    },
    /// The operating system refuses.
    #[error("the store {} cannot be opened for reading and writing", path.display())]
    Unusable {
        /// The file or its directory.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
}

/// The file, opened once for the whole life of the table: whatever happens to its name, it stays the same file.
#[derive(Debug)]
pub(crate) struct StoreFile {
    file: File,
    path: PathBuf,
    options: EmbeddedOptions,
    health: FileHealth,
}

impl StoreFile {
    /// Opens the file, or creates it (readable for its owner alone) together with its directory.
    pub(crate) fn open(path: &Path, options: &EmbeddedOptions) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)
                .map_err(|source| OpenError::Unusable { path: directory.to_owned(), source })?;
        }
        let is_new = !path.exists();
        let file = file_open(path).map_err(unusable)?;
        if is_new {
            name_sync(path).map_err(unusable)?;
        }
        file_check(&file, path)?;
        Ok(Self { file, path: path.to_owned(), options: options.clone(), health: FileHealth::default() })
    }

    pub(crate) fn health(&self) -> FileHealth {
        self.health.clone()
    }

    /// The database in the file, checked first if it was not closed in order. Locked against other processes.
    pub(crate) fn database(&self) -> Result<Database, OpenError> {
        let unusable = |source| OpenError::Unusable { path: self.path.clone(), source };
        let file = self.file.try_clone().map_err(unusable)?;
        let backend = FileBackend::new(file).map_err(|error| from_database(&self.path, error))?;
        database_open(Watched::new(backend, self.health()), &self.path, &self.options)
    }
}

pub(crate) fn database_open(
    backend: impl StorageBackend,
    path: &Path,
    options: &EmbeddedOptions,
) -> Result<Database, OpenError> {
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache_bytes).set_repair_callback(|session| {
        tracing::warn!(
            progress = session.progress(),
            "The store was not closed in order and is being checked"
        );
    });
    // A damaged file can cause a panic in redb.
    catch_unwind(AssertUnwindSafe(|| {
        let database = builder.create_with_backend(backend).map_err(|error| from_database(path, error))?;
        format_check(&database, path)?;
        Ok(database)
    }))
    .unwrap_or_else(|_| {
        Err(OpenError::Corrupt {
            path: path.to_owned(),
            reason: "its pages contradict each other".to_owned(),
        })
    })
}

#[cfg(unix)]
fn file_open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn file_open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Brings the name of a new file to the disk: otherwise a power cut could take the name and leave no trace of the store.
#[cfg(unix)]
fn name_sync(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn name_sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Distinguishes a foreign file from a store before redb reads it.
fn file_check(file: &File, path: &Path) -> Result<(), OpenError> {
    use std::io::{Read, Seek, SeekFrom};
    let mut start = Vec::with_capacity(MAGIC.len());
    let mut reader = file;
    let length = u64::try_from(MAGIC.len()).unwrap_or(u64::MAX);
    reader
        .take(length)
        .read_to_end(&mut start)
        .and_then(|_| reader.seek(SeekFrom::Start(0)))
        .map_err(|source| OpenError::Unusable { path: path.to_owned(), source })?;
    // A file whose creation was interrupted starts with zeros; redb initializes it again.
    if start.is_empty() || start == MAGIC || start.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    Err(OpenError::Corrupt { path: path.to_owned(), reason: "it does not begin like a store".to_owned() })
}

/// Makes the tables of a new file, or refuses a file of another format.
fn format_check(database: &Database, path: &Path) -> Result<(), OpenError> {
    let corrupt = |error: redb::Error| from_storage(path, error);
    let read = database.begin_read().map_err(|error| corrupt(error.into()))?;
    let found = match read.open_table(ABOUT) {
        Ok(about) => {
            about.get(FORMAT_NAME).map_err(|error| corrupt(error.into()))?.map(|found| found.value())
        }
        Err(TableError::TableDoesNotExist(_)) => None,
        Err(error) => return Err(corrupt(error.into())),
    };
    match found {
        None => tables_create(database).map_err(corrupt),
        Some(FORMAT) => sample_check(&read).map_err(corrupt),
        Some(found) => Err(OpenError::Format { path: path.to_owned(), found }),
    }
}

/// Reads a bounded sample of the file: the pages next to the roots, both ends, and a place for each first letter of a
/// key. `cnop audit` reads all of it.
fn sample_check(read: &ReadTransaction) -> Result<(), redb::Error> {
    let items = read.open_table(ITEMS)?;
    let expiries = read.open_table(EXPIRIES)?;
    let mut is_sound = true;
    for entry in items.iter()?.take(SAMPLE_ITEMS).chain(items.iter()?.rev().take(SAMPLE_ITEMS)) {
        let (key, record) = entry?;
        is_sound &= record::item(key.value(), record.value()).is_some();
    }
    for letter in b'A'..=b'Z' {
        let Some(entry) = items.range::<&[u8]>([letter].as_slice()..)?.next() else { continue };
        let (key, record) = entry?;
        is_sound &= record::item(key.value(), record.value()).is_some();
    }
    for entry in expiries.iter()?.take(SAMPLE_ITEMS) {
        entry?;
    }
    if is_sound { Ok(()) } else { Err(redb::Error::Corrupted("an item cannot be read".to_owned())) }
}

fn tables_create(database: &Database) -> Result<(), redb::Error> {
    let write = database.begin_write()?;
    write.open_table(ITEMS)?;
    write.open_table(EXPIRIES)?;
    write.open_table(ABOUT)?.insert(FORMAT_NAME, FORMAT)?;
    write.commit()?;
    Ok(())
}

fn from_database(path: &Path, error: DatabaseError) -> OpenError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::Locked { path },
        DatabaseError::Storage(StorageError::Io(source)) if !is_about_content(&source) => {
            OpenError::Unusable { path, source }
        }
        other => OpenError::Corrupt { path, reason: other.to_string() },
    }
}

fn from_storage(path: &Path, error: redb::Error) -> OpenError {
    let path = path.to_owned();
    match error {
        redb::Error::Io(source) if !is_about_content(&source) => OpenError::Unusable { path, source },
        other => OpenError::Corrupt { path, reason: other.to_string() },
    }
}

/// Returns true if redb uses an I/O error to say that the bytes are wrong or missing.
fn is_about_content(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}
