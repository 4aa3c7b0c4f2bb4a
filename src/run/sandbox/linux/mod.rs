//! The walls of Linux, built in the child between `fork` and `exec`, and what `/proc` tells about it afterwards.

mod child;
mod files;
mod filter;
mod usage;

pub(super) use child::{Handle, at_end, has_ended, hold, kill};
pub(super) use usage::{crowd, usage};

use super::{Command, Limits, MOST_TASKS, Processes, Protections, Room, SandboxError};
use child::{Namespaces, Proof, Steps};
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// Makes the walls of `found` ready: the child builds them before it becomes the program.
pub(super) fn prepare(
    command: &mut std::process::Command,
    asked: &Command,
    found: &Protections,
) -> Result<(), SandboxError> {
    let mut steps = Steps::none(room_name(&asked.room)?);
    steps.limits = limits(&asked.limits);
    if found.tasks {
        // More than the watcher bears: where it is in time, it shall be the one that tells why.
        steps.limits.push(child::Limit::tasks(2 * MOST_TASKS));
    }
    // A crowd should not keep the watcher from its work.
    steps.yielding = asked.limits.processes == Processes::Any;
    if found.namespaces.is_ok() {
        steps.namespaces = Some(Namespaces::of_this_user(found.mounts.is_ok(), asked.writable));
    }
    if found.files.is_ok() {
        let wall = |why| SandboxError::Wall { what: "files", why };
        steps.files = Some(files::ruleset(&asked.room, asked.writable, asked.reads()).map_err(wall)?);
    }
    if found.calls.is_ok() {
        let wall = |why| SandboxError::Wall { what: "processes and network", why };
        let filters = filter::programs(asked.limits.processes, found.signals(), found.mounts.is_ok());
        steps.filters = filters.map_err(wall)?;
    }
    child::install(command, steps);
    Ok(())
}

fn room_name(room: &Room) -> Result<CString, SandboxError> {
    CString::new(room.path().as_os_str().as_bytes()).map_err(|error| SandboxError::Room(error.into()))
}

fn limits(limits: &Limits) -> Vec<child::Limit> {
    // The kernel counts whole seconds. It is the second line here: the watcher counts all processes together, and finer.
    let seconds = limits.cpu.as_secs() + u64::from(limits.cpu.subsec_nanos() > 0);
    let mut all = vec![
        child::Limit::cpu(seconds, seconds + 1),
        child::Limit::file_size(limits.file_size),
        child::Limit::open_files(limits.open_files),
        child::Limit::core_dump(0),
    ];
    all.extend(limits.address_space.map(child::Limit::address_space));
    all
}

/// Tries each protection in a child that ends before it becomes anything.
pub(super) fn probe() -> Protections {
    let room = match Room::new() {
        Ok(room) => room,
        Err(error) => return without(&error.to_string()),
    };
    let attempt = |proof: Proof, add: &dyn Fn(&mut Steps) -> Result<(), String>| {
        let mut steps = Steps::none(room_name(&room).map_err(|error| error.to_string())?);
        add(&mut steps)?;
        steps.proof = Some(proof);
        try_out(steps, &room).map_err(|error| error.to_string())
    };
    let namespaces = attempt(Proof::Namespaces, &|steps| {
        steps.namespaces = Some(Namespaces::of_this_user(false, true));
        Ok(())
    });
    let mounts = attempt(Proof::Mounts, &|steps| {
        steps.namespaces = Some(Namespaces::of_this_user(true, true));
        Ok(())
    });
    let files = child::landlock_version().map_err(|error| match error.raw_os_error() {
        Some(child::NO_SUCH_CALL) => "kernel without Landlock".to_string(),
        _ => format!("Landlock is off: {error}"),
    });
    let files = files.and_then(|version| {
        attempt(Proof::Files, &|steps| {
            steps.files = Some(files::ruleset(&room, true, std::iter::empty())?);
            Ok(())
        })
        .map(|()| version)
    });
    let calls = attempt(Proof::Calls, &|steps| {
        steps.filters = filter::programs(Processes::None, false, false)?;
        Ok(())
    });
    let few = Limits { cpu: Duration::from_secs(1), ..Limits::default() };
    let limits = attempt(Proof::Limits, &|steps| {
        steps.limits = limits(&few);
        Ok(())
    });
    // Kernels before 5.14 count all processes of the user, and root's are never refused.
    let counted = |most: u64, proof: Proof| {
        attempt(proof, &|steps| {
            steps.namespaces = Some(Namespaces::of_this_user(false, true));
            steps.limits = vec![child::Limit::tasks(most)];
            Ok(())
        })
    };
    let tasks = counted(1, Proof::Alone).is_ok() && counted(2, Proof::InCompany).is_ok();
    Protections { files, namespaces, mounts, calls, limits: limits.is_ok(), tasks }
}

fn without(why: &str) -> Protections {
    let no = || why.to_string();
    Protections {
        files: Err(no()),
        namespaces: Err(no()),
        mounts: Err(no()),
        calls: Err(no()),
        limits: false,
        tasks: false,
    }
}

fn try_out(steps: Steps, room: &Room) -> io::Result<()> {
    // The name counts for nothing: the child reports its proof in place of becoming this program.
    let mut command = std::process::Command::new(room.path());
    command.env_clear();
    child::install(&mut command, steps);
    match command.spawn() {
        Err(error) if error.raw_os_error() == Some(child::PROVEN) => Ok(()),
        Err(error) => Err(error),
        Ok(mut child) => {
            child.wait()?;
            Err(io::Error::other("the trial ran a folder"))
        }
    }
}
