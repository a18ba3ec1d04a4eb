//! `--report` with `--project`: one page, its data, and `JUnit`, of all functions together.

use std::io::{BufRead, BufReader};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::report::{data, html, is_sealed, place, reported};
use crate::rollout_project::{API, WEB, alias, begin, load, minutes, refuse_once, restore, world};
use crate::sandbox::{Sandbox, read, send, signal_to_the_end};

const START: &str = "rollout start --project --alias prod --to latest-published --steps 10%,100% \
                     --interval 5m --detach";
const TICK: &str = "rollout tick --project --alias prod";

/// Name of each suite, and name, verdict and type of each of its cases.
type Suites = Vec<(String, Vec<(String, String, String)>)>;

/// The suites of the `JUnit` report, whose numbers are right.
fn suites(sandbox: &Sandbox) -> Suites {
    let text = read(&place(sandbox, "r.xml"));
    let document =
        roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let names = ["tests", "failures", "errors", "skipped", "time"];
    let numbers = |node: roxmltree::Node<'_, '_>| {
        names.map(|name| node.attribute(name).unwrap().parse::<usize>().unwrap())
    };
    let (mut all, mut found) = ([0; 5], Vec::new());
    for suite in document.root_element().children().filter(roxmltree::Node::is_element) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        let (mut counts, mut cases) = ([0; 5], Vec::new());
        for case in suite.children().filter(|node| node.has_tag_name("testcase")) {
            let told = case.children().find(roxmltree::Node::is_element);
            let verdict = told.map_or("passed", |told| told.tag_name().name());
            let place =
                ["passed", "failure", "error", "skipped"].iter().position(|one| *one == verdict);
            counts[0] += 1;
            counts[place.unwrap()] += usize::from(verdict != "passed");
            counts[4] += case.attribute("time").unwrap().parse::<usize>().unwrap();
            let why = told.and_then(|told| told.attribute("type").or(told.attribute("message")));
            let name = case.attribute("name").unwrap().to_owned();
            cases.push((name, verdict.to_owned(), why.unwrap_or_default().to_owned()));
        }
        assert_eq!(numbers(suite), counts, "{text}");
        (0..5).for_each(|place| all[place] += counts[place]);
        found.push((suite.attribute("name").unwrap().to_owned(), cases));
    }
    assert_eq!(numbers(document.root_element()), all, "{text}");
    found
}

/// Verdict and type of the first case of each suite.
fn first_cases(sandbox: &Sandbox) -> Vec<(String, String)> {
    let first = |(_, cases): (String, Vec<(String, String, String)>)| {
        let (_, verdict, why) = cases.into_iter().next().unwrap();
        (verdict, why)
    };
    suites(sandbox).into_iter().map(first).collect()
}

fn owned(cases: &[(&str, &str)]) -> Vec<(String, String)> {
    cases.iter().map(|(verdict, why)| ((*verdict).to_owned(), (*why).to_owned())).collect()
}

/// What each function has under a key.
fn each(found: &Value, key: &str) -> Vec<Value> {
    found["functions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.pointer(key).cloned().unwrap_or_default())
        .collect()
}

/// Event and function of all that happened.
fn happened(found: &Value) -> Vec<(&str, &str)> {
    let text = |entry: &Value, key: &str| -> &'static str {
        entry[key].as_str().unwrap_or_default().to_owned().leak()
    };
    let timeline = found["timeline"].as_array().unwrap();
    timeline.iter().map(|entry| (text(entry, "event"), text(entry, "functionName"))).collect()
}

/// Every id of the page, each of which is there once.
fn ids(page: &str) -> Vec<&str> {
    let parts = page.split(" id=\"").skip(1);
    let mut ids: Vec<&str> = parts.map(|part| part.split('"').next().unwrap()).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "{ids:?}");
    ids
}

fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "no `{part}` in:\n{page}");
    }
}

#[test]
fn a_page_of_all_functions_says_how_they_began() {
    let sandbox = world();
    let ran = reported(&sandbox, START).ok().says("note: the report is in r.html");
    assert_eq!(ran.changes(), ["UpdateAlias"; 2]);
    let found = data(&sandbox);
    assert_eq!(
        (&found["command"], &found["outcome"], &found["exitCode"], &found["error"]),
        (&json!("rollout start"), &json!("begun"), &json!(0), &Value::Null)
    );
    assert_eq!(each(&found, "/functionName"), [API, WEB]);
    assert_eq!(each(&found, "/rollout/step"), [1, 1]);
    assert_eq!(found["steps"][0]["result"], "current");
    assert_eq!(happened(&found), [("begins", API), ("begins", WEB)]);
    assert_eq!(
        (&found["aliasName"], &found["from"], &found["to"]),
        (&json!("prod"), &json!("1"), &json!("2"))
    );
    assert_eq!(
        (&found["functionName"], &found["rollout"], &found["series"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(found["changes"].as_array().unwrap().len(), 2);
    let page = html(&sandbox);
    is_sealed(&page);
    has(
        &page,
        &[
            "<title>Under way · Rollout of prod of 2 functions: 1 → 2</title>",
            "<dd>api-dev-shop, web-dev-shop</dd>",
            "<pre><code>scfctl rollout promote --project --alias prod --expect-step 1</code></pre>",
            "<pre><code>scfctl rollout pause --project --alias prod</code></pre>",
            "<pre><code>scfctl rollout abort --project --alias prod</code></pre>",
        ],
    );
    assert!(!page.contains("scfctl rollout abort --function"), "{page}");
}

#[test]
fn a_page_of_all_functions_follows_them_to_the_end() {
    let sandbox = world();
    reported(&sandbox, START).ok();
    minutes(&sandbox, 4);
    let ran = reported(&sandbox, "rollout status --project --alias prod").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], each(&found, "/outcome")),
        (&json!("waiting"), vec![json!("waiting"); 2])
    );
    let next = (&found["next"]["action"], &found["next"]["step"]);
    assert_eq!(next, (&json!("advances"), &json!(2)));

    minutes(&sandbox, 4);
    reported(&sandbox, TICK).ok();
    let found = data(&sandbox);
    assert_eq!(found["outcome"], "advanced");
    assert_eq!(each(&found, "/looks/0/verdict"), ["inconclusive", "inconclusive"]);
    assert_eq!(happened(&found), [("advances", API), ("advances", WEB)]);
    assert!(
        each(&found, "/timeline/0/gates").iter().all(|gates| gates[0]["verdict"] == "inconclusive")
    );
    assert_eq!(each(&found, "/series/period"), [60, 60]);
    let sum: f64 = each(&found, "/exposure/calls").iter().filter_map(Value::as_f64).sum();
    assert!(
        sum > 100.0 && (sum - found["exposure"]["calls"].as_f64().unwrap()).abs() < 0.5,
        "{sum}"
    );
    assert_eq!(found["unknown"], json!(["earlier-looks", "earlier-runs", "other-aliases"]));
    let page = html(&sandbox);
    is_sealed(&page);
    assert_eq!(page.matches("<figure class=\"chart\">").count(), 8);
    let ids = ids(&page);
    for id in ["functions", "steps", "timeline", "f1", "f1-charts", "f1-share-title", "f2-gates"] {
        assert!(ids.contains(&id), "no {id}: {ids:?}");
    }
    // The steps are those of all: they are not told again.
    assert!(!ids.contains(&"f1-steps"), "{ids:?}");
    has(
        &page,
        &[
            "<h2 id=\"f1\">api-dev-shop, alias prod: 1 → 2</h2>",
            "<h3 id=\"f1-charts\">Calls, errors, duration</h3>",
            "<h4>Error rate</h4>",
            "<span class=\"tone plain\">? inconclusive</span>",
        ],
    );

    minutes(&sandbox, 8);
    reported(&sandbox, TICK).ok();
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], &found["summary"]),
        (&json!("done"), &json!("2 functions: done, 2 serves everything"))
    );
    let results: Vec<_> =
        found["steps"].as_array().unwrap().iter().map(|step| &step["result"]).collect();
    assert_eq!(results, ["passed", "passed"]);
    assert_eq!(
        found["commands"],
        json!([{"does": "rollback", "command": "scfctl rollback --project --alias prod"}])
    );
    has(&html(&sandbox), &["<div class=\"outcome good\" role=\"status\">", "<title>Done · "]);
    let found = suites(&sandbox);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["api-dev-shop, alias prod: 1 → 2", "web-dev-shop, alias prod: 1 → 2"]);
    for (_, cases) in &found {
        let cases: Vec<_> = cases.iter().map(|(name, verdict, _)| (&**name, &**verdict)).collect();
        assert_eq!(cases, [("step 1 of 2: 10%", "passed"), ("step 2 of 2: 100%", "passed")]);
    }
}

#[test]
fn one_that_fails_takes_all_back_and_the_page_says_who() {
    let sandbox = world();
    begin(&sandbox, "");
    load(&sandbox, API, &json!({"2": [{"error_rate": 0.3}]}));
    minutes(&sandbox, 10);
    let ran = reported(&sandbox, TICK).fails(7);
    assert_eq!(ran.changes(), ["UpdateAlias"; 2]);
    let found = data(&sandbox);
    assert_eq!((&found["outcome"], &found["exitCode"]), (&json!("rolled-back"), &json!(7)));
    assert_eq!(found["error"]["code"], "rolled-back");
    assert_eq!(each(&found, "/outcome"), ["rolled-back", "rolled-back"]);
    assert_eq!(each(&found, "/rollout/reason"), ["fail", "project"]);
    assert_eq!(each(&found, "/error/code"), ["rolled-back", "rolled-back"]);
    // Only the one that failed went back because of its gates.
    assert_eq!(happened(&found), [("back", API), ("back", WEB)]);
    let gates = |entry: &Value| entry["gates"].as_array().map_or(0, Vec::len);
    let timeline = found["timeline"].as_array().unwrap();
    assert_eq!((gates(&timeline[0]), gates(&timeline[1])), (1, 0));
    assert_eq!(each(&found, "/looks/0/decides"), [true, false]);
    assert_eq!(
        (&found["steps"][0]["result"], &found["steps"][0]["reason"]),
        (&json!("back"), &json!("fail"))
    );
    let summary = found["summary"].as_str().unwrap();
    assert!(
        summary.starts_with("api-dev-shop: ") && !summary.contains("web-dev-shop"),
        "{summary}"
    );
    let retry =
        json!([{"does": "retry", "command": "scfctl rollout retry --project --alias prod"}]);
    assert_eq!(found["commands"], retry);
    assert_eq!(first_cases(&sandbox), owned(&[("failure", "fail"), ("failure", "project")]));
    let page = html(&sandbox);
    is_sealed(&page);
    has(
        &page,
        &[
            "<title>Rolled back · Rollout of prod of 2 functions: 1 → 2</title>",
            "<div class=\"outcome bad\" role=\"status\">",
            "<span class=\"tone bad\">✗ fail</span>",
            "another function of the project went back",
        ],
    );
}

#[test]
fn one_that_is_held_holds_all() {
    let sandbox = world();
    begin(&sandbox, "");
    sandbox.type_in("rollout pause --project --alias prod").ok();
    minutes(&sandbox, 9);
    reported(&sandbox, TICK).fails(8);
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], each(&found, "/outcome")),
        (&json!("held"), vec![json!("held"); 2])
    );
    assert_eq!(first_cases(&sandbox), owned(&[("skipped", "user"), ("skipped", "user")]));
    let commands = each(&json!({"functions": found["commands"]}), "/does");
    assert_eq!(commands, ["resume", "abort"]);
    // One alone is held, for want of data; the other one waits for it.
    let sandbox = world();
    let quiet = json!({"alias": "prod", "rate_per_min": 0});
    let params = json!({"FunctionName": WEB, "Load": quiet.to_string()});
    sandbox.server().instruct("SetLoad", params, crate::sandbox::REGION).unwrap();
    begin(&sandbox, "");
    let mut last = reported(&sandbox, TICK);
    for _ in 0..60 {
        if last.code != 0 {
            break;
        }
        minutes(&sandbox, 1);
        last = reported(&sandbox, TICK);
    }
    last.fails(8);
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], each(&found, "/outcome")),
        (&json!("held"), vec![json!("due"), json!("held")])
    );
    assert_eq!(each(&found, "/error/code"), [Value::Null, json!("held")]);
    assert!(
        found["summary"].as_str().unwrap().starts_with("web-dev-shop: "),
        "{}",
        found["summary"]
    );
    assert_eq!(first_cases(&sandbox), owned(&[("skipped", "running"), ("error", "nodata")]));
    has(&html(&sandbox), &["<div class=\"outcome held\" role=\"status\">"]);
}

#[test]
fn a_project_of_which_a_part_is_there_says_so_once() {
    let sandbox = world();
    let before = alias(&sandbox, WEB);
    begin(&sandbox, "--no-gates");
    // As if the second write had never come.
    restore(&sandbox, WEB, &before);
    minutes(&sandbox, 8);
    reported(&sandbox, TICK).fails(5);
    let found = data(&sandbox);
    assert_eq!((&found["error"]["code"], &found["exitCode"]), (&json!("not-together"), &json!(5)));
    assert_eq!(each(&found, "/error"), [Value::Null, Value::Null]);
    assert_eq!(each(&found, "/outcome")[1], "none");
    assert_eq!(found["commands"][0]["does"], "pause");
    let (last, cases) = suites(&sandbox).pop().unwrap();
    assert_eq!(last, "Rollout of prod of 2 functions");
    let error = ("rollout tick".to_owned(), "error".to_owned(), "not-together".to_owned());
    assert_eq!(cases, [error]);
    let page = html(&sandbox);
    has(&page, &["not under the rollout of the others: web-dev-shop", "● No rollout"]);
    assert!(!page.contains("<h2 id=\"f2\">"), "{page}");
}

#[test]
fn a_start_that_is_refused_leaves_the_page_and_one_that_failed_replaces_it() {
    let sandbox = world();
    reported(&sandbox, START).ok();
    let page = html(&sandbox);
    let kept = |line: &str, code: i32| {
        let ran = reported(&sandbox, line).fails(code);
        assert_eq!(ran.changes(), [] as [&str; 0]);
        assert!(html(&sandbox) == page, "{line}");
        ran
    };
    kept(&format!("{START} --dry-run"), 2).says("--report and --dry-run do not go together");
    kept(&START.replace("latest-published", "2"), 2);
    kept(START, 5).says("nothing was done: the report in r.html stays as it was");
    kept(&format!("{TICK} --endpoint http://127.0.0.1:1"), 1);
    kept("rollout status --project --alias nobody", 3);
    // Where nothing stands, a pipeline finds why there is no more.
    std::fs::remove_file(place(&sandbox, "r.json")).unwrap();
    reported(&sandbox, START).fails(5);
    let found = data(&sandbox);
    assert_eq!((&found["outcome"], &found["exitCode"]), (&json!("failed"), &json!(5)));
    assert_eq!(each(&found, "/functionName"), [API, WEB]);
    let page = html(&sandbox);
    // Not all can be begun: those that were are as before.
    let sandbox = world();
    std::fs::write(place(&sandbox, "r.html"), page).unwrap();
    refuse_once(&sandbox, "UpdateAlias", WEB);
    reported(&sandbox, START).fails(4).says("the report is in r.html");
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], each(&found, "/outcome")),
        (&json!("failed"), vec![json!("rolled-back"), json!("failed")])
    );
    assert_eq!(each(&found, "/error/code").last().unwrap(), "UnauthorizedOperation");
    assert_eq!(happened(&found), [("begins", API), ("rolls-back", API)]);
    assert_eq!(
        first_cases(&sandbox),
        owned(&[("failure", "project"), ("error", "UnauthorizedOperation")])
    );
    is_sealed(&html(&sandbox));
}

/// Starts in the foreground, until both functions have begun.
fn begun(sandbox: &Sandbox, options: &str) -> (std::process::Child, Vec<String>) {
    let start = START.trim_end_matches(" --detach");
    let line = format!("{start} {options} --report r.html --report r.json --report r.xml");
    let mut process = sandbox.spawn(&line.split_whitespace().collect::<Vec<_>>());
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    for _ in [API, WEB] {
        assert!(lines.any(|line| line.unwrap().contains("step 1 of 2")));
    }
    send(Signal::INT, process.id());
    (process, lines.map(Result::unwrap).collect())
}

#[test]
fn an_interrupted_start_of_all_leaves_its_page() {
    for (option, outcome, case) in [
        ("", "held", ("error", "interrupt")),
        ("--on-interrupt rollback", "rolled-back", ("failure", "interrupt")),
    ] {
        let sandbox = world();
        let (mut process, told) = begun(&sandbox, option);
        assert_eq!(process.wait().unwrap().code(), Some(130), "{told:?}");
        let found = data(&sandbox);
        assert_eq!(
            (&found["outcome"], &found["exitCode"], &found["error"]["code"]),
            (&json!(outcome), &json!(130), &json!("interrupted"))
        );
        assert_eq!(each(&found, "/outcome"), [outcome; 2]);
        let interrupted = ("error", "interrupted");
        assert_eq!(first_cases(&sandbox), owned(&[case, case, interrupted]));
        has(&html(&sandbox), &["interrupted; the rollout of alias"]);
    }
}

#[test]
fn a_second_signal_leaves_what_is_known_of_each() {
    let sandbox = world();
    let from = sandbox.calls().len();
    let begun = std::sync::atomic::AtomicUsize::new(0);
    // The answers to the writes because of the first signal never come.
    sandbox.faulty(move |call| match call.action.as_str() {
        "UpdateAlias" if begun.fetch_add(1, Ordering::SeqCst) >= 2 => {
            Fault::Delay(Duration::from_secs(60))
        }
        _ => Fault::None,
    });
    let start = START.trim_end_matches(" --detach");
    let line = format!("{start} --report r.json");
    let mut process = sandbox.spawn(&line.split_whitespace().collect::<Vec<_>>());
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    for _ in [API, WEB] {
        assert!(lines.any(|line| line.unwrap().contains("step 1 of 2")));
    }
    send(Signal::INT, process.id());
    sandbox.await_calls(from, "UpdateAlias", 3);
    assert_eq!(signal_to_the_end(&mut process, Signal::INT).code(), Some(130));
    let found = data(&sandbox);
    assert_eq!((&found["outcome"], &found["exitCode"]), (&json!("interrupted"), &json!(130)));
    assert_eq!(each(&found, "/rollout/step"), [1, 1]);
}

#[test]
fn a_chinese_page_of_all_has_the_same_data() {
    let sandbox = world();
    begin(&sandbox, "");
    minutes(&sandbox, 4);
    let status = "rollout status --project --alias prod";
    reported(&sandbox, status).ok();
    let english = (data(&sandbox), suites(&sandbox));
    reported(&sandbox, &format!("{status} --lang zh")).ok();
    let page = html(&sandbox);
    is_sealed(&page);
    has(
        &page,
        &[
            "<title>进行中 · 灰度发布：2 个函数的别名 prod，1 → 2</title>",
            "<h2 id=\"f2\">函数 web-dev-shop 的别名 prod，1 → 2</h2>",
            "<p>2 个函数：第 1 步（共 2 步）",
        ],
    );
    let mut chinese = (data(&sandbox), suites(&sandbox));
    let mut english = english;
    for data in [&mut english.0, &mut chinese.0] {
        // Times, and the command line.
        data["run"] = Value::Null;
    }
    assert_eq!(english, chinese);
}

#[test]
fn a_project_of_one_function_has_the_page_of_that_function() {
    let sandbox = Sandbox::with(|options| {
        options.clock = std::sync::Arc::new(|| {
            chrono::DateTime::<chrono::Utc>::from_timestamp(1_795_860_000, 0).unwrap()
        });
    });
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("api", "");
    sandbox.type_in("deploy").ok();
    crate::rollout_project::prepare(&sandbox, &[API]);
    begin(&sandbox, "");
    minutes(&sandbox, 5);
    let main = |page: &str| {
        let start = page.find("<h1>").unwrap();
        page[start..page.find("<section aria-labelledby=\"calls-made\">").unwrap()].to_owned()
    };
    reported(&sandbox, "rollout status --project --alias prod").ok();
    let (all, found) = (main(&html(&sandbox)), data(&sandbox));
    assert_eq!(each(&found, "/outcome"), ["waiting"]);
    let cases = suites(&sandbox);
    reported(&sandbox, "rollout status --function api-dev-shop --alias prod").ok();
    assert_eq!(all, main(&html(&sandbox)));
    assert_eq!(cases, suites(&sandbox));
    assert_eq!(each(&found, "/series"), [data(&sandbox)["series"].clone()]);
}

#[test]
fn nothing_secret_and_no_markup_of_a_function_is_on_the_page_of_all() {
    let mut sandbox = world();
    let secret = "s&cret<\"'>hunter2";
    sandbox.set("TENCENTCLOUD_SESSIONTOKEN", secret);
    begin(&sandbox, "");
    minutes(&sandbox, 8);
    let met = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        let is_it = call.params["FunctionName"] == WEB && call.action == "UpdateAlias";
        if is_it && !met.swap(true, Ordering::SeqCst) {
            return Fault::error(
                "UnauthorizedOperation",
                "no <script>x</script> s&cret<\"'>hunter2",
            );
        }
        Fault::None
    });
    reported(&sandbox, TICK).fails(4);
    is_sealed(&html(&sandbox));
    for file in ["r.html", "r.json", "r.xml"] {
        let text = read(&place(&sandbox, file));
        for part in ["hunter2", "s&amp;cret", crate::sandbox::KEY] {
            assert!(!text.contains(part), "{part} in {file}:\n{text}");
        }
        assert!(text.contains("redacted"), "{file}: {text}");
    }
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], each(&found, "/outcome")),
        (&json!("failed"), vec![json!("advanced"), json!("failed")])
    );
    // Where it is, is known all the same.
    assert_eq!(each(&found, "/rollout/step"), [2, 1]);
}

#[test]
fn the_functions_of_one_file_have_one_page() {
    let sandbox = Sandbox::new();
    sandbox.file("src/index.py", "def main_handler(event, context): pass\n");
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: jobs\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  \
         handler: index.main_handler\n  functions:\n    first: {}\n    second: {}\n  rollout:\n    alias: prod\n    to: 2\n",
    );
    sandbox.type_in("deploy").ok();
    crate::rollout_project::prepare(&sandbox, &["jobs-dev-shop-first", "jobs-dev-shop-second"]);
    reported(&sandbox, "rollout start --project --detach").ok();
    let found = data(&sandbox);
    assert_eq!(each(&found, "/functionName"), ["jobs-dev-shop-first", "jobs-dev-shop-second"]);
    assert_eq!(found["commands"][0]["command"], "scfctl rollout promote --project --expect-step 1");
}
