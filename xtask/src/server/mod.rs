//! Private database servers: found or installed, started on free ports, stopped whatever happens.

mod account;
mod install;
mod mysql;
mod postgres;
mod stale;

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, Once, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use account::Account;

use crate::process;

/// A database system that the tests can run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MariaDB or MySQL.
    Mysql,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Postgres, Self::Mysql];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MariaDB or MySQL",
        }
    }

    /// The variable that tells the tests where the server is.
    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "SOFT_DELETE_TEST_POSTGRES_URL",
            Self::Mysql => "SOFT_DELETE_TEST_MYSQL_URL",
        }
    }

    /// The variable that tells them where one is that they may end; empty where there is none.
    pub(crate) const fn reviving_variable(self) -> &'static str {
        match self {
            Self::Postgres => "SOFT_DELETE_TEST_POSTGRES_REVIVING_URL",
            Self::Mysql => "SOFT_DELETE_TEST_MYSQL_REVIVING_URL",
        }
    }

    /// What makes the server remember each COMMIT when its process ends; the machine may not.
    const fn durable(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["-c", "synchronous_commit=on", "-c", "full_page_writes=on"],
            Self::Mysql => &[
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-doublewrite=1",
            ],
        }
    }
}

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A free port can be taken by another program before the server binds it.
const ATTEMPTS: usize = 3;

/// The servers that we started and have to stop.
static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());

/// One thread starts again those that revive.
static REVIVING: Once = Once::new();

#[derive(Debug)]
struct Running {
    child: Child,
    pid_file: PathBuf,
    signal: &'static str,
    directory: PathBuf,
    /// What starts it again when it has ended.
    revives: Option<Command>,
}

/// Stops every server when it goes out of scope, also on a panic.
#[derive(Debug)]
pub(crate) struct Guard(());

impl Guard {
    pub(crate) fn new() -> Self {
        stale::clean();
        Self(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        stop_all();
    }
}

/// Stops every server and removes its data.
pub(crate) fn stop_all() {
    let mut servers = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    for mut server in servers.drain(..) {
        stop(&mut server);
    }
    let _ = fs::remove_dir_all(stale::own_directory());
}

fn stop(server: &mut Running) {
    // A wrapper such as `su` may stand between us and the server: the pid file knows better.
    let pid = stale::read_pid(&server.pid_file).unwrap_or_else(|| server.child.id());
    stale::signal(pid, server.signal);
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        if matches!(server.child.try_wait(), Ok(Some(_))) {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = server.child.kill();
    let _ = server.child.wait();
    let _ = fs::remove_dir_all(&server.directory);
}

/// Starts a server, or takes the one whose URL is in the environment, and returns its URL.
pub(crate) fn start(guard: &Guard, kind: Kind, may_install: bool) -> Result<String> {
    start_with(guard, kind, may_install, &[])
}

/// As [`start`], with options of the server behind those of ours.
pub(crate) fn start_with(
    _: &Guard,
    kind: Kind,
    may_install: bool,
    options: &[&str],
) -> Result<String> {
    if let Some(url) = given(kind.variable()) {
        println!("{}: {url} (from {})", kind.title(), kind.variable());
        return Ok(url);
    }
    let programs = if let Some(programs) = Programs::find(kind) {
        programs
    } else {
        install::install(kind, may_install)?;
        Programs::find(kind)
            .with_context(|| format!("{} is installed and not found", kind.title()))?
    };
    attempt(kind, &programs, options, false)
}

/// Starts, behind [`start`], a server that is started again whenever it ends, and returns its URL: empty
/// where that of the other came from the environment, which may know one of these too.
pub(crate) fn start_reviving(_: &Guard, kind: Kind) -> Result<String> {
    if let Some(url) = given(kind.reviving_variable()) {
        return Ok(url);
    }
    if given(kind.variable()).is_some() {
        return Ok(String::new());
    }
    let programs = Programs::find(kind).with_context(|| format!("{} is gone", kind.title()))?;
    attempt(kind, &programs, kind.durable(), true)
}

fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| !url.is_empty())
}

fn attempt(kind: Kind, programs: &Programs, options: &[&str], revives: bool) -> Result<String> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        match launch(kind, programs, options, revives) {
            Ok(url) => {
                let note = if revives { ", for tests to end" } else { "" };
                println!(
                    "{}{note}: {url} ({})",
                    kind.title(),
                    programs.server.display()
                );
                return Ok(url);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.context("no attempt was made")?)
}

/// Starts again what has ended. The thread lives as long as we do: a server dies with the one that
/// started it.
fn revive() -> ! {
    loop {
        thread::sleep(Duration::from_millis(20));
        let mut servers = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        for server in servers.iter_mut() {
            if let Some(command) = &mut server.revives
                && matches!(server.child.try_wait(), Ok(Some(_)))
                && let Ok(child) = command.spawn()
            {
                server.child = child;
            }
        }
    }
}

/// Finds a program that is no server, or installs it.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    if let Some(path) = process::find(name) {
        return Ok(path);
    }
    install::install_program(name)?;
    process::find(name).with_context(|| format!("{name} is installed and not found"))
}

/// Where the server and the program that makes its data directory are.
#[derive(Debug)]
struct Programs {
    server: PathBuf,
    initialise: PathBuf,
}

impl Programs {
    fn find(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Postgres => postgres::find(),
            Kind::Mysql => mysql::find(),
        }
    }
}

fn launch(kind: Kind, programs: &Programs, options: &[&str], revives: bool) -> Result<String> {
    let account = Account::for_server(kind)?;
    let directory = stale::own_directory().join(if revives {
        format!("{}-reviving", kind.word())
    } else {
        kind.word().to_owned()
    });
    let _ = fs::remove_dir_all(&directory);
    stale::create(&directory)?;
    account.own(&directory)?;
    let port = free_port()?;
    let mut plan = match kind {
        Kind::Postgres => postgres::plan(programs, &account, &directory, port)?,
        Kind::Mysql => mysql::plan(programs, &account, &directory, port)?,
    };
    plan.command.args(options);
    let log = directory.join("log");
    let child = spawn(&mut plan.command, &log)?;
    RUNNING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Running {
            child,
            pid_file: plan.pid_file,
            signal: plan.signal,
            directory,
            revives: None,
        });
    wait(kind, port, &log)?;
    if revives {
        let mut servers = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = servers.last_mut() {
            server.revives = Some(plan.command);
        }
        REVIVING.call_once(|| drop(thread::spawn(|| revive())));
    }
    Ok(plan.url)
}

/// How to start one server.
struct Plan {
    command: Command,
    pid_file: PathBuf,
    /// What makes it stop at once and clean up.
    signal: &'static str,
    url: String,
}

fn spawn(command: &mut Command, log: &Path) -> Result<Child> {
    use std::os::unix::process::CommandExt;
    let file = fs::File::create(log)?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        // An interrupt at the terminal goes to us; we stop the server after the tests.
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))
}

fn wait(kind: Kind, port: u16, log: &Path) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let ready = match kind {
            Kind::Postgres => postgres::answers(port),
            Kind::Mysql => mysql::answers(port),
        };
        if ready {
            return Ok(());
        }
        let mut servers = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = match servers.last_mut() {
            Some(server) => server.child.try_wait()?.is_some(),
            None => bail!("interrupted"),
        };
        if ended || Instant::now() > deadline {
            let text = fs::read(log).unwrap_or_default();
            if let Some(mut server) = servers.pop() {
                stop(&mut server);
            }
            bail!(
                "{} does not answer on port {port}; it said:\n{}",
                kind.title(),
                tail(&String::from_utf8_lossy(&text), 20)
            );
        }
        drop(servers);
        thread::sleep(Duration::from_millis(50));
    }
}

fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_the_last_lines_of_a_log_are_shown() {
        assert_eq!(super::tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(super::tail("a", 2), "a");
        assert_eq!(super::tail("", 2), "");
    }
}
