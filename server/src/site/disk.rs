//! Files on disk, from the last build.

use std::path::{Component, Path, PathBuf};

use app::SiteFiles;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::{Accepted, FileContent, etag_of, names_of};

/// The folder of the site.
#[derive(Debug)]
pub(crate) struct Files {
    root: PathBuf,
}

impl Files {
    /// The site in this folder. It may be built later.
    #[must_use]
    pub(crate) fn open(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Paths of script, bundle and style sheet: looked up each time, as a rebuild renames them.
    #[must_use]
    pub(crate) fn site_files(&self) -> SiteFiles {
        let entries = std::fs::read_dir(self.root.join("pkg")).into_iter().flatten().flatten();
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                Some((entry.metadata().ok()?.modified().ok()?, entry.file_name().into_string().ok()?))
            })
            .collect();
        // Of several builds, the newest counts: a rebuild during development writes names without a hash,
        // beside the hashed files of the first build.
        found.sort_by(|left, right| right.cmp(left));
        let names: Vec<String> = found.into_iter().map(|(_, name)| name).collect();
        names_of(&names)
    }

    /// A file, uncompressed: the build for development makes no other form.
    pub(crate) async fn find(&self, path: &str, _: Accepted) -> Option<FileContent> {
        let path = self.root.join(inside(path)?);
        let bytes = tokio::task::spawn_blocking(move || std::fs::read(path)).await.ok()?.ok()?;
        let etag = etag_of(&Sha256::digest(&bytes))?;
        Some(FileContent { bytes: Bytes::from(bytes), encoding: None, etag, varies: false })
    }
}

/// The path, if it stays inside the folder.
fn inside(path: &str) -> Option<&Path> {
    let path = Path::new(path);
    path.components().all(|component| matches!(component, Component::Normal(_))).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_build_is_served() {
        let folder = tempfile::tempdir().unwrap();
        let pkg = folder.path().join("pkg");
        std::fs::create_dir(&pkg).unwrap();
        let built = |name: &str, second: u64| {
            let file = std::fs::File::create(pkg.join(name)).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(second)).unwrap();
        };
        built("cnop.Zm9vYmFyYmF6cXV4MTIz.wasm", 1);
        built("cnop.wasm", 2);
        let files = Files::open(folder.path());
        assert_eq!(files.site_files().wasm, "/pkg/cnop.wasm");
        built("cnop.YmFyYmF6cXV4MTIzZm9v.wasm", 3);
        assert_eq!(files.site_files().wasm, "/pkg/cnop.YmFyYmF6cXV4MTIzZm9v.wasm");
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_served() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("site")).unwrap();
        std::fs::write(folder.path().join("secret"), "1").unwrap();
        std::fs::write(folder.path().join("site/open"), "2").unwrap();
        let files = Files::open(&folder.path().join("site"));
        let accepted = Accepted { brotli: true, gzip: true };
        assert!(files.find("open", accepted).await.is_some());
        for path in ["../secret", "/etc/hostname", "./../secret", "", "missing"] {
            assert!(files.find(path, accepted).await.is_none(), "{path}");
        }
    }
}
