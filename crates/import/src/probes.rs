//! Recorded probes: the last verdict of `modeldex probe` for each model and endpoint, with its date.
//!
//! `modeldex probe --record` writes the verdicts to `probes/<provider>.jsonl` in the evidence folder. The policy does not use them.

use modeldex_support::file;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// Recorded verdict of `modeldex probe` for a model or an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Id of the model; absent if the verdict is about the endpoint itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Base URL of the endpoint, as the catalog states it.
    pub base_url: String,
    /// Wire protocol of the endpoint.
    pub api: String,
    /// Method by which the verdict was obtained. The method is always `probe`.
    pub method: String,
    /// `ok`, or the code of the error.
    pub verdict: String,
    /// Request that the verdict is based on: `list` for the server's list of models, or `call` for a call to the model.
    pub by: String,
    /// Date of the probe, as `YYYY-MM-DD`.
    pub date: String,
}

/// Recorded verdicts for the endpoints and models of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probes(Vec<Probe>);

/// Value of [`Probe::by`] for a verdict that is based on a call. A verdict that is based on a list does not replace such a verdict.
const CALL: &str = "call";

/// Failure to read recorded verdicts.
#[derive(Debug)]
pub struct ProbesError(String);

impl Probes {
    /// Returns the path of the file with the verdicts for `provider`, in the evidence folder `evidence`.
    #[must_use]
    pub fn path(evidence: &Path, provider: &str) -> PathBuf {
        evidence.join("probes").join(format!("{provider}.jsonl"))
    }

    /// Reads the verdicts for the endpoints and models of `provider`. The result is empty if there is no file.
    ///
    /// # Errors
    /// Fails if the file cannot be read or a line cannot be parsed.
    pub fn read(evidence: &Path, provider: &str) -> Result<Self, ProbesError> {
        let path = Self::path(evidence, provider);
        let text = file::read_text(&path, file::MAX_FILE_BYTES);
        let text = text.map_err(|error| ProbesError(format!("cannot read `{path}`: {error}", path = path.display())))?;
        let Some(text) = text else { return Ok(Self::default()) };
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = lines.map(|(at, line)| {
            serde_json::from_str(line).map_err(|error| {
                let (path, line, column) = (path.display(), at + 1, error.column());
                ProbesError(format!("{path}:{line}:{column}: {error}"))
            })
        });
        Ok(Self(read.collect::<Result<_, _>>()?))
    }

    /// Adds the verdict `probe`. If there already is a verdict for the same model, base URL and wire protocol, the new verdict replaces it, except in
    /// two cases:
    ///
    /// - The new verdict is older.
    /// - The new verdict is based on a list of models, but the existing verdict is based on a call. Lists of models are unreliable.
    pub fn add(&mut self, probe: Probe) {
        let key = |probe: &Probe| (probe.model.clone(), probe.base_url.clone(), probe.api.clone());
        match self.0.iter_mut().find(|other| key(other) == key(&probe)) {
            Some(other) if other.date > probe.date || other.by == CALL && probe.by != CALL => {}
            Some(other) => *other = probe,
            None => self.0.push(probe),
        }
        self.0.sort_by_key(key);
    }

    /// Returns the verdicts for the model with the id `model`. If `model` is `None`, returns the verdicts for the endpoints of the provider.
    pub fn on<'p>(&'p self, model: Option<&'p str>) -> impl Iterator<Item = &'p Probe> {
        self.0.iter().filter(move |probe| probe.model.as_deref() == model)
    }

    /// Renders the file, with one line for each verdict. Verdicts for endpoints come first; those for models are sorted by model id.
    ///
    /// # Errors
    /// Fails if a verdict cannot be serialized, which does not happen.
    pub fn render(&self) -> serde_json::Result<String> {
        let lines = self.0.iter().map(|probe| serde_json::to_string(probe).map(|line| line + "\n"));
        lines.collect()
    }
}

impl fmt::Display for ProbesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProbesError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(model: Option<&str>, verdict: &str, date: &str) -> Probe {
        by(model, verdict, date, "list")
    }

    fn by(model: Option<&str>, verdict: &str, date: &str, by: &str) -> Probe {
        Probe {
            model: model.map(str::to_owned),
            base_url: "https://h/v1".to_owned(),
            api: "openai-completions".to_owned(),
            method: "probe".to_owned(),
            verdict: verdict.to_owned(),
            by: by.to_owned(),
            date: date.to_owned(),
        }
    }

    #[test]
    fn the_newest_verdict_is_kept_in_any_order() {
        let mut probes = Probes::default();
        probes.add(probe(Some("m"), "model-unknown", "2026-11-02"));
        probes.add(probe(Some("m"), "ok", "2026-11-03"));
        probes.add(probe(Some("m"), "dns", "2026-11-01"));
        probes.add(probe(None, "ok", "2026-11-01"));
        assert_eq!(probes.on(Some("m")).map(|probe| probe.verdict.as_str()).collect::<Vec<_>>(), ["ok"]);
        let text = probes.render().unwrap();
        assert!(text.starts_with("{\"base_url\"") && text.lines().count() == 2, "{text}");
        // A list does not replace the verdict of a call; another call does.
        probes.add(by(Some("m"), "ok", "2026-11-04", "call"));
        probes.add(probe(Some("m"), "model-unknown", "2026-11-05"));
        assert_eq!(probes.on(Some("m")).next().unwrap().verdict, "ok");
        probes.add(by(Some("m"), "model-unknown", "2026-11-05", "call"));
        assert_eq!(probes.on(Some("m")).next().unwrap().verdict, "model-unknown");
    }
}
