//! The switches and the mutations of a small file.

use crate::{
    copies,
    mutation::{Mutation, Switch, switched},
    walk::{self, sql},
};

const SOURCE: &str = r"
fn f(a: bool, b: Option<u8>) -> bool {
    if a && b.is_some() {
        return true;
    }
    matches!(b, Some(1) | Some(2))
}
";

fn names(mutations: &[Mutation]) -> Vec<&str> {
    mutations
        .iter()
        .map(|mutation| mutation.what.as_str())
        .collect()
}

#[test]
fn a_condition_its_operands_and_the_alternatives_are_mutated() {
    let (_, finer) = walk::walk("f.rs", SOURCE).unwrap();
    assert_eq!(
        names(&finer),
        [
            "tail `matches!(b, Some(1) | Some(2))` → true",
            "tail `matches!(b, Some(1) | Some(2))` → false",
            "if `a && b.is_some()` → true",
            "if `a && b.is_some()` → false",
            "`a` left out of &&",
            "`b.is_some()` left out of &&",
            "alternative `Some(1)` left out",
            "alternative `Some(2)` left out",
        ]
    );
}

#[test]
fn without_its_switches_the_source_is_what_it_was() {
    let (_, finer) = walk::walk("f.rs", SOURCE).unwrap();
    let numbered: Vec<(usize, &Mutation)> = finer.iter().enumerate().collect();
    let (mut text, places) = switched(SOURCE, &numbered);
    for piece in places.into_iter().rev() {
        text.replace_range(piece.bytes, "");
    }
    assert_eq!(text, SOURCE);
}

#[test]
fn what_stands_inside_is_switched_inside() {
    let (_, finer) = walk::walk("f.rs", SOURCE).unwrap();
    let numbered: Vec<(usize, &Mutation)> = finer.iter().enumerate().collect();
    let (text, _) = switched(SOURCE, &numbered[2..5]);
    assert!(
        text.contains(
            "if (if crate::mutant::on(2) { true } else { (if crate::mutant::on(3) { false } else { \
             (if crate::mutant::on(4) { true } else { a }) && b.is_some() }) })"
        ),
        "{text}"
    );
    assert!(
        numbered
            .iter()
            .all(|(_, mutation)| !matches!(mutation.switch, None | Some(Switch::Return { .. })))
    );
}

#[test]
fn a_mutation_alone_changes_nothing_else() {
    let (_, finer) = walk::walk("f.rs", SOURCE).unwrap();
    let last = finer.last().unwrap();
    assert_eq!(
        last.alone(SOURCE),
        SOURCE.replace("Some(1) | Some(2)", "Some(1)")
    );
}

#[test]
fn a_copy_of_the_function_has_the_mutation_and_is_called_in_its_place() {
    let (_, finer) = walk::walk("f.rs", SOURCE).unwrap();
    let mut mutation = finer[4].clone();
    mutation.switch = copies::switch(SOURCE, 7, &mutation).unwrap();
    let (text, _) = switched(SOURCE, &[(7, &mutation)]);
    let call = "if crate::mutant::on(7) { return f_mutant_7(a, b); } if a && b.is_some()";
    assert!(text.contains(call), "{text}");
    let copy = "fn f_mutant_7(a: bool, b: Option<u8>) -> bool {\n    if (true) && b.is_some()";
    assert!(text.contains(copy), "{text}");
}

#[test]
fn a_function_that_no_copy_can_stand_for_has_none() {
    for source in [
        "const fn f(a: bool) -> bool { if a { true } else { false } }",
        "fn f(a: bool) -> impl Iterator<Item = bool> { if a { once(true) } else { once(false) } }",
        "impl Not for T { fn not(self) -> bool { if self.0 { true } else { false } } }",
        "fn f((a, b): (bool, bool)) -> bool { if a { true } else { b } }",
    ] {
        let (_, finer) = walk::walk("f.rs", source).unwrap();
        assert!(
            copies::switch(source, 0, &finer[0]).unwrap().is_none(),
            "{source}"
        );
    }
}

const STATEMENT: &str = r#"
fn f(own: &str) -> Vec<String> {
    for own in vec![own].into_iter().rev() {}
    tests(&[format!("UPDATE t SET a = 1 WHERE {own} AND b = (SELECT c FROM d WHERE e)"), " FOR SHARE OF p".to_owned()])
}
"#;

#[test]
fn each_condition_of_a_statement_each_lock_and_each_element_is_mutated() {
    let (_, finer) = walk::walk("src/lifecycle/f.rs", STATEMENT).unwrap();
    assert_eq!(
        names(&finer),
        [
            "statement `for own in vec![own].into_iter().rev() {}` left out",
            "`vec![own].into_iter()` forwards",
            "element `own` left out",
            "element `format!(\"UPDATE t SET a = 1 WHERE {own} AND b = (SELECT c FROM d WH…` left out",
            "element `\" FOR SHARE OF p\".to_owned()` left out",
            "condition `{own}` always true",
            "condition `b = (SELECT c FROM d WHERE e)` always true",
            "condition `e` always true",
            "lock `FOR SHARE OF p` left out",
        ]
    );
    let inner = finer[7].alone(STATEMENT);
    assert!(inner.contains("d WHERE (e OR 1 = 1))\")"), "{inner}");
    let unlocked = finer[8].alone(STATEMENT);
    assert!(unlocked.contains("(\"\").to_owned()"), "{unlocked}");
    let (_, elsewhere) = walk::walk("src/scope/f.rs", STATEMENT).unwrap();
    assert_eq!(names(&elsewhere), names(&finer)[..1]);
}

#[test]
fn a_string_that_is_a_condition_begins_with_one() {
    let texts: Vec<String> = sql::mutants("\"{a} AND {b}\"")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(
        texts,
        ["\"({a} OR 1 = 1) AND {b}\"", "\"{a} AND ({b} OR 1 = 1)\""]
    );
    assert!(sql::mutants("\"no statement\"").is_empty());
}
