//! The file of an export: a head, a frame for each item, and an end with the number of items and a checksum.

use std::io::{self, Read, Write};

use bytes::Bytes;
use cnop_store::limits::{BODY_BYTES_MAX, PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX};
use cnop_store::{Item, Key};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// First bytes of every export.
const MAGIC: [u8; 12] = *b"cnop-export\n";
/// Version of the format that this program writes.
const VERSION: u8 = 1;
/// Longest frame: keys and body at their limits, and the numbers.
const FRAME_BYTES_MAX: usize = BODY_BYTES_MAX + PARTITION_KEY_BYTES_MAX + SORT_KEY_BYTES_MAX + 64;

/// Error of a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum FormatError {
    /// It cannot be read or written.
    #[error("the file cannot be read or written")]
    Io(#[from] io::Error),
    /// It begins otherwise.
    #[error("it is no file of `cnop export`")]
    Other,
    /// A newer program wrote it.
    #[error(
        "it has version {0} of the format, and this program reads version {VERSION}; use the program that wrote it"
    )]
    Version(u8),
    /// It ends early, or some of its bytes changed.
    #[error("the file is damaged: {0}; export again")]
    Damaged(&'static str),
}

/// Number of items of a file, and its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) items: u64,
    /// SHA-256 of everything before it.
    pub(super) checksum: [u8; 32],
}

/// Content of a frame.
#[derive(Serialize, Deserialize)]
struct ItemFrame<'a> {
    pk: &'a str,
    sk: &'a str,
    version: u64,
    expires_at: Option<i64>,
    body: &'a [u8],
}

/// Writes a file item by item.
pub(super) struct ExportWriter<W> {
    out: W,
    hash: Sha256,
    items: u64,
}

impl<W: Write> ExportWriter<W> {
    pub(super) fn new(out: W) -> Result<Self, FormatError> {
        let mut writer = Self { out, hash: Sha256::new(), items: 0 };
        writer.write(&MAGIC)?;
        writer.write(&[VERSION])?;
        Ok(writer)
    }

    pub(super) fn item(&mut self, item: &Item) -> Result<(), FormatError> {
        let Item { key, version, expires_at, body } = item;
        let frame = ItemFrame { pk: &key.pk, sk: &key.sk, version: *version, expires_at: *expires_at, body };
        let bytes = postcard::to_allocvec(&frame).map_err(io::Error::other)?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.write(&length.to_be_bytes())?;
        self.write(&bytes)?;
        self.items += 1;
        Ok(())
    }

    /// Writes the end, and returns what is written to.
    pub(super) fn finish(mut self) -> Result<(W, Summary), FormatError> {
        self.write(&0_u32.to_be_bytes())?;
        let items = self.items;
        self.write(&items.to_be_bytes())?;
        let checksum: [u8; 32] = self.hash.finalize().into();
        self.out.write_all(&checksum)?;
        self.out.flush()?;
        Ok((self.out, Summary { items, checksum }))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.hash.update(bytes);
        Ok(self.out.write_all(bytes)?)
    }
}

/// Reads a file item by item.
pub(super) struct ExportReader<R> {
    input: R,
    hash: Sha256,
    items: u64,
    summary: Option<Summary>,
}

impl<R: Read> ExportReader<R> {
    pub(super) fn open(input: R) -> Result<Self, FormatError> {
        let mut reader = Self { input, hash: Sha256::new(), items: 0, summary: None };
        let mut head = [0; MAGIC.len() + 1];
        reader.read(&mut head).map_err(|_| FormatError::Other)?;
        match head.split_last() {
            Some((version, magic)) if *magic == MAGIC => match *version {
                VERSION => Ok(reader),
                other => Err(FormatError::Version(other)),
            },
            _ => Err(FormatError::Other),
        }
    }

    /// The next item; `None` at the end, when number and checksum agree.
    pub(super) fn next(&mut self) -> Result<Option<Item>, FormatError> {
        if self.summary.is_some() {
            return Ok(None);
        }
        let length = usize::try_from(self.number::<4>()?).unwrap_or(usize::MAX);
        if length == 0 {
            self.end()?;
            return Ok(None);
        }
        if length > FRAME_BYTES_MAX {
            return Err(FormatError::Damaged("an item is too long"));
        }
        let mut bytes = vec![0; length];
        self.read(&mut bytes)?;
        let frame: ItemFrame<'_> =
            postcard::from_bytes(&bytes).map_err(|_| FormatError::Damaged("an item cannot be read"))?;
        self.items += 1;
        Ok(Some(Item {
            key: Key::new(frame.pk, frame.sk),
            version: frame.version,
            expires_at: frame.expires_at,
            body: Bytes::copy_from_slice(frame.body),
        }))
    }

    /// Number of items and checksum, after the last item.
    pub(super) fn summary(&self) -> Result<Summary, FormatError> {
        self.summary.ok_or(FormatError::Damaged("it was not read to its end"))
    }

    fn end(&mut self) -> Result<(), FormatError> {
        if self.number::<8>()? != self.items {
            return Err(FormatError::Damaged("it has another number of items"));
        }
        let computed: [u8; 32] = self.hash.clone().finalize().into();
        let mut checksum = [0; 32];
        self.read(&mut checksum)?;
        if computed != checksum {
            return Err(FormatError::Damaged("the checksum differs"));
        }
        if self.input.read(&mut [0])? != 0 {
            return Err(FormatError::Damaged("something follows its end"));
        }
        self.summary = Some(Summary { items: self.items, checksum });
        Ok(())
    }

    fn number<const BYTES: usize>(&mut self) -> Result<u64, FormatError> {
        let mut bytes = [0; BYTES];
        self.read(&mut bytes)?;
        Ok(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), FormatError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => FormatError::Damaged("it ends early"),
            _ => FormatError::Io(error),
        })?;
        self.hash.update(bytes);
        Ok(())
    }
}
