//! Runs the examples of `docs/errors`.
//!
//! A fenced block is an example when its info string says so:
//!
//! | info string | checked |
//! |---|---|
//! | `sql refused SDnnn` | the first error has this code |
//! | `sql warned SDnnn` | it compiles, with this warning |
//! | `sql accepted` | it compiles without a warning; a `sql becomes` block behind it is the text |
//! | `sql schema` | DDL added to `schema.sql` for the blocks below it |
//! | `sql schema refused SDnnn`, `sql schema accepted` | DDL judged alone |
//! | `sql fact SDnnn table=t` | DDL judged alone for a model of the table: the fact stands, and no longer behind the migration, or under the settings, that its help prints |
//! | `sql migration` | the migration that the fact before it prints |
//! | `toml settings` | what it prints for soft-delete.toml |
//! | `sql no fact table=t` | no fact stands |
//! | `toml config` | soft-delete.toml for the blocks below it |
//! | `toml config refused SDnnn`, `toml config accepted` | judged on `schema.sql` |
//! | `toml plan refused SDnnn`, `toml plan accepted` | `retention_plan!()` with this soft-delete.toml |
//! | `rust refused ui=name` | `tests/ui` has a case of this name whose message has the code |
//!
//! Statements take `dialect=`, `scope=`, `scopes=alias:scope,…`, `verb=`, `model` and `nested=N`
//! (every parenthesis stands N times). A fact is judged in every dialect unless `dialect=` names one.
//! Blocks without such words are for the eye.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use soft_delete_sql::{
    Checked, Code, Diagnostic, Dialect, Request, Schema, Scope, Severity, Verb, check,
    fact::{self, Fact},
    lifecycle::purge::retention_plan,
    schema::{self, Config, Found},
};

/// Codes whose refused example is no SQL, and why.
const NOT_FROM_SQL: &[(Code, &str)] = &[
    (Code::NotReproven, "a fault of ours: no statement is known"),
    (Code::BindCount, "the macro counts the arguments"),
    (Code::WrongModel, "the macro compares types"),
    (Code::Grammar, "the macro reads the call"),
    (Code::ReasonMissing, "the macro reads the call"),
    (Code::SchemaMissing, "about a directory"),
    (Code::DialectUndecided, "about Cargo features"),
    (Code::FieldMismatch, "the derive compares fields"),
    (Code::ModelTable, "the derive finds the table"),
    (Code::SqlFile, "about a file"),
    (Code::PersonalUnlisted, "the derive reads the attribute"),
];

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let pages: BTreeSet<String> = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name.starts_with("SD"))
        .collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(pages, codes);
}

#[test]
fn every_page_says_what_is_wrong_why_it_matters_and_what_is_right() {
    for code in Code::ALL {
        let text = page(*code);
        let title = text.lines().next().unwrap_or_default();
        assert!(title.starts_with(&format!("# {code}: ")), "{code}: {title}");
        assert!(
            text.contains("**Why it matters.** "),
            "{code}: says not why"
        );
        let blocks = blocks(*code, &text);
        let has = |word| blocks.iter().any(|block| block.has(word));
        assert!(has("accepted") || has("no"), "{code}: no accepted example");
        match NOT_FROM_SQL.iter().find(|(other, _)| other == code) {
            None => {
                let word = if code.severity() == Severity::Error {
                    "refused"
                } else {
                    "warned"
                };
                let shows = |block: &Block| {
                    (block.has(word) || block.has("fact") && !block.has("no"))
                        && block.language != "rust"
                };
                assert!(blocks.iter().any(shows), "{code}: no {word} example");
            }
            Some((Code::NotReproven, _)) => {}
            Some(_) => {
                let shows = |block: &Block| block.has("refused") && block.language == "rust";
                assert!(blocks.iter().any(shows), "{code}: names no ui test");
            }
        }
    }
}

#[test]
fn every_example_does_what_its_page_says() {
    let mut faults = String::new();
    let mut ran = 0;
    for code in Code::ALL {
        let mut stage = Stage::default();
        let text = page(*code);
        let blocks = blocks(*code, &text);
        for (at, block) in blocks.iter().enumerate() {
            let becomes = blocks.get(at + 1).filter(|next| next.has("becomes"));
            ran += 1;
            if let Err(fault) = stage.run(*code, block, becomes) {
                let _ = writeln!(
                    faults,
                    "docs/errors/{code}.md:{}: ```{} {}\n{}\n{fault}\n",
                    block.line,
                    block.language,
                    block.words.join(" "),
                    block.text
                );
            }
        }
    }
    assert!(ran > 100, "only {ran} examples were found");
    assert!(faults.is_empty(), "{faults}");
}

/// A fenced block.
struct Block {
    line: usize,
    language: String,
    words: Vec<String>,
    text: String,
}

impl Block {
    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.words
            .iter()
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn dialect(&self) -> Dialect {
        self.value("dialect")
            .map_or(Dialect::Sqlite, |name| name.parse().unwrap())
    }
}

/// What the blocks so far have set up.
#[derive(Default)]
struct Stage {
    /// DDL, with the dialect it is for when it says one.
    ddl: Vec<(Option<Dialect>, String)>,
    config: String,
    /// The fact that was found last.
    fact: Option<Fact>,
}

impl Stage {
    fn run(&mut self, code: Code, block: &Block, becomes: Option<&Block>) -> Result<(), String> {
        let refused = block.has("refused");
        let judged = refused || block.has("accepted") || block.has("warned");
        if (refused || block.has("warned")) && block.language != "rust" && !block.has(code.as_str())
        {
            return Err(format!("the block does not say {code}"));
        }
        match block.language.as_str() {
            "rust" => block.value("ui").map_or(Ok(()), |name| ui_case(code, name)),
            "toml" if block.has("plan") => {
                let stage = Self {
                    ddl: self.ddl.clone(),
                    config: block.text.clone(),
                    ..Self::default()
                };
                let schema = stage.schema(block.dialect())?;
                verdict(code, refused, retention_plan(&schema).map(drop))
            }
            "toml" if block.has("config") => {
                if judged {
                    verdict(code, refused, config(&block.text).map(drop))
                } else {
                    block.text.clone_into(&mut self.config);
                    Ok(())
                }
            }
            "sql" if block.has("fact") => self.facts(code, block),
            "sql" if block.has("migration") => self.printed(block, |fact| &fact.migration),
            "toml" if block.has("settings") => self.printed(block, |fact| &fact.settings),
            "sql" if block.has("schema") => {
                if judged {
                    let config = settings(&self.config).map_err(|errors| titles(&errors))?;
                    let schema = schema::from_sql(block.dialect(), &block.text, &config);
                    verdict(code, refused, schema.map(drop))
                } else {
                    let dialect = block.value("dialect").map(|name| name.parse().unwrap());
                    self.ddl.push((dialect, block.text.clone()));
                    Ok(())
                }
            }
            "sql" if judged => self.statement(code, block, becomes),
            "sql" | "toml" | "text" => Ok(()),
            other => Err(format!("a block of language `{other}`")),
        }
    }

    /// A fact stands, and each way out that it prints is one.
    fn facts(&mut self, code: Code, block: &Block) -> Result<(), String> {
        let dialects = match block.value("dialect") {
            Some(_) => vec![block.dialect()],
            None => Dialect::ALL.to_vec(),
        };
        let table = block.value("table").ok_or("the block names no table")?;
        for dialect in dialects {
            let found = facts_of(dialect, &block.text, &self.config, table)?;
            if block.has("no") {
                let told: Vec<Diagnostic> = found.into_iter().map(|fact| fact.diagnostic).collect();
                return verdict(code, false, Err(told)).or_else(|met| match met.as_str() {
                    "is accepted" => Ok(()),
                    _ => Err(format!("{dialect}: {met}")),
                });
            }
            if !block.has(code.as_str()) {
                return Err(format!("the block does not say {code}"));
            }
            let Some(fact) = found.into_iter().find(|fact| fact.diagnostic.code == code) else {
                return Err(format!("{dialect}: {code} does not stand"));
            };
            let migrated = format!("{};\n{}", block.text, fact.migration);
            let accepted = format!(
                "{}\n{}",
                self.config,
                fact.settings.replace('…', "a reason")
            );
            for (way, sql, toml) in [
                (&fact.migration, &migrated, &self.config),
                (&fact.settings, &block.text, &accepted),
            ] {
                let left = facts_of(dialect, sql, toml, table)?;
                let same = |left: &Fact| left.diagnostic.message == fact.diagnostic.message;
                if !way.is_empty() && left.iter().any(same) {
                    return Err(format!("{dialect}: {code} still stands behind\n{way}"));
                }
            }
            self.fact = Some(fact);
        }
        Ok(())
    }

    fn printed(&self, block: &Block, text: impl Fn(&Fact) -> &String) -> Result<(), String> {
        let printed = self.fact.as_ref().map(text).ok_or("no fact before")?;
        if *printed == block.text {
            Ok(())
        } else {
            Err(format!("what is printed is\n{printed}"))
        }
    }

    fn statement(&self, code: Code, block: &Block, becomes: Option<&Block>) -> Result<(), String> {
        let schema = self.schema(block.dialect())?;
        let sql = match block.value("nested") {
            Some(times) => {
                let times = times.parse().unwrap();
                block
                    .text
                    .replace('(', &"(".repeat(times))
                    .replace(')', &")".repeat(times))
            }
            None => block.text.clone(),
        };
        let request = Request {
            sql: &sql,
            scope: block.value("scope").map(|word| word.parse().unwrap()),
            scopes: block.value("scopes").map(scopes).unwrap_or_default(),
            verb: block.value("verb").map(verb),
            model: block.has("model"),
        };
        let Checked {
            errors,
            warnings,
            scoped,
            ..
        } = check(&schema, &request);
        if block.has("refused") {
            return verdict(code, true, Err(errors));
        }
        let Some(scoped) = scoped else {
            return verdict(code, false, Err(errors));
        };
        let warned: Vec<Code> = warnings.iter().map(|warning| warning.code).collect();
        if block.has("warned") && !warned.contains(&code) {
            return Err(format!("warnings are {warned:?}"));
        }
        if block.has("accepted") && !warned.is_empty() {
            return Err(format!("warned of {warned:?}"));
        }
        match becomes {
            Some(becomes) if becomes.text != scoped.sql => {
                Err(format!("becomes\n{}\nnot\n{}", scoped.sql, becomes.text))
            }
            _ => Ok(()),
        }
    }

    fn schema(&self, dialect: Dialect) -> Result<Schema, String> {
        let mut ddl = fs::read_to_string(directory().join("schema.sql")).unwrap();
        for (only, text) in &self.ddl {
            if only.is_none_or(|only| only == dialect) {
                ddl.push_str(text);
                ddl.push('\n');
            }
        }
        let config = settings(&self.config).map_err(|errors| titles(&errors))?;
        schema::from_sql(dialect, &ddl, &config).map_err(|errors| titles(&errors))
    }
}

fn facts_of(dialect: Dialect, ddl: &str, toml: &str, table: &str) -> Result<Vec<Fact>, String> {
    let config = settings(toml).map_err(|errors| titles(&errors))?;
    let schema = schema::from_sql(dialect, ddl, &config).map_err(|errors| titles(&errors))?;
    match schema.find(&[table.to_owned()]) {
        Found::Table(at) => Ok(fact::facts(&schema, at)),
        _ => Err(format!("no table `{table}`")),
    }
}

fn settings(text: &str) -> Result<Config, Vec<Diagnostic>> {
    Config::parse(text, Path::new("soft-delete.toml"))
}

fn config(text: &str) -> Result<(), Vec<Diagnostic>> {
    let config = settings(text)?;
    let ddl = fs::read_to_string(directory().join("schema.sql")).unwrap();
    schema::from_sql(Dialect::Sqlite, &ddl, &config).map(drop)
}

fn verdict(code: Code, refused: bool, met: Result<(), Vec<Diagnostic>>) -> Result<(), String> {
    match (refused, met) {
        (false, Ok(())) => Ok(()),
        (true, Err(errors)) if errors.first().is_some_and(|first| first.code == code) => Ok(()),
        (_, Err(errors)) if errors.is_empty() => Err("is accepted".to_owned()),
        (_, Err(errors)) => Err(titles(&errors)),
        (true, Ok(())) => Err("is accepted".to_owned()),
    }
}

fn titles(errors: &[Diagnostic]) -> String {
    let title = |error: &Diagnostic| format!("{} {}", error.code, error.message);
    errors.iter().map(title).collect::<Vec<_>>().join("\n")
}

fn scopes(text: &str) -> Vec<(String, Scope)> {
    text.split(',')
        .map(|pair| {
            let (alias, scope) = pair.split_once(':').expect("alias:scope");
            (alias.to_owned(), scope.parse().unwrap())
        })
        .collect()
}

fn verb(word: &str) -> Verb {
    [Verb::SoftDelete, Verb::Purge, Verb::Erase]
        .into_iter()
        .find(|verb| verb.word() == word)
        .expect("a verb")
}

fn ui_case(code: Code, name: &str) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui");
    let Some(path) = find(&root, &format!("{name}.stderr")) else {
        return Err(format!("tests/ui has no {name}.stderr"));
    };
    if fs::read_to_string(&path)
        .unwrap()
        .contains(&format!("[{code}]"))
    {
        Ok(())
    } else {
        Err(format!("{} does not have {code}", path.display()))
    }
}

fn find(directory: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(directory).unwrap().find_map(|entry| {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            find(&entry.path(), name)
        } else {
            (entry.file_name() == name).then(|| entry.path())
        }
    })
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors")
}

fn page(code: Code) -> String {
    let path = directory().join(format!("{code}.md"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn blocks(code: Code, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(""), Some(_)) => blocks.extend(open.take()),
            (Some(info), None) if !info.is_empty() => {
                let mut words = info.split_whitespace().map(str::to_owned);
                open = Some(Block {
                    line: at + 1,
                    language: words.next().unwrap_or_default(),
                    words: words.collect(),
                    text: String::new(),
                });
            }
            (Some(_), _) => panic!("{code}.md:{}: a fence out of place", at + 1),
            (None, Some(block)) => {
                if !block.text.is_empty() {
                    block.text.push('\n');
                }
                block.text.push_str(line);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{code}.md: a block is not closed");
    blocks
}
