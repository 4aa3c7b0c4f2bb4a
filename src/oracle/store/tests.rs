use super::*;
use crate::oracle::Finish;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};

fn early() -> u64 {
    1_000_000
}

fn late() -> u64 {
    1_000_000 + 10 * 24 * 3600
}

fn place(folder: &Path) -> Place {
    Place { folder: folder.join("cache"), cap: 1 << 30, clock: early }
}

fn open(folder: &Path) -> Store {
    let store = Store::open(&place(folder)).unwrap();
    assert_eq!(store.remarks(), Vec::<String>::new());
    store
}

fn key(number: u64) -> Key {
    Key::of("scope", &number.to_string())
}

fn reply(text: &str) -> Reply {
    Reply {
        text: text.into(),
        thinking: "hm".into(),
        finish: Finish::Stop,
        tokens_in: 10,
        tokens_out: 3,
        oracle: "ollama".into(),
        model: "m".into(),
        digest: "d".into(),
        prompt_cut: false,
        ms: 5,
        cached: false,
    }
}

#[test]
fn what_was_put_is_got_by_every_later_process() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.put(key(1), &Reply { cached: true, ..reply("a") });
    assert_eq!(store.get(key(1)), Some(reply("a")));
    assert_eq!(store.get(key(2)), None);
    let other = open(folder.path());
    assert_eq!(other.get(key(1)), Some(reply("a")));
    other.put(key(1), &reply("b"));
    assert_eq!(store.get(key(1)), Some(reply("b")));
    assert_ne!(Key::of("a", "bc"), Key::of("ab", "c"));
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    assert_eq!(fs::metadata(folder.path().join("cache")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn several_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for worker in 0..4_u64 {
            let folder = folder.path();
            scope.spawn(move || {
                let store = open(folder);
                for number in 0..100 {
                    store.put(key(worker * 1000 + number), &reply("x"));
                    assert!(store.get(key(worker * 1000 + number)).is_some());
                }
                assert_eq!(store.remarks(), Vec::<String>::new());
            });
        }
    });
    let stats = open(folder.path()).stats().unwrap();
    assert_eq!((stats.answers, stats.models), (400, vec![("ollama:m".to_string(), 400)]));
}

fn damaged_in(remarks: &[String]) -> bool {
    remarks.iter().any(|r| r.contains("was damaged; it is set aside as"))
}

fn aside(folder: &Path) -> usize {
    let names = fs::read_dir(folder.join("cache")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    names.filter(|n| n.starts_with("answers-1.db.damaged-")).count()
}

#[test]
fn a_file_that_is_none_is_set_aside_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = place(folder.path()).folder.join(FILE);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    for (round, content) in
        ["not a database, but a text that is longer than a header ".repeat(90), "int main() {}\n".repeat(50)]
            .iter()
            .enumerate()
    {
        fs::write(&path, content).unwrap();
        let store = Store::open(&place(folder.path())).unwrap();
        assert!(damaged_in(&store.remarks()), "{round}");
        store.put(key(1), &reply("a"));
        assert_eq!(store.get(key(1)), Some(reply("a")));
        assert_eq!(aside(folder.path()), round + 1);
        drop(store);
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", path.display()));
        }
    }
    assert!(fs::read_to_string(path.with_extension("db.damaged-1")).unwrap().starts_with("not a database"));
}

/// Whatever page is overwritten: never a wrong answer, never an end, and what happened is told.
#[test]
fn damage_in_the_middle_costs_answers_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..200 {
        store.put(key(number), &reply(&format!("answer {number} {}", "long ".repeat(100))));
    }
    store.with(|c| c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))).unwrap();
    drop(store);
    let path = place(folder.path()).folder.join(FILE);
    let whole = fs::read(&path).unwrap();
    let mut told = 0;
    for page in 0..whole.len() / 4096 {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", path.display()));
        }
        fs::write(&path, &whole).unwrap();
        let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(page as u64 * 4096 + if page == 0 { 100 } else { 0 })).unwrap();
        file.write_all(&[0x5a; 600]).unwrap();
        drop(file);
        let store = Store::open(&place(folder.path())).unwrap();
        let mut missing = 0;
        for number in 0..200 {
            match store.get(key(number)) {
                Some(found) => assert_eq!(found, reply(&format!("answer {number} {}", "long ".repeat(100)))),
                None => missing += 1,
            }
        }
        store.put(key(999), &reply("new"));
        let new = store.get(key(999));
        let remarks = store.remarks();
        assert_eq!(new, Some(reply("new")), "page {page}: {remarks:?}");
        assert!(missing == 0 || !remarks.is_empty(), "page {page}: {missing} answers were lost and nothing was told");
        told += usize::from(!remarks.is_empty());
    }
    assert!(told > 5, "{told}");
}

#[test]
fn a_changed_row_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.put(key(1), &reply("the verdict is pass"));
    store.put(key(2), &reply("b"));
    store.with(|c| c.execute("UPDATE answers SET reply = replace(reply, 'pass', 'fail')", [])).unwrap();
    assert_eq!(store.get(key(1)), None);
    assert!(store.remarks()[0].contains("a damaged answer was thrown away"));
    assert_eq!(store.get(key(2)), Some(reply("b")));
    store.with(|c| c.execute("UPDATE answers SET sum = x'00'", [])).unwrap();
    assert_eq!((store.verify(), store.stats().unwrap().answers), (Some(1), 0));
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    static CLOCK: AtomicU64 = AtomicU64::new(0);
    let folder = tempfile::tempdir().unwrap();
    let place = Place { clock: || CLOCK.load(Ordering::SeqCst), cap: 400_000, ..place(folder.path()) };
    let store = Store::open(&place).unwrap();
    let long = reply(&"x".repeat(4000));
    for number in 0..90 {
        CLOCK.fetch_add(2 * USE_STEP, Ordering::SeqCst);
        store.put(key(number), &long);
    }
    assert!(store.get(key(0)).is_some());
    let swept = store.sweep(None, 200_000).unwrap();
    assert!(swept.answers > 20 && swept.bytes > 150_000, "{swept:?}");
    assert!(store.get(key(0)).is_some() && store.get(key(1)).is_none() && store.get(key(89)).is_some());
    let age = 3 * 2 * USE_STEP;
    store.sweep(Some(age), u64::MAX).unwrap();
    assert_eq!(store.stats().unwrap().answers, 5, "the last four and the one that was read");
    for number in 100..1000 {
        store.put(key(number), &long);
    }
    let stats = store.stats().unwrap();
    assert!(stats.bytes < 400_000 + LOOK_EVERY * 10_000 && stats.answers < 500, "{stats:?}");
    assert_eq!(store.clear().unwrap().answers, stats.answers);
    assert_eq!(store.stats().unwrap().answers, 0);
}

#[test]
fn age_is_counted_from_the_last_use() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).put(key(1), &reply("a"));
    let store = Store::open(&Place { clock: late, ..place(folder.path()) }).unwrap();
    assert_eq!(store.sweep(Some(11 * 24 * 3600), u64::MAX).unwrap().answers, 0);
    assert_eq!(store.sweep(Some(9 * 24 * 3600), u64::MAX).unwrap().answers, 1);
}

#[test]
fn where_nothing_can_be_kept_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cache"), "a file").unwrap();
    let error = Store::open(&place(folder.path())).unwrap_err().to_string();
    assert!(error.contains("can't be used"), "{error}");
    assert!(existing(&Place { folder: folder.path().join("none"), ..place(folder.path()) }).unwrap().is_none());
}
