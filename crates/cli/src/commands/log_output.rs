//! The log of `MODELDEX_LOG`, with the values of all variables of the catalog masked. The client masks the key of each request, so it also masks a
//! key from `--api-key`.

use super::out;
use crate::config::Config;
use modeldex_client::credential::Zeroizing;
use modeldex_client::secret::{MASK, Secret};
use modeldex_compile::authored::routing::variables_in;
use modeldex_support::secret::mask_certain;
use modeldex_table::{Auth, Catalog, Provider, Variable};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// Minimum length in bytes of a value that is masked. A shorter value, such as a port or the code of a region, occurs in unrelated words.
const MIN_MASKED_BYTES: usize = 4;

/// The values that the log must not contain. The log is written by several threads.
static VALUES: Mutex<Vec<MaskedValue>> = Mutex::new(Vec::new());

/// A value that the log must not contain.
struct MaskedValue {
    text: Zeroizing<String>,
    /// The value as a secret, whose encoded forms are masked too; `None` if the value cannot be a key, such as a text with a line end.
    secret: Option<Secret>,
}

/// Logs to stderr at the level of `MODELDEX_LOG`: `error` to `trace`. Only logs of the modeldex crates are printed: HTTP libraries may log
/// headers with keys.
pub(super) fn init() {
    if let Some(level) = std::env::var("MODELDEX_LOG").ok().and_then(|level| level.parse().ok()) {
        // The filter matches all modules whose names start with `modeldex`.
        let target = env_logger::Target::Pipe(Box::new(MaskedStderr));
        let style = if out::stderr_color() { env_logger::WriteStyle::Always } else { env_logger::WriteStyle::Never };
        env_logger::Builder::new().filter_module("modeldex", level).write_style(style).target(target).init();
    }
}

/// Masks, from now on, the values that the variables of the catalog have in the environment and in the configuration. If a value refers to another
/// variable, the value of the other variable is masked too. Variables that are not credentials are also masked, because a catalog could name any
/// variable of the user in a base URL.
pub(super) fn mask_variables(catalog: &Catalog<'_>) {
    if log::max_level() == log::LevelFilter::Off {
        return;
    }
    let named = |auth: Auth<'_>| auth.env().chain(auth.variables().flat_map(Variable::env)).map(str::to_owned).collect::<Vec<_>>();
    let in_urls = catalog
        .providers()
        .flat_map(Provider::endpoints)
        .flat_map(|endpoint| variables_in(endpoint.base_url()).map(str::to_owned).collect::<Vec<_>>());
    let names: BTreeSet<String> = catalog.providers().flat_map(Provider::auth).flat_map(named).chain(in_urls).collect();
    let config = Config::load().ok();
    // The raw value is masked too, because the value after references may be invalid.
    let raw = |name: &String| std::env::var(name).ok().map(|value| Zeroizing::new(value.trim().to_owned()));
    let resolved = |name: &String| config.and_then(|config| config.variable(name)).map(|secret| Zeroizing::new(secret.expose().to_owned()));
    let masked = |text: Zeroizing<String>| MaskedValue { secret: Secret::parse(&text).ok().map(|(secret, _)| secret), text };
    let values = |name: &String| {
        let raw = raw(name);
        let resolved = resolved(name).filter(|value| Some(value) != raw.as_ref());
        [raw, resolved].into_iter().flatten()
    };
    let found = names.iter().flat_map(values).filter(|value| value.len() >= MIN_MASKED_BYTES);
    let mut found: Vec<MaskedValue> = found.map(masked).collect();
    // A value that contains another one is masked first.
    found.sort_by_key(|value| std::cmp::Reverse(value.text.len()));
    *VALUES.lock().unwrap_or_else(PoisonError::into_inner) = found;
}

/// Stderr with the values of variables, and everything that has the format of a key, masked.
struct MaskedStderr;

impl Write for MaskedStderr {
    /// Writes one record: the logger passes each record as a whole.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let mut text = String::from_utf8_lossy(record).into_owned();
        for value in VALUES.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            text = value.secret.as_ref().map_or_else(|| text.clone(), |secret| secret.redact(&text)).replace(value.text.as_str(), MASK);
        }
        io::stderr().lock().write_all(mask_certain(&text).as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
