//! Triggers of `events` by the example of timers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox};

const CRON: &str = "*/5 * * * * * *";

/// `events` with one timer of these parameters.
fn timer(name: &str, parameters: &[&str]) -> String {
    let parameters: String =
        parameters.iter().flat_map(|parameter| ["          ", parameter, "\n"]).collect();
    format!("  events:\n    - timer:\n        name: {name}\n        parameters:\n{parameters}")
}

const EVERY_FIVE_SECONDS: &str = "cronExpression: '*/5 * * * * * *'";

/// Name, qualifier and cron of all triggers, sorted.
fn triggers(sandbox: &Sandbox) -> Vec<(String, String, String)> {
    let listed = sandbox.console("ListTriggers", json!({"Limit": 100}));
    let text = |trigger: &Value, key: &str| trigger[key].as_str().unwrap().to_owned();
    let mut triggers: Vec<_> = listed["Triggers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trigger| {
            let form = text(trigger, "TriggerDesc");
            let form: Value = serde_json::from_str(&form).unwrap();
            let cron = form["cron"].as_str().unwrap_or("-").to_owned();
            (text(trigger, "TriggerName"), text(trigger, "Qualifier"), cron)
        })
        .collect();
    triggers.sort();
    triggers
}

fn trigger(name: &str, qualifier: &str) -> (String, String, String) {
    (name.into(), qualifier.into(), CRON.into())
}

fn create(sandbox: &Sandbox, name: &str, qualifier: &str) {
    let params = json!({
        "TriggerName": name, "Type": "timer", "TriggerDesc": CRON, "Qualifier": qualifier,
        "Enable": "OPEN",
    });
    sandbox.console("CreateTrigger", params);
}

fn alias(sandbox: &Sandbox, name: &str) {
    sandbox.console("CreateAlias", json!({"Name": name, "FunctionVersion": "$LATEST"}));
}

/// A deployed function whose timer `tick` is on `$DEFAULT`, and `alias-prod` beside it.
fn with_timer() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(&timer("tick", &[EVERY_FIVE_SECONDS, "enable: true"]));
    sandbox.type_in("deploy").ok();
    alias(&sandbox, "alias-prod");
    sandbox
}

const MOVED: &[&str] = &[EVERY_FIVE_SECONDS, "enable: true", "qualifier: alias-prod"];

fn params(sandbox: &Sandbox, from: usize, action: &str) -> Value {
    let call = sandbox.calls().into_iter().skip(from).find(|call| call.action == action);
    call.unwrap_or_else(|| panic!("no {action}")).params
}

#[test]
fn a_first_deployment_creates_the_timer_and_prints_it_as_the_real_one() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(&timer("", &[EVERY_FIVE_SECONDS, "enable: true", "argument: {a: 1}"]));
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(sandbox.changes_since(0), ["CreateFunction", "CreateTrigger"]);
    assert_eq!(
        params(&sandbox, 0, "CreateTrigger"),
        json!({
            "FunctionName": FUNCTION,
            "Namespace": "default",
            "TriggerName": "timer-demo-dev",
            "Type": "timer",
            "TriggerDesc": CRON,
            "Qualifier": "$DEFAULT",
            "Enable": "OPEN",
            "CustomArgument": "{\"a\":1}",
        })
    );
    let printed = ran.stdout.split("triggers: \n").nth(1).unwrap();
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[..2], ["  - ", "    NeedCreate:       true"], "{printed}");
    assert_eq!(*lines.last().unwrap(), "    Qualifier:        $DEFAULT", "{printed}");
    for line in [
        "    TriggerName:      timer-demo-dev",
        "    TriggerDesc:      {\"cron\":\"*/5 * * * * * *\"}",
        "    CustomArgument:   {\"a\":1}",
        "    Enable:           1",
    ] {
        assert!(lines.contains(&line), "no `{line}` in {printed}");
    }
}

#[test]
fn an_unchanged_timer_is_left_alone() {
    let sandbox = with_timer();
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("deploy --output json").ok().says("nothing is sent");
    sandbox.nothing_changed(from);
    // Looked at once, together with the rest.
    let mut reads = sandbox.actions_since(from);
    reads.sort();
    assert_eq!(
        reads,
        [
            "GetAlias",
            "GetFunction",
            "GetFunctionAddress",
            "ListAliases",
            "ListTriggers",
            "ListVersionByFunction",
        ]
    );
    let printed = &ran.json()["triggers"];
    assert_eq!(printed[0]["needCreate"], false);
    assert_eq!(printed[0]["triggerName"], "tick");
    assert_eq!(printed.as_array().unwrap().len(), 1);
}

#[test]
fn what_differs_is_updated_and_nothing_else_is_sent() {
    let sandbox = with_timer();
    let given = json!({
        "FunctionName": FUNCTION, "Namespace": "default", "TriggerName": "tick", "Type": "timer",
        "Qualifier": "$DEFAULT",
    });
    let with = |key: &str, value: &str| {
        let mut params = given.clone();
        params[key] = value.into();
        params
    };
    let table: [(&[&str], Value); 4] = [
        (
            &["cronExpression: '0 */5 * * * * *'", "enable: true"],
            with("TriggerDesc", "0 */5 * * * * *"),
        ),
        (
            &["cronExpression: '0 */5 * * * * *'", "enable: true", "argument: x"],
            with("CustomArgument", "x"),
        ),
        (&["cronExpression: '0 */5 * * * * *'", "enable: true"], with("CustomArgument", "")),
        (&["cronExpression: '0 */5 * * * * *'", "enable: false"], with("Enable", "CLOSE")),
    ];
    for (parameters, expected) in table {
        sandbox.yaml(&timer("tick", parameters));
        let from = sandbox.calls().len();
        sandbox.type_in("deploy").ok();
        assert_eq!(sandbox.changes_since(from), ["UpdateTrigger"]);
        assert_eq!(params(&sandbox, from, "UpdateTrigger"), expected);
    }
    // Whether it fires is not said: it stays closed.
    sandbox.yaml(&timer("tick", &["cronExpression: '0 */5 * * * * *'"]));
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
}

#[test]
fn a_moved_timer_stands_on_the_alias_alone() {
    let sandbox = with_timer();
    sandbox.yaml(&timer("tick", MOVED));
    let ran = sandbox
        .type_in("deploy")
        .ok()
        .says("CreateTrigger: create timer `tick` on `alias-prod`")
        .says("DeleteTrigger: delete timer `tick` on `$DEFAULT`: the file has it on `alias-prod`");
    assert_eq!(ran.changes(), ["CreateTrigger", "DeleteTrigger"]);
    assert_eq!(triggers(&sandbox), [trigger("tick", "alias-prod")]);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
}

#[test]
fn where_a_name_is_taken_only_once_the_old_one_goes_first() {
    for code in ["ResourceInUse.TriggerName", "ResourceInUse.Trigger", "ResourceInUse"] {
        let sandbox = with_timer();
        sandbox.yaml(&timer("tick", MOVED));
        let met = AtomicU32::new(0);
        sandbox.faulty(move |call| {
            if call.action == "CreateTrigger" && met.fetch_add(1, Ordering::SeqCst) == 0 {
                return Fault::error(code, "exists");
            }
            Fault::None
        });
        let from = sandbox.calls().len();
        sandbox.type_in("deploy").ok().says("first: the service takes a name only once");
        assert_eq!(
            sandbox.changes_since(from),
            ["CreateTrigger", "DeleteTrigger", "CreateTrigger"],
            "{code}"
        );
        assert_eq!(triggers(&sandbox), [trigger("tick", "alias-prod")]);
    }
}

#[test]
fn a_move_that_fails_half_way_says_so_and_ends_on_the_next_run() {
    let sandbox = with_timer();
    sandbox.yaml(&timer("tick", MOVED));
    let met = AtomicU32::new(0);
    sandbox.faulty(move |call| match call.action.as_str() {
        "CreateTrigger" if met.fetch_add(1, Ordering::SeqCst) == 0 => {
            Fault::error("ResourceInUse.TriggerName", "exists")
        }
        "CreateTrigger" => Fault::error("LimitExceeded.Trigger", "too many"),
        _ => Fault::None,
    });
    sandbox
        .type_in("deploy")
        .fails(1)
        .says("done: delete timer `tick` on `$DEFAULT`")
        .says("not done: create timer `tick` on `alias-prod`");
    sandbox.healthy();
    sandbox.type_in("deploy").ok();
    assert_eq!(triggers(&sandbox), [trigger("tick", "alias-prod")]);
    // Stopped between the two calls.
    let sandbox = with_timer();
    sandbox.yaml(&timer("tick", MOVED));
    sandbox.faulty(|call| match call.action.as_str() {
        "DeleteTrigger" => Fault::error("UnauthorizedOperation.DeleteTrigger", "no"),
        _ => Fault::None,
    });
    sandbox.type_in("deploy").fails(4).says("done: create timer `tick` on `alias-prod`");
    sandbox.healthy();
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(ran.changes(), ["DeleteTrigger"]);
    assert_eq!(triggers(&sandbox), [trigger("tick", "alias-prod")]);
}

#[test]
fn a_missing_alias_stops_everything_before_it_starts() {
    let sandbox = with_timer();
    sandbox.change_code("two");
    let refused = |qualifier: &str| {
        let qualifier = format!("qualifier: {qualifier}");
        sandbox.yaml(&timer("tick", &[EVERY_FIVE_SECONDS, "enable: true", &qualifier]));
        let from = sandbox.calls().len();
        let ran = sandbox.type_in("deploy").fails(3);
        sandbox.nothing_changed(from);
        ran
    };
    // The misspelling of the document itself.
    let ran = refused("alais-prod");
    assert!(
        ran.stderr.contains(
            "caused by: timer `tick` names alias `alais-prod`, which the function does not have\n"
        ),
        "{}",
        ran.stderr
    );
    ran.says("its aliases are $DEFAULT, alias-prod; did you mean `alias-prod`?");
    refused("7").says("timer `tick` names version 7").says("no version is published yet");
    // Nor does dry-run promise what cannot be done.
    sandbox.type_in("deploy --dry-run").fails(3);
    // Before the function exists it has no alias of its own.
    let sandbox = Sandbox::with_project();
    sandbox.yaml(&timer("tick", MOVED));
    sandbox.type_in("deploy").fails(3).says("the function does not exist yet");
    sandbox.nothing_changed(0);
}

#[test]
fn many_aliases_are_all_named() {
    let sandbox = Sandbox::behaving("page-limit=3");
    sandbox.project();
    sandbox.type_in("deploy").ok();
    for number in 0..7 {
        alias(&sandbox, &format!("alias-{number}"));
    }
    sandbox.yaml(&timer("tick", MOVED));
    sandbox.type_in("deploy").fails(3).says("alias-0, alias-1, alias-2").says("alias-6");
}

#[test]
fn without_events_no_trigger_is_even_looked_at() {
    for inputs in [
        String::new(),
        "  events:\n".to_owned(),
        format!("  ignoreTriggers: true\n{}", timer("other", &[EVERY_FIVE_SECONDS])),
    ] {
        let sandbox = with_timer();
        sandbox.yaml(&inputs);
        sandbox.change_code("two");
        let from = sandbox.calls().len();
        sandbox.type_in("deploy").ok();
        let touched: Vec<_> = sandbox
            .actions_since(from)
            .into_iter()
            .filter(|action| action.contains("Trigger"))
            .collect();
        assert_eq!(touched, [] as [&str; 0]);
        assert_eq!(triggers(&sandbox), [trigger("tick", "$DEFAULT")]);
    }
}

#[test]
fn the_file_decides_about_the_qualifiers_that_it_names_only() {
    let sandbox = with_timer();
    create(&sandbox, "made-elsewhere", "alias-prod");
    create(&sandbox, "left-over", "$DEFAULT");
    let address = json!({
        "TriggerName": "url", "Type": "http", "Qualifier": "$DEFAULT",
        "TriggerDesc": "{\"AuthType\":\"NONE\",\"NetConfig\":{\"EnableIntranet\":false,\"EnableExtranet\":true}}",
    });
    sandbox.console("CreateTrigger", address);
    let ran = sandbox
        .type_in("deploy")
        .ok()
        .says("DeleteTrigger: delete timer `left-over` on `$DEFAULT`: the file does not list it")
        .says("DeleteTrigger: delete function URL `url` on `$DEFAULT`: the file does not list it")
        .says("left alone, because no event of the file names that version or alias (--prune-triggers removes them): timer `made-elsewhere` on `alias-prod`\n");
    assert_eq!(ran.changes(), ["DeleteTrigger", "DeleteTrigger"]);
    let expected = [trigger("made-elsewhere", "alias-prod"), trigger("tick", "$DEFAULT")];
    assert_eq!(triggers(&sandbox), expected);
    // An empty list: none on $DEFAULT.
    sandbox.yaml("  events: []\n");
    sandbox.type_in("deploy").ok();
    assert_eq!(triggers(&sandbox), [trigger("made-elsewhere", "alias-prod")]);
}

#[test]
fn all_pages_of_triggers_are_read() {
    let sandbox = Sandbox::behaving("page-limit=3");
    sandbox.project();
    sandbox.type_in("deploy").ok();
    for number in 0..8 {
        create(&sandbox, &format!("t{number}"), "$LATEST");
    }
    sandbox.yaml(&timer("t0", &[EVERY_FIVE_SECONDS, "enable: true", "qualifier: $LATEST"]));
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    assert_eq!(sandbox.changes_since(from), ["DeleteTrigger"; 7]);
    assert_eq!(triggers(&sandbox), [trigger("t0", "$LATEST")]);
}

#[test]
fn a_wrong_event_is_refused_with_its_line() {
    let sandbox = Sandbox::with_project();
    for (parameters, says) in [
        (
            &["cronExpression: '* * * * * *'"][..],
            "is `* * * * * *`, which has 6 fields (serverless.yml:12)",
        ),
        (&["enable: true", "cronExpression: ''"], "is empty (serverless.yml:13)"),
        (
            &["enable: true"],
            "`events.0.timer.parameters.cronExpression` is missing (serverless.yml:11)",
        ),
    ] {
        sandbox.yaml(&timer("tick", parameters));
        sandbox.type_in("deploy").fails(2).says(says).says("`*/5 * * * * * *` for every 5 seconds");
    }
    sandbox.yaml("  events:\n    - tiemr:\n        name: x\n");
    sandbox.type_in("deploy").fails(2).says("did you mean `timer`?").says("serverless.yml:9");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn the_samples_five_fields_are_sent_with_a_word_of_warning() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    alias(&sandbox, "alias-prod");
    sandbox.yaml(&timer(
        "#触发器名称，默认timer-${name}-${stage}",
        &[
            "qualifier: alias-prod #配置别名为alias-prod",
            "cronExpression: '*/5 * * * *' # 每5秒触发一次",
            "enable: true",
            "argument: argument # 额外的参数",
        ],
    ));
    sandbox
        .type_in("deploy")
        .ok()
        .says("warning: `events.0.timer.parameters.cronExpression` (serverless.yml:13) is `*/5 * * * *`")
        .says("`*/5 * * * * * *` is every 5 seconds and `0 */5 * * * * *` every 5 minutes");
    let expected = ("timer-demo-dev".into(), "alias-prod".into(), "*/5 * * * *".into());
    assert_eq!(triggers(&sandbox), [expected]);
    assert_eq!(params(&sandbox, 0, "CreateTrigger")["CustomArgument"], "argument");
}

#[test]
fn a_timer_without_enable_is_created_closed_and_said() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(&timer("tick", &[EVERY_FIVE_SECONDS]));
    sandbox.type_in("deploy").ok().says("timer `tick` is created closed");
    assert_eq!(params(&sandbox, 0, "CreateTrigger")["Enable"], "CLOSE");
    // Opened in the console: stays open, and nothing is said any more.
    let open =
        json!({"TriggerName": "tick", "Type": "timer", "Qualifier": "$DEFAULT", "Enable": "OPEN"});
    sandbox.console("UpdateTrigger", open);
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
    assert!(!ran.stderr.contains("created closed"), "{}", ran.stderr);
}

#[test]
fn a_lost_creation_is_looked_for_before_it_is_repeated() {
    for fault in
        [Fault::DropAfter, Fault::Truncated, Fault::HttpAfter { status: 500, body: String::new() }]
    {
        let sandbox = Sandbox::with_project();
        sandbox.yaml(&timer("tick", &[EVERY_FIVE_SECONDS, "enable: true"]));
        let fault = fault.clone();
        sandbox.faulty(move |call| match call.action.as_str() {
            "CreateTrigger" => fault.clone(),
            _ => Fault::None,
        });
        sandbox.type_in("deploy").ok();
        assert_eq!(sandbox.changes_since(0), ["CreateFunction", "CreateTrigger"]);
        assert_eq!(triggers(&sandbox), [trigger("tick", "$DEFAULT")]);
    }
    // Lost before it was carried out: sent again.
    let sandbox = Sandbox::with_project();
    sandbox.yaml(&timer("tick", &[EVERY_FIVE_SECONDS, "enable: true"]));
    sandbox.once("CreateTrigger", Fault::DropBefore);
    sandbox.type_in("deploy").ok();
    assert_eq!(triggers(&sandbox), [trigger("tick", "$DEFAULT")]);
}

#[test]
fn another_timer_made_meanwhile_is_not_overwritten() {
    for (cron, code) in [(CRON, 0), ("0 0 0 * * * *", 5)] {
        let sandbox = Sandbox::with_project();
        sandbox.yaml(&timer("tick", &[EVERY_FIVE_SECONDS, "enable: true"]));
        let server = sandbox.server().clone();
        sandbox.faulty(move |call| {
            if call.action != "CreateTrigger" {
                return Fault::None;
            }
            let server = server.clone();
            Fault::Before(Arc::new(move || {
                let params = json!({
                    "FunctionName": FUNCTION, "TriggerName": "tick", "Type": "timer",
                    "TriggerDesc": cron, "Qualifier": "$DEFAULT", "Enable": "OPEN",
                });
                server.apply("CreateTrigger", params, REGION).unwrap();
            }))
        });
        let ran = sandbox.type_in("deploy").fails(code);
        // The same one by chance is fine.
        assert_eq!(ran.stderr.contains("ResourceInUse"), code != 0, "{}", ran.stderr);
    }
}

#[test]
fn a_deletion_that_happened_already_is_done() {
    let sandbox = with_timer();
    sandbox.yaml("  events: []\n");
    sandbox.once("DeleteTrigger", Fault::DropAfter);
    sandbox.type_in("deploy").ok();
    assert_eq!(triggers(&sandbox), []);
}

#[test]
fn a_failure_without_a_reason_is_tried_again_a_few_times() {
    for (action, inputs) in [
        ("CreateTrigger", timer("other", &[EVERY_FIVE_SECONDS, "enable: true"])),
        ("UpdateTrigger", timer("tick", &[EVERY_FIVE_SECONDS, "enable: false"])),
        ("DeleteTrigger", "  events: []\n".to_owned()),
    ] {
        let sandbox = with_timer();
        sandbox.yaml(&inputs);
        sandbox.once(action, Fault::error(&format!("FailedOperation.{action}"), "try later"));
        let from = sandbox.calls().len();
        sandbox.type_in("deploy").ok();
        let tries = sandbox.changes_since(from).into_iter().filter(|name| name == action).count();
        assert_eq!(tries, 2, "{action}");
    }
}

#[test]
fn dry_run_shows_the_triggers_and_touches_none() {
    let sandbox = with_timer();
    sandbox.change_code("two");
    sandbox.yaml(&timer("tick", MOVED));
    let from = sandbox.calls().len();
    let ran =
        sandbox.type_in("deploy --dry-run --output json --inputs publish=true traffic=0.1").ok();
    sandbox.nothing_changed(from);
    let calls = ran.json()["calls"].clone();
    let actions: Vec<_> =
        calls.as_array().unwrap().iter().map(|call| call["action"].clone()).collect();
    let expected =
        ["UpdateFunctionCode", "PublishVersion", "UpdateAlias", "CreateTrigger", "DeleteTrigger"];
    assert_eq!(actions, expected);
    assert_eq!(calls[3]["effect"], format!("create timer `tick` on `alias-prod` ({CRON})"));
    // What it said is what happens.
    sandbox.type_in("deploy --inputs publish=true traffic=0.1").ok();
    assert_eq!(sandbox.changes_since(from), expected);
}
