//! Proxy variables: each that is set is used, or ends the run.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::sandbox::{Ran, Sandbox};

const LINE: &str = "list-alias --endpoint http://scf.invalid --insecure-http --timeout 60s --inputs function=some-function";

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("SCFCTL_ENDPOINT");
    sandbox
}

/// The error and its causes, without what comes before.
fn error(ran: &Ran) -> &str {
    &ran.stderr[ran.stderr.find("error: ").unwrap_or_else(|| panic!("{}", ran.stderr))..]
}

#[test]
fn one_that_is_no_address_ends_the_run_and_shows_no_password() {
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        for (value, says) in [
            ("http://us er:open-sesame/w%@127.0.0.1:9", "a blank"),
            (" http://127.0.0.1:9/", "a blank"),
            ("ht!tp://%%%", "not a kind of proxy"),
            ("http://us:open-sesame/w@127.0.0.1:9", "something follows host and port"),
            ("7890", "it names no host"),
            ("ftp://us:open-sesame@127.0.0.1:9", "of the kind `ftp`, which is not supported"),
        ] {
            let mut sandbox = sandbox();
            sandbox.set(name, value);
            // Whatever scheme the endpoint has.
            for line in [LINE, "deploy --endpoint https://scf.invalid --timeout 60s"] {
                sandbox.project();
                let ran =
                    sandbox.type_in(line).fails(2).says(&format!("error: {name} ")).says(says);
                assert!(ran.stderr.contains(&format!("{name}=http://")), "{}", ran.stderr);
                assert!(!ran.stderr.contains("sesame"), "{}", ran.stderr);
            }
            // Nothing goes out with --local.
            sandbox.type_in("deploy --local").ok();
        }
    }
    let mut sandbox = sandbox();
    sandbox.set("https_proxy", "http://us:p%ss@127.0.0.1:9");
    let ran = sandbox.type_in(LINE).fails(2);
    assert_eq!(
        error(&ran),
        "error: https_proxy is not the address of a proxy: a `%` in user or password is not followed by two \
         hexadecimal digits\n  hint: write https_proxy=http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with `@` \
         in user or password as %40, `/` as %2F, `:` as %3A, `#` as %23, `?` as %3F, `%` as %25 and a blank as %20; \
         or unset it\n"
    );
}

#[test]
fn one_that_is_not_text_is_not_passed_by() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = sandbox();
    let mut command = sandbox.command(&LINE.split_whitespace().collect::<Vec<_>>());
    command.env("http_proxy", std::ffi::OsStr::from_bytes(b"http://127.0.0.1:9\xff"));
    crate::sandbox::finished(command.spawn().unwrap()).fails(2).says("error: http_proxy ");
}

#[test]
fn one_that_does_not_answer_is_named_and_not_the_api() {
    for kind in ["http", "https", "socks5", "socks5h", "socks4"] {
        for name in ["HTTP_PROXY", "all_proxy"] {
            let mut sandbox = sandbox();
            let proxy = sandbox.nowhere();
            sandbox.set(name, &format!("{kind}://us:open-sesame@{proxy}"));
            let ran = sandbox.type_in(LINE).fails(1);
            let said = error(&ran);
            let expected = format!("cannot connect through the proxy {proxy} that {name} names: ");
            assert!(said.contains(&expected), "{said}");
            assert!(!said.contains("scf.invalid") && !said.contains("sesame"), "{said}");
            // The others look the host up themselves first.
            let asks = matches!(kind, "http" | "https" | "socks5h");
            assert_eq!(said.contains("refused"), asks, "{said}");
            assert!(said.contains(&format!("correct {name} or unset it")), "{said}");
        }
    }
}

/// Takes one connection after another, and hands over what is sent first on each.
fn listening(answer: &'static [u8]) -> (String, std::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap_or_default();
            let _ = sender.send(request[..count].to_vec());
            let _ = stream.write_all(answer);
        }
    });
    (address, receiver)
}

#[test]
fn user_and_password_reach_the_proxy_decoded() {
    let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let (proxy, requests) = listening(answer);
    let mut sandbox = sandbox();
    sandbox.set("http_proxy", &format!("http://us%20er:p%40ss%2Fw@{proxy}"));
    sandbox.type_in(LINE).fails(1).says("HTTP status 407").says("the proxy wants a user");
    let request = String::from_utf8(requests.recv().unwrap()).unwrap();
    // `us er:p@ss/w` in Base64.
    assert!(
        request.to_lowercase().contains("proxy-authorization: basic dxmgzxi6cebzcy93"),
        "{request}"
    );
    // A tunnel that is refused is the proxy's doing.
    sandbox.set("HTTPS_PROXY", &proxy);
    let line = "deploy --endpoint https://scf.invalid --timeout 60s";
    sandbox.project();
    let said = format!("cannot connect through the proxy {proxy} that HTTPS_PROXY names: ");
    sandbox.type_in(line).fails(1).says(&said);
}

#[test]
fn a_socks_proxy_is_spoken_to() {
    // It knows no method of authentication.
    let (proxy, requests) = listening(&[5, 0xff]);
    let mut sandbox = sandbox();
    sandbox.set("ALL_PROXY", &format!("socks5h://{proxy}"));
    sandbox.type_in(LINE).fails(1).says(&proxy);
    assert_eq!(requests.recv().unwrap()[0], 5);
}

#[test]
fn hosts_without_a_proxy_are_asked_directly() {
    let (proxy, requests) = listening(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    let mut sandbox = sandbox();
    sandbox.set("http_proxy", &proxy);
    for (list, direct) in [
        ("*", true),
        ("scf.invalid", true),
        ("SCF.INVALID:80", true),
        (".invalid", true),
        ("*.invalid", true),
        ("localhost, 10.0.0.0/8 scf.invalid", true),
        ("scf.invalid:443", false),
        ("other.invalid", false),
    ] {
        for name in ["NO_PROXY", "no_proxy"] {
            sandbox.set(name, list);
            if direct {
                // Where no server of names answers for such a host, the time is what ends it.
                let ran = sandbox.type_in(&LINE.replace("60s", "3s"));
                assert!([1, 6].contains(&ran.code), "{list}: {}", ran.stderr);
                assert!(!ran.stderr.contains("HTTP status 502"), "{list}: {}", ran.stderr);
            } else {
                sandbox.type_in(LINE).fails(1).says("HTTP status 502");
            }
            assert_eq!(requests.try_recv().is_err(), direct, "{list}");
            while requests.try_recv().is_ok() {}
            sandbox.unset(name);
        }
    }
}

#[test]
fn this_machine_is_asked_directly() {
    let mut sandbox = Sandbox::with_project();
    let nowhere = sandbox.nowhere();
    sandbox.set("ALL_PROXY", &nowhere).set("HTTP_PROXY", &nowhere);
    sandbox.type_in("deploy").ok();
    // Packages for COS as well, and keys of the machine's role.
    sandbox.noise("src/noise", 8 << 20, 7);
    sandbox.type_in("deploy").ok();
    let mut sandbox = Sandbox::with(|options| options.machine_role = Some("role".to_owned()));
    let url = sandbox.server().url();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    let nowhere = sandbox.nowhere();
    sandbox.set("SCFCTL_METADATA_ENDPOINT", &url).set("http_proxy", &nowhere);
    sandbox.project();
    sandbox.type_in("deploy").ok();
}
