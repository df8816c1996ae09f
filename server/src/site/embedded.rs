//! Files embedded in the binary, with their precompressed forms.

use std::borrow::Cow;
use std::collections::HashMap;

use app::SiteFiles;
use axum::http::HeaderValue;
use bytes::Bytes;
use rust_embed::Embed;

use super::{Accepted, FileContent, etag_of, names_of};

#[derive(Embed)]
#[folder = "$SITE_ROOT_EMBEDDED"]
struct Embedded;

#[derive(Debug)]
struct EncodedFile {
    bytes: Bytes,
    etag: HeaderValue,
}

/// All files by path, each with its forms.
#[derive(Debug)]
pub(crate) struct Files {
    forms: HashMap<String, EncodedFile>,
    site_files: SiteFiles,
}

impl Files {
    /// The embedded files; the path is not used.
    #[must_use]
    pub(crate) fn open(_: &std::path::Path) -> Self {
        let mut forms = HashMap::new();
        for path in Embedded::iter() {
            let Some(file) = Embedded::get(&path) else { continue };
            let bytes = match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            let Some(etag) = etag_of(&file.metadata.sha256_hash()) else { continue };
            forms.insert(path.into_owned(), EncodedFile { bytes, etag });
        }
        let mut names: Vec<String> =
            forms.keys().filter_map(|path| path.strip_prefix("pkg/")).map(ToOwned::to_owned).collect();
        // A hash makes the name longer: it wins over a plain one.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self { forms, site_files: names_of(&names) }
    }

    /// Paths of script, bundle and style sheet.
    #[must_use]
    pub(crate) fn site_files(&self) -> SiteFiles {
        self.site_files.clone()
    }

    /// A file in the smallest form that the client takes.
    pub(crate) async fn find(&self, path: &str, accepted: Accepted) -> Option<FileContent> {
        let plain = self.forms.get(path)?;
        let [brotli, gzip] = [".br", ".gz"].map(|suffix| self.forms.get(&format!("{path}{suffix}")));
        let varies = brotli.is_some() || gzip.is_some();
        let (form, encoding) = match (brotli, gzip) {
            (Some(form), _) if accepted.brotli => (form, Some("br")),
            (_, Some(form)) if accepted.gzip => (form, Some("gzip")),
            _ => (plain, None),
        };
        Some(FileContent { bytes: form.bytes.clone(), encoding, etag: form.etag.clone(), varies })
    }
}
