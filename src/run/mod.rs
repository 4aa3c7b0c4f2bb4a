//! Programs executed by the machine's own toolchains.

pub mod sandbox;
