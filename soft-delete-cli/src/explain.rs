//! `explain`: the pages of the error codes, as they are in the documentation.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};

use soft_delete_sql::diagnostic::nearest;

macro_rules! pages {
    ($($code:literal)*) => {
        &[$(($code, include_str!(concat!("../errors/", $code, ".md")))),*]
    };
}

/// Code and page, in the order of the codes.
const PAGES: &[(&str, &str)] = pages! {
    "SD001" "SD002" "SD003" "SD004" "SD005" "SD006" "SD007" "SD008" "SD009" "SD010"
    "SD011" "SD012" "SD013" "SD014" "SD015" "SD016" "SD017" "SD018" "SD019" "SD020"
    "SD021" "SD022" "SD023" "SD024" "SD025" "SD026" "SD027" "SD028" "SD030" "SD031"
    "SD032" "SD033" "SD034" "SD035" "SD036" "SD037" "SD038" "SD039" "SD040" "SD041"
    "SD042" "SD043" "SD044" "SD045" "SD046" "SD047" "SD048" "SD049" "SD050" "SD051"
    "SD060" "SD061" "SD062" "SD063" "SD101" "SD102" "SD103" "SD104"
};

pub(crate) fn run(code: Option<&str>) -> ExitCode {
    let text = match code {
        None => list(),
        Some(code) => match page(code) {
            Ok(page) => page.to_owned(),
            Err(message) => {
                eprintln!("error: {message}");
                return ExitCode::FAILURE;
            }
        },
    };
    // Whoever closes the pipe has read enough.
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Every code with its title.
fn list() -> String {
    let mut text = String::new();
    for (code, page) in PAGES {
        let _ = writeln!(text, "{code}  {}", title(page));
    }
    text
}

/// The rest of the page's first line, `# SDnnn: title`.
fn title(page: &str) -> &str {
    let line = page.lines().next().unwrap_or_default();
    line.split_once(": ").map_or(line, |(_, title)| title)
}

/// The page of a code; `sd1` and `1` are as good as `SD001`.
fn page(code: &str) -> Result<&'static str, String> {
    let wanted = code.trim().to_ascii_uppercase();
    let digits = wanted.strip_prefix("SD").unwrap_or(&wanted);
    let wanted = digits
        .parse::<u16>()
        .map_or(wanted.clone(), |number| format!("SD{number:03}"));
    if let Some((_, page)) = PAGES.iter().find(|(known, _)| *known == wanted) {
        return Ok(page);
    }
    let near = nearest(&wanted, PAGES.iter().map(|(known, _)| *known));
    let help = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
    Err(format!(
        "no error has the code `{code}`{help}\n`soft-delete explain` lists them all"
    ))
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::Code;

    use super::{PAGES, page, title};

    #[test]
    fn every_code_has_its_page_and_every_page_its_title() {
        let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let pages: Vec<&str> = PAGES.iter().map(|(code, _)| *code).collect();
        assert_eq!(pages, codes);
        for (code, page) in PAGES {
            assert!(page.starts_with(&format!("# {code}: ")), "{code}");
            assert!(!title(page).is_empty(), "{code}");
        }
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        for code in ["SD007", "sd007", "sd7", "7"] {
            assert!(
                page(code).is_ok_and(|page| page.starts_with("# SD007: ")),
                "{code}"
            );
        }
    }
}
