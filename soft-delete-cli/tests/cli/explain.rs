//! `soft-delete explain`

use std::{fs, path::Path};

use crate::{run, soft_delete};

#[test]
fn a_code_prints_its_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors/SD001.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let ran = soft_delete(&["explain", "SD001"], b"");
    assert_eq!(
        (ran.out, ran.err, ran.status),
        (page, String::new(), Some(0))
    );
}

#[test]
fn an_unknown_code_names_the_nearest_and_fails() {
    let ran = soft_delete(&["explain", "SD105"], b"");
    assert_eq!(ran.out, "");
    assert_eq!(
        ran.err,
        "error: no error has the code `SD105`; did you mean SD005?\n\
         `soft-delete explain` lists them all\n"
    );
    assert_eq!(ran.status, Some(1));
}

#[test]
fn without_a_code_all_are_listed_with_their_titles() {
    let ran = soft_delete(&["explain"], b"");
    assert!(
        ran.out
            .starts_with("SD001  a soft-deletable table has no scope\nSD002  "),
        "{}",
        ran.out
    );
    assert_eq!(ran.out.lines().count(), soft_delete_sql::Code::ALL.len());
    assert_eq!(ran.status, Some(0));
}

#[test]
fn cargo_soft_delete_is_the_same_program() {
    let cargo = env!("CARGO_BIN_EXE_cargo-soft-delete");
    let direct = soft_delete(&["explain", "SD006"], b"");
    for args in [
        ["soft-delete", "explain", "SD006"].as_slice(),
        &["explain", "SD006"],
    ] {
        let ran = run(cargo, args, b"");
        assert_eq!((ran.out, ran.status), (direct.out.clone(), Some(0)));
    }
}
