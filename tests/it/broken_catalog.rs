//! Which builds take a catalog with errors; what they become is seen by `.ci/other-catalog`, which builds.

#[allow(dead_code, clippy::print_stdout, reason = "only its decision is looked at")]
#[path = "../../build.rs"]
mod build_script;

use std::ffi::OsString;

/// What is decided where cargo and the caller set these variables.
fn may_be_broken(is_own_workspace: bool, variables: &[(&str, &str)]) -> bool {
    let value = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| OsString::from(value));
    build_script::may_be_broken(is_own_workspace, value)
}

#[test]
fn only_a_development_build_of_the_own_workspace_takes_a_broken_catalog() {
    assert!(may_be_broken(true, &[("PROFILE", "debug")]));
    assert!(may_be_broken(true, &[("PROFILE", "debug"), ("CI", ""), ("MODELDEX_CATALOG", "")]));
    assert!(!may_be_broken(false, &[("PROFILE", "debug")]), "a dependency, or a package from a registry");
    assert!(!may_be_broken(true, &[("PROFILE", "release")]), "what is installed");
    assert!(!may_be_broken(true, &[("PROFILE", "debug"), ("CI", "true")]));
    assert!(!may_be_broken(true, &[("PROFILE", "debug"), ("MODELDEX_CATALOG", "other")]));
    assert!(!may_be_broken(true, &[]));
}
