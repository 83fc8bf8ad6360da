//! Every case of `data/leaks.json`: the verdict, and the rows on the databases.

use std::collections::BTreeMap;

use soft_delete_sql::{
    Checked, Code, Dialect, Request, Schema, Scope, check,
    fact::{self, Fact},
    schema::Found,
};
use test_cases::{
    case::{Case, Cases, Outcome, Variant},
    database::{Runner, left_out},
    plan::{Ask, FACTS, LIFECYCLE, PLANS, Plan, Rows, Run, Text, Verdict},
};

#[test]
fn no_case_is_skipped_silently() {
    let cases = Cases::load();
    let mut ids: Vec<&str> = cases.cases.iter().map(|case| case.id.as_str()).collect();
    let mut planned: Vec<&str> = PLANS.iter().map(|plan| plan.id).collect();
    planned.extend(LIFECYCLE.iter().map(|(id, _)| *id));
    planned.extend(FACTS.iter().map(|plan| plan.id));
    ids.sort_unstable();
    planned.sort_unstable();
    planned.dedup();
    assert_eq!(planned, ids);
}

#[test]
fn what_people_write_meets_the_code_of_its_reason() {
    each(&Dialect::ALL, |cases, case, plan, dialect| {
        // The database refuses it itself: there is no verdict to give.
        let refused_anyway = matches!(case.observed(dialect), Outcome::Error(_))
            && matches!(plan.verdict, Verdict::Accepted);
        if refused_anyway {
            return Ok(());
        }
        let checked = ask(
            cases,
            case,
            plan,
            dialect,
            Variant::Leaky,
            &case.leaky,
            Ask::Nothing,
        );
        let errors = codes(&checked.errors);
        let warnings = codes(&checked.warnings);
        let met = match plan.verdict {
            Verdict::Refused(code) => errors.first() == Some(&code),
            Verdict::RefusedToo(code) => errors.contains(&code),
            Verdict::Warned(code) => errors.is_empty() && warnings.contains(&code),
            Verdict::Accepted => errors.is_empty() && warnings.is_empty(),
        };
        if met {
            Ok(())
        } else {
            Err(format!(
                "expected {:?}, met errors {errors:?}, warnings {warnings:?}",
                plan.verdict
            ))
        }
    });
}

/// What the operations do in their place is in tests/sqlite/src/lifecycle/leaks.rs.
#[test]
fn an_operation_that_is_written_by_hand_is_refused_under_every_scope() {
    let cases = Cases::load();
    for (id, _) in LIFECYCLE {
        let case = cases
            .cases
            .iter()
            .find(|case| case.id == *id)
            .expect("a case");
        for dialect in Dialect::ALL.into_iter().filter(|&on| case.runs_on(on)) {
            let schema = cases.schema(case, Variant::Leaky, dialect, "");
            let scopes = [None].into_iter().chain(Scope::ALL.map(Some));
            for (scope, sql) in scopes.flat_map(|scope| {
                let statements = case.leaky.split("; ");
                statements.map(move |statement| (scope, statement))
            }) {
                let request = Request {
                    sql,
                    scope,
                    ..Request::default()
                };
                let errors = codes(&check(&schema, &request).errors);
                assert!(
                    errors.contains(&Code::MarkerWritten),
                    "{id} on {dialect}, {scope:?}: {sql}: {errors:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_schema_is_told_at_the_model_and_its_cure_is_one() {
    let cases = Cases::load();
    for plan in FACTS {
        let mut cases_of_plan = cases.cases.iter();
        let case = cases_of_plan
            .find(|case| case.id == plan.id)
            .expect("a case");
        for dialect in Dialect::ALL
            .into_iter()
            .filter(|&dialect| case.runs_on(dialect))
        {
            for (variant, expected) in [(Variant::Leaky, plan.leaky), (Variant::Safe, plan.safe)] {
                // Only MySQL lacks what the partial index of a right schema needs.
                if dialect == Dialect::Mysql && variant == Variant::Safe {
                    continue;
                }
                let schema = cases.schema(case, variant, dialect, plan.toml);
                let found = facts(&schema, plan.table);
                let met: Vec<Code> = found.iter().map(|fact| fact.diagnostic.code).collect();
                let id = plan.id;
                assert_eq!(met, expected, "{id} on {dialect}, {variant:?}");
                for fact in found {
                    let script = cases.script(case, variant, dialect);
                    let migrated = format!("{script};\n{}", fact.migration);
                    let schema = Cases::schema_of(&migrated, dialect, plan.toml);
                    let left = facts(&schema, plan.table);
                    let code = fact.diagnostic.code;
                    assert!(
                        left.iter().all(|left| left.diagnostic.code != code),
                        "{id} on {dialect}: {code} still stands after\n{}",
                        fact.migration
                    );
                }
            }
        }
    }
}

fn facts(schema: &Schema, table: &str) -> Vec<Fact> {
    match schema.find(&[table.to_owned()]) {
        Found::Table(at) => fact::facts(schema, at),
        _ => panic!("no table `{table}`"),
    }
}

#[test]
fn every_scoped_statement_gives_the_expected_rows_on_sqlite() {
    rows(Dialect::Sqlite);
}

#[test]
fn every_scoped_statement_gives_the_expected_rows_on_postgres() {
    rows(Dialect::Postgres);
}

#[test]
fn every_scoped_statement_gives_the_expected_rows_on_mariadb() {
    rows(Dialect::Mysql);
}

/// Without the leak itself on the database, a scoped statement that returns the right rows would
/// prove little.
#[test]
fn every_leak_is_real_on_sqlite() {
    leaks(Dialect::Sqlite);
}

#[test]
fn every_leak_is_real_on_postgres() {
    leaks(Dialect::Postgres);
}

fn leaks(dialect: Dialect) {
    if left_out(dialect) {
        return;
    }
    let runner = Runner::new(dialect);
    each(&[dialect], |cases, case, _, dialect| {
        let script = cases.script(case, Variant::Leaky, dialect);
        let outcome = runner
            .run(&script, &case.leaky, case.probe.as_deref())
            .map_err(|error| error.to_string())?;
        agree(&outcome, case.observed(dialect))
    });
}

fn rows(dialect: Dialect) {
    if left_out(dialect) {
        return;
    }
    let runner = Runner::new(dialect);
    each(&[dialect], |cases, case, plan, dialect| {
        let mut faults = Vec::new();
        for run in plan.runs {
            if let Err(fault) = runs(&runner, cases, case, plan, run, dialect) {
                faults.push(format!("{:?} of {:?}: {fault}", run.ask, run.text));
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults.join("\n  "))
        }
    });
}

fn runs(
    runner: &Runner,
    cases: &Cases,
    case: &Case,
    plan: &Plan,
    run: &Run,
    dialect: Dialect,
) -> Result<(), String> {
    let own = case.probe.as_deref();
    let (variant, sql, probe) = match run.text {
        Text::Leaky => (Variant::Leaky, case.leaky.as_str(), own),
        Text::Safe => (Variant::Safe, case.safe.as_str(), own),
        Text::Other(sql, probe) => (Variant::Leaky, sql, probe.or(own)),
    };
    let these;
    let expected = match run.rows {
        Rows::Expected => case.expected(dialect).ok_or("the case expects nothing")?,
        Rows::Observed => case.observed(dialect),
        Rows::These(rows) => {
            these = Outcome::Rows(rows.iter().map(ToString::to_string).collect());
            &these
        }
        Rows::Not(code) => {
            let errors = codes(&ask(cases, case, plan, dialect, variant, sql, run.ask).errors);
            return match errors.first() {
                Some(first) if *first == code => Ok(()),
                _ => Err(format!("expected {code}, met {errors:?}")),
            };
        }
    };
    // The database refuses the text whatever the scope.
    if matches!(expected, Outcome::Error(_)) {
        return Ok(());
    }
    let checked = ask(cases, case, plan, dialect, variant, sql, run.ask);
    let Some(scoped) = checked.scoped else {
        let faults: Vec<_> = checked
            .errors
            .iter()
            .map(|error| error.render(sql))
            .collect();
        return Err(faults.join("\n"));
    };
    if matches!(run.ask, Ask::Nothing) && scoped.sql != sql {
        return Err(format!("proven SQL was rewritten: {}", scoped.sql));
    }
    let script = cases.script(case, variant, dialect);
    let outcome = runner
        .run(&script, &scoped.sql, probe)
        .map_err(|error| error.to_string())?;
    agree(&outcome, expected).map_err(|fault| format!("{}\n  {fault}", scoped.sql))
}

/// Runs `test` for every planned case on every one of the dialects that can run it, and reports
/// all that fail.
fn each(dialects: &[Dialect], test: impl Fn(&Cases, &Case, &Plan, Dialect) -> Result<(), String>) {
    let cases = Cases::load();
    let by_id: BTreeMap<&str, &Case> = cases
        .cases
        .iter()
        .map(|case| (case.id.as_str(), case))
        .collect();
    let mut faults = Vec::new();
    let mut ran = 0;
    for plan in PLANS {
        let case = by_id[plan.id];
        for &dialect in dialects {
            if case.runs_on(dialect) && !plan.excluded(dialect) {
                ran += 1;
                if let Err(fault) = test(&cases, case, plan, dialect) {
                    faults.push(format!(
                        "{} ({}) on {dialect}\n  {fault}",
                        case.id, case.title
                    ));
                }
            }
        }
    }
    assert!(ran >= 30 * dialects.len(), "only {ran} cases ran");
    assert!(
        faults.is_empty(),
        "{} of {ran}:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

fn ask(
    cases: &Cases,
    case: &Case,
    plan: &Plan,
    dialect: Dialect,
    variant: Variant,
    sql: &str,
    ask: Ask,
) -> Checked {
    let schema = cases.schema(case, variant, dialect, plan.toml);
    let mut request = Request {
        sql,
        ..Request::default()
    };
    match ask {
        Ask::Nothing => {}
        Ask::On(scope) => request.scope = Some(scope),
        Ask::Per(scopes) => {
            request.scopes = scopes
                .iter()
                .map(|(alias, scope)| ((*alias).to_owned(), *scope))
                .collect();
        }
        Ask::With(verb) => request.verb = Some(verb),
    }
    check(&schema, &request)
}

/// Rows must be equal; an error only has to be one, as drivers word it differently.
fn agree(outcome: &Outcome, expected: &Outcome) -> Result<(), String> {
    match (outcome, expected) {
        (Outcome::Error(_), Outcome::Error(_)) => Ok(()),
        _ if outcome == expected => Ok(()),
        _ => Err(format!("gives {outcome:?}, expected {expected:?}")),
    }
}

fn codes(diagnostics: &[soft_delete_sql::Diagnostic]) -> Vec<Code> {
    diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect()
}
