//! Synthetic catalogs that look like real ones: hosts that resell base models under their own ids and prices, with limits, capabilities,
//! aliases and tiers in about the shares that the real catalog has. The same size always gives the same files.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// How many models a provider of a synthetic catalog has.
const MODELS_A_PROVIDER: usize = 50;

/// The sizes that are measured, in models.
pub const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// A small generator of numbers that are the same everywhere (SplitMix64).
pub struct Numbers(u64);

impl Numbers {
    /// Begins at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

/// Writes a catalog of `models` models into a folder below the system's temporary one, and returns the folder.
///
/// # Errors
/// When a file cannot be written.
pub fn catalog(models: usize) -> io::Result<PathBuf> {
    let dir = env::temp_dir().join(format!("modeldex-synthetic-{models}"));
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(dir.join("models"))?;
    fs::create_dir_all(dir.join("providers"))?;
    let mut numbers = Numbers::new(models as u64);
    let labs = (models / 500).clamp(2, 60);
    let bases = (models / labs / 8).clamp(4, 200);
    for lab in 0..labs {
        write_lab(&dir, lab, bases, &mut numbers)?;
    }
    for provider in 0..models.div_ceil(MODELS_A_PROVIDER) {
        let count = MODELS_A_PROVIDER.min(models - provider * MODELS_A_PROVIDER);
        write_provider(&dir, provider, count, labs, bases, &mut numbers)?;
    }
    Ok(dir)
}

fn write_lab(dir: &Path, lab: usize, bases: usize, numbers: &mut Numbers) -> io::Result<()> {
    let mut text = format!("# yaml-language-server: $schema=../../schema/lab.schema.json\nname: Lab {lab}\nmodels:\n");
    for base in 0..bases {
        let window = [32_768, 65_536, 131_072, 200_000, 262_144, 1_000_000][numbers.below(6)];
        let _ = write!(
            text,
            "  - id: {id}\n    name: {name}\n    family: family-{family}\n    context_window: {window}\n    max_output_tokens: {output}\n    input: [text{image}]\n    output: [text]\n    reasoning: {reasoning}\n    tool_call: true\n    temperature: true\n    open_weights: {open}\n    release_date: 2025-{month:02}-{day:02}\n",
            id = base_id(lab, base),
            name = base_name(lab, base),
            family = base / 4,
            output = window / 4,
            image = if numbers.below(3) == 0 { ", image" } else { "" },
            reasoning = numbers.below(2) == 0,
            open = numbers.below(2) == 0,
            month = 1 + numbers.below(12),
            day = 1 + numbers.below(28),
        );
    }
    fs::write(dir.join("models").join(format!("lab-{lab:03}.yaml")), text)
}

fn write_provider(dir: &Path, provider: usize, count: usize, labs: usize, bases: usize, numbers: &mut Numbers) -> io::Result<()> {
    let id = format!("provider-{provider:04}");
    let mut text = format!(
        "# yaml-language-server: $schema=../../schema/provider.schema.json\nname: Provider {provider}\nendpoints:\n  - base_url: https://api.{id}.example/v1\n    api: openai-completions\nauth:\n  - kind: api-key\n    env: [PROVIDER_{provider}_API_KEY]\n"
    );
    let mut chosen: Vec<(String, String)> = Vec::with_capacity(count);
    let mut at = numbers.below(labs * bases);
    // A step that is prime to the number of base models meets each of them at most once; past that, versions tell repeats apart.
    for nth in 0..count {
        at = (at + 7_919) % (labs * bases);
        let (lab, base) = (at / bases, at % bases);
        let version = nth * 7_919 / (labs * bases * 7_919).max(1);
        let suffix = if version == 0 { String::new() } else { format!("-v{version}") };
        chosen.push((format!("{}{suffix}", base_id(lab, base)), format!("lab-{lab:03}/{}", base_id(lab, base))));
    }
    chosen.sort();
    chosen.dedup_by(|next, last| next.0 == last.0);
    let mut aliases: Vec<&str> = chosen.iter().step_by(10).map(|(model, _)| model.as_str()).collect();
    aliases.sort_by_key(|model| format!("{model}-latest"));
    text.push_str("model_aliases:\n");
    for model in aliases {
        let _ = write!(text, "  - id: {model}-latest\n    target: {model}\n    kind: moving\n");
    }
    text.push_str("models:\n");
    for (model, base) in &chosen {
        let input = 5 + numbers.below(600);
        let _ = write!(text, "  - id: {model}\n    base: {base}\n");
        if numbers.below(4) == 0 {
            let _ = writeln!(text, "    max_output_tokens: {}", 4_096 << numbers.below(2));
        }
        let _ = write!(text, "    prices:\n      - input: {}\n        output: {}\n", cents(input), cents(input * 4));
        if numbers.below(2) == 0 {
            let _ = writeln!(text, "        cache_read: {}", cents(input / 5 + 1));
        }
        if numbers.below(10) == 0 {
            let _ = write!(text, "      - above: 200000\n        input: {}\n        output: {}\n", cents(input * 2), cents(input * 6));
        }
    }
    fs::write(dir.join("providers").join(format!("{id}.yaml")), text)
}

fn base_id(lab: usize, base: usize) -> String {
    format!("family-{:02}-{lab:03}-{base:03}-instruct", base / 4)
}

fn base_name(lab: usize, base: usize) -> String {
    format!("Family {} {lab:03} {base:03} Instruct", base / 4)
}

fn cents(cents: usize) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
