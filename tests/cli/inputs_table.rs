//! Every plain key of `inputs`: created with it, deployed again, changed, and taken away, with
//! the exact parameters that the service got each time.

use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox};

/// What a state of the file leads to: the changing calls, without what names the function.
type Calls = Vec<(&'static str, Value)>;

/// One key, or several that belong together, through its life.
struct Row {
    /// What is looked at.
    name: &'static str,
    /// Lines of `inputs` at creation, and what `CreateFunction` says of it, with the calls
    /// behind it.
    created: (&'static str, Value, Calls),
    /// The lines after a change, and the calls that it takes.
    changed: (&'static str, Calls),
    /// The lines that take it away, and the calls; `None` where the API cannot.
    removed: Option<(&'static str, Calls)>,
}

/// What `CreateFunction` carries whatever the file says.
fn always() -> Value {
    json!({
        "FunctionName": FUNCTION, "Namespace": "default", "Type": "Event",
        "Runtime": "Python3.9", "Handler": "index.main_handler",
        "Description": "This is a function in shop application",
        "MemorySize": 128, "Timeout": 3,
        "PublicNetConfig": {"PublicNetStatus": "ENABLE", "EipConfig": {"EipStatus": "DISABLE"}},
    })
}

fn configuration(parameters: Value) -> Calls {
    vec![("UpdateFunctionConfiguration", parameters)]
}

fn tags(parameters: &Value) -> Calls {
    let mut all = json!({
        "Resource": format!("qcs::scf:{REGION}:uin/:namespace/default/function/{FUNCTION}"),
    });
    all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    vec![("ModifyResourceTags", all)]
}

fn retries(ttl: i64, count: i64) -> Calls {
    let config = json!({"MsgTTL": ttl, "RetryConfig": [{"RetryNum": count}]});
    vec![("UpdateFunctionEventInvokeConfig", json!({"AsyncTriggerConfig": config}))]
}

/// A key whose value goes into one parameter of both actions.
fn plain(
    name: &'static str,
    parameter: &str,
    [created, changed]: [(&'static str, Value); 2],
    removed: Option<(&'static str, Value)>,
) -> Row {
    Row {
        name,
        created: (created.0, json!({parameter: created.1}), Vec::new()),
        changed: (changed.0, configuration(json!({parameter: changed.1}))),
        removed: removed.map(|(lines, value)| (lines, configuration(json!({parameter: value})))),
    }
}

fn mount(id: &str, user: &str) -> Value {
    json!({
        "CfsId": id, "MountInsId": id, "LocalMountDir": "/mnt", "RemoteMountDir": "/",
        "UserId": user, "UserGroupId": "10000",
    })
}

fn plain_rows() -> Vec<Row> {
    vec![
        plain(
            "description",
            "Description",
            [("  description: one\n", json!("one")), ("  description: two\n", json!("two"))],
            Some(("  description: ''\n", json!(""))),
        ),
        plain(
            "memorySize",
            "MemorySize",
            [("  memorySize: 64\n", json!(64)), ("  memorySize: '256'\n", json!(256))],
            None,
        ),
        plain(
            "timeout",
            "Timeout",
            [("  timeout: 900\n", json!(900)), ("  timeout: 7\n", json!(7))],
            None,
        ),
        plain(
            "initTimeout",
            "InitTimeout",
            [("  initTimeout: 20\n", json!(20)), ("  initTimeout: 30\n", json!(30))],
            None,
        ),
        plain(
            "role",
            "Role",
            [("  role: One\n", json!("One")), ("  role: Two\n", json!("Two"))],
            Some(("  role: ''\n", json!(""))),
        ),
        plain(
            "environment",
            "Environment",
            [
                (
                    "  environment:\n    variables:\n      AA: 1\n      BB: true\n",
                    json!({"Variables": [{"Key": "AA", "Value": "1"}, {"Key": "BB", "Value": "true"}]}),
                ),
                (
                    "  environment:\n    variables:\n      AA: 1\n",
                    json!({"Variables": [{"Key": "AA", "Value": "1"}]}),
                ),
            ],
            // The mark that clears them.
            Some(("  environment:\n", json!({"Variables": [{"Key": "", "Value": ""}]}))),
        ),
    ]
}

/// Keys that hold maps or lists.
fn nested_rows() -> Vec<Row> {
    vec![
        plain(
            "vpcConfig",
            "VpcConfig",
            [
                (
                    "  vpcConfig:\n    vpcId: vpc-1\n    subnetId: subnet-1\n",
                    json!({"VpcId": "vpc-1", "SubnetId": "subnet-1"}),
                ),
                (
                    "  vpcConfig:\n    vpcId: vpc-1\n    subnetId: subnet-2\n",
                    json!({"VpcId": "vpc-1", "SubnetId": "subnet-2"}),
                ),
            ],
            Some(("  vpcConfig: {}\n", json!({"VpcId": "", "SubnetId": ""}))),
        ),
        plain(
            "layers",
            "Layers",
            [
                (
                    "  layers:\n    - name: one\n      version: 1\n",
                    json!([{"LayerName": "one", "LayerVersion": 1}]),
                ),
                (
                    "  layers:\n    - name: two\n      version: '3'\n    - name: one\n      version: 1\n",
                    json!([
                        {"LayerName": "two", "LayerVersion": 3},
                        {"LayerName": "one", "LayerVersion": 1},
                    ]),
                ),
            ],
            // The mark that removes them.
            Some(("  layers: []\n", json!([{"LayerName": "", "LayerVersion": 0}]))),
        ),
        plain(
            "cfs",
            "CfsConfig",
            [
                (
                    "  cfs:\n    - cfsId: cfs-1\n      localMountDir: /mnt\n      remoteMountDir: /\n",
                    json!({"CfsInsList": [mount("cfs-1", "10000")]}),
                ),
                (
                    "  cfs:\n    - cfsId: cfs-1\n      localMountDir: /mnt\n      remoteMountDir: /\n      userId: 1\n",
                    json!({"CfsInsList": [mount("cfs-1", "1")]}),
                ),
            ],
            Some(("  cfs: []\n", json!({"CfsInsList": []}))),
        ),
        plain(
            "deadLetter",
            "DeadLetterConfig",
            [
                (
                    "  deadLetter:\n    type: queue\n    name: one\n",
                    json!({"Type": "queue", "Name": "one"}),
                ),
                (
                    "  deadLetter:\n    type: topic\n    name: one\n    filterType: tag\n",
                    json!({"Type": "topic", "Name": "one", "FilterType": "tag"}),
                ),
            ],
            Some(("  deadLetter: {}\n", json!({"Type": "", "Name": ""}))),
        ),
    ]
}

fn public(access: &str, fixed: &str) -> Value {
    json!({"PublicNetConfig": {"PublicNetStatus": access, "EipConfig": {"EipStatus": fixed}}})
}

#[allow(clippy::too_many_lines)] // A table.
fn other_rows() -> Vec<Row> {
    vec![
        plain(
            "diskSize",
            "DiskSize",
            [("  diskSize: 1024\n", json!(1024)), ("  diskSize: 512\n", json!(512))],
            None,
        ),
        plain(
            "nodeType",
            "NodeType",
            [("  nodeType: GPU\n", json!("GPU")), ("  nodeType: CPU\n", json!("CPU"))],
            None,
        ),
        plain(
            "nodeSpec",
            "NodeSpec",
            [("  nodeSpec: one\n", json!("one")), ("  nodeSpec: two\n", json!("two"))],
            None,
        ),
        Row {
            name: "publicAccess",
            created: ("  publicAccess: false\n", public("DISABLE", "DISABLE"), vec![]),
            changed: ("  publicAccess: true\n", configuration(public("ENABLE", "DISABLE"))),
            removed: None,
        },
        Row {
            name: "eip",
            created: ("  eip: true\n", public("ENABLE", "ENABLE"), vec![]),
            // One structure with a required half: the access that is there goes along.
            changed: ("  eip: false\n", configuration(public("ENABLE", "DISABLE"))),
            removed: None,
        },
        Row {
            name: "cls",
            created: (
                "  cls:\n    logsetId: set-1\n    topicId: topic-1\n",
                json!({"ClsLogsetId": "set-1", "ClsTopicId": "topic-1"}),
                vec![],
            ),
            changed: (
                "  cls:\n    logsetId: set-1\n    topicId: topic-2\n",
                configuration(json!({"ClsLogsetId": "set-1", "ClsTopicId": "topic-2"})),
            ),
            removed: Some((
                "  cls: {}\n",
                configuration(json!({"ClsLogsetId": "", "ClsTopicId": ""})),
            )),
        },
        Row {
            name: "l5Enable",
            // `CreateFunction` has no parameter for it.
            created: ("  l5Enable: true\n", json!({}), configuration(json!({"L5Enable": "TRUE"}))),
            changed: ("  l5Enable: false\n", configuration(json!({"L5Enable": "FALSE"}))),
            removed: None,
        },
        Row {
            name: "installDependency",
            created: ("  installDependency: true\n", json!({"InstallDependency": "TRUE"}), vec![]),
            changed: (
                "  installDependency: false\n",
                vec![(
                    "UpdateFunctionCode",
                    json!({"Handler": "index.main_handler", "InstallDependency": "FALSE"}),
                )],
            ),
            removed: None,
        },
        Row {
            name: "asyncRunEnable",
            created: (
                "  asyncRunEnable: true\n  timeout: 86400\n",
                json!({"AsyncRunEnable": "TRUE", "Timeout": 86400}),
                retries(21600, 2),
            ),
            // Only creation can give it; a note says so.
            changed: ("  asyncRunEnable: false\n", vec![]),
            removed: None,
        },
        Row {
            name: "traceEnable",
            created: ("  traceEnable: true\n", json!({"TraceEnable": "TRUE"}), vec![]),
            changed: ("  traceEnable: false\n", vec![]),
            removed: None,
        },
        Row {
            name: "msgTTL and retryNum",
            created: ("  msgTTL: 600\n", json!({}), retries(600, 2)),
            changed: ("  retryNum: 0\n", retries(600, 0)),
            removed: None,
        },
        Row {
            name: "tags",
            created: (
                "  tags:\n    team: one\n    floor: 2\n",
                json!({"Tags": [{"Key": "team", "Value": "one"}, {"Key": "floor", "Value": "2"}]}),
                vec![],
            ),
            changed: (
                "  tags:\n    - key: team\n      value: two\n    - key: new\n",
                tags(&json!({
                    "ReplaceTags": [
                        {"TagKey": "new", "TagValue": ""}, {"TagKey": "team", "TagValue": "two"},
                    ],
                    "DeleteTags": [{"TagKey": "floor"}],
                })),
            ),
            removed: Some((
                "  tags: {}\n",
                tags(&json!({"DeleteTags": [{"TagKey": "new"}, {"TagKey": "team"}]})),
            )),
        },
    ]
}

/// The changing calls since `from`, without the package and what names the function.
fn changing(sandbox: &Sandbox, from: usize) -> Vec<(String, Value)> {
    let calls = sandbox.calls().into_iter().skip(from);
    calls
        .filter(|call| !call.action.starts_with("Get") && !call.action.starts_with("List"))
        .map(|call| {
            let mut parameters = call.params;
            let all = parameters.as_object_mut().unwrap();
            all.remove("Code");
            if call.action != "CreateFunction" {
                all.remove("FunctionName");
                all.remove("Namespace");
            }
            (call.action, sorted(parameters))
        })
        .collect()
}

/// Without the order of keys; and that of tags, which the API does not promise.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> =
                map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            pairs.sort_by(|one, other| one.0.cmp(&other.0));
            for (key, value) in &mut pairs {
                if let (true, Value::Array(list)) = (key.ends_with("Tags"), value) {
                    list.sort_by_key(ToString::to_string);
                }
            }
            pairs.into_iter().collect()
        }
        Value::Array(list) => list.into_iter().map(sorted).collect(),
        other => other,
    }
}

fn expected(calls: &Calls) -> Vec<(String, Value)> {
    calls.iter().map(|(action, value)| ((*action).to_owned(), sorted(value.clone()))).collect()
}

#[test]
fn every_plain_key_through_its_life() {
    for row in plain_rows().into_iter().chain(nested_rows()).chain(other_rows()) {
        let name = row.name;
        let sandbox = Sandbox::with_project();
        let deploy = |lines: &str| {
            sandbox.yaml(lines);
            let from = sandbox.calls().len();
            let ran = sandbox.type_in("deploy").ok();
            (changing(&sandbox, from), ran.stderr)
        };
        let none: [(String, Value); 0] = [];

        let (lines, parameters, behind) = &row.created;
        let mut creation = always();
        creation.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        let mut calls = expected(&vec![("CreateFunction", creation)]);
        calls.extend(expected(behind));
        let (made, stderr) = deploy(lines);
        assert_eq!(made, calls, "{name}, created\n{stderr}");
        assert!(!stderr.contains("warning: "), "{name}\n{stderr}");
        let (again, stderr) = deploy(lines);
        assert_eq!(again, none, "{name}, deployed again\n{stderr}");
        // A key that is not there says nothing.
        let (silent, stderr) = deploy("");
        assert_eq!(silent, none, "{name}, left out\n{stderr}");

        for (lines, calls) in [Some(&row.changed), row.removed.as_ref()].into_iter().flatten() {
            let (made, stderr) = deploy(lines);
            assert_eq!(made, expected(calls), "{name}, {lines}\n{stderr}");
            let (again, stderr) = deploy(lines);
            assert_eq!(again, none, "{name}, {lines} again\n{stderr}");
        }
        if calls_nothing_when_changed(&row) {
            let (_, stderr) = deploy(row.changed.0);
            assert!(stderr.contains("the API sets it only when a function is created"), "{stderr}");
        }
    }
}

fn calls_nothing_when_changed(row: &Row) -> bool {
    row.changed.1.is_empty()
}

/// Empty values at creation clear nothing: there is nothing yet.
#[test]
fn a_new_function_is_not_cleared() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(
        "  role: ''\n  environment:\n  vpcConfig: {}\n  layers: []\n  cfs: []\n  deadLetter: {}\n  cls: {}\n  tags: {}\n  l5Enable: false\n",
    );
    sandbox.type_in("deploy").ok();
    assert_eq!(changing(&sandbox, 0), expected(&vec![("CreateFunction", always())]));
}

#[test]
fn force_sends_the_configuration_that_is_there_already() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  timeout: 7\n  l5Enable: true\n  tags: {team: one}\n  msgTTL: 600\n");
    sandbox.type_in("deploy").ok();
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --force").ok();
    assert_eq!(
        changing(&sandbox, from),
        expected(&vec![
            ("UpdateFunctionCode", json!({"Handler": "index.main_handler"})),
            ("UpdateFunctionConfiguration", json!({"Timeout": 7, "L5Enable": "TRUE"})),
        ])
    );
}

#[test]
fn many_tags_are_sent_ten_at_a_time() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let pairs: Vec<_> = (10..33).map(|number| format!("t{number}: x")).collect();
    sandbox.yaml(&format!("  tags: {{{}}}\n", pairs.join(", ")));
    let from = sandbox.calls().len();
    let dry = sandbox.type_in("deploy --dry-run --output json").ok().json();
    assert_eq!(dry["calls"].as_array().unwrap().len(), 1, "{dry}");
    assert!(dry["calls"][0]["effect"].as_str().unwrap().contains("set t10, set t11"), "{dry}");
    sandbox.nothing_changed(from);
    sandbox.type_in("deploy").ok();
    let sent: Vec<usize> = changing(&sandbox, from)
        .iter()
        .map(|(_, parameters)| parameters["ReplaceTags"].as_array().unwrap().len())
        .collect();
    assert_eq!(sent, [10, 10, 3]);
    let call = sandbox.calls().into_iter().find(|call| call.action == "ModifyResourceTags");
    assert_eq!(call.unwrap().product, "tag");
}

/// Whether a service that does not report them has them cannot be told.
#[test]
fn what_the_service_does_not_report_is_sent_each_time_and_said() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.yaml("  diskSize: 512\n");
    let from = sandbox.calls().len();
    // What every function has.
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
    sandbox.yaml("  diskSize: 1024\n  nodeType: GPU\n");
    sandbox
        .type_in("deploy")
        .ok()
        .says("note: the service does not report `diskSize`, `nodeType`, so whether it differs");
    assert_eq!(
        changing(&sandbox, from),
        expected(&configuration(json!({"DiskSize": 1024, "NodeType": "GPU"})))
    );
    // It does by now.
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
}

/// The real component leaves them out without a word.
#[test]
fn what_is_for_event_functions_is_not_sent_for_web_functions() {
    let sandbox = Sandbox::with_project();
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\napp: shop\ninputs:\n  src: ./src\n  type: web\n  runtime: Python3.9\n  asyncRunEnable: true\n  traceEnable: true\n  msgTTL: 60\n  retryNum: 1\n",
    );
    sandbox.file("src/scf_bootstrap", "#!/bin/sh\n");
    let mut ran = sandbox.type_in("deploy").ok();
    for key in ["asyncRunEnable", "traceEnable", "msgTTL", "retryNum"] {
        ran = ran.says(&format!("warning: `{key}` is for event functions"));
    }
    let [(action, parameters)] = &changing(&sandbox, 0)[..] else { panic!("{}", ran.stderr) };
    assert_eq!(action, "CreateFunction");
    for name in ["AsyncRunEnable", "TraceEnable"] {
        assert_eq!(parameters.get(name), None);
    }
}

#[test]
fn wrong_settings_are_refused_before_any_call() {
    let sandbox = Sandbox::with_project();
    for (lines, text) in [
        ("  timeout: 901\n", "or `asyncRunEnable: true` as well"),
        ("  asyncRunEnable: 1\n", "`asyncRunEnable` is `1`, not true or false (serverless.yml:8)"),
        ("  msgTTL: 59\n", "`msgTTL` is `59` (serverless.yml:8)"),
        ("  retryNum: 3\n", "`retryNum` is `3` (serverless.yml:8)"),
        ("  cfs: {}\n", "`cfs` is a map, not a list"),
        ("  cfs:\n    - cfsId: a\n", "`cfs.0.localMountDir` is missing (serverless.yml:9)"),
        ("  deadLetter:\n    type: queue\n", "`deadLetter.name` is missing"),
        ("  deadLetter:\n    Type: queue\n    name: q\n", "did you mean `type`?"),
        ("  tags: team\n", "`tags` is a text, not a map (serverless.yml:8)"),
        ("  tags:\n    team: [1]\n", "`tags.team` is a list, not a text (serverless.yml:9)"),
        ("  tags:\n    - team: one\n", "`tags.0` is not a tag (serverless.yml:9)"),
        ("  tags:\n    - key: a\n    - key: a\n", "`tags.1` gives `a` again (serverless.yml:10)"),
        ("  l5Enable: maybe\n", "`l5Enable` is `maybe`, not true or false"),
        ("  diskSize: big\n", "`diskSize` is `big`"),
    ] {
        sandbox.yaml(lines);
        sandbox.type_in("deploy").fails(2).says(text);
    }
    assert_eq!(sandbox.calls().len(), 0);
}
