//! Where a ledger lies: who has it, and on what kind of disk.
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::LedgerFailure;

/// A ledger belongs to one process: a file beside it is locked, and has its number in it for those who come second. The
/// lock goes with the process, however that ends.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    pub fn take(ledger: &Path) -> Result<Self, LedgerFailure> {
        let mut name = ledger.as_os_str().to_owned();
        name.push("-lock");
        let path = PathBuf::from(name);
        let failed = |why: std::io::Error| LedgerFailure::Disk(format!("{} cannot be written: {why}", path.display()));
        loop {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let Some(mut file) = locked(&mut options, &path).map_err(failed)? else {
                let mut pid = String::new();
                let _ = File::open(&path).and_then(|mut file| file.read_to_string(&mut pid));
                return Err(LedgerFailure::Used { pid: pid.trim().parse().ok() });
            };
            // Whoever had it may have removed it meanwhile: then another may have made a new one.
            if is_there(&file, &path) {
                file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(failed)?;
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Opens a file and locks it; none where another has the lock.
#[cfg(unix)]
fn locked(options: &mut OpenOptions, path: &Path) -> std::io::Result<Option<File>> {
    use rustix::fs::{FlockOperation, flock};
    let file = options.open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(why) => Err(why.into()),
    }
}

#[cfg(unix)]
fn is_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same =
        |one: &std::fs::Metadata, other: &std::fs::Metadata| one.ino() == other.ino() && one.dev() == other.dev();
    matches!((file.metadata(), std::fs::metadata(path)), (Ok(one), Ok(other)) if same(&one, &other))
}

/// Shared with readers alone.
#[cfg(windows)]
fn locked(options: &mut OpenOptions, path: &Path) -> std::io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    const READERS: u32 = 1;
    const SHARING_VIOLATION: i32 = 32;
    match options.share_mode(READERS).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(why) if why.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        Err(why) => Err(why),
    }
}

#[cfg(windows)]
fn is_there(_: &File, _: &Path) -> bool {
    true // nobody can remove what is open
}

/// Kinds of file systems behind a network or another machine, by their number in `statfs`: NFS, SMB (three), AFS, Coda,
/// Ceph, Lustre, GPFS, BeeGFS, OCFS2, 9p, FUSE (sshfs, buckets, virtiofs) and VirtualBox's folders.
#[cfg(target_os = "linux")]
const NETWORK: &[u32] = &[
    0x6969,
    0x517B,
    0xFF53_4D42,
    0xFE53_4D42,
    0x5346_414F,
    0x7375_7245,
    0x00C3_6400,
    0x0BD0_0BD0,
    0x4750_4653,
    0x1983_0326,
    0x7461_636F,
    0x0102_1997,
    0x6573_5546,
    0x786F_4256,
];

/// Whether memory that is shared through this disk may not be shared: there SQLite's WAL is not safe.
#[cfg(target_os = "linux")]
pub fn is_network(ledger: &Path) -> bool {
    let folder = ledger.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    rustix::fs::statfs(folder).is_ok_and(|disk| NETWORK.contains(&(disk.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
pub fn is_network(_: &Path) -> bool {
    false
}
