//! What the processes of a program use, from `/proc`.

use crate::run::sandbox::Processes;
use std::fs;
use std::time::Duration;

/// Ticks of the processor times in `/proc/<pid>/stat`: 100 a second on every architecture that has the walls.
const TICK: Duration = Duration::from_millis(10);

/// Sums over all processes of a program. What has ended meanwhile counts for nothing.
#[derive(Default)]
pub(in crate::run::sandbox) struct Usage {
    /// Resident and swapped memory and page tables, in bytes: a program can fill the memory with tables of empty pages too.
    pub(in crate::run::sandbox) memory: u64,
    /// Processor time, with that of ended children.
    pub(in crate::run::sandbox) cpu: Duration,
    /// Threads.
    pub(in crate::run::sandbox) tasks: u64,
}

/// Usage of the group that process `id` leads. Only a program that may start processes costs a walk through `/proc`. The walk
/// ends when there are more than `most` tasks: among those of a fork bomb it would never arrive.
pub(in crate::run::sandbox) fn usage(id: u32, processes: Processes, most: u64) -> Usage {
    let mut usage = Usage::default();
    if processes == Processes::Any {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        for other in entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
            usage.add(other, id);
            if usage.tasks > most {
                break;
            }
        }
    } else {
        usage.add(id, id);
    }
    usage
}

/// Tasks of the whole machine, which cost no walk to know: the number after the `/` in `/proc/loadavg`.
pub(in crate::run::sandbox) fn crowd() -> u64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let all = text.split_whitespace().nth(3).and_then(|tasks| tasks.split_once('/'));
    all.and_then(|(_, all)| all.parse().ok()).unwrap_or(0)
}

impl Usage {
    /// Adds a process if it is of the group.
    fn add(&mut self, id: u32, group: u32) {
        let Some(stat) = fs::read(format!("/proc/{id}/stat")).ok().and_then(|text| Stat::parse(&text)) else { return };
        if stat.group != u64::from(group) {
            return;
        }
        self.cpu += TICK * u32::try_from(stat.ticks).unwrap_or(u32::MAX);
        self.tasks += stat.threads;
        let status = fs::read(format!("/proc/{id}/status")).unwrap_or_default();
        self.memory += memory(&String::from_utf8_lossy(&status));
    }
}

#[derive(Debug, PartialEq)]
struct Stat {
    group: u64,
    ticks: u64,
    threads: u64,
}

impl Stat {
    /// The fields after the name, which may hold anything, even parentheses (proc_pid_stat(5)).
    fn parse(text: &[u8]) -> Option<Self> {
        let end = text.iter().rposition(|byte| *byte == b')')?;
        let rest = String::from_utf8_lossy(&text[end + 1..]);
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let ticks = (14..=17).filter_map(field).sum();
        Some(Stat { group: field(5)?, ticks, threads: field(20)? })
    }
}

/// Bytes of a `/proc/<pid>/status`.
fn memory(status: &str) -> u64 {
    let counted = ["VmRSS:", "VmSwap:", "VmPTE:"];
    let lines = status.lines().filter_map(|line| line.split_once('\t').or_else(|| line.split_once(' ')));
    let kilobytes = lines.filter(|(name, _)| counted.contains(name));
    kilobytes.filter_map(|(_, size)| size.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).sum::<u64>() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_look_like_fields() {
        let text = b"7 (a) R 1 2 (b) S 1 42 42 0 -1 0 0 0 0 0 3 4 5 6 20 0 9 0 1";
        assert_eq!(Stat::parse(text), Some(Stat { group: 42, ticks: 18, threads: 9 }));
        assert_eq!(Stat::parse(b"7 (a"), None);
    }

    #[test]
    fn tables_and_swap_count_as_memory() {
        assert_eq!(memory("Name:\ta\nVmRSS:\t     8 kB\nVmPTE:\t  4 kB\nVmSwap:\t 1 kB\nVmHWM:\t 99 kB\n"), 13 * 1024);
    }
}
