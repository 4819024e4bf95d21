//! Runs fuzz targets without libFuzzer: first all inputs of the corpus, then random mutations of them. The same seed gives the same inputs.
//!
//! run [--seconds N | --bytes N] [--seed N] [--jobs N] [TARGET...]    fuzzes the targets, or all; N is for all targets together
//! run --input FILE TARGET                                             runs a target with one input
//!
//! With `--bytes`, each target gets the same time in each round, because some targets take a thousand times as long for a byte as others.
//!
//! Each target runs in a process of its own. If an input fails, its file is printed and the exit code is 1.

use modeldex_fuzz::mutate::{Random, mutate};
use modeldex_fuzz::{MAX_INPUT_BYTES, TARGETS, Target, count};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// The arguments of the program.
#[derive(Clone, Debug, Default)]
struct Arguments {
    seconds: Option<f64>,
    bytes: Option<u64>,
    seed: u64,
    jobs: Option<usize>,
    input: Option<PathBuf>,
    /// Run one target in this process.
    worker: bool,
    /// Write each input into this file before it runs, so that an input that ends the process is known.
    record: Option<PathBuf>,
    targets: Vec<Target>,
}

fn main() -> ExitCode {
    let arguments = match parse(env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    if let (Some(path), [target]) = (&arguments.input, &arguments.targets[..]) {
        let input = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        target.run(&input);
        return ExitCode::SUCCESS;
    }
    if arguments.worker {
        return ExitCode::from(u8::from(!arguments.targets.iter().all(|target| work(*target, &arguments))));
    }
    ExitCode::from(u8::from(!run_all(&arguments)))
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("expected a value after `{word}`"));
        fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
            text.parse().map_err(|_| format!("expected a number, found `{text}`"))
        }
        match word.as_str() {
            "--seconds" => arguments.seconds = Some(number(&value()?)?),
            "--bytes" => arguments.bytes = Some(number(&value()?)?),
            "--seed" => arguments.seed = number(&value()?)?,
            "--jobs" => arguments.jobs = Some(number(&value()?)?),
            "--input" => arguments.input = Some(value()?.into()),
            "--record" => arguments.record = Some(value()?.into()),
            "--worker" => arguments.worker = true,
            name => {
                let target = TARGETS.iter().find(|target| target.name == name);
                arguments.targets.push(*target.ok_or_else(|| {
                    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
                    format!("unknown target `{name}`; known targets: {}", names.join(", "))
                })?);
            }
        }
    }
    if arguments.targets.is_empty() {
        arguments.targets = TARGETS.to_vec();
    }
    Ok(arguments)
}

/// The seconds that each target gets in a round of a run with `--bytes`.
const ROUND_SECONDS: f64 = 20.0;

/// Runs all targets. Returns whether no input failed.
fn run_all(arguments: &Arguments) -> bool {
    let Arguments { targets, seed, bytes, .. } = arguments;
    let jobs = arguments.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)).clamp(1, targets.len());
    let share = targets.len() as f64 / jobs as f64;
    let seconds = bytes.map(|_| ROUND_SECONDS).or(arguments.seconds.map(|seconds| seconds / share)).unwrap_or(0.0);
    let (mut passed, mut totals) = (true, (0, 0));
    for round in 0.. {
        passed &= run_round(targets, jobs, seconds, seed + round, &mut totals);
        if !passed || bytes.is_none_or(|bytes| totals.1 >= bytes) {
            break;
        }
    }
    println!("all {} targets: {} inputs, {} bytes", targets.len(), totals.0, totals.1);
    passed
}

/// Runs each target in a process of its own, and adds the numbers of inputs and bytes to `totals`. Returns whether no input failed.
fn run_round(targets: &[Target], jobs: usize, seconds: f64, seed: u64, totals: &mut (u64, u64)) -> bool {
    let (next, passed, totals) = (AtomicUsize::new(0), AtomicBool::new(true), Mutex::new(totals));
    let program = env::current_exe().expect("the path of this program is known");
    let worker = |target: &Target, record: Option<&Path>| {
        let mut command = Command::new(&program);
        command.args(["--worker", "--seed", &seed.to_string(), "--seconds", &seconds.to_string(), target.name]).stdout(Stdio::piped());
        if let Some(path) = record {
            command.arg("--record").arg(path);
        }
        command.spawn().and_then(std::process::Child::wait_with_output).expect("the worker runs")
    };
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(target) = targets.get(next.fetch_add(1, Relaxed)) {
                    let output = worker(target, None);
                    let text = String::from_utf8_lossy(&output.stdout).into_owned();
                    let (report, counts) = text.trim_end().rsplit_once('\n').unwrap_or((&text, ""));
                    println!("{report}");
                    if let [inputs, bytes] = counts.split(' ').filter_map(|word| word.parse().ok()).collect::<Vec<u64>>()[..] {
                        let mut totals = totals.lock().expect("no thread panics");
                        (totals.0, totals.1) = (totals.0 + inputs, totals.1 + bytes);
                    }
                    if !output.status.success() {
                        passed.store(false, Relaxed);
                        if output.status.code() != Some(1) {
                            // Such as an overflow of the stack, which cannot be caught. The same seed gives the same input again.
                            let path = artifact(target.name, "ended-the-process");
                            worker(target, Some(&path));
                            println!("{}: {} ended the process ({})", target.name, path.display(), output.status);
                        }
                    }
                }
            });
        }
    });
    passed.into_inner()
}

fn artifact(target: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(target);
    fs::create_dir_all(&folder).expect("the folder is created");
    folder.join(name)
}

/// Returns the inputs in the corpus of a target, sorted by file name.
fn corpus(target: Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("the corpus is read")).collect()
}

/// Runs the corpus and mutations of it. Returns whether no input failed.
fn work(target: Target, arguments: &Arguments) -> bool {
    let started = Instant::now();
    let corpus = corpus(target);
    let mut random = Random::new(arguments.seed);
    let mut slowest = (Duration::ZERO, 0);
    let mut passed = true;
    for at in 0.. {
        if at >= corpus.len() && started.elapsed().as_secs_f64() >= arguments.seconds.unwrap_or(0.0) {
            break;
        }
        let input = corpus.get(at).cloned().unwrap_or_else(|| mutate(&mut random, &corpus, MAX_INPUT_BYTES));
        if let Some(path) = &arguments.record {
            fs::write(path, &input).expect("the input is recorded");
        }
        let began = Instant::now();
        if catch_unwind(|| target.run(&input)).is_err() {
            let path = artifact(target.name, &format!("seed-{}-input-{at}", arguments.seed));
            fs::write(&path, &input).expect("the input is written");
            println!("{}: {} fails", target.name, path.display());
            passed = false;
            break;
        }
        slowest = slowest.max((began.elapsed(), input.len()));
    }
    let (inputs, bytes) = count::counts();
    let seconds = started.elapsed().as_secs_f64();
    let (slowest, size) = (slowest.0.as_millis(), slowest.1);
    println!("{}: {inputs} inputs, {bytes} bytes in {seconds:.1} s; slowest: {slowest} ms for {size} bytes", target.name);
    println!("{inputs} {bytes}");
    passed
}
