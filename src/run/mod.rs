//! Running programs: originals and slices with the machine's own toolchains, in a sandbox.
//!
//! Nothing here runs unless the user asked for it. What a harness is, and how one talks with it, is in `grammars/HARNESS.md`;
//! this room knows that contract and no language.
//!
//! | file | holds |
//! |---|---|
//! | `sandbox` | a process with limits that sees nothing of the user's |
//! | `toolchain`, `session` | interpreters and compilers; programs in their harness |
//! | `probe` | the author's text with calls at the points of its triple |
//! | `evidence` | what speaks for a shape where a signature says nothing |
//! | `value`, `shape`, `inputs`, `call`, `simpler` | inputs: what they are, what signatures say; made, handed over, made smaller |
//! | `observed` | what was seen of a run |
//! | `bench` | a program and its slices, ready to be fed |
//! | `fidelity` | whether the slices behave as their program |
//! | `domain`, `proof` | every input within bounds; what is true of a triple, as far as running shows |
//! | `search`, `confirm` | inputs on which Q is false: found, or claimed by somebody |
//! | `regression` | a test that fails as long as Q is false on such an input |

pub mod bench;
mod call;
pub mod confirm;
pub mod domain;
mod evidence;
pub mod fidelity;
pub mod inputs;
pub mod observed;
pub mod probe;
pub mod proof;
pub mod regression;
pub mod sandbox;
pub mod search;
pub mod session;
pub mod shape;
mod simpler;
pub mod toolchain;
mod traces;
pub mod value;
