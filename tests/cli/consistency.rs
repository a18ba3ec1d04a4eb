//! Reads that lag behind writes, weights that come back as other floats, and a function that is
//! busy under whatever code.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use scfctl::local::{Call, Fault, Handle};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Ran, Sandbox, finished};

/// A sandbox whose server has switches set, with version 1 and an even split.
fn split(settings: &[&str], transition: Duration) -> Sandbox {
    // What lasts is still under way at the next call.
    let sandbox = Sandbox::by_calls(transition / 3, |options| {
        for setting in settings {
            options.behaviour.set(setting).unwrap();
        }
        options.transition = transition;
    });
    sandbox.project();
    sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
    sandbox
}

fn alias(sandbox: &Sandbox, command: &str, version: &str, weights: &str) -> Ran {
    let (function, config) =
        (format!("function={FUNCTION}"), format!(r#"config={{"weights":{weights}}}"#));
    let version = format!("version={version}");
    sandbox.run(&[command, "--inputs", "name=live", &function, &version, &config])
}

fn change(server: &Handle, action: &str, mut params: Value) {
    params["FunctionName"] = FUNCTION.into();
    server.apply(action, params, REGION).unwrap();
}

fn weights(version: &str, weight: f64) -> Value {
    json!({"AdditionalVersionWeights": [{"Version": version, "Weight": weight}]})
}

/// Someone else acts right before the first call of an action after `from`.
fn before_first(
    sandbox: &Sandbox,
    after: &'static str,
    action: &'static str,
    act: impl Fn(&Handle) + Send + Sync + 'static,
) {
    let (server, act) = (sandbox.server().clone(), Arc::new(act));
    let (open, met) = (AtomicBool::new(false), AtomicBool::new(false));
    sandbox.faulty(move |call: &Call| {
        if call.action == after {
            open.store(true, Ordering::SeqCst);
        } else if call.action == action
            && open.load(Ordering::SeqCst)
            && !met.swap(true, Ordering::SeqCst)
        {
            let (server, act) = (server.clone(), Arc::clone(&act));
            return Fault::Before(Arc::new(move || act(&server)));
        }
        Fault::None
    });
}

/// The second write finds a read that shows neither what it replaced nor what it wrote, but what
/// the first one left.
#[test]
fn code_and_settings_can_be_published_while_reads_lag() {
    let sandbox = split(&["reads=stale-one"], Duration::ZERO);
    sandbox.change_code("two, which is longer");
    sandbox.yaml("  timeout: 9\n");
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    assert_eq!(sandbox.routing("$DEFAULT")["2"], json!(1));
}

#[test]
fn a_read_that_is_one_read_old_is_no_conflict() {
    let sandbox = split(&["reads=stale-one"], Duration::ZERO);
    for traffic in ["0.1", "0.3", "0"] {
        sandbox.type_in(&format!("deploy --inputs traffic={traffic}")).ok();
        let share: f64 = traffic.parse().unwrap();
        assert_eq!(sandbox.routing("$DEFAULT")["$LATEST"], json!(share));
    }
    alias(&sandbox, "create-alias", "1", r#"{"$LATEST":0.1}"#).ok();
    alias(&sandbox, "update-alias", "1", r#"{"$LATEST":0.2}"#).ok();
    assert_eq!(sandbox.routing("live"), json!({"1": 0.8, "$LATEST": 0.2}));
    sandbox.run(&["delete-alias", "--inputs", "name=live", &format!("function={FUNCTION}")]).ok();
    // Again at once: the first look of the next command is what lags.
    alias(&sandbox, "create-alias", "1", "{}").ok();
    alias(&sandbox, "update-alias", "1", r#"{"$LATEST":1}"#).ok();
}

#[test]
fn a_read_that_stays_old_is_reported_once_the_time_is_over() {
    let sandbox = split(&[], Duration::ZERO);
    let server = sandbox.server().clone();
    let old = sandbox.console("GetAlias", json!({"Name": "$DEFAULT"}));
    // Whatever is written, the alias is shown as it was: another state is put back with the
    // same time of its last write.
    sandbox.faulty(move |call| {
        let (server, old) = (server.clone(), old.clone());
        match call.action.as_str() {
            "UpdateAlias" => Fault::After(Arc::new(move || {
                let place = scfctl::local::Place::new(REGION, FUNCTION);
                let main = old["FunctionVersion"].as_str().unwrap();
                server.set_routing(&place, "$DEFAULT", main, &old["RoutingConfig"]).unwrap();
            })),
            _ => Fault::None,
        }
    });
    let ran = sandbox.type_in("deploy --timeout 2s --inputs traffic=0.1").fails(5);
    assert!(ran.stderr.contains("alias `$DEFAULT`"), "{}", ran.stderr);
}

#[test]
fn a_read_that_the_end_of_the_time_cuts_short_takes_nothing_from_the_one_before() {
    let sandbox = split(&["reads=stale-one"], Duration::ZERO);
    let is_written = AtomicBool::new(false);
    let reads = AtomicUsize::new(0);
    // The read-back shows what was there before, and the next one never comes.
    sandbox.faulty(move |call| match call.action.as_str() {
        "UpdateAlias" => {
            is_written.store(true, Ordering::SeqCst);
            Fault::None
        }
        "GetAlias" if is_written.load(Ordering::SeqCst) => {
            match reads.fetch_add(1, Ordering::SeqCst) {
                0 => Fault::None,
                _ => Fault::Stall,
            }
        }
        _ => Fault::None,
    });
    let ran = sandbox.type_in("deploy --timeout 5s --inputs traffic=0.1").fails(5);
    assert!(ran.stderr.contains("does not route as asked"), "{}", ran.stderr);
}

#[test]
fn a_third_state_is_a_conflict_at_once() {
    let sandbox = split(&["reads=stale-one"], Duration::ZERO);
    let from = sandbox.calls().len();
    // The read-back is one write old and shows this run's; so does nobody see it.
    before_first(&sandbox, "UpdateAlias", "GetAlias", |server| {
        let params = json!({"Name": "$DEFAULT", "FunctionVersion": "1"});
        change(server, "UpdateAlias", params.clone());
        change(server, "UpdateAlias", params);
    });
    sandbox
        .type_in("deploy --inputs traffic=0.1")
        .fails(5)
        .says("does not route as asked: intended $LATEST: 0.1, 1: 0.9, the service reports 1: 1");
    let actions = sandbox.actions_since(from);
    let written = actions.iter().position(|one| one == "UpdateAlias").unwrap();
    let reads = actions[written..].iter().filter(|one| *one == "GetAlias").count();
    assert_eq!(reads, 1, "{actions:?}");
}

/// What someone else has written over with the same, between two answers that were lost, is what
/// the last write replaces: reads may still show it.
#[test]
fn equal_content_of_another_time_may_lag_too() {
    let later = Arc::new(AtomicI64::new(0));
    let of_server = Arc::clone(&later);
    let sandbox = Sandbox::with(|options| {
        options.behaviour.set("reads=stale-one").unwrap();
        options.clock =
            Arc::new(move || Utc::now() + TimeDelta::seconds(of_server.load(Ordering::SeqCst)));
    });
    sandbox.project();
    sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
    sandbox.server().catch_up();
    let here = json!({"FunctionName": FUNCTION, "Name": "$DEFAULT"});
    let alias = sandbox.server().apply("GetAlias", here.clone(), REGION).unwrap();
    let mut same = here;
    for key in ["FunctionVersion", "RoutingConfig"] {
        same[key] = alias[key].clone();
    }
    let (server, writes, wrote) =
        (sandbox.server().clone(), AtomicUsize::new(0), AtomicBool::new(false));
    sandbox.faulty(move |call: &Call| match call.action.as_str() {
        "UpdateAlias" if writes.fetch_add(1, Ordering::SeqCst) < 2 => Fault::DropBefore,
        "GetAlias" if writes.load(Ordering::SeqCst) == 1 && !wrote.swap(true, Ordering::SeqCst) => {
            let (server, same, later) = (server.clone(), same.clone(), Arc::clone(&later));
            Fault::Before(Arc::new(move || {
                later.store(2, Ordering::SeqCst);
                change(&server, "UpdateAlias", same.clone());
            }))
        }
        _ => Fault::None,
    });
    sandbox.type_in("deploy --inputs traffic=0.1").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "1": 0.9}));
}

#[test]
fn a_version_that_is_not_listed_yet_is_asked_for() {
    let sandbox = split(&["reads=stale-one"], Duration::ZERO);
    sandbox.change_code("two");
    sandbox.type_in("deploy").ok();
    sandbox.console("PublishVersion", json!({}));
    alias(&sandbox, "create-alias", "2", r#"{"1":0.1}"#).ok();
    // Of what the list lacks only what is there is taken.
    let ran = alias(&sandbox, "update-alias", "9", "{}");
    assert!(ran.stderr.contains("version 9 is not published; there are 1, 2 and $LATEST"));
    // An alias that only the list shows already.
    sandbox.console("PublishVersion", json!({}));
    alias(&sandbox, "update-alias", "3", "{}").ok();
    assert_eq!(sandbox.routing("live"), json!({"3": 1.0}));
}

#[test]
fn traffic_goes_to_the_last_version_although_the_list_lacks_it() {
    let sandbox = split(&["reads=stale-one"], Duration::ZERO);
    sandbox.change_code("two");
    sandbox.type_in("deploy --inputs traffic=0.5").ok();
    sandbox.type_in(&format!("publish-ver --inputs function={FUNCTION}")).ok();
    sandbox.type_in("deploy --inputs traffic=0.25").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.25, "2": 0.75}));
    sandbox.console("PublishVersion", json!({}));
    let yaml = "  aliasName: live\n  aliasFunctionVersion: 3\n  additionalVersionWeights: []\n";
    sandbox.yaml(yaml);
    sandbox.type_in("deploy").ok();
    assert_eq!(sandbox.routing("live"), json!({"3": 1.0}));
}

#[test]
fn a_function_that_still_looks_as_before_is_not_taken_for_updated() {
    let sandbox = split(&["reads=stale-one"], Duration::from_millis(300));
    for (code, yaml) in [("two", ""), ("two", "  timeout: 9\n"), ("owt", "  timeout: 8\n")] {
        sandbox.change_code(code);
        sandbox.yaml(yaml);
        sandbox.type_in("deploy").ok();
        let latest = sandbox.console("GetFunction", json!({}));
        assert_eq!(latest["Status"], "Active", "{code} {yaml}");
    }
    // What ends badly is told, and not taken for what was there before.
    sandbox.change_code("wot");
    sandbox.server().fail_next("UpdateFailed", "the disk is full");
    sandbox.type_in("deploy").fails(1).says("the disk is full");
}

#[test]
fn a_run_that_was_stopped_after_publishing_finds_its_version_in_no_list_yet() {
    let sandbox = split(&["reads=stale-one"], Duration::ZERO);
    sandbox.change_code("two");
    let line = "deploy --run-id r --inputs publish=true traffic=0";
    let published = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        published.fetch_or(call.action == "PublishVersion", Ordering::SeqCst);
        if published.load(Ordering::SeqCst) && call.action == "GetFunction" {
            Fault::error("AuthFailure.UnauthorizedOperation", "no")
        } else {
            Fault::None
        }
    });
    sandbox.type_in(line).fails(4);
    sandbox.healthy();
    sandbox.type_in(line).ok().says("version 2 was published by an earlier try of this run");
    assert_eq!(sandbox.versions(), ["1", "2"]);
}

#[test]
fn a_weight_of_32_bits_is_the_one_that_was_sent() {
    let sandbox = split(&["weights=float32"], Duration::ZERO);
    for traffic in ["0.1", "0.333333", "0.9", "0.000001", "1", "0"] {
        let line = format!("deploy --inputs traffic={traffic}");
        sandbox.type_in(&line).ok();
        let from = sandbox.calls().len();
        let again = sandbox.type_in(&line).ok();
        sandbox.nothing_changed(from);
        assert!(again.stdout.contains(&format!("  {traffic}\n")), "{}", again.stdout);
    }
    // What is sent stays an exact decimal.
    let sent: Vec<Value> = sandbox
        .calls()
        .iter()
        .filter(|call| call.action == "UpdateAlias")
        .map(|call| call.params["RoutingConfig"]["AdditionalVersionWeights"][0]["Weight"].clone())
        .collect();
    assert_eq!(json!(sent), json!([0.5, 0.9, 0.666_667, 0.1, 0.999_999, 0, 1]));

    let ran = alias(&sandbox, "create-alias", "1", r#"{"$LATEST":0.3}"#).ok();
    assert!(ran.stdout.contains("Weight:  0.3\n"), "{}", ran.stdout);
    let from = sandbox.calls().len();
    alias(&sandbox, "update-alias", "1", r#"{"$LATEST":0.3}"#).ok().says("nothing is sent");
    sandbox.nothing_changed(from);
    let list = format!("list-alias --inputs function={FUNCTION}");
    let text = sandbox.type_in(&list).ok().stdout;
    assert!(text.contains("█ 1 70%  ░ $LATEST 30%"), "{text}");
    let listed = sandbox.type_in(&format!("{list} --output json")).ok().json();
    let live = listed["aliases"].as_array().unwrap().iter().find(|one| one["name"] == "live");
    assert_eq!(live.unwrap()["additionalVersionWeights"][0]["weight"], json!(0.3));
    let planned = alias(&sandbox, "update-alias", "1", r#"{"$LATEST":0.4}"#);
    assert_eq!(planned.code, 0);
    let rehearsed = ["update-alias", "--dry-run", "--inputs", "name=live", "version=1"];
    let (function, config) =
        (format!("function={FUNCTION}"), r#"config={"weights":{"$LATEST":0.1}}"#);
    let ran =
        sandbox.run(&[&rehearsed[..], &[&function, config, "--output", "json"]].concat()).ok();
    assert_eq!(ran.json()["routingChange"]["before"], json!({"1": 0.6, "$LATEST": 0.4}));
}

#[test]
fn a_conflict_names_weights_as_they_were_asked_for() {
    let sandbox = split(&["weights=float32"], Duration::ZERO);
    before_first(&sandbox, "UpdateAlias", "GetAlias", |server| {
        let params = json!({"Name": "$DEFAULT", "FunctionVersion": "$LATEST",
            "RoutingConfig": weights("1", 0.3)});
        change(server, "UpdateAlias", params);
    });
    sandbox
        .type_in("deploy --inputs traffic=0.1")
        .fails(5)
        .says("intended $LATEST: 0.1, 1: 0.9, the service reports $LATEST: 0.7, 1: 0.3");
}

#[test]
fn a_service_that_rounds_to_percents_does_not_route_as_asked() {
    let sandbox = split(&["weights=percent"], Duration::ZERO);
    sandbox
        .type_in("deploy --inputs traffic=0.667")
        .fails(5)
        .says("intended $LATEST: 0.667, 1: 0.333, the service reports $LATEST: 0.67, 1: 0.33");
    sandbox.type_in("deploy --inputs traffic=0.67").ok();
}

#[test]
fn shares_of_other_tools_are_everything_together() {
    let sandbox = split(&["weights=float32"], Duration::ZERO);
    let third = 1.0 / 3.0;
    let place = scfctl::local::Place::new(REGION, FUNCTION);
    for _ in 0..2 {
        sandbox.console("PublishVersion", json!({}));
    }
    let routing = json!({"AdditionalVersionWeights": [
        {"Version": "1", "Weight": third}, {"Version": "2", "Weight": third},
        {"Version": "3", "Weight": third}]});
    sandbox.server().set_routing(&place, "$DEFAULT", "$LATEST", &routing).unwrap();
    let text = sandbox.type_in(&format!("list-alias --inputs function={FUNCTION}")).ok().stdout;
    assert!(text.contains("█ 3 33.3334%  ░ 2 33.3333%  ▒ 1 33.3333%  $LATEST 0%"), "{text}");
}

#[test]
fn weights_finer_than_can_be_told_apart_are_refused() {
    let sandbox = split(&[], Duration::ZERO);
    let from = sandbox.calls().len();
    sandbox
        .type_in("deploy --inputs traffic=0.0000001")
        .fails(2)
        .says("with more than 6 decimal places")
        .says("a number from 0 to 1 with at most 6 decimal places");
    alias(&sandbox, "create-alias", "1", r#"{"$LATEST":0.1234567}"#)
        .fails(2)
        .says("is 0.1234567, with more than 6 decimal places")
        .says("a number from 0 to 1 with at most 6 decimal places");
    assert_eq!(sandbox.calls().len(), from);
    alias(&sandbox, "create-alias", "1", r#"{"$LATEST":0.123456}"#).ok();
}

/// Someone else begins to change the function right before the first call of an action.
fn busy_before(sandbox: &Sandbox, action: &'static str, other: &'static str) {
    let (server, met) = (sandbox.server().clone(), AtomicBool::new(false));
    sandbox.faulty(move |call| {
        if call.action != action || met.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let server = server.clone();
        Fault::Before(Arc::new(move || match other {
            "PublishVersion" => change(&server, other, json!({})),
            _ => change(&server, other, json!({"Timeout": 7})),
        }))
    });
}

#[test]
fn a_function_that_changes_is_waited_for_by_alias_commands() {
    for settings in [
        &["busy=plain"][..],
        &["busy=plain", "latest-while-publishing=active"],
        &["busy=plain", "reads=stale-one"],
    ] {
        for other in ["UpdateFunctionConfiguration", "PublishVersion"] {
            let sandbox = split(settings, Duration::from_millis(900));
            busy_before(&sandbox, "CreateAlias", other);
            let ran = alias(&sandbox, "create-alias", "1", r#"{"$LATEST":0.1}"#).ok();
            assert!(ran.stderr.contains("busy, waiting: CreateAlias: FailedOperation:"));
            busy_before(&sandbox, "UpdateAlias", other);
            alias(&sandbox, "update-alias", "1", r#"{"$LATEST":0.2}"#).ok();
            busy_before(&sandbox, "UpdateAlias", other);
            sandbox.type_in("deploy --inputs traffic=0.5").ok();
            busy_before(&sandbox, "DeleteAlias", other);
            sandbox
                .run(&["delete-alias", "--inputs", "name=live", &format!("function={FUNCTION}")])
                .ok();
        }
    }
}

#[test]
fn a_lasting_failure_of_an_active_function_is_not_repeated_for_ever() {
    for code in ["FailedOperation", "UnsupportedOperation", "FailedOperation.UpdateAlias"] {
        let sandbox = split(&[], Duration::ZERO);
        let from = sandbox.calls().len();
        sandbox.faulty(move |call| match call.action.as_str() {
            "UpdateAlias" => Fault::error(code, "当前函数状态无法进行此操作"),
            _ => Fault::None,
        });
        sandbox
            .type_in("deploy --inputs traffic=0.1")
            .fails(1)
            .says(&format!("UpdateAlias: {code}: 当前函数状态无法进行此操作 (request "));
        let tries = sandbox.actions_since(from).iter().filter(|one| *one == "UpdateAlias").count();
        assert_eq!(tries, 4, "{code}");
    }
}

/// The versions that carry a key, and the commands' exits, of one run id in two processes.
fn twice(
    settings: &[&str],
    transition: Duration,
    held_up: &'static str,
) -> (Vec<String>, Vec<Ran>) {
    let sandbox = split(settings, transition);
    sandbox.change_code("two");
    sandbox.type_in("deploy --inputs traffic=0.5").ok();
    // Both have come to the same point before either goes on.
    let (gate, opened) = tokio::sync::watch::channel(false);
    let arrived = AtomicUsize::new(0);
    sandbox.faulty(move |call| {
        if call.action != held_up {
            return Fault::None;
        }
        if arrived.fetch_add(1, Ordering::SeqCst) == 1 {
            gate.send_replace(true);
        }
        Fault::Held(opened.clone())
    });
    let function = format!("function={FUNCTION}");
    let line = ["publish-ver", "--run-id", "r", "--inputs", &function];
    let (one, other) = (sandbox.spawn(&line), sandbox.spawn(&line));
    let rans = vec![finished(one).ok(), finished(other).ok()];
    sandbox.healthy();
    for ran in &rans {
        assert!(ran.stdout.contains("lastVersion: 2"), "{}", ran.stdout);
    }
    (sandbox.versions(), rans)
}

#[test]
fn one_run_id_in_two_processes_publishes_once() {
    let lasting = Duration::from_millis(400);
    for settings in [
        &[][..],
        &["busy=plain"],
        &["busy=status", "new-version=hidden"],
        &["latest-while-publishing=active-but-busy", "new-version=hidden"],
        &["reads=stale-one"],
    ] {
        let (versions, rans) = twice(settings, lasting, "PublishVersion");
        assert_eq!(versions, ["1", "2"], "{settings:?}");
        let adopted = "using it";
        let said = rans.iter().filter(|ran| ran.stderr.contains(adopted)).count();
        assert_eq!(said, 1, "{settings:?}");
    }
}

#[test]
fn of_two_versions_of_one_run_id_both_use_the_first() {
    // Nothing holds the second publication up, so two are made; both processes go by the first.
    for settings in
        [&[][..], &["latest-while-publishing=active", "new-version=hidden"], &["reads=stale-one"]]
    {
        let transition = Duration::from_millis(if settings.len() > 1 { 200 } else { 0 });
        let (versions, rans) = twice(settings, transition, "PublishVersion");
        assert_eq!(versions, ["1", "2", "3"], "{settings:?}");
        let note = "version 2 was published by another run of the same --run-id at the same time, \
                    a moment earlier; using it, and version 3 is left over";
        let said = rans.iter().filter(|ran| ran.stderr.contains(note)).count();
        assert_eq!(said, 1, "{settings:?}");
    }
}

/// A deployment that is held up while it sends code, and what happens meanwhile.
fn held_up(meanwhile: impl Fn(&Sandbox)) -> (Sandbox, Ran) {
    let sandbox = split(&[], Duration::ZERO);
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox.change_code("two");
    let (gate, opened) = tokio::sync::watch::channel(false);
    let is_first = AtomicBool::new(true);
    sandbox.faulty(move |call| {
        let holds = call.action == "UpdateFunctionCode" && is_first.swap(false, Ordering::SeqCst);
        if holds { Fault::Held(opened.clone()) } else { Fault::None }
    });
    let from = sandbox.calls().len();
    let slow = sandbox.spawn(&["deploy", "--run-id", "r", "--inputs", "publish=true", "traffic=0"]);
    sandbox.await_calls(from, "UpdateFunctionCode", 1);
    meanwhile(&sandbox);
    gate.send_replace(true);
    let ran = finished(slow);
    (sandbox, ran)
}

#[test]
fn an_alias_that_another_process_of_the_run_has_set_is_no_conflict() {
    let line = "deploy --run-id r --inputs publish=true traffic=0";
    let writes = AtomicUsize::new(0);
    let count = |sandbox: &Sandbox| {
        sandbox.actions_since(0).iter().filter(|action| *action == "UpdateAlias").count()
    };
    let (sandbox, ran) = held_up(|sandbox| {
        sandbox.type_in(line).ok();
        writes.store(count(sandbox), Ordering::SeqCst);
    });
    let ran = ran.ok();
    assert!(ran.stdout.contains("adoptedVersion:       3"), "{}", ran.stdout);
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
    assert_eq!(count(&sandbox), writes.load(Ordering::SeqCst));
}

/// A deployment whose code is refused as busy at first, and what happens before it looks again.
fn refused(meanwhile: impl Fn(&Sandbox)) -> (Sandbox, Ran) {
    let sandbox = split(&[], Duration::ZERO);
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox.change_code("two");
    let (gate, opened) = tokio::sync::watch::channel(false);
    let (looks, looked) = std::sync::mpsc::channel();
    let (is_first, is_refused) = (AtomicBool::new(true), AtomicBool::new(false));
    sandbox.faulty(move |call| {
        if call.action == "UpdateFunctionCode" && is_first.swap(false, Ordering::SeqCst) {
            is_refused.store(true, Ordering::SeqCst);
            return Fault::error("FailedOperation.FunctionStatusError", "busy");
        }
        if call.action == "GetFunction" && is_refused.swap(false, Ordering::SeqCst) {
            let _ = looks.send(());
            return Fault::Held(opened.clone());
        }
        Fault::None
    });
    let slow = sandbox.spawn(&["deploy", "--run-id", "r", "--inputs", "publish=true", "traffic=0"]);
    looked.recv_timeout(Duration::from_secs(120)).unwrap();
    meanwhile(&sandbox);
    gate.send_replace(true);
    let ran = finished(slow);
    (sandbox, ran)
}

#[test]
fn an_alias_that_another_process_of_the_run_has_set_before_the_code_goes_out_is_no_conflict() {
    let line = |id: &str| format!("deploy --run-id {id} --inputs publish=true traffic=0");
    let (sandbox, ran) = refused(|sandbox| {
        sandbox.type_in(&line("r")).ok();
    });
    let ran = ran.ok();
    assert!(ran.stdout.contains("adoptedVersion:       3"), "{}", ran.stdout);
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
    let sent = sandbox.actions_since(0);
    assert_eq!(sent.iter().filter(|action| *action == "UpdateAlias").count(), 3, "{sent:?}");
    let (sandbox, ran) = refused(|sandbox| {
        sandbox.type_in(&line("other")).ok();
    });
    let from = sandbox.calls().len();
    ran.fails(5).says("someone else changed alias `$DEFAULT`");
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
    assert_eq!(sandbox.calls().len(), from);
}

#[test]
fn an_alias_that_differs_in_anything_is_a_conflict() {
    let line = |id: &str| format!("deploy --run-id {id} --inputs publish=true traffic=0");
    let (_, ran) = held_up(|sandbox| {
        sandbox.type_in(&line("other")).ok();
    });
    let ran = ran.fails(5).says("someone else changed alias `$DEFAULT`");
    assert!(!ran.stderr.contains("\n  done: publish"), "{}", ran.stderr);
    let (_, ran) = held_up(|sandbox| {
        sandbox.type_in(&line("r")).ok();
        let described = json!({"Name": "$DEFAULT", "FunctionVersion": sandbox.versions().last(),
            "Description": "by hand"});
        sandbox.console("UpdateAlias", described);
    });
    ran.fails(5).says("someone else changed alias `$DEFAULT`");
}

#[test]
fn a_publication_is_looked_for_before_each_repetition() {
    for fault in [
        Fault::error("RequestLimitExceeded", "slow down"),
        Fault::error("FailedOperation.FunctionStatusError", "busy"),
        Fault::error("FailedOperation", "cannot now"),
        Fault::error("InternalError", "oops"),
        Fault::DropBefore,
    ] {
        let sandbox = split(&[], Duration::ZERO);
        sandbox.change_code("two");
        sandbox.once("PublishVersion", fault.clone());
        let from = sandbox.calls().len();
        sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
        let actions = sandbox.actions_since(from);
        let tries: Vec<_> =
            (0..actions.len()).filter(|place| actions[*place] == "PublishVersion").collect();
        assert_eq!(tries.len(), 2, "{actions:?}");
        let between = &actions[tries[0]..tries[1]];
        assert!(between.iter().any(|one| one == "ListVersionByFunction"), "{actions:?}");
    }
}

#[test]
fn the_local_scf_refuses_runtimes_that_there_are_not() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  name: f1\n");
    let yaml = std::fs::read_to_string(sandbox.root().join("serverless.yml")).unwrap();
    sandbox.file("serverless.yml", &yaml.replace("Python3.9", "Python3.99"));
    sandbox
        .type_in("deploy")
        .fails(1)
        .says("InvalidParameterValue.Runtime: There is no runtime `Python3.99`.");
    let sandbox = Sandbox::behaving("runtimes=any");
    sandbox.project();
    sandbox.file("serverless.yml", &yaml.replace("Python3.9", "Python3.99"));
    sandbox.type_in("deploy").ok();
}
