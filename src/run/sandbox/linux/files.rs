//! Landlock: what may be read and written.

use crate::run::sandbox::Room;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
    path_beneath_rules,
};
use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The newest version whose rights were looked through for this use; on older kernels what they know of it is enforced.
const VERSION: ABI = ABI::V7;

/// What compilers, interpreters and the C library read wherever they are installed by the system. No users, no hosts, no
/// secrets; other processes least of all.
const SYSTEM: [&str; 17] = [
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
];

/// How the folders begin in which distributions keep what a JDK doesn't start without.
const VERSIONED: &str = "/etc/java";

/// The rules, not yet in force. The child adds its own folder of `/proc`, which it alone can name.
pub(super) fn ruleset<'a>(
    room: &Room,
    writable: bool,
    readable: impl Iterator<Item = &'a Path>,
) -> Result<OwnedFd, String> {
    let build = || -> Result<Option<OwnedFd>, RulesetError> {
        let read = AccessFs::from_read(VERSION);
        let mut paths: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).chain(configured()).collect();
        paths.extend(readable.map(Path::to_path_buf));
        let ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(VERSION))?
            .handle_access(AccessNet::from_all(VERSION))?
            .scope(Scope::from_all(VERSION))?
            .create()?
            .add_rules(path_beneath_rules(paths, read))?
            .add_rules(path_beneath_rules(["/dev/null"], AccessFs::ReadFile | AccessFs::WriteFile))?
            .add_rules(path_beneath_rules([room.path()], if writable { read | write() } else { read }))?;
        Ok(ruleset.into())
    };
    build().map_err(|error| error.to_string())?.ok_or_else(|| "the kernel made no rules".to_string())
}

/// What a program may do in its room besides reading: neither devices nor sockets.
fn write() -> BitFlags<AccessFs> {
    AccessFs::from_write(VERSION)
        & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::MakeSock | AccessFs::IoctlDev)
}

/// The toolchains' configuration that stands in `/etc`, under names with a version.
fn configured() -> Vec<PathBuf> {
    let entries = fs::read_dir("/etc").into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.as_os_str().as_encoded_bytes().starts_with(VERSIONED.as_bytes())).collect()
}
