//! Files and answers made to hang, to fill the memory, or to steer the terminal.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::sandbox::{ID, KEY, Ran, Sandbox, socket};

const LIST: &str = "list-alias --inputs function=some-function";

/// A server that treats every connection in one way, after it has read a request.
fn serving(answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            // The reader may well have gone away.
            let _ = answer(&mut stream);
        }
    });
    url
}

fn answering(body: String) -> String {
    serving(move |stream| {
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    })
}

fn asking(url: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("SCFCTL_ENDPOINT", url);
    sandbox
}

#[track_caller]
fn steers_nothing(ran: &Ran) {
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        let steering = |c: char| {
            (c.is_control() && !"\n\t".contains(c)) || "\u{202e}\u{2066}\u{200f}".contains(c)
        };
        assert!(!text.chars().any(steering), "on {name}: {text:?}");
    }
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_server_cannot_steer_the_terminal() {
    let text = r"a\u001b[2J\u001b]0;title\u0007\u009b31m\u202e\rb\nerror: c";
    let url = answering(format!(
        r#"{{"Response":{{"RequestId":"{text}","TotalCount":1,"DeprecatedWarning":"{text}","Aliases":[{{"Name":"{text}","FunctionVersion":"1","Description":"{text}"}}]}}}}"#
    ));
    let sandbox = asking(&url);
    for form in ["", "--debug"] {
        let ran = sandbox.type_in(&format!("{LIST} {form}")).ok().says("a\\u{1b}[2J");
        steers_nothing(&ran);
        assert!(ran.stdout.contains("a\\u{1b}[2J"), "{}", ran.stdout);
        // Nor look like a line of this program.
        assert!(!ran.stderr.contains("\nerror:"), "{}", ran.stderr);
    }
    let ran = sandbox.type_in(&format!("{LIST} --output json")).ok();
    steers_nothing(&ran);
    assert_eq!(
        ran.json()["aliases"][0]["name"],
        "a\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}\rb\nerror: c"
    );
}

#[test]
fn files_cannot_steer_the_terminal() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  description: \"\\e[31m\\u202e\\x9b\"\n  \"k\\e[2J\": 1\n");
    sandbox.file(".env", "A=1\n\u{1b}[31mB\nC\u{202e}=2\nD\u{7}: 1\nE=1 # \u{1b}]0;x\u{7}\n");
    for line in ["config", "config --output json", "deploy --debug", "deploy --dry-run"] {
        steers_nothing(&sandbox.type_in(line).ok());
    }
    assert_eq!(
        sandbox.type_in("config --output json").ok().json()["inputs"]["description"],
        "\u{1b}[31m\u{202e}\u{9b}"
    );
    for file in [
        "component: \"\\e[31m\"\nname: demo\n",
        "component: scf\nname: \"\\e[31m\"\n",
        "component: scf\nname: demo\ninputs:\n  \"\\e[31m\": ${env:NO}\n",
        "component: scf\nname: demo\ninputs:\n  a: {\u{1b}[31m\n",
        "component: scf\nname: demo\ninputs:\n  a: {\u{202e}\n",
        "component: scf\nname: demo\ninputs:\n  region: \"\\e[31m\"\n  src: \"\\e[2J\"\n",
    ] {
        sandbox.file("serverless.yml", file);
        steers_nothing(&sandbox.type_in("deploy").fails(2));
    }
}

#[test]
fn an_answer_too_large_is_refused() {
    let url = serving(|stream| {
        write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{{\"Response\":\"")?;
        let block = vec![b'a'; 1 << 20];
        for _ in 0..64 {
            stream.write_all(&block)?;
        }
        Ok(())
    });
    asking(&url)
        .type_in(&format!("{LIST} --timeout 60s"))
        .fails(1)
        .says("it has more than 16777216 bytes");
}

#[test]
fn a_long_text_of_the_server_is_cut() {
    let url = answering(format!(
        r#"{{"Response":{{"RequestId":"r","Error":{{"Code":"InvalidParameter","Message":"{}"}}}}}}"#,
        "a".repeat(1_000_000)
    ));
    let ran = asking(&url).type_in(LIST).fails(1).says("in all)");
    assert!(ran.stderr.len() < 50_000, "{}", ran.stderr.len());
}

#[test]
fn an_answer_without_an_end_is_given_up_in_time() {
    let url = serving(|stream| {
        write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
        loop {
            // Nothing is slow here but the reader's patience.
            stream.write_all(b" ")?;
            std::thread::yield_now();
        }
    });
    let ran = asking(&url).type_in(&format!("{LIST} --timeout 300ms"));
    // On a fast machine the blanks reach the limit of size first.
    assert!([1, 6].contains(&ran.code), "{}", ran.stderr);
    let url = serving(|stream| {
        loop {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
    });
    let ran = asking(&url).type_in(&format!("{LIST} --timeout 300ms"));
    assert!([1, 6].contains(&ran.code), "{}", ran.stderr);
    let url = serving(|stream| {
        write!(stream, "HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(b"X-Endless: 1\r\n")?;
        }
    });
    let ran = asking(&url).type_in(&format!("{LIST} --timeout 300ms"));
    assert!([1, 6].contains(&ran.code), "{}", ran.stderr);
}

#[test]
fn json_nested_too_deep_is_refused() {
    let nested = |open: &str, depth: usize, close: &str| {
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    let refused = |answer: &str| {
        let url = answering(format!(r#"{{"Response":{answer}}}"#));
        let line = format!("{LIST} --timeout 60s");
        asking(&url).type_in(&line).fails(1).says("is not one of the API");
    };
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        // Each is asked for more than once.
        std::thread::scope(|scope| {
            for depth in [200, 100_000] {
                scope.spawn(move || refused(&nested(open, depth, close)));
            }
        });
        // An argument has at most 128 KiB.
        for depth in [200, 20_000] {
            let nested = format!("config={}", nested(open, depth, close));
            let sandbox = Sandbox::new();
            for command in ["create-alias", "update-alias", "deploy"] {
                sandbox
                    .run(&[command, "--inputs", "function=some-function", "name=a", &nested])
                    .fails(2);
            }
            sandbox.file("serverless.json", &nested["config=".len()..]);
            sandbox.type_in("config").fails(2).says("recursion limit");
        }
    }
}

#[test]
fn yaml_that_explodes_is_refused() {
    let sandbox = Sandbox::with_project();
    let refused = |text: &str| {
        sandbox.file("serverless.yml", text);
        let ran = sandbox.type_in("config").fails(2);
        assert!(ran.stderr.len() < 50_000, "{}", ran.stderr.len());
    };
    let head = "component: scf\nname: demo\ninputs:\n";
    let mut bomb = format!("{head}  l0: &l0 [a, a, a, a, a, a, a, a, a, a]\n");
    for level in 1..=30 {
        let below = level - 1;
        writeln!(bomb, "  l{level}: &l{level} [*l{below}, *l{below}, *l{below}, *l{below}]")
            .unwrap();
    }
    refused(&bomb);
    for open in ["[", "{a: ", "? ", "- "] {
        refused(&format!("{head}  a: {}", open.repeat(50_000)));
    }
    refused(&format!("{head}  a: {}", "{".repeat(50_000)));
    let mut deep = String::from(head);
    for level in 1..2000 {
        writeln!(deep, "{}a:", " ".repeat(2 * level)).unwrap();
    }
    refused(&deep);
    // One long line with a mistake at its end.
    refused(&format!("{head}  a: '{}' b\n", "x".repeat(200_000)));
    // A long name that many texts ask for.
    let mut growing = format!("component: scf\nname: {}\ninputs:\n", "n".repeat(100_000));
    for index in 0..2000 {
        writeln!(growing, "  a{index}: ${{name}}").unwrap();
    }
    refused(&growing);
    let items = "    - ${name}\n".repeat(2000);
    refused(&format!("component: scf\nname: {}\ninputs:\n  a:\n{items}", "n".repeat(100_000)));
    refused(&format!("{head}  a: '{}'\n", "${".repeat(100_000)));
    refused(&format!("{head}  a: {}\n", "x".repeat(11_000_000)));
}

#[test]
fn what_looks_like_a_thousand_mistakes_is_not_a_thousand_lines() {
    let sandbox = Sandbox::with_project();
    sandbox.file(".env", &"mistake\n".repeat(1000));
    let ran = sandbox.type_in("config").ok().says("and 950 more like these");
    assert!(ran.stderr.lines().count() < 60, "{}", ran.stderr);
}

#[test]
fn files_that_are_no_files_are_refused() {
    for name in ["serverless.yml", ".env", ".env.dev", "serverless.json"] {
        for kind in ["pipe", "device", "endless device", "socket", "folder", "loop", "large"] {
            let mut sandbox = Sandbox::with_project();
            if name == "serverless.json" {
                std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
            }
            let path = sandbox.root().join(name);
            let _ = std::fs::remove_file(&path);
            // A socket lasts as long as its listener.
            let mut _listener = None;
            match kind {
                "pipe" => pipe(&path),
                "device" => symlink("/dev/null", &path).unwrap(),
                "endless device" => symlink("/dev/zero", &path).unwrap(),
                "socket" => _listener = Some(socket(&path)),
                "folder" => std::fs::create_dir(&path).unwrap(),
                "loop" => symlink(name, &path).unwrap(),
                _ => std::fs::write(&path, vec![b'#'; 10_000_001]).unwrap(),
            }
            // Python keeps virtual environments in folders of this name.
            if kind == "folder" && name.starts_with(".env") {
                sandbox.type_in("config").ok();
                continue;
            }
            sandbox.set("SCFCTL_ENDPOINT", "http://127.0.0.1:1");
            for line in ["deploy", "config", LIST] {
                sandbox.type_in(line).fails(2).says(&format!("cannot read {}", path.display()));
            }
        }
    }
}

#[test]
fn credentials_files_that_are_no_files_are_refused() {
    for kind in ["pipe", "device", "folder", "large"] {
        let mut sandbox = Sandbox::with_project();
        sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
        let folder = sandbox.home().join(".serverless-tencent");
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("credentials");
        match kind {
            "pipe" => pipe(&path),
            "device" => symlink("/dev/zero", &path).unwrap(),
            "folder" => std::fs::create_dir(&path).unwrap(),
            _ => std::fs::write(&path, vec![b'#'; 10_000_001]).unwrap(),
        }
        for line in ["deploy", "deploy --profile p", "list-alias"] {
            sandbox.type_in(line).fails(4).says(&format!("cannot read {}", path.display()));
        }
        sandbox.type_in("config").ok();
    }
}

#[test]
fn a_state_that_is_no_file_is_refused() {
    for name in ["local.json", "state.json"] {
        let mut sandbox = Sandbox::with_project();
        sandbox.unset("SCFCTL_ENDPOINT");
        let folder = sandbox.root().join(".scfctl");
        std::fs::create_dir(&folder).unwrap();
        symlink("/dev/zero", folder.join(name)).unwrap();
        if name == "local.json" {
            sandbox.type_in("deploy --local").fails(1).says("not a regular file");
        } else {
            let line = "local serve --state .scfctl/state.json";
            sandbox.type_in(line).fails(1).says("not a regular file");
        }
    }
}

#[test]
fn sources_that_are_no_plain_files_are_refused() {
    let refused = |make: &dyn Fn(&Path), says: &str| {
        let sandbox = Sandbox::with_project();
        make(&sandbox.root().join("src"));
        sandbox.type_in("deploy").fails(2).says(says);
        assert_eq!(sandbox.calls().len(), 0);
    };
    refused(&|src| pipe(&src.join("p")), "neither a file nor a folder");
    refused(&|src| drop(socket(&src.join("s"))), "neither a file nor a folder");
    refused(&|src| symlink("/etc/passwd", src.join("l")).unwrap(), "leads out of the project");
    refused(&|src| symlink("/dev/zero", src.join("l")).unwrap(), "leads out of the project");
    refused(&|src| symlink("/", src.join("l")).unwrap(), "leads out of the project");
    refused(&|src| symlink("l", src.join("l")).unwrap(), "cannot read");
    refused(&|src| std::fs::write(src.join("..\\..\\x"), "").unwrap(), "climbs out of the package");
    refused(
        &|src| {
            use std::os::unix::ffi::OsStrExt as _;
            std::fs::write(src.join(std::ffi::OsStr::from_bytes(b"\xff\x1b[2J")), "").unwrap();
        },
        "is not UTF-8",
    );
    refused(
        &|src| {
            let file = std::fs::File::create(src.join("sparse")).unwrap();
            file.set_len(1 << 40).unwrap();
        },
        "a function version takes",
    );
    // Each folder holds two links to the next one: a billion ways to the last.
    refused(
        &|src| {
            for level in 0..30 {
                let folder = src.join(format!("f{level}"));
                std::fs::create_dir(&folder).unwrap();
                for link in ["a", "b"] {
                    let _ = symlink(format!("../f{}", level + 1), folder.join(link));
                }
            }
        },
        "files and folders",
    );
}

#[test]
fn patterns_that_explode_are_refused_or_harmless() {
    let sandbox = Sandbox::with_project();
    for pattern in [
        "{".repeat(50_000) + "a" + &"}".repeat(50_000),
        "{a,b}".repeat(199),
        "{a,b}".repeat(5_000),
        "{".repeat(499) + "a" + &"}".repeat(499),
        "*".repeat(50_000),
    ] {
        sandbox.file(
            "serverless.yml",
            &format!(
                "component: scf\nname: demo\ninputs:\n  runtime: Python3.9\n  handler: index.main_handler\n  src: {{src: ./src, exclude: ['{pattern}']}}\n"
            ),
        );
        let ran = sandbox.type_in("deploy --dry-run");
        assert!([0, 2].contains(&ran.code), "{}: {}", ran.code, ran.stderr);
    }
}

#[test]
fn a_redirect_does_not_take_the_credentials_elsewhere() {
    for status in [301, 302, 303, 307, 308] {
        let second = TcpListener::bind("127.0.0.1:0").unwrap();
        second.set_nonblocking(true).unwrap();
        let address = second.local_addr().unwrap();
        let url = serving(move |stream| {
            write!(
                stream,
                "HTTP/1.1 {status} X\r\nLocation: http://{address}/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            )
        });
        let mut sandbox = asking(&url);
        sandbox.set("TENCENT_SECRET_ID", ID).set("TENCENT_SECRET_KEY", KEY);
        sandbox
            .type_in(&format!("{LIST} --timeout 60s"))
            .fails(1)
            .says(&format!("HTTP status {status}"));
        // No one has come.
        assert_eq!(second.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}

#[test]
fn plain_http_stays_on_this_machine() {
    let mut sandbox = Sandbox::with_project();
    for url in [
        "http://example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:1",
        "HTTP://10.0.0.1",
    ] {
        sandbox.set("SCFCTL_ENDPOINT", url);
        for line in ["deploy", LIST, "deploy --dry-run"] {
            sandbox.type_in(line).fails(2).says("is plain http and not on this machine");
        }
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    for line in [
        "list-alias",
        "list-alias --output json",
        "config",
        "deploy --dry-run",
        "--help",
        "deploy --help",
        "--version",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let mut command = sandbox.command(&words);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = command.stdout(writer).spawn().unwrap();
        drop(command);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{line}: {:?}\n{stderr}", output.status);
        assert!(!stderr.contains("error"), "{line}\n{stderr}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let sandbox = Sandbox::with_project();
    for line in ["config", "deploy --dry-run"] {
        let words: Vec<&str> = line.split(' ').collect();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = sandbox.command(&words).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("cannot write the result"), "{line}\n{stderr}");
    }
}
