//! Reads the file of a source with its reader, adds the snapshot to the evidence, and computes the imported catalog.
//!
//! Adding a snapshot again changes nothing, and the order of snapshots does not matter.

use super::{evidence, split};
use crate::fixture;
use modeldex_formats::SOURCE_READERS;
use modeldex_formats::snapshot::Snapshot;
use modeldex_import::evidence::Evidence;
use modeldex_table::Date;

pub(crate) fn run(input: &[u8]) {
    let Some((selector, bytes)) = split(input) else { return };
    let reader = SOURCE_READERS[selector % SOURCE_READERS.len()];
    let map = fixture::provider_map(reader.source);
    let Ok(snapshot) = reader.read(&[bytes], map) else { return };
    assert_eq!(reader.read(&[bytes], map).as_ref(), Ok(&snapshot));
    let empty = Snapshot::default();
    let [first, second] = [fixture::day(0), fixture::day(1)];
    let add = |snapshots: &[(Date, &Snapshot)]| {
        let mut evidence = Evidence::default();
        let mut dates = Vec::new();
        for (date, snapshot) in snapshots {
            evidence.add_snapshot(reader.source, *date, &dates, (*snapshot).clone());
            dates.push(*date);
            dates.sort_unstable();
            dates.dedup();
        }
        evidence
    };
    let whole = add(&[(first, &empty), (second, &snapshot)]);
    assert_eq!(whole, add(&[(second, &snapshot), (first, &empty)]), "the order of snapshots does not matter");
    assert_eq!(whole, add(&[(first, &empty), (second, &snapshot), (second, &snapshot)]), "adding a snapshot again changes nothing");
    for (id, provider) in &whole.providers {
        evidence::check_round_trip(id, provider);
    }
    evidence::compute(whole, map);
    // The source lists nothing any more.
    evidence::compute(add(&[(first, &snapshot), (second, &empty)]), map);
}
