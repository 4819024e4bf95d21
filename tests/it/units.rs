//! No crate is compiled twice in a build of the command line. A crate whose features differ between the build script and the command line is
//! compiled twice, with all crates that depend on it.

// Features for other platforms are not checked; at worst, builds there take a third longer.
#![cfg(all(feature = "cli", target_os = "linux"))]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Command;

#[test]
fn no_crate_is_compiled_twice() {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--unit-graph", "-Z", "unstable-options"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        // The unit graph is unstable; stable cargo prints it with this variable.
        .env("RUSTC_BOOTSTRAP", "1")
        // With an explicit target, crates for build scripts are compiled separately.
        .env_remove("CARGO_BUILD_TARGET")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let graph: Value = serde_json::from_slice(&output.stdout).unwrap();
    let units = graph["units"].as_array().unwrap();
    assert!(units.len() > 100, "{} units are not those of the command line", units.len());
    let twice = twice(units);
    assert!(twice.is_empty(), "give the build script's copy the features of the other, in [build-dependencies] of Cargo.toml:\n{twice}");
}

/// Lists the crates that are compiled several times, with the differences.
fn twice(units: &[Value]) -> String {
    let mut copies: BTreeMap<(&str, String), Vec<&Value>> = BTreeMap::new();
    for unit in units.iter().filter(|unit| unit["mode"] == "build" && unit["target"]["kind"][0] != "custom-build") {
        let target = format!("{} {}", unit["target"]["kind"], unit["target"]["name"]);
        copies.entry((unit["pkg_id"].as_str().unwrap(), target)).or_default().push(unit);
    }
    let mut twice = String::new();
    for ((package, _), copies) in copies {
        for (one, other) in copies.iter().zip(copies.iter().skip(1)) {
            let name = package.rsplit(['/', '#']).next().unwrap();
            let (features, others) = (features(one), features(other));
            let only =
                |these: &[&str], those: &[&str]| these.iter().filter(|word| !those.contains(*word)).copied().collect::<Vec<_>>().join(", ");
            let (mine, theirs) = (only(&features, &others), only(&others, &features));
            let why = if !mine.is_empty() || !theirs.is_empty() {
                format!("one copy alone has the features [{mine}], the other alone [{theirs}]")
            } else {
                "a crate that it stands on is, or its profile differs".to_owned()
            };
            writeln!(twice, "  {name} is compiled twice: {why}").unwrap();
        }
    }
    twice
}

fn features(unit: &Value) -> Vec<&str> {
    unit["features"].as_array().unwrap().iter().map(|feature| feature.as_str().unwrap()).collect()
}
