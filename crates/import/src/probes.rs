//! What servers themselves said when they were asked: the last verdict on each model and endpoint, with its day.
//!
//! It stands beside what other catalogs state, in `probes/<provider>.jsonl` of the evidence folder, and is written by `modeldex probe
//! --record`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// One verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The model's id; nothing for the endpoint itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The base URL that was asked, as the catalog writes it.
    pub base_url: String,
    /// The protocol that was spoken.
    pub api: String,
    /// How it was found out.
    pub method: String,
    /// `ok`, or what was wrong.
    pub verdict: String,
    /// What the verdict rests on: the server's `list` of models, or a `call`.
    pub by: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
}

/// The verdicts on one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probes(Vec<Probe>);

/// What a verdict rests on that a list cannot change.
const CALL: &str = "call";

/// Why a file of verdicts cannot be read.
#[derive(Debug)]
pub struct ProbesError(String);

impl Probes {
    /// Where those of `provider` are.
    #[must_use]
    pub fn path(evidence: &Path, provider: &str) -> PathBuf {
        evidence.join("probes").join(format!("{provider}.jsonl"))
    }

    /// Reads those of `provider`; none where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, or a line is no verdict.
    pub fn read(evidence: &Path, provider: &str) -> Result<Self, ProbesError> {
        let path = Self::path(evidence, provider);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(ProbesError(format!("`{}` cannot be read: {error}", path.display()))),
        };
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = lines.map(|(at, line)| {
            serde_json::from_str(line).map_err(|error| ProbesError(format!("{}:{}:{}: {error}", path.display(), at + 1, error.column())))
        });
        Ok(Self(read.collect::<Result<_, _>>()?))
    }

    /// Adds a verdict. It takes the place of an older one on the same model, base URL and protocol; but what a call said, only a call can
    /// change, since lists lie.
    pub fn add(&mut self, probe: Probe) {
        let key = |probe: &Probe| (probe.model.clone(), probe.base_url.clone(), probe.api.clone());
        match self.0.iter_mut().find(|other| key(other) == key(&probe)) {
            Some(other) if other.date > probe.date || other.by == CALL && probe.by != CALL => {}
            Some(other) => *other = probe,
            None => self.0.push(probe),
        }
        self.0.sort_by_key(key);
    }

    /// The verdicts on one model, or those on the endpoints themselves.
    pub fn on<'p>(&'p self, model: Option<&'p str>) -> impl Iterator<Item = &'p Probe> {
        self.0.iter().filter(move |probe| probe.model.as_deref() == model)
    }

    /// The text of the file: a line each, the endpoints first and then by model.
    ///
    /// # Errors
    /// Never in practice: a verdict is always legal JSON.
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
    fn the_newest_verdict_stays_whatever_the_order() {
        let mut probes = Probes::default();
        probes.add(probe(Some("m"), "model-unknown", "2026-11-02"));
        probes.add(probe(Some("m"), "ok", "2026-11-03"));
        probes.add(probe(Some("m"), "dns", "2026-11-01"));
        probes.add(probe(None, "ok", "2026-11-01"));
        assert_eq!(probes.on(Some("m")).map(|probe| probe.verdict.as_str()).collect::<Vec<_>>(), ["ok"]);
        let text = probes.render().unwrap();
        assert!(text.starts_with("{\"base_url\"") && text.lines().count() == 2, "{text}");
        // A list changes nothing of what a call said; another call does.
        probes.add(by(Some("m"), "ok", "2026-11-04", "call"));
        probes.add(probe(Some("m"), "model-unknown", "2026-11-05"));
        assert_eq!(probes.on(Some("m")).next().unwrap().verdict, "ok");
        probes.add(by(Some("m"), "model-unknown", "2026-11-05", "call"));
        assert_eq!(probes.on(Some("m")).next().unwrap().verdict, "model-unknown");
    }
}
