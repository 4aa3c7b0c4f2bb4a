//! seccomp: the system calls that are refused, as a list. What is on it no program under analysis needs, or needs only of
//! itself; numbers newer than those looked through are refused too.

use super::child::OWN_ID;
use crate::run::sandbox::Processes;
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, sock_filter,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// Newest call that was looked through (`mseal`, Linux 6.10); numbers are the same everywhere since 424. What is above is
/// refused as unknown, and with it the second set of numbers that x86-64 has for its 32-bit pointers.
const NEWEST: u32 = 462;
const FCHMODAT2: c_long = 452;
const STATMOUNT: c_long = 457;
const LISTMOUNT: c_long = 458;

/// Refused whatever the arguments are.
const NEVER: &[c_long] = &[
    // Network.
    libc::SYS_socket,
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    // Other processes, and leaving the group by which all of a program are killed together.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_tkill,
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_setpriority,
    libc::SYS_ioprio_set,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // The view of the system.
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_mount_setattr,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    STATMOUNT,
    LISTMOUNT,
    // The system itself.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    // Memory that outlives a program, or that the watcher doesn't see.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
];

/// Refused where mounts aren't read-only: Landlock leaves owner, mode, times and attributes of files to whoever owns them.
const METADATA: &[c_long] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
];

/// Calls of before 64-bit ARM.
#[cfg(target_arch = "x86_64")]
const OLD_NEVER: &[c_long] =
    &[libc::SYS_kexec_file_load, libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_uselib, libc::SYS_ustat];
#[cfg(target_arch = "x86_64")]
const OLD_METADATA: &[c_long] =
    &[libc::SYS_chmod, libc::SYS_chown, libc::SYS_lchown, libc::SYS_utime, libc::SYS_utimes, libc::SYS_futimesat];
#[cfg(target_arch = "x86_64")]
const OLD_FORKS: &[c_long] = &[libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const OLD_NEVER: &[c_long] = &[];
#[cfg(not(target_arch = "x86_64"))]
const OLD_METADATA: &[c_long] = &[];
#[cfg(not(target_arch = "x86_64"))]
const OLD_FORKS: &[c_long] = &[];

/// Calls that name a process, 0 for their own, and are allowed for their own only.
const OF_ITSELF: &[c_long] = &[
    libc::SYS_prlimit64,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setattr,
];

/// Calls that signal a process. Landlock keeps them inside where it can.
const SIGNALS: &[c_long] = &[libc::SYS_kill, libc::SYS_tgkill, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo];

/// Kinds of namespaces that `clone` can make.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// The filters for a program, all of which have to agree to a call. `signals`: others keep signals inside; `mounts`: files
/// elsewhere than in the room can't be changed. [`OWN_ID`] stands for the process, which isn't known yet.
pub(super) fn programs(processes: Processes, signals: bool, mounts: bool) -> Result<Vec<BpfProgram>, String> {
    let refused = rules(processes, signals, mounts).map_err(|error| error.to_string())?;
    // As if the kernel were older: then the C library takes `clone`, whose flags can be looked at.
    let missing: Rules = [(libc::SYS_clone3, vec![])].into();
    Ok(vec![compile(refused, libc::EPERM)?, compile(missing, libc::ENOSYS)?, nothing_newer()])
}

fn rules(processes: Processes, signals: bool, mounts: bool) -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = NEVER.iter().chain(OLD_NEVER).map(|call| (*call, vec![])).collect();
    if !mounts {
        rules.extend(METADATA.iter().chain(OLD_METADATA).map(|call| (*call, vec![])));
    }
    for call in OF_ITSELF {
        rules.insert(*call, vec![SeccompRule::new(vec![is_not(0, 0)?, is_not(0, OWN_ID)?])?]);
    }
    if !signals {
        for call in SIGNALS {
            // 0 is the own group.
            rules.insert(*call, vec![SeccompRule::new(vec![is_not(0, 0)?, is_not(0, OWN_ID)?])?]);
        }
    }
    let mut clone = Vec::new();
    match processes {
        Processes::None => {}
        Processes::Threads => clone.push(SeccompRule::new(vec![has(0, libc::CLONE_THREAD, 0)?])?),
        Processes::Any => {
            // Files in memory: a harness hands its children their input by them, and forbids the children to make any.
            rules.remove(&libc::SYS_memfd_create);
            for kind in NAMESPACES {
                clone.push(SeccompRule::new(vec![has(0, kind, kind)?])?);
            }
        }
    }
    rules.insert(libc::SYS_clone, clone);
    if processes != Processes::Any {
        rules.extend(OLD_FORKS.iter().map(|call| (*call, vec![])));
    }
    // Pairs of streams stay inside; with datagrams any socket could be written to by its name.
    let mut pairs = vec![SeccompRule::new(vec![is_not(0, libc::AF_UNIX)?])?];
    for kind in [libc::SOCK_DGRAM, libc::SOCK_RAW, libc::SOCK_SEQPACKET] {
        pairs.push(SeccompRule::new(vec![has(1, 0xf, kind)?])?);
    }
    rules.insert(libc::SYS_socketpair, pairs);
    // The end of this process has to stay the end of the program.
    rules.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![is(0, libc::PR_SET_PDEATHSIG)?])?]);
    // A file could be made to send signals for it.
    let senders = [libc::F_SETOWN, F_SETSIG, F_SETOWN_EX].map(|command| SeccompRule::new(vec![is(1, command)?]));
    rules.insert(libc::SYS_fcntl, senders.into_iter().collect::<Result<_, _>>()?);
    // Words put into a terminal's mouth.
    let typed = [TIOCSTI, TIOCLINUX].map(|request| SeccompRule::new(vec![is(1, request)?]));
    rules.insert(libc::SYS_ioctl, typed.into_iter().collect::<Result<_, _>>()?);
    Ok(rules)
}

const F_SETSIG: i32 = 10;
const F_SETOWN_EX: i32 = 15;
const TIOCSTI: i32 = 0x5412;
const TIOCLINUX: i32 = 0x541c;

type Condition = Result<SeccompCondition, seccompiler::BackendError>;

/// All arguments looked at here are ints: of wider registers the kernel ignores the upper half, which is anyone's to fill.
fn compare(argument: u8, how: SeccompCmpOp, value: i32) -> Condition {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, u64::from(value.cast_unsigned()))
}

fn is(argument: u8, value: i32) -> Condition {
    compare(argument, SeccompCmpOp::Eq, value)
}

fn is_not(argument: u8, value: i32) -> Condition {
    compare(argument, SeccompCmpOp::Ne, value)
}

/// Of the bits of `mask`, exactly those of `value`.
fn has(argument: u8, mask: i32, value: i32) -> Condition {
    compare(argument, SeccompCmpOp::MaskedEq(u64::from(mask.cast_unsigned())), value)
}

fn compile(rules: Rules, error: i32) -> Result<BpfProgram, String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let refuse = SeccompAction::Errno(error.cast_unsigned());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).map_err(|error| error.to_string())?;
    BpfProgram::try_from(filter).map_err(|error| error.to_string())
}

/// Written out, since the library compares numbers of calls for being equal only.
fn nothing_newer() -> BpfProgram {
    let step = |code: u32, jf: u8, k: u32| sock_filter { code: code as u16, jt: 0, jf, k };
    vec![
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K, 1, NEWEST),
        step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned()),
        step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ]
}
