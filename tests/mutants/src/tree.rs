//! The copy of the workspace that is mutated.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{area::Area, live};

/// The package that is mutated.
const PACKAGE: &str = "soft-delete-sql";

/// The file that gets the switch.
const LIBRARY: &str = "src/lib.rs";

/// Where in the copy the mutants stand that no switch can hold.
const KNOWN: &str = "target/known";

/// What asks for the chosen mutant.
const SWITCH: &str = r#"
mod mutant {
    use std::sync::OnceLock;

    static CHOSEN: OnceLock<usize> = OnceLock::new();

    #[inline]
    pub(crate) fn on(id: usize) -> bool {
        let chosen = || {
            let chosen = std::env::var("SOFT_DELETE_MUTANT").ok();
            chosen.and_then(|id| id.parse().ok()).unwrap_or(usize::MAX)
        };
        *CHOSEN.get_or_init(chosen) == id
    }
}
"#;

/// A copy of the workspace, built into a directory of its own: cargo takes equal packages for the
/// same.
pub(crate) struct Tree {
    area: Area,
    is_live: bool,
    root: PathBuf,
    workspace: PathBuf,
    /// The files as they were when the copy was made.
    originals: BTreeMap<String, String>,
}

impl Tree {
    /// Copies every file that git knows or would add.
    pub(crate) fn new(area: Area, is_live: bool) -> Result<Self> {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let workspace = own
            .ancestors()
            .nth(2)
            .context("the package stands in no workspace")?
            .to_owned();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| workspace.join("target"), |target| workspace.join(target));
        let root = target.join(if is_live { "mutants-live" } else { "mutants" });
        let listed = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(&workspace)
            .output()
            .context("cannot start git")?;
        ensure!(listed.status.success(), "git ls-files failed");
        let mut tree = Self {
            area,
            is_live,
            root,
            workspace,
            originals: BTreeMap::new(),
        };
        for name in String::from_utf8(listed.stdout)?.split('\0') {
            let from = tree.workspace.join(name);
            if name.is_empty() || !from.is_file() {
                continue;
            }
            let text = fs::read(&from).with_context(|| from.display().to_string())?;
            let text = if is_live {
                live::changed(name, text)?
            } else {
                text
            };
            copy(&text, &tree.root.join(name))?;
            let Some(file) = name
                .strip_prefix(PACKAGE)
                .and_then(|name| name.strip_prefix('/'))
            else {
                continue;
            };
            let is_mutated = file.starts_with(area.folder())
                && Path::new(file).extension().is_some_and(|kind| kind == "rs")
                && !file.ends_with("tests.rs");
            if file == LIBRARY || is_mutated {
                let text = String::from_utf8(text)?;
                tree.originals.insert(file.to_owned(), text);
            }
        }
        if is_live {
            copy(live::STATEMENTS, &tree.root.join(live::FILE))?;
        }
        Ok(tree)
    }

    /// The files that are mutated, relative to the package.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.originals
            .keys()
            .map(String::as_str)
            .filter(|file| *file != LIBRARY)
    }

    /// A file as it was when the copy was made.
    pub(crate) fn original(&self, file: &str) -> Result<&str> {
        let text = self.originals.get(file).map(String::as_str);
        text.with_context(|| format!("{file} is not mutated"))
    }

    /// Puts another text in the place of a file.
    pub(crate) fn put(&self, file: &str, text: &str) -> Result<()> {
        let path = self.root.join(PACKAGE).join(file);
        fs::write(&path, text).with_context(|| path.display().to_string())
    }

    /// Puts the switch into the library.
    pub(crate) fn put_switch(&self) -> Result<()> {
        let library = self.original(LIBRARY)?;
        self.put(LIBRARY, &format!("{library}{SWITCH}"))
    }

    /// Undoes every change.
    pub(crate) fn restore(&self) -> Result<()> {
        self.originals
            .iter()
            .try_for_each(|(file, text)| copy(text, &self.root.join(PACKAGE).join(file)))
    }

    /// What was found out about mutants, one on a line.
    pub(crate) fn known(&self) -> Vec<String> {
        let text = fs::read_to_string(self.root.join(KNOWN)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Keeps it for the next run.
    pub(crate) fn keep(&self, lines: impl Iterator<Item = String>) -> Result<()> {
        let mut all: BTreeSet<String> = self.known().into_iter().collect();
        all.extend(lines);
        let text: Vec<&str> = all.iter().map(|line| line.trim_end()).collect();
        fs::write(self.root.join(KNOWN), text.join("\n"))?;
        Ok(())
    }

    /// Cargo, in the copy.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.join("target"));
        command
    }

    /// Cargo, in the workspace itself.
    pub(crate) fn cargo_mutants(&self) -> Command {
        let mut command = Command::new("cargo");
        command.arg("mutants").current_dir(&self.workspace);
        command
    }

    pub(crate) const fn area(&self) -> Area {
        self.area
    }

    /// True where tests of a database see the mutants.
    pub(crate) const fn is_live(&self) -> bool {
        self.is_live
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

/// Writes a file where it differs: what is unchanged is not built again.
fn copy(content: impl AsRef<[u8]>, to: &Path) -> Result<()> {
    let content = content.as_ref();
    if fs::read(to).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, content).with_context(|| to.display().to_string())
}
