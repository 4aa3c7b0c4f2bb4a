//! `weiser cache`: what was answered before.

use super::Failure;
use super::args::{CacheAction, CacheArgs, CacheOptions, Format};
use super::config::Layer;
use super::exit::Exit;
use super::output::Console;
use super::settings::{Cache, Environment, Settings};
use crate::oracle::store::{self, Place, Stats, Store, Swept};
use crate::report::cache as report;
use std::time::{SystemTime, UNIX_EPOCH};

pub fn cache(args: &CacheArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    let CacheOptions { cache_dir, common } = args.options();
    let layer = Layer { cache_dir: cache_dir.clone(), ..Layer::default() };
    let settings = Settings::resolve(layer, common, environment)?;
    if let Some(path) = &common.output {
        console.redirect(path)?;
    }
    let place = place(&settings.cache).ok_or_else(|| Failure::Usage(NO_FOLDER.into()))?;
    let open = store::existing(&place).map_err(|error| Failure::Usage(error.to_string()))?;
    let json = common.format == Format::Json;
    let path = place.folder.join(store::FILE).display().to_string();
    let done = match (&open, &args.action) {
        (None, CacheAction::Stats(_)) => Some(report::stats(&path, &Stats::default(), settings.cache.size, json)),
        (None, _) => Some(report::swept(&path, Swept::default(), json)),
        (Some(store), CacheAction::Stats(_)) => stats(store, &path, settings.cache.size, json),
        (Some(store), CacheAction::Clear(_)) => store.clear().map(|swept| report::swept(&path, swept, json)),
        (Some(store), CacheAction::Gc { older_than, max_size, .. }) => {
            let age = older_than.map(|age| age.as_secs());
            let swept = store.sweep(age, max_size.unwrap_or(settings.cache.size));
            swept.map(|swept| report::swept(&path, swept, json))
        }
    };
    for remark in open.iter().flat_map(Store::remarks) {
        console.note(&format!("warning: {remark}\n"));
    }
    match done {
        Some(text) => console.print(&text).map(|()| Exit::Holds),
        // Why was said above.
        None => Ok(Exit::Usage),
    }
}

fn stats(store: &Store, path: &str, cap: u64, json: bool) -> Option<String> {
    store.verify()?;
    store.stats().map(|stats| report::stats(path, &stats, cap, json))
}

pub const NO_FOLDER: &str = "there is no folder for the cache: name one with --cache-dir or WEISER_CACHE_DIR";

/// Where answers are kept, if that is known.
pub fn place(cache: &Cache) -> Option<Place> {
    let folder = cache.folder.clone()?;
    Some(Place { folder, cap: cache.size, clock: now })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
