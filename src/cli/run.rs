//! The engine as the command line sees it: the one place where commands meet `pipeline`, `oracle` and `syntax`. Commands
//! know only these traits, so their tests need neither parser nor model.

use super::config;
use super::inputs::Input;
use super::runner::{RUN, Runner};
use super::settings::{self, Settings};
use crate::cfg::print;
use crate::oracle::budget::Spent;
use crate::pipeline::{self, FileAnalysis, Show, TripleFidelity, TripleVerdict};
use crate::prompt::PromptOptions;
use crate::render::Comments;
use crate::report::OracleChoice;
use crate::report::fidelity::Tool;
use crate::run::fidelity::Plan;
use crate::run::regression::{NoTest, Setting};
use crate::run::sandbox::{self, Protections};
use crate::run::toolchain::Toolchain;
use crate::spec::{Request, SpecError};
use crate::syntax::language::Language;
use crate::verdict::Replay;
use crate::{prompt, syntax};

/// A language as the command line knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageName {
    /// As after `--language`.
    pub name: String,
    /// Lower case, without the dot.
    pub extensions: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    Dot,
    Mermaid,
}

/// A file after everything that needs no oracle.
#[derive(Debug, Clone)]
pub struct Analyzed {
    pub file: FileAnalysis,
    /// The control flow graph of each triple, where they were asked for.
    pub graphs: Vec<String>,
}

/// Why a file gave no triple; the message names the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejected {
    /// It holds nothing of what was asked for: no post-condition, or no function of that name. No fault where a folder is
    /// searched.
    Nothing(String),
    /// The request doesn't fit the file.
    Wrong(String),
}

/// Why nobody can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// The user named no oracle, or one that there isn't.
    Usage(String),
    /// It was named well but doesn't answer: every question ends so. `code` as in answers.
    Failed { code: String, message: String },
}

/// From source text to questions.
pub trait Engine: Sync {
    fn languages(&self) -> Vec<LanguageName>;

    /// Whose tokens are counted.
    fn tokenizer(&self) -> String;

    /// Everything up to the questions. Called from several threads at once.
    fn analyze(
        &self,
        input: Input,
        request: &Request,
        graphs: Option<GraphFormat>,
        settings: &Settings,
    ) -> Result<Analyzed, Rejected>;

    /// Finds out who answers. `largest_prompt`: tokens of the longest question of the run.
    fn open(&self, settings: &Settings, largest_prompt: u64) -> Result<Box<dyn Asker>, OpenError>;

    /// Which walls stand around a program that is run.
    fn protections(&self) -> Protections;

    /// What runs programs of a language here, or why nothing does. Runs none of the user's code.
    fn tool(&self, language: &str) -> Result<Tool, String>;

    /// From now on Ctrl-C ends this process at once, with nothing left behind.
    fn interruptible(&self);

    /// A test that fails as long as a violation that was seen happens again.
    fn regression(
        &self,
        file: &FileAnalysis,
        triple: usize,
        replay: &Replay,
        setting: &Setting,
    ) -> Result<String, NoTest> {
        pipeline::regression(file, triple, replay, setting)
    }

    /// Runs a file beside its slices. `progress` is told how many more inputs were accepted.
    fn fidelity(
        &self,
        file: &FileAnalysis,
        settings: &Settings,
        plan: &Plan,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<TripleFidelity>, Rejected>;
}

/// From questions to verdicts.
pub trait Asker {
    fn choice(&self) -> OracleChoice;

    /// What the user should know before the first question.
    fn warnings(&self) -> Vec<String>;

    /// What the user should know since the last call.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// What was paid for so far, where it is counted.
    fn spent(&self) -> Option<Spent> {
        None
    }

    /// How a model is asked first; `None` where none is.
    fn prompting(&self) -> Option<PromptOptions> {
        None
    }

    /// Asks about the slices of one triple of a file. `answered` is told how many of them have an answer.
    fn check(&self, file: &FileAnalysis, triple: usize, answered: &mut dyn FnMut(u64)) -> TripleVerdict;
}

/// The engine of this program.
pub struct Pipeline;

impl Engine for Pipeline {
    fn languages(&self) -> Vec<LanguageName> {
        let name = |l: &&Language| LanguageName { name: l.name.clone(), extensions: l.extensions.clone() };
        syntax::languages().iter().map(name).collect()
    }

    fn tokenizer(&self) -> String {
        prompt::TOKENIZER.into()
    }

    fn analyze(
        &self,
        input: Input,
        request: &Request,
        graphs: Option<GraphFormat>,
        settings: &Settings,
    ) -> Result<Analyzed, Rejected> {
        let Input { source, language, .. } = input;
        let language = known(&source.path, &language)?;
        let options = engine_options(settings);
        let graphs = match graphs {
            Some(GraphFormat::Dot) => pipeline::graphs(source.clone(), language, request, print::dot),
            Some(GraphFormat::Mermaid) => pipeline::graphs(source.clone(), language, request, print::mermaid),
            None => Ok(Vec::new()),
        };
        let graphs = graphs.map_err(rejected)?;
        let file = pipeline::analyze_source(source, language, request, &options).map_err(rejected)?;
        Ok(Analyzed { file, graphs })
    }

    fn open(&self, settings: &Settings, largest_prompt: u64) -> Result<Box<dyn Asker>, OpenError> {
        let running = |why: &str| -> Result<Box<dyn Asker>, OpenError> {
            let runner = Runner::open(settings, why)?;
            self.interruptible();
            Ok(Box::new(runner))
        };
        let asked = settings.asked();
        let runs = [asked].into_iter().chain(settings.others.iter().map(String::as_str)).any(|oracle| oracle == RUN);
        if runs && !settings.others.is_empty() {
            let message = "`run` has no vote beside a model: --confirm runs what models claim to fail";
            return Err(OpenError::Usage(message.into()));
        }
        match asked {
            RUN => return running(&settings.oracle_why),
            settings::AUTO => return running("no model is configured"),
            _ => {}
        }
        match super::live::Live::open(settings, largest_prompt) {
            Ok(live) => Ok(Box::new(live)),
            // What the user configured and nobody named for this run may be replaced, if that is said.
            Err(OpenError::Failed { code, message })
                if settings.oracle == settings::AUTO && matches!(&*code, "no_server" | "no_host") =>
            {
                let why = format!("{asked}, {}, can't be asked: {message}", settings.oracle_why);
                running(&why).map_err(|_| OpenError::Failed { code, message })
            }
            Err(error) => Err(error),
        }
    }

    fn protections(&self) -> Protections {
        sandbox::protections().clone()
    }

    fn tool(&self, language: &str) -> Result<Tool, String> {
        let language = known("", language).map_err(|_| String::new())?;
        let toolchain = Toolchain::of(language).map_err(|error| error.to_string())?;
        Ok(Tool { version: toolchain.version.clone(), without: toolchain.without.clone() })
    }

    fn interruptible(&self) {
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // Where nothing can wait for it, Ctrl-C does what it always does.
            if runtime.is_ok_and(|r| r.block_on(tokio::signal::ctrl_c()).is_ok()) {
                clear();
                std::process::exit(INTERRUPTED);
            }
        });
    }

    fn fidelity(
        &self,
        file: &FileAnalysis,
        settings: &Settings,
        plan: &Plan,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<TripleFidelity>, Rejected> {
        let language = known(&file.path, &file.language)?;
        let options = engine_options(settings);
        let done = pipeline::fidelity(file.source(), language, &file.request, &options, plan, progress);
        done.map(|(_, tested)| tested).map_err(rejected)
    }
}

/// Removes what running programs has left on the disk: at the end of this process.
pub fn clear() {
    sandbox::sweep();
}

/// What a shell reports of a process that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

fn known(path: &str, language: &str) -> Result<&'static Language, Rejected> {
    let wrong = || Rejected::Wrong(format!("{path}: no language is named `{language}`"));
    syntax::by_name(language).ok_or_else(wrong)
}

/// How the engine is set.
pub fn engine_options(settings: &Settings) -> pipeline::Options {
    pipeline::Options {
        max_partitions: settings.max_partitions,
        call_depth: settings.call_depth,
        slicing: match settings.slicing {
            config::Slicing::Exact => pipeline::Slicing::Exact,
            config::Slicing::Lean => pipeline::Slicing::Lean,
        },
        comments: match settings.comments {
            config::Comments::Keep => Comments::Keep,
            config::Comments::Strip => Comments::Strip,
        },
        seed: settings.seed,
        probe: settings.probe,
        show: Show::Slices,
    }
}

fn rejected(error: SpecError) -> Rejected {
    match error {
        SpecError::NoPost { .. } | SpecError::NoSuchFunction { .. } => Rejected::Nothing(error.to_string()),
        _ => Rejected::Wrong(error.to_string()),
    }
}
