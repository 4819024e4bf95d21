//! Writes the inputs that are made from the files of the repository into `fuzz/corpus/`, as `seed-NAME`. Run it after a change of those files.

use modeldex_fuzz::seeds::seeds;
use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let (mut count, mut bytes) = (0, 0);
    for (target, name, input) in seeds() {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("seed-{name}")), &input)?;
        (count, bytes) = (count + 1, bytes + input.len());
    }
    println!("wrote {count} inputs of {bytes} bytes");
    Ok(())
}
