//! The free space of the disk that holds the store.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cnop_services::{DiskSpace, DiskSpaceReader, FreeSpace};
use tokio_util::sync::CancellationToken;

/// Time between two looks at the disk: at the highest rate some 10 MB are written in between.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// The file system of a directory.
#[derive(Debug)]
pub(crate) struct FileSystem {
    pub(crate) directory: PathBuf,
}

impl DiskSpaceReader for FileSystem {
    fn read(&self) -> io::Result<DiskSpace> {
        let sizes = rustix::fs::statvfs(&self.directory)?;
        Ok(DiskSpace {
            free_bytes: sizes.f_bavail.saturating_mul(sizes.f_frsize),
            total_bytes: sizes.f_blocks.saturating_mul(sizes.f_frsize),
        })
    }
}

/// Looks at the disk now, and from then on in the background until the shutdown.
pub(crate) async fn watch(
    free_space: FreeSpace,
    disk: Arc<dyn DiskSpaceReader>,
    shutdown: CancellationToken,
) {
    look(&free_space, &disk).await;
    tokio::spawn(async move {
        while shutdown.run_until_cancelled(tokio::time::sleep(LOOK_INTERVAL)).await.is_some() {
            look(&free_space, &disk).await;
        }
    });
}

/// A file system on a network may take its time.
async fn look(free_space: &FreeSpace, disk: &Arc<dyn DiskSpaceReader>) {
    let (free_space, disk) = (free_space.clone(), Arc::clone(disk));
    // A canceled look is one at the end of the program.
    let _ = tokio::task::spawn_blocking(move || free_space.refresh(disk.as_ref())).await;
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const DIRECTORY_VARIABLE: &str = "DISK_SPACE_DIRECTORY";
    /// Exit code of the child when the system does not allow a file system of its own.
    const NO_FILE_SYSTEM: i32 = 77;

    /// A disk with a size set by hand.
    #[derive(Debug, Default)]
    struct Disk(AtomicU64);

    impl DiskSpaceReader for Disk {
        fn read(&self) -> io::Result<DiskSpace> {
            match self.0.load(Ordering::SeqCst) {
                0 => Err(io::Error::other("the disk is away")),
                free_bytes => Ok(DiskSpace { free_bytes, total_bytes: 1 << 40 }),
            }
        }
    }

    /// A server that noticed a full disk once would refuse orders until its restart.
    #[tokio::test]
    async fn the_state_follows_the_disk() {
        let (free_space, own) = (FreeSpace::default(), Arc::new(Disk::default()));
        let disk: Arc<dyn DiskSpaceReader> = own.clone();
        for (free_bytes, is_low) in [(1 << 39, false), (1, true), (0, true), (1 << 39, false), (0, false)] {
            own.0.store(free_bytes, Ordering::SeqCst);
            look(&free_space, &disk).await;
            assert_eq!(free_space.is_low(), is_low);
        }
        own.0.store(1, Ordering::SeqCst);
        watch(free_space.clone(), disk, CancellationToken::new()).await;
        assert!(free_space.is_low(), "known before the first request");
    }

    /// The real file system: a small one of its own, filled and emptied again.
    #[test]
    fn a_small_file_system_is_measured() {
        let directory = tempfile::tempdir().unwrap();
        let child = "disk_space::tests::child_fills_a_small_file_system";
        let mount = format!(
            "unshare --map-root-user --mount true 2>/dev/null || exit {NO_FILE_SYSTEM}; exec unshare --map-root-user --mount sh -c 'mount -t tmpfs -o size=4194304 none \"${DIRECTORY_VARIABLE}\" && exec \"$0\" {child} --exact --nocapture' \"$0\""
        );
        let status = Command::new("sh")
            .args(["-c", &mount])
            .arg(std::env::current_exe().unwrap())
            .env(DIRECTORY_VARIABLE, directory.path())
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success() || status.code() == Some(NO_FILE_SYSTEM), "{status}");
    }

    /// Does nothing unless the test above runs it as a child process.
    #[test]
    fn child_fills_a_small_file_system() {
        let Ok(directory) = std::env::var(DIRECTORY_VARIABLE) else { return };
        let disk = FileSystem { directory: directory.clone().into() };
        assert_eq!(disk.read().unwrap().total_bytes, 4_194_304);
        assert!(!disk.read().unwrap().is_low());
        let ballast = format!("{directory}/ballast");
        std::fs::write(&ballast, vec![1; 4_100_000]).unwrap();
        assert!(disk.read().unwrap().is_low(), "{:?}", disk.read());
        std::fs::remove_file(&ballast).unwrap();
        assert!(!disk.read().unwrap().is_low());
    }
}
