//! A temporary project, a cleared environment and a local SCF on a free port.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use rustix::process::{Pid, Signal, kill_process};
use scfctl::local::{self, Behaviour, Call, Credential, Fault, Handle, Options};
use serde_json::{Map, Value, json};
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;

use crate::{schema, suggestions};

pub const ID: &str = "AKIDmarkerSecretIdExample";
pub const KEY: &str = "markerSecretKeyExample";
pub const REGION: &str = "ap-guangzhou";
/// The function of [`Sandbox::project`].
pub const FUNCTION: &str = "demo-dev-shop";

/// After this long a look at an alias is too old to write by.
pub const STALE: Duration = Duration::from_millis(500);

/// A package in base64: an empty `index.js`.
const ZIP: &str = "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAAIAAAAaW5kZXguanNQSwECFAMUAAAAAAAAACEAAAAAAAAAAAAAAAAACAAAAAAAAAAAAAAApAEAAAAAaW5kZXguanNQSwUGAAAAAAEAAQA2AAAAJgAAAAAA";

/// Actions that only read.
const READS: &[&str] = &["Get", "List", "Describe", "AssumeRole", "/latest/"];

pub struct Sandbox {
    folder: tempfile::TempDir,
    environment: BTreeMap<String, String>,
    /// Ports where nothing listens.
    nowhere: Vec<TcpSocket>,
    /// Where the server's time passes with its calls alone: how much has, and how much does with
    /// each, in milliseconds.
    passing: Option<(Arc<AtomicI64>, i64)>,
    server: Handle,
    _owner: local::Server,
    // Behind the server, so that it is dropped last.
    _runtime: Arc<Runtime>,
}

pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// The calls that it made, where the sandbox ran it from start to end.
    pub calls: Vec<Call>,
}

fn is_change(action: &str) -> bool {
    !READS.iter().any(|read| action.starts_with(read))
}

impl Ran {
    /// The actions that it called, in order.
    pub fn actions(&self) -> Vec<&str> {
        self.calls.iter().map(|call| call.action.as_str()).collect()
    }

    /// The actions among them that change something.
    pub fn changes(&self) -> Vec<&str> {
        self.actions().into_iter().filter(|action| is_change(action)).collect()
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn fails(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The object on stdout, without the version of its schema, which comes first.
    #[track_caller]
    pub fn json(&self) -> Value {
        let mut object: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}:\n{}\n{}", self.stdout, self.stderr));
        assert_eq!(
            object.as_object().and_then(|object| object.keys().next()).unwrap(),
            "schemaVersion"
        );
        assert_eq!(object.as_object_mut().unwrap().shift_remove("schemaVersion").unwrap(), 1);
        object
    }

    /// What is said beside the result: stderr, and the texts of an error in JSON.
    pub fn advice(&self) -> String {
        let error =
            self.stdout.starts_with('{').then(|| serde_json::from_str::<Value>(&self.stdout));
        match error {
            Some(Ok(Value::Object(result))) if result.contains_key("error") => {
                let error = &result["error"];
                let texts = ["message", "hint"].map(|key| error[key].as_str().unwrap_or_default());
                format!("{}\n{}", self.stderr, texts.join("\n"))
            }
            _ => self.stderr.clone(),
        }
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no `{text}` in:\n{}", self.stderr);
        self
    }
}

impl Sandbox {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// A sandbox whose server has one switch set.
    pub fn behaving(setting: &str) -> Self {
        Self::with(|options| {
            options.behaviour = Behaviour::default();
            options.behaviour.set(setting).unwrap();
        })
    }

    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::on(runtime(1), change)
    }

    /// A sandbox whose server runs on the threads of others.
    pub fn on(runtime: Arc<Runtime>, change: impl FnOnce(&mut Options)) -> Self {
        let mut options =
            Options::new(vec![Credential { id: ID.into(), key: KEY.into(), token: None }]);
        change(&mut options);
        let server = runtime.block_on(local::start(options)).unwrap();
        // As the program spells it: the folder for temporary files may be there by a link.
        let folder = tempfile::tempdir_in(std::env::temp_dir().canonicalize().unwrap()).unwrap();
        let environment = BTreeMap::from([
            ("HOME".to_owned(), folder.path().join("home").display().to_string()),
            ("TENCENT_SECRET_ID".to_owned(), ID.to_owned()),
            ("TENCENT_SECRET_KEY".to_owned(), KEY.to_owned()),
            ("SCFCTL_ENDPOINT".to_owned(), server.handle().url()),
            // Nobody's machine is asked for its role.
            ("SCFCTL_METADATA_ENDPOINT".to_owned(), "off".to_owned()),
        ]);
        std::fs::create_dir(folder.path().join("home")).unwrap();
        // So deep that no file beside the folders of other tests is one above the project.
        std::fs::create_dir_all(folder.path().join("work/project")).unwrap();
        Self {
            folder,
            environment,
            nowhere: Vec::new(),
            passing: None,
            server: server.handle(),
            _owner: server,
            _runtime: runtime,
        }
    }

    /// A sandbox whose server's time passes with its calls alone, so much with each: what lasts
    /// in the service lasts as many calls, however slow the machine is.
    pub fn by_calls(each: Duration, change: impl FnOnce(&mut Options)) -> Self {
        let (begin, passed) = (Utc::now(), Arc::new(AtomicI64::new(0)));
        let read = Arc::clone(&passed);
        let mut sandbox = Self::with(|options| {
            options.clock =
                Arc::new(move || begin + TimeDelta::milliseconds(read.load(Ordering::SeqCst)));
            change(options);
        });
        sandbox.passing = Some((passed, each.as_millis().try_into().unwrap()));
        sandbox.healthy();
        sandbox
    }

    /// With a project in it: one Python function, `demo-dev-shop`.
    pub fn with_project() -> Self {
        let sandbox = Self::new();
        sandbox.project();
        sandbox
    }

    pub fn project(&self) {
        self.file("src/index.py", "def main_handler(event, context):\n    return 1\n");
        self.yaml("");
    }

    /// Writes serverless.yml with more lines of `inputs`.
    pub fn yaml(&self, inputs: &str) {
        self.file(
            "serverless.yml",
            &format!(
                "component: scf\nname: demo\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n{inputs}"
            ),
        );
    }

    /// Other code than before.
    pub fn change_code(&self, mark: &str) {
        self.file(
            "src/index.py",
            &format!("def main_handler(event, context):\n    return {mark:?}\n"),
        );
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("work/project")
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn file(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The project of `examples/project`: six functions in two levels, and two in one instance.
    pub fn sample_project(&self) {
        fn copy(from: &Path, to: &Path) {
            std::fs::create_dir_all(to).unwrap();
            for entry in std::fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    // Somebody may have tried the sample where it lies.
                    if entry.file_name() != ".scfctl" {
                        copy(&entry.path(), &to.join(entry.file_name()));
                    }
                } else {
                    std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
                }
            }
        }
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/project"), &self.root());
    }

    /// An scf instance in a folder of its own, with more lines of `inputs`.
    pub fn instance(&self, name: &str, inputs: &str) {
        self.file(&format!("{name}/src/index.py"), "def main_handler(event, context): pass\n");
        self.file(
            &format!("{name}/serverless.yml"),
            &format!(
                "component: scf\nname: {name}\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n{inputs}"
            ),
        );
    }

    /// The calls that change something, in order, as `Action function`.
    pub fn changed_since(&self, from: usize) -> Vec<String> {
        let calls = self.server.calls().into_iter().skip(from);
        calls
            .filter(|call| !READS.iter().any(|read| call.action.starts_with(read)))
            .map(|call| {
                format!("{} {}", call.action, call.params["FunctionName"].as_str().unwrap())
            })
            .collect()
    }

    /// A file that cannot be made smaller.
    pub fn noise(&self, name: &str, size: usize, seed: u64) {
        let mut bytes = vec![0; size];
        fastrand::Rng::with_seed(seed).fill(&mut bytes);
        std::fs::write(self.root().join(name), bytes).unwrap();
    }

    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.environment.remove(name);
        self
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        // `.ci/run` puts the binary that is given out in this place, which starts faster, too.
        let given = std::env::var_os("SCFCTL_TEST_BINARY");
        let program = given.unwrap_or_else(|| env!("CARGO_BIN_EXE_scfctl").into());
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// An address where nothing listens, and where nobody else comes to as long as the sandbox is
    /// there: a port that is given back is the next one that another test gets.
    pub fn nowhere(&mut self) -> String {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap().to_string();
        self.nowhere.push(socket);
        address
    }

    pub fn spawn(&self, arguments: &[&str]) -> Child {
        let process = self.command(arguments).spawn().unwrap();
        schema::spawned(process.id(), arguments);
        process
    }

    /// Runs a command; whatever it prints must be free of secrets, each command in it one that can
    /// be pasted, and JSON what its schema says.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let from = self.calls().len();
        let mut ran = finished(self.spawn(arguments));
        ran.calls = self.calls().split_off(from);
        schema::check_reports(arguments, &self.root());
        ran.calls.iter().for_each(|call| schema::check_marker(&call.params));
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        suggestions::check(&ran.advice(), Some(("scfctl", &arguments)));
        ran
    }

    /// A command line split at blanks, as it is typed.
    pub fn type_in(&self, line: &str) -> Ran {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    pub fn server(&self) -> &Handle {
        &self.server
    }

    /// The actions received since `from`, in order.
    pub fn actions_since(&self, from: usize) -> Vec<String> {
        self.server.calls().into_iter().skip(from).map(|call| call.action).collect()
    }

    /// Somebody changes an alias by hand, once, right before the first call of this action.
    pub fn alias_changes_before(&self, action: &'static str, params: Value) {
        let (server, is_done) = (self.server.clone(), AtomicBool::new(false));
        self.faulty(move |call| {
            if call.action != action || is_done.swap(true, Ordering::SeqCst) {
                return Fault::None;
            }
            let (server, params) = (server.clone(), params.clone());
            Fault::Before(Arc::new(move || {
                server.apply("UpdateAlias", params.clone(), REGION).unwrap();
            }))
        });
    }

    /// Waits until this was called so many times since there were `from` calls.
    #[track_caller]
    pub fn await_calls(&self, from: usize, action: &str, times: usize) {
        let is_it = |call: &&Call| call.action == action;
        eventually(
            || (self.calls()[from..].iter().filter(is_it).count() >= times).then_some(()),
            || format!("{action} was not called {times} times: {:?}", self.actions_since(from)),
        );
    }

    pub fn calls(&self) -> Vec<Call> {
        self.server.calls()
    }

    /// The calls that change something, in order.
    pub fn changes_since(&self, from: usize) -> Vec<String> {
        self.actions_since(from).into_iter().filter(|action| is_change(action)).collect()
    }

    #[track_caller]
    pub fn nothing_changed(&self, from: usize) {
        assert_eq!(self.changes_since(from), [] as [&str; 0]);
    }

    /// Asks the server directly, as the console would.
    #[track_caller]
    pub fn console(&self, action: &str, params: Value) -> Value {
        let mut params = params;
        if params.get("FunctionName").is_none() {
            params["FunctionName"] = FUNCTION.into();
        }
        self.server
            .apply(action, params, REGION)
            .unwrap_or_else(|error| panic!("{action}: {error:?}"))
    }

    /// A package.
    pub fn zip() -> Vec<u8> {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.decode(ZIP).unwrap()
    }

    /// Makes a function with versions 1 to `count` without the program's help.
    pub fn function(&self, name: &str, namespace: &str, count: u64) {
        if namespace != "default" {
            let params = json!({"Namespace": namespace});
            self.server.apply("CreateNamespace", params, REGION).unwrap();
        }
        let params = json!({
            "FunctionName": name, "Namespace": namespace, "Code": {"ZipFile": ZIP},
            "Runtime": "Nodejs10.15", "Handler": "index.main_handler",
        });
        self.console("CreateFunction", params);
        for _ in 0..count {
            let params = json!({"FunctionName": name, "Namespace": namespace});
            self.console("PublishVersion", params);
        }
    }

    /// Version to share, as the alias has it in the server.
    #[track_caller]
    pub fn routing(&self, alias: &str) -> Value {
        let alias = self.console("GetAlias", json!({"Name": alias}));
        let mut shares = serde_json::Map::new();
        let mut rest = 1.0;
        for entry in alias["RoutingConfig"]["AdditionalVersionWeights"].as_array().unwrap() {
            let weight = entry["Weight"].as_f64().unwrap();
            rest -= weight;
            let shown = if entry["Weight"].is_f64() {
                // As precise as a service may keep it.
                json!((weight * 1e6).round() / 1e6)
            } else {
                entry["Weight"].clone()
            };
            shares.insert(entry["Version"].as_str().unwrap().to_owned(), shown);
        }
        let main = alias["FunctionVersion"].as_str().unwrap();
        // Only for comparison: 1 - 0.9 as a double is not 0.1.
        shares.insert(main.to_owned(), json!((rest * 1e6).round() / 1e6));
        Value::Object(shares)
    }

    /// Published versions, oldest first.
    pub fn versions(&self) -> Vec<String> {
        let list = self.console("ListVersionByFunction", json!({"Limit": 100}));
        let mut versions: Vec<u64> = list["Versions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|version| version["Version"].as_str().unwrap().parse().ok())
            .collect();
        versions.sort_unstable();
        versions.iter().map(u64::to_string).collect()
    }

    /// Injects a fault into the calls that the function picks.
    pub fn faulty(&self, fault: impl Fn(&Call) -> Fault + Send + Sync + 'static) {
        let passing = self.passing.clone();
        self.server.set_interceptor(Some(Arc::new(move |call: &Call| {
            if let Some((passed, each)) = &passing {
                passed.fetch_add(*each, Ordering::SeqCst);
            }
            fault(call)
        })));
    }

    /// Injects a fault into the first call of an action.
    pub fn once(&self, action: &'static str, fault: Fault) {
        let met = AtomicBool::new(false);
        self.faulty(move |call| {
            let first = call.action == action && !met.swap(true, Ordering::SeqCst);
            if first { fault.clone() } else { Fault::None }
        });
    }

    /// Has every answer of an action with other fields.
    pub fn answers(
        &self,
        action: &'static str,
        change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static,
    ) {
        let changed = Fault::Changed(Arc::new(change));
        self.faulty(move |call| if call.action == action { changed.clone() } else { Fault::None });
    }

    pub fn healthy(&self) {
        if self.passing.is_some() {
            self.faulty(|_| Fault::None);
        } else {
            self.server.set_interceptor(None);
        }
    }
}

/// Threads for servers.
pub fn runtime(threads: usize) -> Arc<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Arc::new(builder.worker_threads(threads).enable_all().build().unwrap())
}

/// Sends a signal to a process.
#[track_caller]
pub fn send(signal: Signal, id: u32) {
    let id = Pid::from_raw(id.try_into().unwrap()).unwrap();
    kill_process(id, signal).unwrap();
}

/// Signals a process until it ends: right behind the first, another one is the same request.
#[track_caller]
pub fn signal_to_the_end(process: &mut Child, signal: Signal) -> ExitStatus {
    eventually(
        || {
            let ended = process.try_wait().unwrap();
            if ended.is_none() {
                send(signal, process.id());
            }
            ended
        },
        || "it goes on".to_owned(),
    )
}

/// A process that a call of its own strikes, which may come before the test has gone on.
#[derive(Clone, Default)]
pub struct Victim(Arc<Mutex<Option<u32>>>);

impl Victim {
    pub fn spawn(&self, sandbox: &Sandbox, arguments: &[&str]) -> Child {
        // Whoever strikes it waits until its number is known.
        let mut id = self.0.lock().unwrap();
        let process = sandbox.spawn(arguments);
        *id = Some(process.id());
        process
    }

    /// Sends it a signal right before or after the call is carried out.
    pub fn struck(&self, signal: Signal, after: bool) -> Fault {
        let victim = self.clone();
        let strike = Arc::new(move || send(signal, victim.0.lock().unwrap().unwrap()));
        if after { Fault::After(strike) } else { Fault::Before(strike) }
    }
}

/// Looks until something is there, for longer than a machine that is busy with other work takes.
#[track_caller]
pub fn eventually<T>(mut look: impl FnMut() -> Option<T>, else_says: impl Fn() -> String) -> T {
    for _ in 0..12_000 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{}", else_says());
}

/// A socket in the file system, which lasts as long as its listener. Its path may be longer than
/// sockets allow.
pub fn socket(path: &Path) -> UnixListener {
    let short = tempfile::tempdir_in("/tmp").unwrap();
    let link = short.path().join("to");
    symlink(path.parent().unwrap(), &link).unwrap();
    UnixListener::bind(link.join(path.file_name().unwrap())).unwrap()
}

/// A folder of sources whose files are so old that packages of it are remembered.
pub fn settled_folder() -> &'static str {
    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/hello/src");
    let is_old = |entry: std::io::Result<std::fs::DirEntry>| {
        let changed = entry.unwrap().metadata().unwrap().ctime();
        changed < Utc::now().timestamp() - 3
    };
    // Only a checkout of this very moment is too young.
    eventually(
        || std::fs::read_dir(FOLDER).unwrap().all(is_old).then_some(FOLDER),
        || format!("{FOLDER} is from the future"),
    )
}

/// Waits for the end of a command.
pub fn finished(child: Child) -> Ran {
    let process = child.id();
    let output = child.wait_with_output().unwrap();
    let ran = Ran {
        code: code(output.status),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        calls: Vec::new(),
    };
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        for secret in [ID, KEY, "Signature=", "TC3-HMAC-SHA256"] {
            assert!(!text.contains(secret), "{secret} on {name}:\n{text}");
        }
        assert!(!text.contains("panicked"), "{text}");
    }
    suggestions::check(&ran.advice(), None);
    // One that was killed may not have come to the end.
    if ran.code < 1000 {
        schema::check_printed(process, &ran.stdout);
    }
    ran
}

pub fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 1000 + status.signal().unwrap_or_default())
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
