//! The statements of operations, made again at run time: by an analyser in which a mutant is chosen.

use std::{
    collections::BTreeMap,
    env,
    sync::{Mutex, OnceLock, PoisonError},
};

use soft_delete_sql::{
    Dialect, Schema, Verb,
    lifecycle::{self as made, follow, purge as age},
    schema::{self, Source},
};

use crate::{
    hook::Kind,
    plan::{Change, Effect, Follow, Plan, Restore, Stage, Step, Text, Which},
    purge::plan::{Keys, Param, Sql, TablePurge, Walk},
};

/// The schema of the tests that run; `None` where the statements stay those of the build.
fn schema() -> Option<&'static Schema> {
    static SCHEMA: OnceLock<Option<Schema>> = OnceLock::new();
    let features = [
        (cfg!(feature = "postgres"), Dialect::Postgres),
        (cfg!(feature = "sqlite"), Dialect::Sqlite),
        (cfg!(feature = "mysql"), Dialect::Mysql),
    ];
    let read = || {
        let source = Source {
            manifest_dir: env::var_os("SOFT_DELETE_LIVE")?.into(),
            config: None,
            features: features
                .into_iter()
                .filter_map(|(enabled, dialect)| enabled.then_some(dialect))
                .collect(),
        };
        Some(schema::load(&source).expect("a schema"))
    };
    SCHEMA.get_or_init(read).as_ref()
}

fn table(schema: &Schema, name: &str) -> usize {
    let mut tables = schema.tables.iter();
    tables
        .position(|table| table.name.to_string() == name)
        .expect("a table")
}

/// What was made before, by the name of the table.
type Known<T> = Mutex<BTreeMap<&'static str, &'static T>>;

fn once<T>(known: &Known<T>, name: &'static str, make: impl FnOnce() -> T) -> &'static T {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(name).or_insert_with(|| leak(make()))
}

/// Without a mutant both are the same.
fn compared<T: std::fmt::Debug>(of_the_build: &T, live: T) -> T {
    if env::var_os("SOFT_DELETE_MUTANT").is_none() {
        assert_eq!(format!("{of_the_build:?}"), format!("{live:?}"));
    }
    live
}

pub(crate) fn plan(own: &'static Plan) -> &'static Plan {
    static KNOWN: Known<Plan> = Mutex::new(BTreeMap::new());
    let Some(schema) = schema() else { return own };
    once(&KNOWN, own.table, || {
        let live = made::plan(schema, table(schema, own.table)).expect("a plan");
        compared(own, to_plan(&live, own.keys))
    })
}

pub(crate) fn purge(own: &'static TablePurge) -> &'static TablePurge {
    static KNOWN: Known<TablePurge> = Mutex::new(BTreeMap::new());
    let Some(schema) = schema() else { return own };
    once(&KNOWN, own.table, || {
        let live = age::purge(schema, table(schema, own.table)).expect("a purge");
        compared(own, to_purge(&live))
    })
}

pub(crate) fn retention(
    own: &'static [TablePurge],
    is_cyclic: bool,
) -> (&'static [TablePurge], bool) {
    let Some(schema) = schema() else {
        return (own, is_cyclic);
    };
    let live = age::retention_plan(schema).expect("a plan");
    let tables: Vec<TablePurge> = live.tables.iter().map(to_purge).collect();
    (
        leak(compared(&own.to_vec(), tables)).as_slice(),
        live.is_cyclic,
    )
}

pub(crate) fn following(own: &'static Follow) -> &'static Follow {
    let Some(schema) = schema() else { return own };
    let index = table(schema, own.table);
    let verb = match own.kind {
        Kind::SoftDelete => Verb::SoftDelete,
        Kind::Restore => Verb::Restore,
        Kind::Purge => Verb::Purge,
        Kind::Erase => Verb::Erase,
    };
    let (before, after) = if verb == Verb::Restore {
        let restored = follow::restored(schema, index).unwrap_or_else(|_| panic!("refused"));
        (restored.before, restored.stages)
    } else {
        match follow::follow(schema, index, verb) {
            follow::Follow::Nothing => (Vec::new(), Vec::new()),
            follow::Follow::Changed(stages) | follow::Follow::Marked(stages) => {
                (Vec::new(), stages)
            }
            other => panic!("{other:?}"),
        }
    };
    let live = Follow {
        table: own.table,
        kind: own.kind,
        before: steps(&before),
        stages: stages(&after),
    };
    leak(compared(own, live))
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn string(text: &str) -> &'static str {
    leak(text.to_owned())
}

fn list<A, B>(from: &[A], to: impl Fn(&A) -> B) -> &'static [B] {
    leak(from.iter().map(to).collect::<Vec<B>>())
}

fn text(from: &made::Text) -> Text {
    Text {
        sql: string(&from.sql),
        params: string(&letters(&from.params)),
    }
}

fn letters(params: &[made::Param]) -> String {
    use made::Param;
    let letter = |param: &Param| {
        Some(match param {
            Param::Keys(0) => 'K',
            Param::Keys(_) => return None,
            Param::Key(at) => char::from(b'0' + u8::try_from(*at).expect("a place")),
            Param::Actor => 'a',
            Param::Reason => 'r',
            Param::Operation => 'o',
            Param::Selected => 's',
            Param::DeletedBy => 'b',
            Param::From => 'f',
            Param::Until => 'u',
        })
    };
    params.iter().filter_map(letter).collect()
}

fn which(from: made::Which) -> Which {
    match from {
        made::Which::Key => Which::Key,
        made::Which::Keys => Which::Keys,
        made::Which::DeletedBy => Which::DeletedBy,
        made::Which::Operation => Which::Operation,
        made::Which::Between => Which::Between,
    }
}

fn effect(from: made::Effect) -> Effect {
    match from {
        made::Effect::Change => Effect::Change,
        made::Effect::OverwriteErased => Effect::OverwriteErased,
        made::Effect::OverwriteKept => Effect::OverwriteKept,
        made::Effect::Detach => Effect::Detach,
        made::Effect::Reattach => Effect::Reattach,
        made::Effect::Retract => Effect::Retract,
        made::Effect::Mark => Effect::Mark,
        made::Effect::Lock => Effect::Lock,
        made::Effect::Guard => Effect::Guard,
        made::Effect::Restricted => Effect::Restricted,
        made::Effect::ParentDeleted => Effect::ParentDeleted,
        made::Effect::Orphaned => Effect::Orphaned,
        made::Effect::Conflict => Effect::Conflict,
        made::Effect::Remaining => Effect::Remaining,
    }
}

fn step(from: &made::Step) -> Step {
    Step {
        effect: effect(from.effect),
        table: string(&from.table),
        text: text(&from.text),
    }
}

fn steps(from: &[made::Step]) -> &'static [Step] {
    list(from, step)
}

fn stages(from: &[made::Stage]) -> &'static [Stage] {
    list(from, |stage| match stage {
        made::Stage::Once(one) => Stage::Once(step(one)),
        made::Stage::Repeat(many) => Stage::Repeat(steps(many)),
        made::Stage::Collect(tables) => {
            Stage::Collect(list(tables, |(table, sql)| (string(table), text(sql))))
        }
    })
}

fn texts(from: &[(made::Which, made::Text)]) -> &'static [(Which, Text)] {
    list(from, |(way, sql)| (which(*way), text(sql)))
}

fn ways(from: &[(made::Which, made::Step)]) -> &'static [(Which, Step)] {
    list(from, |(way, one)| (which(*way), step(one)))
}

fn change(from: &made::Change) -> Change {
    Change {
        locks: ways(&from.locks),
        roots: texts(&from.roots),
        audits: texts(&from.audits),
        keys: texts(&from.keys),
        left: texts(&from.left),
        returns: from.returns,
        checks: steps(&from.checks),
        blocks: ways(&from.blocks),
        stages: stages(&from.stages),
    }
}

fn to_plan(from: &made::Plan, keys: (usize, usize)) -> Plan {
    Plan {
        table: string(&from.table),
        row: text(&from.row),
        state: text(&from.state),
        lock_active: text(&from.lock_active),
        keys,
        soft_delete: change(&from.soft_delete),
        restore: Restore {
            change: change(&from.restore.change),
            before: steps(&from.restore.before),
            stages: stages(&from.restore.stages),
            operation: from.restore.operation.as_ref().map(text),
            twins: list(&from.restore.twins, |(name, sql)| (string(name), text(sql))),
        },
        purge: change(&from.purge),
        erase: change(&from.erase),
    }
}

fn sql(from: &age::Text) -> Sql {
    Sql {
        text: string(&from.sql),
        params: list(&from.params, |param| match param {
            age::Param::Cutoff => Param::Cutoff,
            age::Param::Age => Param::Age,
            age::Param::From => Param::From,
            age::Param::To => Param::To,
            age::Param::Limit => Param::Limit,
            age::Param::Keys => Param::Keys,
            age::Param::Run => Param::Run,
            age::Param::Part => Param::Part,
        }),
    }
}

fn to_purge(from: &age::TablePurge) -> TablePurge {
    let many = |texts: &Vec<age::Text>| list(texts, sql);
    TablePurge {
        table: string(&from.table),
        is_tree: from.is_tree,
        cutoff: from.cutoff.as_ref().map(sql),
        cutoff_of_age: sql(&from.cutoff_of_age),
        pick: sql(&from.pick),
        keys: match from.keys {
            age::Keys::Array => Keys::Array,
            age::Keys::Json => Keys::Json,
            age::Keys::Range => Keys::Range,
        },
        recheck: from.recheck.as_ref().map(sql),
        plain: many(&from.plain),
        audited: from.audited.as_ref().map(many),
        snapshot: from.snapshot.as_ref().map(many),
        walk: from.walk.as_ref().map(|walk| Walk {
            extent: sql(&walk.extent),
            claim: sql(&walk.claim),
            plain: sql(&walk.plain),
            audited: walk.audited.as_ref().map(sql),
            snapshot: walk.snapshot.as_ref().map(sql),
        }),
        may_stay: from.may_stay,
        tally: sql(&from.tally),
        names: sql(&from.names),
        blockers: list(&from.blockers, |name| string(name)),
    }
}
