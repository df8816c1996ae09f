//! Files with secrets: made once, durable, and readable for their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cnop_domain::Entropy;
use thiserror::Error;
use zeroize::Zeroizing;

/// Reason that a file with a secret cannot be used.
#[derive(Debug, Error)]
pub enum SecretFileError {
    /// The file cannot be read or written.
    #[error("the file {} cannot be used: {source}", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// Other users can read the file.
    #[error("the file {} can be read by every user; run: chmod 600 {}", .0.display(), .0.display())]
    Rights(PathBuf),
    /// The file is too large to be a secret.
    #[error("the file {} is too large to be a secret", .0.display())]
    Size(PathBuf),
}

impl SecretFileError {
    /// Returns true if there is no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

fn unusable(path: &Path) -> impl Fn(io::Error) -> SecretFileError + '_ {
    |source| SecretFileError::File { path: path.to_owned(), source }
}

/// The content of a file of at most `bytes_max`.
///
/// # Errors
/// Unreadable, too large, or readable by every user.
pub fn read(path: &Path, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>, SecretFileError> {
    let metadata = fs::metadata(path).map_err(unusable(path))?;
    if is_world_readable(&metadata) {
        return Err(SecretFileError::Rights(path.to_owned()));
    }
    if metadata.len() > bytes_max {
        return Err(SecretFileError::Size(path.to_owned()));
    }
    fs::read(path).map(Zeroizing::new).map_err(unusable(path))
}

/// Writes a new file durably. It is never overwritten.
///
/// # Errors
/// The file exists or cannot be written.
pub fn write_new(path: &Path, content: &[u8]) -> Result<(), SecretFileError> {
    let fault = unusable(path);
    let mut file = owner_only(OpenOptions::new().write(true).create_new(true)).open(path).map_err(&fault)?;
    file.write_all(content).map_err(&fault)?;
    file.sync_all().map_err(&fault)?;
    folder_sync(path).map_err(fault)
}

/// Makes the file unless there is one. A crash leaves no half of it, and of several servers that start at once
/// one file wins. So the caller reads the file afterwards.
///
/// # Errors
/// It cannot be written.
pub fn create(path: &Path, content: &[u8], entropy: &dyn Entropy) -> Result<(), SecretFileError> {
    let mut random = [0; 8];
    entropy.fill(&mut random);
    let draft = path.with_extension(format!("{:016x}.new", u64::from_be_bytes(random)));
    write_new(&draft, content)?;
    let linked = fs::hard_link(&draft, path);
    let removed = fs::remove_file(&draft);
    match linked {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => return Err(unusable(path)(source)),
        _ => removed.map_err(unusable(&draft))?,
    }
    folder_sync(path).map_err(unusable(path))
}

/// Makes the name of a file durable.
fn folder_sync(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder).and_then(|folder| folder.sync_all()),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn is_world_readable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o007 != 0
}

#[cfg(not(unix))]
fn is_world_readable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
