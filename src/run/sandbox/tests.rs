//! What untrusted code tries, and what comes of it. Where a protection isn't in force, the test says so and asks for less.

use super::*;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command as Plain;
use std::sync::OnceLock;
use std::time::Instant;

/// Quick to end whatever goes wrong.
fn limits() -> Limits {
    Limits {
        cpu: Duration::from_secs(4),
        wall: Duration::from_secs(8),
        memory: 128 << 20,
        output: 1 << 20,
        ..Limits::default()
    }
}

fn shell(room: &Room, limits: Limits, script: &str) -> Command {
    let shell = fs::canonicalize("/bin/sh").unwrap();
    Command::new(shell, room, limits).args(["-c", script]).writable(true)
}

/// The interpreter itself and where its library is, or nothing to test with.
fn python(room: &Room, limits: Limits, script: &str) -> Option<Command> {
    static FOUND: OnceLock<Option<(String, String)>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let ask = "import os, sys; print(os.path.realpath(sys.executable)); print(sys.base_prefix)";
        let answer = Plain::new("python3").args(["-c", ask]).output().ok().filter(|output| output.status.success())?;
        let text = String::from_utf8(answer.stdout).ok()?;
        let (program, prefix) = text.trim().split_once('\n')?;
        Some((program.to_string(), prefix.to_string()))
    });
    let Some((program, prefix)) = found else {
        eprintln!("skipped: no python3 here");
        return None;
    };
    Some(Command::new(program, room, limits).args(["-I", "-S", "-c", script]).readable(prefix).writable(true))
}

/// Runs to the end: how it ended, what it wrote, what it complained about. Nothing of it is left.
fn run(command: &Command) -> (Ended, String, String) {
    let mut process = command.spawn().unwrap();
    let mut text = Vec::new();
    // Fails where there is too much of it.
    let _ = process.stdout.take().unwrap().read_to_end(&mut text);
    let ended = process.wait();
    gone(process.id());
    (ended, String::from_utf8_lossy(&text).into_owned(), process.stderr())
}

/// Processes of a group that are more than an entry for their parent.
fn members(group: u32) -> Vec<String> {
    let stats = fs::read_dir("/proc").unwrap().flatten().filter_map(|e| fs::read_to_string(e.path().join("stat")).ok());
    let of_group = |stat: &String| {
        let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 1..].split_whitespace().collect();
        fields[2] == group.to_string() && !["Z", "X"].contains(&fields[0])
    };
    stats.filter(of_group).collect()
}

/// The kernel takes a moment to clear away what was killed.
fn gone(group: u32) {
    let patience = Instant::now() + Duration::from_secs(2);
    while !members(group).is_empty() {
        assert!(Instant::now() < patience, "left behind: {:?}", members(group));
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn files_are_protected() -> bool {
    let found = protections();
    if let Err(why) = &found.files {
        eprintln!("skipped: files are not protected: {why}");
    }
    found.files.is_ok()
}

fn calls_are_protected() -> bool {
    let found = protections();
    if let Err(why) = &found.calls {
        eprintln!("skipped: calls are not protected: {why}");
    }
    found.calls.is_ok()
}

fn with(processes: Processes) -> Limits {
    Limits { processes, ..limits() }
}

#[test]
fn a_harness_talks_until_it_is_dropped() {
    let room = Room::new().unwrap();
    let mut process = shell(&room, limits(), "while read line; do echo \"<$line>\"; done").spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let mut answer = [0; 4];
    for word in ["a", "b"] {
        writeln!(stdin, "{word}").unwrap();
        process.stdout.as_mut().unwrap().read_exact(&mut answer).unwrap();
        assert_eq!(answer, format!("<{word}>\n").as_bytes());
    }
    assert_eq!(process.try_wait(), None);
    let (id, path) = (process.id(), room.path().to_path_buf());
    drop(room);
    assert!(path.is_dir(), "what runs keeps its room");
    drop(process);
    gone(id);
    assert!(!path.exists());
}

#[test]
fn ends_are_told_apart() {
    let room = Room::new().unwrap();
    let mut ends = Vec::new();
    for script in ["exit 7", "echo oh no >&2; kill -SEGV $$"] {
        ends.push(run(&shell(&room, limits(), script)));
    }
    assert_eq!(ends[0].0, Ended::Exited(7));
    assert_eq!((ends[1].0, ends[1].2.as_str()), (Ended::Signalled(11), "oh no\n"));
    let process = shell(&room, limits(), "exec sleep 60").spawn().unwrap();
    process.kill();
    let mut process = process;
    assert_eq!((process.wait(), process.try_wait()), (Ended::Killed, Some(Ended::Killed)));
    let missing = Command::new("/no/such/program", &room, limits()).spawn().unwrap_err().to_string();
    assert_eq!(
        missing,
        "`/no/such/program` could not be started in the sandbox: No such file or directory (os error 2)"
    );
}

#[test]
fn nothing_of_the_environment_is_passed_on() {
    let room = Room::new().unwrap();
    let (ended, text, _) = run(&shell(&room, limits(), "export -p; pwd").env("GIVEN", "yes"));
    assert_eq!(ended, Ended::Exited(0));
    let mut names: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("export ")?.split('=').next()).collect();
    names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name));
    assert_eq!(names, ["GIVEN", "HOME", "LANG", "PATH", "TMPDIR"]);
    assert_eq!(text.lines().last().unwrap(), room.path().to_str().unwrap());
}

#[test]
fn open_files_are_not_passed_on() {
    let room = Room::new().unwrap();
    let _open = fs::File::open("/etc/passwd").unwrap();
    let _listening = TcpListener::bind("127.0.0.1:0").unwrap();
    let Some(command) = python(&room, limits(), "import os\nprint(sorted(os.listdir('/proc/self/fd')))") else {
        return;
    };
    // The fourth is the folder being listed.
    assert_eq!(run(&command).1.trim(), "['0', '1', '2', '3']");
}

#[test]
fn endless_loops_end() {
    let room = Room::new().unwrap();
    let short = Duration::from_millis(200);
    let spin = "while :; do :; done";
    assert_eq!(run(&shell(&room, Limits { cpu: short, ..limits() }, spin)).0, Ended::CpuTime);
    assert_eq!(run(&shell(&room, Limits { wall: short, ..limits() }, spin)).0, Ended::WallTime);
    let mut process = shell(&room, limits(), "exec sleep 60").spawn().unwrap();
    process.within(Some(short));
    let started = Instant::now();
    assert_eq!(process.wait(), Ended::WallTime);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[test]
fn endless_output_ends() {
    let room = Room::new().unwrap();
    let (ended, text, _) = run(&shell(&room, limits(), "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done"));
    assert_eq!(ended, Ended::Output);
    assert!(text.len() as u64 <= limits().output);
    let (ended, _, complaints) = run(&shell(
        &room,
        Limits { cpu: Duration::from_millis(300), ..limits() },
        "while :; do echo bbbbbbbb >&2; done",
    ));
    assert_eq!((ended, complaints.len()), (Ended::CpuTime, 64 * 1024));
}

#[test]
fn memory_is_bounded() {
    let room = Room::new().unwrap();
    let script = "data = bytearray(10 << 30)\nfor at in range(0, len(data), 4096): data[at] = 1";
    let Some(command) = python(&room, limits(), script) else { return };
    assert_eq!(run(&command).0, Ended::Memory);
    let exact = Limits { address_space: Some(1 << 30), ..limits() };
    let (ended, _, complaints) = run(&python(&room, exact, script).unwrap());
    assert_eq!(ended, Ended::Exited(1));
    assert!(complaints.contains("MemoryError"), "{complaints}");
}

#[test]
fn a_fork_bomb_ends() {
    let room = Room::new().unwrap();
    let roomy = Limits { memory: 1 << 30, ..with(Processes::Any) };
    let (ended, _, complaints) = run(&shell(&room, roomy.clone(), "while :; do sleep 60 & done"));
    // The second where the kernel refused one before the watcher saw too many.
    assert!([Ended::Tasks, Ended::Exited(2)].contains(&ended), "{ended} {complaints}");
    if protections().tasks {
        let started = Instant::now();
        let (ended, ..) = run(&shell(&room, roomy, "b() { b | b & }; b; sleep 60; true"));
        assert!([Ended::Tasks, Ended::CpuTime, Ended::Exited(2)].contains(&ended), "{ended}");
        assert!(started.elapsed() < Duration::from_secs(6));
    } else {
        // Before the watcher comes it may have filled the machine on which the tests run.
        eprintln!("skipped: the kernel does not bound processes here (root, or before Linux 5.14)");
    }
    if calls_are_protected() {
        let (ended, _, complaints) = run(&shell(&room, limits(), "echo a | cat"));
        assert!(matches!(ended, Ended::Exited(1..)), "{ended}");
        assert!(complaints.contains("fork"), "{complaints}");
    }
}

#[test]
fn threads_and_processes_start_as_allowed() {
    if !calls_are_protected() {
        return;
    }
    let room = Room::new().unwrap();
    let script = "import os, threading\n\
        def tried(what):\n    try: what(); return True\n    except (OSError, RuntimeError): return False\n\
        def thread(): t = threading.Thread(target=int); t.start(); t.join()\n\
        def fork():\n    child = os.fork()\n    if child == 0: os._exit(0)\n    os.waitpid(child, 0)\n\
        print(tried(thread), tried(fork), tried(os.setsid))";
    for (processes, expected) in [
        (Processes::None, "False False False"),
        (Processes::Threads, "True False False"),
        (Processes::Any, "True True False"),
    ] {
        let Some(command) = python(&room, with(processes), script) else { return };
        let (ended, text, complaints) = run(&command);
        assert_eq!((ended, text.trim()), (Ended::Exited(0), expected), "{processes:?}: {complaints}");
    }
}

#[test]
fn grandchildren_end_with_it() {
    let room = Room::new().unwrap();
    let script = "(sleep 60 & sleep 60 & wait) & echo ready; wait";
    let mut process = shell(&room, with(Processes::Any), script).spawn().unwrap();
    process.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    let patience = Instant::now() + Duration::from_secs(2);
    while members(process.id()).len() < 4 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(members(process.id()).len(), 4);
    process.kill();
    assert_eq!(process.wait(), Ended::Killed);
    gone(process.id());
    // Those that it leaves behind by itself, too.
    assert_eq!(run(&shell(&room, with(Processes::Any), "sleep 60 >&- 2>&- & exit 3")).0, Ended::Exited(3));
}

#[test]
fn nothing_outside_the_room_is_changed() {
    if !files_are_protected() {
        return;
    }
    let room = Room::new().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let kept = outside.path().join("kept");
    fs::write(&kept, "as it was").unwrap();
    let before = fs::metadata(&kept).unwrap();
    let at = kept.display();
    let folder = outside.path().display();
    let script = format!(
        "echo new > {at}; echo new > {folder}/new; rm -f {at}; mv {at} here; ln {at} here; chmod 777 {at}; touch -d 2001-01-01 {at}; \
         mkdir {folder}/d; echo inside > mine; cat mine > /dev/null; cat mine"
    );
    let (ended, text, complaints) = run(&shell(&room, with(Processes::Any), &script));
    assert_eq!((ended, text.as_str()), (Ended::Exited(0), "inside\n"), "{complaints}");
    let after = fs::metadata(&kept).unwrap();
    assert_eq!(fs::read_to_string(&kept).unwrap(), "as it was");
    assert_eq!((after.permissions(), after.modified().unwrap()), (before.permissions(), before.modified().unwrap()));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(room.path().join("mine")).unwrap(), "inside\n");
    let (_, text, _) = run(&shell(&room, limits(), "echo x > mine; echo y > yours; echo done").writable(false));
    assert_eq!(text, "done\n");
    assert_eq!(fs::read_to_string(room.path().join("mine")).unwrap(), "inside\n");
    assert!(!room.path().join("yours").exists());
}

#[test]
fn nothing_private_is_read() {
    if !files_are_protected() {
        return;
    }
    let room = Room::new().unwrap();
    let home = std::env::home_dir().filter(|home| home.is_dir()).unwrap_or_else(std::env::temp_dir);
    let private = tempfile::Builder::new().prefix(".weiser-test-").tempfile_in(home).unwrap();
    fs::write(private.path(), "secret").unwrap();
    let parent = std::process::id();
    let paths = [
        "/etc/passwd".to_string(),
        "/etc/shadow".to_string(),
        private.path().display().to_string(),
        format!("/proc/{parent}/environ"),
        format!("/proc/{parent}/root/etc/passwd"),
        format!("/proc/{parent}/cmdline"),
        "/proc/self/root/etc/passwd".to_string(),
    ];
    let reads = paths.map(|path| format!("read line < {path} && echo \"{path}: $line\"")).join("; ");
    let script = format!("ln -s /etc/passwd link; read line < link && echo \"$line\"; {reads}; echo end");
    let (_, text, complaints) = run(&shell(&room, with(Processes::Any), &script));
    assert_eq!(text, "end\n");
    assert!(complaints.matches("ermission denied").count() >= 6, "{complaints}");
}

#[test]
fn no_connection_is_made() {
    let found = protections();
    if found.namespaces.is_err() && found.calls.is_err() {
        eprintln!("skipped: the network is not protected");
        return;
    }
    let room = Room::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!(
        "import _socket as s\n\
         def tried(what):\n    try: what(); return True\n    except OSError: return False\n\
         print(tried(lambda: s.socket(s.AF_INET, s.SOCK_STREAM).connect(('127.0.0.1', {port}))),\n\
         tried(lambda: s.socket(s.AF_UNIX, s.SOCK_STREAM)), tried(lambda: s.socket(s.AF_INET, s.SOCK_DGRAM)),\n\
         tried(lambda: s.socketpair(s.AF_UNIX, s.SOCK_DGRAM)), tried(lambda: s.socketpair()))"
    );
    let Some(command) = python(&room, limits(), &script) else { return };
    let (ended, text, complaints) = run(&command);
    assert_eq!(ended, Ended::Exited(0), "{complaints}");
    assert!(text.starts_with("False "), "{text}");
    if calls_are_protected() {
        assert_eq!(text.trim(), "False False False False True");
    }
    assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn nobody_else_is_signalled_or_hindered() {
    if !calls_are_protected() {
        return;
    }
    let mut victim = Plain::new("sleep").arg("60").spawn().unwrap();
    let room = Room::new().unwrap();
    let script = format!(
        "import os, resource, signal\n\
         def tried(what):\n    try: what(); return True\n    except OSError: return False\n\
         signal.signal(signal.SIGUSR1, lambda *_: None)\n\
         print(*[tried(f) for f in (lambda: os.kill({0}, 0), lambda: os.kill({0}, 9), lambda: os.kill({1}, 0),\n\
         lambda: resource.prlimit({0}, resource.RLIMIT_CPU, (0, 0)), lambda: os.setpriority(os.PRIO_PROCESS, {0}, 19),\n\
         lambda: os.sched_setaffinity({0}, [0]),\n\
         lambda: resource.getrlimit(resource.RLIMIT_CPU), lambda: os.kill(os.getpid(), signal.SIGUSR1))])",
        victim.id(),
        std::process::id(),
    );
    let command = python(&room, limits(), &script);
    let outcome = command.map(|command| run(&command));
    let alive = victim.try_wait().unwrap().is_none();
    victim.kill().unwrap();
    victim.wait().unwrap();
    let Some((ended, text, complaints)) = outcome else { return };
    assert!(alive);
    assert_eq!(
        (ended, text.trim()),
        (Ended::Exited(0), "False False False False False False True True"),
        "{complaints}"
    );
}

#[test]
fn calls_by_other_numbers_are_refused() {
    if !calls_are_protected() || cfg!(not(target_arch = "x86_64")) {
        return;
    }
    let room = Room::new().unwrap();
    // `socket` as of 32-bit pointers, a call of the future, and to leave the end of the parent unnoticed.
    let script = "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n\
        def error(*a): return c.syscall(*a) < 0 and ctypes.get_errno()\n\
        print(error(0x40000000 | 41, 2, 1, 0), error(463), error(157, 1, 0), error(272, 0x10000000))";
    let Some(command) = python(&room, limits(), script) else { return };
    let (_, text, complaints) = run(&command);
    assert_eq!(text.trim(), "38 38 1 1", "{complaints}");
}

#[test]
fn its_folder_is_bounded_and_goes_away() {
    let room = Room::new().unwrap();
    let path = room.path().to_path_buf();
    let small = Limits { folder: 1 << 20, ..limits() };
    assert_eq!(run(&shell(&room, small.clone(), "i=0; while :; do i=$((i+1)); echo > $i; done")).0, Ended::Folder);
    // Deeper than names may be long, and closed to its owner.
    let script = "import os\nfor _ in range(3000): os.mkdir('d' * 9); os.chdir('d' * 9)\nopen('f', 'w')\nos.mkdir('locked'); os.chmod('locked', 0)";
    if let Some(command) = python(&room, limits(), script) {
        // The second if the watcher came by.
        assert!([Ended::Exited(0), Ended::Folder].contains(&run(&command).0));
    }
    drop(room);
    assert!(!path.exists());
}

#[test]
fn a_file_is_bounded() {
    let room = Room::new().unwrap();
    let small = Limits { file_size: 1 << 16, ..limits() };
    let (ended, ..) = run(&shell(&room, small, "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaa; done > file"));
    assert_eq!(ended, Ended::Signalled(25));
    assert_eq!(fs::metadata(room.path().join("file")).unwrap().len(), 1 << 16);
}

#[test]
fn protections_are_said_in_one_line() {
    let found = protections();
    eprintln!("{found}");
    assert!(!found.to_string().contains('\n'));
    let all =
        Protections { files: Ok(7), namespaces: Ok(()), mounts: Ok(()), calls: Ok(()), limits: true, tasks: true };
    assert_eq!(
        all.to_string(),
        "files: Landlock + read-only mounts, network: namespace + seccomp, processes: seccomp, limits: cpu, memory, files"
    );
    assert!(all.complete());
    let old = Protections { files: Err("kernel without Landlock".to_string()), mounts: Err(String::new()), ..all };
    assert!(
        old.to_string().starts_with("files: NOT PROTECTED (kernel without Landlock), network: namespace + seccomp,")
    );
    assert!(!old.complete());
}

/// The walls that are second elsewhere are first where the kernel has no others.
#[test]
fn less_is_still_something() {
    let room = Room::new().unwrap();
    let none = || Err("not now".to_string());
    let found = protections();
    let calls = Protections { files: Err("not now".to_string()), namespaces: none(), mounts: none(), ..found.clone() };
    let files = Protections { namespaces: none(), mounts: none(), calls: none(), ..found.clone() };
    let victim = std::process::id();
    let outside = tempfile::NamedTempFile::new().unwrap();
    let script = format!(
        "import os\n\
         def tried(what):\n    try: what(); return True\n    except OSError: return False\n\
         print(tried(lambda: os.kill({victim}, 0)), tried(lambda: os.chmod('{0}', 0o644)), tried(lambda: open('{0}')), flush=True)\n\
         os.abort()",
        outside.path().display()
    );
    for (some, signalled, changed, read) in [
        (calls, found.calls.is_err(), found.calls.is_err(), true),
        (files, !found.signals(), true, found.files.is_err()),
    ] {
        let Some(asked) = python(&room, limits(), &script) else { return };
        let mut command = std::process::Command::new(&asked.program);
        command.args(&asked.arguments).env_clear().current_dir(room.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        system::prepare(&mut command, &asked, &some).unwrap();
        let mut process = Sandboxed::start(command, &asked.limits, &room).unwrap();
        let ended = process.wait();
        let mut text = String::new();
        process.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        let word = |is| if is { "True" } else { "False" };
        let expected = [signalled, changed, read].map(word).join(" ");
        assert_eq!((text.trim(), ended), (expected.as_str(), Ended::Signalled(6)), "{}\n{some}", process.stderr());
    }
}
