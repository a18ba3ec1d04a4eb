//! Looks at everything that a command needs, and says what is wrong with it. Only reads.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::session::{self, Session};
use super::tracked::{Tracked, tracked};
use super::{Context, Done, RunOptions, keys};
use crate::api::{ApiError, Endpoint};
use crate::config::credentials::{CredentialKind, FoundCredentials};
use crate::config::input_error::Wrong;
use crate::config::settings::Settings;
use crate::config::warning::ConfigWarning;
use crate::error::{Error, ExitCode, Task, Unread, quoted_path};
use crate::execute::probe::{self, Probe, Probed};
use crate::execute::{ExecuteError, FunctionSession};
use crate::model::{DEFAULT_NAMESPACE, FunctionId};
use crate::network::Proxies;
use crate::report::doctor::{
    Check, CheckAdvice, CheckFinding, CheckStatus, Doctor, GitFolder, Subject,
};
use crate::report::{Report, Said};
use crate::text::Language;

/// The time for the address of a host.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time for an answer of the service, and again for all that is asked after it.
const ANSWER: Duration = Duration::from_secs(20);
/// Seconds by which a clock may be off without a word.
const CLOSE: i64 = 5;
/// Percent of what there may be, from which on it is worth a look.
const NEAR: i64 = 90;

/// The checks so far, and how the process is to exit.
struct Checks {
    checks: Vec<Check>,
    code: ExitCode,
}

impl Checks {
    fn add(&mut self, subject: Subject, status: CheckStatus, message: Said, advice: Option<Said>) {
        self.checks.push(Check { subject, status, message, advice });
    }

    fn ok(&mut self, subject: Subject, finding: &CheckFinding) {
        self.add(subject, CheckStatus::Ok, Said::new(finding), None);
    }

    fn warn(&mut self, subject: Subject, finding: &CheckFinding, advice: &CheckAdvice) {
        self.add(subject, CheckStatus::Warning, Said::new(finding), Some(Said::new(advice)));
    }

    fn skip(&mut self, subject: Subject, finding: &CheckFinding, advice: Option<&CheckAdvice>) {
        self.add(subject, CheckStatus::Skipped, Said::new(finding), advice.map(Said::new));
    }

    /// The first failure says how the process exits.
    fn failed(&mut self, code: ExitCode) {
        if self.code == ExitCode::Success {
            self.code = code;
        }
    }

    fn fail(&mut self, subject: Subject, finding: &CheckFinding, advice: &CheckAdvice) {
        self.failed(ExitCode::Failure);
        self.add(subject, CheckStatus::Failed, Said::new(finding), Some(Said::new(advice)));
    }

    fn error(&mut self, subject: Subject, error: &Error) {
        self.failed(error.exit_code());
        self.add(subject, CheckStatus::Failed, Said::new(&Unread(error)), hint(error));
    }

    fn done(self) -> Done {
        let count = |status| self.checks.iter().filter(|check| check.status == status).count();
        let (failures, warnings) = (count(CheckStatus::Failed), count(CheckStatus::Warning));
        let Self { checks, code } = self;
        Done::shown(Report::Doctor(Doctor { checks, failures, warnings, code }))
    }
}

/// What to do about an error, in both languages.
fn hint(error: &Error) -> Option<Said> {
    let [english, chinese] =
        [Language::English, Language::Chinese].map(|language| error.report_in(language).hint);
    Some(Said::in_both(english?, chinese?))
}

/// Looks at files, keys, the way to the service and what the keys may do there.
pub(crate) fn run(context: &Context) -> Result<Done, Error> {
    let mut checks = Checks { checks: Vec::new(), code: ExitCode::Success };
    // Nothing below makes sense without it.
    let settings = match context.load(&context.directory, &context.selection) {
        Ok(settings) => settings,
        Err(error) => {
            checks.error(Subject::Configuration, &error);
            return Ok(checks.done());
        }
    };
    let function = configuration(&mut checks, &settings);
    let of_file = settings.project.file.as_ref().and_then(|_| settings.function().ok());
    let is_of_file = of_file.is_some_and(|of_file| of_file == function);
    let is_local = match session::is_local(context) {
        Ok(is_local) => is_local,
        Err(error) => {
            checks.error(Subject::Configuration, &error);
            return Ok(checks.done());
        }
    };
    let has_keys = credentials(&mut checks, &settings, is_local);
    secrets(&mut checks, context, &settings);
    if is_local {
        if !session::has_local_state(&settings) {
            // A look must not begin a state.
            let advice = Some(&CheckAdvice::Deploy).filter(|_| is_of_file);
            checks.skip(Subject::Permissions, &CheckFinding::NotTried, advice);
            return Ok(checks.done());
        }
    } else {
        let endpoint = match way(&mut checks, context) {
            Ok(endpoint) => endpoint,
            Err(error) => {
                checks.error(Subject::Proxy, &error);
                return Ok(checks.done());
            }
        };
        let resolved =
            session::block_on(async { Ok(resolve(&mut checks, context, &endpoint).await) })?;
        if has_keys
            && !resolved
            && settings.credentials.as_ref().is_ok_and(FoundCredentials::is_last_resort)
        {
            // Where nothing is reached, nobody knows whether this machine has a role.
            checks.skip(Subject::Credentials, &CheckFinding::NoKeys, Some(&CheckAdvice::Keys));
        }
        if !has_keys || !resolved {
            checks.skip(Subject::Connection, &CheckFinding::NotTried, None);
            return Ok(checks.done());
        }
    }
    session::block_on(async {
        match Session::open(context, &settings).await {
            Ok(session) => {
                if !is_local
                    && settings.credentials.as_ref().is_ok_and(FoundCredentials::is_last_resort)
                {
                    checks.ok(Subject::Credentials, &CheckFinding::Machine);
                }
                ask(&mut checks, context, &session, function, is_of_file).await;
            }
            Err(error @ Error::Credentials(_)) => checks.error(Subject::Credentials, &error),
            Err(error) => checks.error(Subject::Connection, &error),
        }
        Ok(())
    })?;
    Ok(checks.done())
}

/// What the files and the command line come to; the function where one is named.
fn configuration(checks: &mut Checks, settings: &Settings) -> FunctionId {
    let named = settings.named_function();
    let name = named.as_ref().ok().map(|function| function.name.clone());
    match &settings.project.file {
        Some(file) => {
            let file = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
            let stage = settings.project.stage.clone();
            checks
                .ok(Subject::Configuration, &CheckFinding::Project { file, function: name, stage });
            match settings.named_function() {
                // Each of several is as good as any other.
                Err(error) if error.what == Wrong::Missing => {
                    let finding = CheckFinding::NoFunctionNamed;
                    let advice = hint(&error.into());
                    let status = CheckStatus::Skipped;
                    checks.add(Subject::Configuration, status, Said::new(&finding), advice);
                }
                Err(error) => checks.error(Subject::Configuration, &error.into()),
                Ok(_) => {}
            }
        }
        None => match settings.targets() {
            targets if targets.is_empty() => {
                checks.ok(Subject::Configuration, &CheckFinding::NoProject);
            }
            targets => {
                let finding = CheckFinding::Folders(targets.len());
                let target = quoted_path(Path::new(&targets[0]));
                let advice = CheckAdvice::Target(target);
                checks.skip(Subject::Configuration, &finding, Some(&advice));
            }
        },
    }
    let is_region = |warning: &&ConfigWarning| matches!(warning, ConfigWarning::Region { .. });
    for warning in settings.warnings.iter().filter(|warning| !is_region(warning)) {
        checks.add(Subject::Configuration, CheckStatus::Warning, Said::new(warning), None);
    }
    match settings.warnings.iter().find(is_region) {
        Some(warning) => {
            let advice = Some(Said::new(&CheckAdvice::Region));
            checks.add(Subject::Region, CheckStatus::Warning, Said::new(warning), advice);
        }
        None => checks.ok(Subject::Region, &CheckFinding::Region(settings.region.clone())),
    }
    named.unwrap_or_else(|_| FunctionId {
        name: String::new(),
        namespace: DEFAULT_NAMESPACE.to_owned(),
        region: settings.region.clone(),
    })
}

/// Folder and name by which `git` is told of a file: the working directory may lie outside of the
/// file's repository.
fn in_git(file: &Path) -> (GitFolder, String) {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = file.file_name().map_or(file, Path::new);
    (GitFolder(folder.map(quoted_path)), quoted_path(name))
}

/// Where the keys are from. Whether there are any.
fn credentials(checks: &mut Checks, settings: &Settings, is_local: bool) -> bool {
    if is_local {
        checks.ok(Subject::Credentials, &CheckFinding::NoKeysNeeded);
        return true;
    }
    let found = match &settings.credentials {
        Ok(found) => found,
        Err(error) => {
            checks.error(Subject::Credentials, &error.clone().into());
            return false;
        }
    };
    if found.is_last_resort() {
        // Whether this machine has a role shows when it is asked.
        return true;
    }
    let place = Said::new(&found.source.source);
    checks.ok(
        Subject::Credentials,
        &match &found.kind {
            CredentialKind::Keys(keys) => CheckFinding::Keys {
                place,
                id: keys::masked(&keys.credentials),
                temporary: keys.credentials.token.is_some(),
            },
            CredentialKind::Role { arn, .. } | CredentialKind::WebIdentity { arn, .. } => {
                CheckFinding::Role { place, arn: arn.clone() }
            }
            CredentialKind::Machine => CheckFinding::Machine,
        },
    );
    true
}

/// The `.env` that is read, and those beside serverless.yml.
fn secrets(checks: &mut Checks, context: &Context, settings: &Settings) {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let directory = whole(&settings.directory);
    let entries = std::fs::read_dir(&directory).into_iter().flatten().flatten();
    let is_dotenv = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name == ".env" || (name.starts_with(".env.") && name != ".env.example")
    };
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(is_dotenv).filter(|path| path.is_file()).collect();
    files.extend(settings.project.dotenv.as_deref().map(whole));
    files.sort();
    files.dedup();
    if files.is_empty() {
        checks.ok(Subject::Secrets, &CheckFinding::NoDotEnv);
    }
    for path in files {
        // As it can be named in a command.
        let file = path.strip_prefix(whole(&context.directory)).unwrap_or(&path);
        let file = file.display().to_string();
        match tracked(&path) {
            Tracked::Yes => {
                let (folder, name) = in_git(Path::new(&file));
                let advice = CheckAdvice::Untrack(folder, name);
                checks.warn(Subject::Secrets, &CheckFinding::Tracked(file.clone()), &advice);
            }
            Tracked::Unknown => {
                let (folder, name) = in_git(Path::new(&file));
                let advice = CheckAdvice::AskGit(folder, name);
                let finding = CheckFinding::PerhapsTracked(file.clone());
                checks.skip(Subject::Secrets, &finding, Some(&advice));
            }
            Tracked::No => {}
        }
        match mode(&path) {
            Some(mode) if mode & 0o077 != 0 => {
                let advice = CheckAdvice::MakePrivate(quoted_path(Path::new(&file)));
                checks.warn(Subject::Secrets, &CheckFinding::Readable { file, mode }, &advice);
            }
            _ => checks.ok(Subject::Secrets, &CheckFinding::Private(file)),
        }
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(path.metadata().ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

/// The address of the API, and the proxy on the way.
fn way(checks: &mut Checks, context: &Context) -> Result<Endpoint, Error> {
    let endpoint = session::endpoint(context)?;
    let proxies = Proxies::read(&context.environment)?;
    match endpoint.behind(&proxies) {
        Some(proxy) => checks.ok(Subject::Proxy, &CheckFinding::ThroughProxy(proxy.variable())),
        None => checks.ok(Subject::Proxy, &CheckFinding::NoProxy),
    }
    Ok(endpoint)
}

/// Whether the host has an address, or is somebody else's to look up.
async fn resolve(checks: &mut Checks, context: &Context, endpoint: &Endpoint) -> bool {
    let Some((host, port)) = endpoint.target() else { return true };
    let proxied = Proxies::read(&context.environment)
        .is_ok_and(|proxies| endpoint.behind(&proxies).is_some());
    if proxied {
        checks.ok(Subject::Dns, &CheckFinding::ResolvedByProxy(host));
        return true;
    }
    if host.parse::<IpAddr>().is_ok() {
        return true;
    }
    let looked_up = tokio::net::lookup_host((host.clone(), port));
    let reason = match context.clock.within(patience(&context.options, PATIENCE), looked_up).await {
        Some(Ok(found)) => {
            let mut addresses: Vec<String> = found.map(|one| one.ip().to_string()).collect();
            addresses.dedup();
            checks.ok(Subject::Dns, &CheckFinding::Resolved { host, addresses });
            return true;
        }
        Some(Err(error)) => Some(error.to_string()),
        None => None,
    };
    checks.fail(
        Subject::Dns,
        &CheckFinding::Unresolved { host, reason },
        &CheckAdvice::NameServers,
    );
    false
}

/// How long one thing is waited for: as long as was typed, else so long.
fn patience(options: &RunOptions, default: Duration) -> Duration {
    if options.names_timeout { options.timeout } else { options.timeout.min(default) }
}

/// What the service answers.
async fn ask(
    checks: &mut Checks,
    context: &Context,
    session: &Session,
    function: FunctionId,
    is_of_file: bool,
) {
    let limit = patience(&context.options, ANSWER);
    let client = session.client_within(limit);
    let on = session.on_within(&client, function.clone());
    let error_of = |error| {
        let task = Task::Status { function: function.name.clone() };
        session::failed(&task, &function, error)
    };
    match probe::first(&on).await {
        Err(error) if is_refused(&error) => {
            checks.error(Subject::Credentials, &error_of(error));
            return;
        }
        // It answers, and that is all that is asked here.
        Ok(()) | Err(ExecuteError::Api(ApiError::Api { .. })) => {}
        Err(error) => {
            checks.error(Subject::Connection, &error_of(error));
            return;
        }
    }
    if let Ok(endpoint) = session::endpoint(context)
        && !matches!(session::is_local(context), Ok(true))
    {
        let name = endpoint.to_string();
        match endpoint.target() {
            Some((host, _)) if endpoint.is_encrypted() => {
                checks.ok(Subject::Connection, &CheckFinding::Encrypted(host));
            }
            _ if endpoint.is_loopback() => {
                checks.ok(Subject::Connection, &CheckFinding::OnThisMachine(name));
            }
            _ => {
                checks.warn(Subject::Connection, &CheckFinding::Plain(name), &CheckAdvice::Encrypt);
            }
        }
    }
    clock(checks, (session.server_time() - context.clock.now()).num_seconds());
    let client = session.client_within(limit);
    let on = session.on_within(&client, function.clone());
    Box::pin(permissions(checks, context, &on, is_of_file, error_of)).await;
}

/// Whether the keys themselves are refused, rather than what they may do.
fn is_refused(error: &ExecuteError) -> bool {
    let ExecuteError::Api(error) = error else { return false };
    let code = error.code().unwrap_or_default();
    code.starts_with("AuthFailure.") && code != "AuthFailure.UnauthorizedOperation"
}

/// How far the local clock is off: the service's minus it, in seconds.
fn clock(checks: &mut Checks, ahead: i64) {
    if ahead.abs() <= CLOSE {
        checks.ok(Subject::Clock, &CheckFinding::ClockRight(CLOSE));
    } else {
        checks.warn(Subject::Clock, &CheckFinding::ClockOff(ahead), &CheckAdvice::SetClock);
    }
}

/// What the keys may do, and what there is against what there may be.
async fn permissions(
    checks: &mut Checks,
    context: &Context,
    on: &FunctionSession<'_>,
    is_of_file: bool,
    error_of: impl Fn(ExecuteError) -> Error,
) {
    let Probed { probes, versions, aliases, functions } =
        Box::pin(probe::read(on, context.clock.now())).await;
    let (mut allowed, mut is_absent) = (Vec::new(), false);
    for Probe { permission, needed, result } in probes {
        let error = match result {
            Ok(()) => {
                allowed.push(permission);
                continue;
            }
            Err(error) if probe::is_absent(&error) => {
                is_absent = true;
                continue;
            }
            Err(error) => error_of(error),
        };
        let denied = error.exit_code() == ExitCode::Credentials;
        let why = Said::new(&Unread(&error));
        let finding = CheckFinding::Denied { permission, why };
        let advice =
            if denied { Some(Said::new(&CheckAdvice::Grant(permission))) } else { hint(&error) };
        if needed {
            checks.failed(error.exit_code());
        }
        let status = if needed { CheckStatus::Failed } else { CheckStatus::Warning };
        checks.add(Subject::Permissions, status, Said::new(&finding), advice);
    }
    if !allowed.is_empty() {
        checks.ok(Subject::Permissions, &CheckFinding::Allowed(allowed));
    }
    let FunctionId { name, namespace, .. } = on.function();
    if is_absent {
        let finding = CheckFinding::NoFunction(name.clone());
        // What the file makes is another one.
        let advice = if is_of_file { CheckAdvice::Deploy } else { CheckAdvice::Place };
        checks.skip(Subject::Permissions, &finding, Some(&advice));
    } else if name.is_empty() {
        checks.skip(Subject::Permissions, &CheckFinding::NoFunctionNamed, None);
    }
    if let Some((versions, aliases)) = versions.zip(aliases) {
        checks.ok(Subject::Limits, &CheckFinding::Counts { versions, aliases });
    }
    if let Some((used, limit)) = functions {
        let finding = CheckFinding::Functions { namespace: namespace.clone(), used, limit };
        if used.saturating_mul(100) >= limit.saturating_mul(NEAR) {
            checks.warn(Subject::Limits, &finding, &CheckAdvice::Quota);
        } else {
            checks.ok(Subject::Limits, &finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_typed_counts_even_where_it_is_longer() {
        let seconds = Duration::from_secs;
        for (timeout, names_timeout, expected) in
            [(300, false, 20), (300, true, 300), (60, true, 60), (5, true, 5), (5, false, 5)]
        {
            let options =
                RunOptions { timeout: seconds(timeout), names_timeout, ..RunOptions::default() };
            assert_eq!(patience(&options, ANSWER), seconds(expected));
        }
    }
}
