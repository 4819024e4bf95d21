//! One module a format. Whoever reads it, its units and its traps are in its module and nowhere else.

mod models_dev;

use crate::target::Target;

/// Every format, in the order in which they are listed.
pub static TARGETS: &[&dyn Target] = &[&models_dev::ModelsDev];
