//! What a child does between `fork` and `exec`, and the few calls about it that the standard library lacks. All `unsafe` of
//! the room is here.
//!
//! After `fork` in a process of many threads only async-signal-safe functions may be called (signal-safety(7)): another
//! thread may have held any lock, that of the allocator too. So everything was made before, and here are system calls only.

use seccompiler::BpfProgram;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::Duration;

/// Stands in filters for the child's own process, which puts its number there. Larger than any.
pub(super) const OWN_ID: i32 = 0x7fff_fff1;
/// The error by which a trial tells that its wall stands. Nothing that the child calls fails with it.
pub(super) const PROVEN: i32 = libc::EXFULL;
/// What a kernel says that doesn't know a call.
pub(super) const NO_SUCH_CALL: i32 = libc::ENOSYS;

/// Everything the child does, in this order.
pub(super) struct Steps {
    parent: libc::pid_t,
    room: CString,
    pub(super) namespaces: Option<Namespaces>,
    pub(super) limits: Vec<Limit>,
    /// Whether others come first where processors are short.
    pub(super) yielding: bool,
    pub(super) files: Option<OwnedFd>,
    pub(super) filters: Vec<BpfProgram>,
    /// For a trial: what to look at instead of going on.
    pub(super) proof: Option<Proof>,
}

/// Which wall a trial looks at from inside.
#[derive(Clone, Copy)]
pub(super) enum Proof {
    Namespaces,
    Mounts,
    Files,
    Calls,
    Limits,
    /// Another process can't be started.
    Alone,
    /// One can.
    InCompany,
}

/// A user namespace with an own network and own queues, and own mounts if asked.
pub(super) struct Namespaces {
    users: Vec<u8>,
    groups: Vec<u8>,
    mounts: bool,
    writable: bool,
}

impl Namespaces {
    /// Where this user keeps its number and is nobody else.
    pub(super) fn of_this_user(mounts: bool, writable: bool) -> Self {
        // SAFETY: these calls take nothing and can't fail.
        let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        let line = |id: u32| format!("{id} {id} 1").into_bytes();
        Namespaces { users: line(user), groups: line(group), mounts, writable }
    }
}

/// A limit of the kernel's: which, from where on it is felt, from where on it is final.
pub(super) struct Limit(libc::c_int, u64, u64);

impl Limit {
    pub(super) fn cpu(seconds: u64, last: u64) -> Self {
        Limit(libc::RLIMIT_CPU as libc::c_int, seconds, last)
    }

    pub(super) fn file_size(bytes: u64) -> Self {
        Limit(libc::RLIMIT_FSIZE as libc::c_int, bytes, bytes)
    }

    pub(super) fn open_files(count: u64) -> Self {
        Limit(libc::RLIMIT_NOFILE as libc::c_int, count, count)
    }

    pub(super) fn tasks(count: u64) -> Self {
        Limit(libc::RLIMIT_NPROC as libc::c_int, count, count)
    }

    pub(super) fn core_dump(bytes: u64) -> Self {
        Limit(libc::RLIMIT_CORE as libc::c_int, bytes, bytes)
    }

    pub(super) fn address_space(bytes: u64) -> Self {
        Limit(libc::RLIMIT_AS as libc::c_int, bytes, bytes)
    }
}

/// Makes the child of a command take these steps.
pub(super) fn install(command: &mut Command, mut steps: Steps) {
    // SAFETY: `enter` keeps to what is allowed after `fork`, see the top of the file.
    unsafe { command.pre_exec(move || steps.enter()) };
}

impl Steps {
    /// No wall but the child's own group, and its end with this process.
    pub(super) fn none(room: CString) -> Self {
        // SAFETY: the call takes nothing and can't fail.
        let parent = unsafe { libc::getpid() };
        Steps {
            parent,
            room,
            namespaces: None,
            limits: Vec::new(),
            yielding: false,
            files: None,
            filters: Vec::new(),
            proof: None,
        }
    }

    fn enter(&mut self) -> io::Result<()> {
        // SAFETY: plain system calls; the strings end in 0.
        let own_proc = unsafe {
            // An own session: no terminal, a group of its own, and a share of the processors of its own where the kernel
            // shares by sessions.
            libc::setsid();
            if self.yielding {
                libc::setpriority(libc::PRIO_PROCESS, 0, 10);
            }
            libc::umask(0o077);
            // Best effort: the first that the kernel kills when memory is short should be this.
            let _ = write_to(c"/proc/self/oom_score_adj", b"1000");
            libc::open(c"/proc/self".as_ptr(), libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC)
        };
        close_on_exec();
        if let Some(namespaces) = &self.namespaces {
            namespaces.enter(&self.room)?;
        }
        for Limit(which, soft, hard) in &self.limits {
            let limit = [*soft, *hard];
            let nothing = std::ptr::null::<u8>();
            // SAFETY: `struct rlimit64` is two numbers, which live through the call; the old one isn't asked for.
            done(unsafe { libc::syscall(libc::SYS_prlimit64, 0, *which, limit.as_ptr(), nothing) })?;
        }
        // SAFETY: these take numbers only.
        unsafe { done(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0).into())? };
        drop_capabilities()?;
        // SAFETY: as above. After what changes a process's rights, which may forget this.
        unsafe {
            done(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL).into())?;
            if libc::getppid() != self.parent {
                // It ended before it could be asked to tell.
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
        }
        if let Some(rules) = &self.files {
            restrict(rules.as_raw_fd(), own_proc)?;
        }
        for filter in &mut self.filters {
            apply(filter)?;
        }
        match self.proof {
            Some(proof) => Err(io::Error::from_raw_os_error(proof.look())),
            None => Ok(()),
        }
    }
}

impl Namespaces {
    fn enter(&self, room: &CStr) -> io::Result<()> {
        let mounts = if self.mounts { libc::CLONE_NEWNS } else { 0 };
        let all = libc::CLONE_NEWUSER | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | mounts;
        // SAFETY: the call takes a number only.
        done(unsafe { libc::unshare(all) }.into())?;
        // Without giving up further groups nobody but root may map its own; kernels before 3.19 don't know the file.
        let _ = write_to(c"/proc/self/setgroups", b"deny");
        write_to(c"/proc/self/gid_map", &self.groups)?;
        write_to(c"/proc/self/uid_map", &self.users)?;
        if self.mounts { read_only(room, self.writable) } else { Ok(()) }
    }
}

/// Everything read-only but the room, which gets a mount of its own for that.
fn read_only(room: &CStr, writable: bool) -> io::Result<()> {
    let null = std::ptr::null::<libc::c_char>();
    // SAFETY: the strings end in 0, the others are null, which these operations ignore.
    unsafe {
        let private = libc::MS_REC | libc::MS_PRIVATE;
        done(libc::mount(null, c"/".as_ptr(), null, private, null.cast()).into())?;
        if writable {
            done(libc::mount(room.as_ptr(), room.as_ptr(), null, libc::MS_BIND, null.cast()).into())?;
        }
    }
    set_mount(c"/", Mount { set: MOUNT_ATTR_RDONLY, ..Mount::default() }, libc::AT_RECURSIVE)?;
    if writable {
        set_mount(room, Mount { clear: MOUNT_ATTR_RDONLY, ..Mount::default() }, 0)?;
    }
    // The folder it stands in is still that of the mount below.
    // SAFETY: the string ends in 0.
    done(unsafe { libc::chdir(room.as_ptr()) }.into())
}

const MOUNT_ATTR_RDONLY: u64 = 1;

/// `struct mount_attr`.
#[repr(C)]
#[derive(Default)]
struct Mount {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

fn set_mount(path: &CStr, mount: Mount, flags: i32) -> io::Result<()> {
    let size = size_of::<Mount>();
    // SAFETY: the string ends in 0, the structure is the kernel's and as large as said.
    done(unsafe {
        libc::syscall(libc::SYS_mount_setattr, libc::AT_FDCWD, path.as_ptr(), flags, &raw const mount, size)
    })
}

/// The standard library opens nothing that a child would get, but others in this process may.
fn close_on_exec() {
    const FIRST: libc::c_int = 3;
    // SAFETY: the calls take numbers only; those that aren't open files are refused.
    unsafe {
        let range = libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
        if range != 0 {
            // A kernel before 5.11.
            for file in FIRST..4096 {
                libc::fcntl(file, libc::F_SETFD, libc::FD_CLOEXEC);
            }
        }
    }
}

/// Root without power over files and processes of others, inside a user namespace or not.
fn drop_capabilities() -> io::Result<()> {
    /// `struct __user_cap_header_struct`, `_LINUX_CAPABILITY_VERSION_3`.
    #[repr(C)]
    struct Header(u32, i32);
    let header = Header(0x2008_0522, 0);
    let none = [[0u32; 3]; 2];
    // SAFETY: the third version reads a header and two structures of three numbers each.
    done(unsafe { libc::syscall(libc::SYS_capset, &raw const header, none.as_ptr()) })
}

/// Adds the child's own folder of `/proc` to the rules of Landlock, and puts them in force.
fn restrict(rules: RawFd, own_proc: RawFd) -> io::Result<()> {
    /// `struct landlock_path_beneath_attr`.
    #[repr(C, packed)]
    struct Beneath {
        allowed: u64,
        parent: i32,
    }
    const READ_FILE_AND_FOLDER: u64 = 1 << 2 | 1 << 3;
    const BENEATH: libc::c_int = 1;
    let own = Beneath { allowed: READ_FILE_AND_FOLDER, parent: own_proc };
    // SAFETY: the structure is the kernel's and lives through the call.
    unsafe {
        // Where there is no `/proc` there is nothing to allow.
        if own_proc >= 0 {
            done(libc::syscall(libc::SYS_landlock_add_rule, rules, BENEATH, &raw const own, 0))?;
        }
        done(libc::syscall(libc::SYS_landlock_restrict_self, rules, 0))
    }
}

fn apply(filter: &mut BpfProgram) -> io::Result<()> {
    // SAFETY: the call takes nothing and can't fail.
    let own = unsafe { libc::getpid() };
    for step in filter.iter_mut().filter(|step| step.k == OWN_ID.cast_unsigned()) {
        step.k = own.cast_unsigned();
    }
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr().cast() };
    // SAFETY: the steps have the layout of `struct sock_filter`, are as many as said, and are copied.
    done(unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program) })
}

impl Proof {
    /// [`PROVEN`], or what shows that the wall has a hole.
    fn look(self) -> i32 {
        // SAFETY: plain system calls; the strings end in 0, the structures live through the calls.
        let stands = unsafe {
            match self {
                Proof::Namespaces => true,
                Proof::Mounts => {
                    let mut at = std::mem::zeroed::<libc::statvfs>();
                    libc::statvfs(c"/".as_ptr(), &mut at) == 0 && at.f_flag & libc::ST_RDONLY != 0
                }
                Proof::Files => ![c"/", c"/etc", c"/proc/1"].iter().any(|path| libc::open(path.as_ptr(), 0) >= 0),
                Proof::Calls => libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) < 0 && libc::unshare(0) < 0,
                Proof::Alone => !starts(),
                Proof::InCompany => starts(),
                Proof::Limits => {
                    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
                    libc::getrlimit(libc::RLIMIT_CPU, &mut limit) == 0 && limit.rlim_cur != libc::RLIM_INFINITY
                }
            }
        };
        if stands { PROVEN } else { libc::EPROTO }
    }
}

/// Whether another process can be started; if so, it is over.
fn starts() -> bool {
    // SAFETY: the new process has a copy of everything and ends at once.
    unsafe {
        let child = libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0);
        if child == 0 {
            libc::_exit(0);
        }
        child > 0 && libc::waitpid(child as libc::pid_t, std::ptr::null_mut(), 0) >= 0
    }
}

fn write_to(path: &CStr, bytes: &[u8]) -> io::Result<()> {
    // SAFETY: the string ends in 0; the bytes are as many as said.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        done(file.into())?;
        let written = libc::write(file, bytes.as_ptr().cast(), bytes.len());
        let result = done(written as libc::c_long);
        libc::close(file);
        result
    }
}

fn done(result: libc::c_long) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The version of Landlock that the kernel offers.
pub(super) fn landlock_version() -> io::Result<u32> {
    const VERSION: libc::c_uint = 1;
    let none = std::ptr::null::<u8>();
    // SAFETY: asked for its version the call reads nothing.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, 0usize, VERSION) };
    done(version).map(|()| version as u32)
}

/// Kills the group that a child leads. Only before it is reaped: afterwards the number may be another's.
pub(in crate::run::sandbox) fn kill(child: &mut Child) {
    // SAFETY: the call takes numbers only. The group exists as long as its leader isn't reaped.
    unsafe { libc::kill(-child.id().cast_signed(), libc::SIGKILL) };
}

/// Stops the group that a child leads, or lets it go on. Only before it is reaped.
pub(in crate::run::sandbox) fn hold(child: &mut Child, still: bool) {
    let signal = if still { libc::SIGSTOP } else { libc::SIGCONT };
    // SAFETY: as above.
    unsafe { libc::kill(-child.id().cast_signed(), signal) };
}

/// Whether a child has ended; it is left to be reaped.
pub(in crate::run::sandbox) fn has_ended(child: &mut Child) -> bool {
    // SAFETY: the structure is only written, and zeros are a value of it.
    unsafe {
        let mut info = std::mem::zeroed::<libc::siginfo_t>();
        let how = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        // An error says that there is no such child, so nothing to wait for.
        libc::waitid(libc::P_PID, child.id(), &mut info, how) != 0 || info.si_pid() != 0
    }
}

/// What tells that a process has ended, before the next look at it.
pub(in crate::run::sandbox) struct Handle(Option<OwnedFd>);

impl Handle {
    /// Of a child that isn't reaped.
    pub(in crate::run::sandbox) fn new(id: u32) -> Self {
        // SAFETY: the call takes numbers only.
        let file = unsafe { libc::syscall(libc::SYS_pidfd_open, id, 0) };
        // Kernels before 5.3 have none.
        // SAFETY: a file that the call has just opened is nobody else's.
        Handle((file >= 0).then(|| unsafe { OwnedFd::from_raw_fd(file as RawFd) }))
    }

    /// Waits so long, or until the process has ended.
    pub(in crate::run::sandbox) fn pause(&self, time: Duration) {
        let Some(file) = &self.0 else { return std::thread::sleep(time) };
        let mut poll = libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, as said.
        unsafe { libc::poll(&mut poll, 1, time.as_millis() as libc::c_int) };
    }
}

/// Has `work` done at the end of this process, however it returns or exits; a signal ends it without.
pub(in crate::run::sandbox) fn at_end(work: extern "C" fn()) {
    // SAFETY: the function lives as long as the program. Where it can't be taken it isn't called.
    unsafe { libc::atexit(work) };
}
