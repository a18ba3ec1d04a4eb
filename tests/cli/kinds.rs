//! What decides the kind of a function: images, web functions, packages that lie in COS.

use std::io::Read as _;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, Sandbox};

/// A project whose serverless.yml is written whole.
fn project(inputs: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    write(&sandbox, inputs);
    sandbox
}

fn write(sandbox: &Sandbox, inputs: &str) {
    sandbox.file(
        "serverless.yml",
        &format!("component: scf\nname: demo\napp: shop\ninputs:\n{inputs}"),
    );
}

/// Name and parameters of the changing calls since `from`; a package is not shown.
fn sent(sandbox: &Sandbox, from: usize) -> Vec<(String, Value)> {
    sandbox
        .calls()
        .into_iter()
        .skip(from)
        .filter(|call| !call.action.starts_with("Get") && !call.action.starts_with("List"))
        .map(|call| {
            let mut params = call.params;
            if let Some(zip) = params.pointer_mut("/Code/ZipFile") {
                *zip = json!("...");
            }
            (call.action, params)
        })
        .collect()
}

/// Files of the package that was sent last: name, mode, content.
fn package(sandbox: &Sandbox) -> Vec<(String, u32, String)> {
    let zip = sandbox
        .calls()
        .into_iter()
        .filter_map(|call| call.params.pointer("/Code/ZipFile")?.as_str().map(str::to_owned))
        .next_back()
        .unwrap();
    let zip = base64::engine::general_purpose::STANDARD.decode(zip).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), file.unix_mode().unwrap() & 0o777, text)
        })
        .collect()
}

/// Deploys, deploys again, changes the file and deploys once more; compares each time what
/// was sent.
#[track_caller]
fn walk(sandbox: &Sandbox, created: &Value, steps: &[(&str, &[(&str, Value)])]) {
    sandbox.type_in("deploy").ok();
    let mut expected = json!({
        "FunctionName": FUNCTION,
        "Namespace": "default",
        "Description": "This is a function in shop application",
        "MemorySize": 128,
        "Timeout": 3,
        "PublicNetConfig": {"PublicNetStatus": "ENABLE", "EipConfig": {"EipStatus": "DISABLE"}},
    });
    for (key, value) in created.as_object().unwrap() {
        expected[key] = value.clone();
    }
    assert_eq!(sent(sandbox, 0), [("CreateFunction".to_owned(), expected)]);
    let again = |what: &str| {
        let from = sandbox.calls().len();
        sandbox.type_in("deploy").ok();
        assert_eq!(sent(sandbox, from), [], "again after {what}");
    };
    again("creation");
    for (inputs, expected) in steps {
        write(sandbox, inputs);
        let from = sandbox.calls().len();
        sandbox.type_in("deploy").ok();
        let expected: Vec<(String, Value)> = expected
            .iter()
            .map(|(action, params)| {
                let mut params = params.clone();
                params["FunctionName"] = FUNCTION.into();
                params["Namespace"] = "default".into();
                ((*action).to_owned(), params)
            })
            .collect();
        assert_eq!(sent(sandbox, from), expected, "{inputs}");
        again(inputs);
    }
}

const URI: &str = "ccr.ccs.tencentyun.com/space/name:1.0";

#[test]
fn an_image_is_created_changed_and_left_alone() {
    let image = |more: &str| format!("  image:\n    imageUrl: {URI}\n{more}");
    let sandbox = project(&image("    command: python\n    args: -u app.py\n"));
    let config = |more: Value| {
        let mut config = json!({"ImageType": "personal", "ImageUri": URI});
        for (key, value) in more.as_object().unwrap() {
            config[key] = value.clone();
        }
        json!({"Code": {"ImageConfig": config}})
    };
    walk(
        &sandbox,
        &json!({
            "Code": config(json!({"Command": "python", "Args": "-u app.py"}))["Code"],
            "Runtime": "CustomImage",
            "Type": "Event",
        }),
        &[
            // What is not said stays, what is empty is cleared.
            (&image(""), &[]),
            (
                &image("    args: ''\n"),
                &[("UpdateFunctionCode", config(json!({"Command": "python", "Args": ""})))],
            ),
            (
                &image("    imagePort: -1\n    containerImageAccelerate: true\n"),
                &[(
                    "UpdateFunctionCode",
                    config(json!({
                        "Command": "python", "ImagePort": -1, "ContainerImageAccelerate": true,
                    })),
                )],
            ),
            (
                "  image: {imageUrl: 'mine.tencentcloudcr.com/a/b:2', registryId: tcr-1, imageType: personal}\n",
                &[(
                    "UpdateFunctionCode",
                    json!({"Code": {"ImageConfig": {
                        "ImageType": "enterprise", "ImageUri": "mine.tencentcloudcr.com/a/b:2",
                        "RegistryId": "tcr-1", "Command": "python", "ImagePort": -1,
                        "ContainerImageAccelerate": true,
                    }}}),
                )],
            ),
            (
                "  image: {imageUrl: 'mine.tencentcloudcr.com/a/b:2', registryId: tcr-1}\n  timeout: 9\n",
                &[("UpdateFunctionConfiguration", json!({"Timeout": 9}))],
            ),
        ],
    );
    // Nothing asked for a package, which an image does not have.
    let ran = sandbox.type_in("deploy --output json").ok().says("a new image under the same tag");
    assert_eq!(ran.json()["code"], json!({"image": "mine.tencentcloudcr.com/a/b:2"}));
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --force").ok();
    assert_eq!(sandbox.changes_since(from)[0], "UpdateFunctionCode");
}

#[test]
fn an_image_is_published_once_per_intent() {
    let sandbox = project(&format!("  image: {{imageUrl: {URI}}}\n"));
    let publish = |id: &str| {
        sandbox.type_in(&format!("deploy --run-id {id} --inputs publish=true traffic=0")).ok();
        sandbox.versions().len()
    };
    assert_eq!([publish("a"), publish("a"), publish("b")], [1, 1, 2]);
    // Another image is another intent.
    write(&sandbox, "  image: {imageUrl: r.tencentcloudcr.com/x/y:3}\n");
    assert_eq!([publish("b"), publish("b")], [3, 3]);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --if-changed --inputs publish=true").ok().says("nothing is published");
    sandbox.nothing_changed(from);
    // publish-ver comes to the same key of the same content.
    sandbox.type_in(&format!("publish-ver --run-id b --inputs function={FUNCTION}")).ok();
    assert_eq!(sandbox.versions().len(), 3);
    sandbox.type_in(&format!("publish-ver --run-id c --inputs function={FUNCTION}")).ok();
    assert_eq!(sandbox.versions().len(), 4);
}

#[test]
fn what_no_call_can_change_is_refused() {
    let image = format!("  image: {{imageUrl: {URI}}}\n");
    let code = "  src: ./src\n  runtime: Nodejs12.16\n";
    let web = "  src: ./src\n  runtime: Nodejs12.16\n  type: web\n";
    let socket = "  src: ./src\n  runtime: Nodejs12.16\n  type: web\n  protocolType: WS\n";
    for (before, after, said, hint) in [
        (&image[..], code, "the function runs image", "delete the function first"),
        (code, &image[..], "the function runs code", "deploy under another name"),
        (code, web, "type is event, the file says web", "write `type: event`"),
        (
            web,
            "  src: ./src\n  type: event\n",
            "type is web, the file says event",
            "write `type: web`",
        ),
        (web, socket, "protocol is HTTP, the file says WS", "leave `protocolType` as it was"),
        (
            code,
            "  src: ./src\n  runtime: Nodejs16.13\n",
            "runtime is Nodejs12.16",
            "`runtime: Nodejs12.16`",
        ),
    ] {
        let sandbox = project(before);
        sandbox.file("src/app.js", "");
        sandbox.file("src/index.js", "exports.main_handler = 1\n");
        sandbox.type_in("deploy").ok();
        // What the file lacks for the other kind is not what is said.
        std::fs::remove_file(sandbox.root().join("src/index.js")).unwrap();
        write(&sandbox, after);
        let from = sandbox.calls().len();
        sandbox.type_in("deploy --force").fails(2).says(said).says(hint);
        sandbox.nothing_changed(from);
    }
}

#[test]
fn a_web_function_starts_by_its_bootstrap() {
    let inputs = |more: &str| format!("  src: ./src\n  type: web\n  runtime: Nodejs16.13\n{more}");
    let sandbox = project(&inputs("  handler: not.used\n"));
    sandbox.file("src/app.js", "// a server\n");
    walk(
        &sandbox,
        &json!({"Code": {"ZipFile": "..."}, "Runtime": "Nodejs16.13", "Type": "HTTP"}),
        &[
            (
                &inputs("  instanceConcurrencyConfig: {enable: true, maxConcurrency: 20}\n"),
                &[(
                    "UpdateFunctionConfiguration",
                    json!({"InstanceConcurrencyConfig": {"DynamicEnabled": "FALSE", "MaxConcurrency": 20}}),
                )],
            ),
            (&inputs(""), &[]),
            (
                &inputs("  instanceConcurrencyConfig: {enable: true, dynamicEnabled: true}\n"),
                &[(
                    "UpdateFunctionConfiguration",
                    json!({"InstanceConcurrencyConfig": {"DynamicEnabled": "TRUE", "MaxConcurrency": 2}}),
                )],
            ),
            (
                &inputs("  instanceConcurrencyConfig: {enable: false}\n"),
                &[(
                    "UpdateFunctionConfiguration",
                    json!({"InstanceConcurrencyConfig": {"DynamicEnabled": ""}}),
                )],
            ),
        ],
    );
    assert_eq!(
        package(&sandbox),
        [
            ("app.js".into(), 0o644, "// a server\n".into()),
            (
                "scf_bootstrap".into(),
                0o755,
                "#!/usr/bin/env bash\n/var/lang/node16/bin/node app.js\n".into()
            ),
        ]
    );
    // One's own is made executable, and that is said.
    sandbox.file("src/scf_bootstrap", "#!/bin/bash\n./server\n");
    sandbox.type_in("deploy").ok().says("`scf_bootstrap` is not executable here");
    assert_eq!(
        package(&sandbox)[1],
        ("scf_bootstrap".into(), 0o755, "#!/bin/bash\n./server\n".into())
    );
    // Without a word on the type it stays a web function.
    write(&sandbox, "  src: ./src\n");
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(ran.changes(), ["UpdateFunctionCode"], "the mode differs");
    sandbox.file("src/scf_bootstrap", "");
    std::fs::remove_file(sandbox.root().join("src/scf_bootstrap")).unwrap();
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").fails(2).says("has no `scf_bootstrap`").says("write `type: web`");
    write(&sandbox, "  src: ./src\n  type: web\n");
    sandbox.type_in("deploy").fails(2).says("write `runtime: Nodejs16.13`");
    sandbox.nothing_changed(from);
}

#[test]
fn a_web_socket_function_is_created_and_changed() {
    let inputs = |more: &str| {
        format!("  src: ./src\n  type: web\n  runtime: Python3.7\n  protocolType: WS\n{more}")
    };
    let idle =
        |seconds: u32| format!("  protocolParams: {{wsParams: {{idleTimeOut: {seconds}}}}}\n");
    let params = |seconds: u32| json!({"ProtocolParams": {"WSParams": {"IdleTimeOut": seconds}}});
    let sandbox = project(&inputs(&idle(60)));
    sandbox.file("src/app.py", "");
    walk(
        &sandbox,
        &json!({
            "Code": {"ZipFile": "..."}, "Runtime": "Python3.7", "Type": "HTTP", "ProtocolType": "WS",
            "ProtocolParams": {"WSParams": {"IdleTimeOut": 60}},
        }),
        &[(&inputs(&idle(90)), &[("UpdateFunctionConfiguration", params(90))]), (&inputs(""), &[])],
    );
}

#[test]
fn a_web_function_that_cannot_start_is_not_sent() {
    let web = "  src: ./src\n  type: web\n";
    for (file, text, inputs, said) in [
        ("src/index.js", "", "", "starts `app.js`, which is not in"),
        ("src/app.js", "", "  entryFile: server.js\n", "starts `server.js`, which is not in"),
        ("src/app.py", "", "  runtime: Go1\n", "runtime Go1 needs `scf_bootstrap`"),
        ("src/scf_bootstrap", "node app.js\n", "", "does not begin with `#!`"),
        ("src/scf_bootstrap", "#!/bin/bash\r\nnode app.js\r\n", "", "CRLF"),
    ] {
        let sandbox = project(&format!("{web}{inputs}"));
        sandbox.file(file, text);
        sandbox.type_in("deploy").fails(2).says(said);
        assert_eq!(sandbox.calls().len(), 0);
    }
}

#[test]
fn an_object_of_cos_is_sent_each_time() {
    let inputs = "  src: {bucket: code-1250000000, object: builds/7.zip}\n  runtime: Python3.9\n";
    let sandbox = project(inputs);
    let code = json!({"CosBucketName": "code", "CosObjectName": "/builds/7.zip"});
    for key in ["builds/7.zip", "b.zip"] {
        sandbox.server().put_object("code", key, Sandbox::zip()).unwrap();
    }
    let ran = sandbox.type_in("deploy --output json").ok();
    assert_eq!(ran.json()["code"], json!({"bucket": "code", "object": "/builds/7.zip"}));
    let created = &sent(&sandbox, 0)[0].1;
    assert_eq!((&created["Code"], &created["Handler"]), (&code, &json!("index.main_handler")));
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok().says("cannot be told, so it is sent each time");
    let call = json!({"FunctionName": FUNCTION, "Namespace": "default", "Code": code});
    assert_eq!(sent(&sandbox, from), [("UpdateFunctionCode".to_owned(), call)]);
    // The same run publishes once.
    for _ in 0..2 {
        sandbox.type_in("deploy --run-id a --inputs publish=true traffic=0").ok();
    }
    assert_eq!(sandbox.versions(), ["1"]);
    write(
        &sandbox,
        "  src: {bucket: code, object: /b.zip, region: ap-beijing-1}\n  installDependency: true\n",
    );
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    let params = &sent(&sandbox, from)[0].1;
    assert_eq!(params["InstallDependency"], "TRUE");
    assert_eq!(params["Code"]["CosBucketRegion"], "ap-beijing-1");
}

#[test]
fn a_trigger_of_the_retired_gateway_is_refused_or_skipped() {
    let sandbox = project("  src: ./src\n  autoCreateApi: true\n");
    sandbox.file("src/index.js", "exports.main_handler = 1\n");
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("`autoCreateApi` asks for a trigger of API Gateway, which the vendor retired (serverless.yml:6)")
        .says("for a function URL")
        .says("--skip-unsupported-triggers");
    assert_eq!(sandbox.calls().len(), 0);
    sandbox
        .type_in("deploy --skip-unsupported-triggers")
        .ok()
        .says("`autoCreateApi` (serverless.yml:6) is skipped");
    assert_eq!(sandbox.changes_since(0), ["CreateFunction"]);
    write(&sandbox, "  src: ./src\n  autoCreateApi: false\n");
    sandbox.type_in("deploy").ok();
}

#[test]
fn dry_run_says_what_the_function_runs() {
    for (inputs, effect) in [
        (format!("  image: {{imageUrl: {URI}}}\n"), format!("create the function (image {URI})")),
        (
            "  src: ./src\n  type: web\n".to_owned(),
            "create the function (web, Nodejs10.15)".to_owned(),
        ),
    ] {
        let sandbox = project(&inputs);
        sandbox.file("src/app.js", "");
        let ran = sandbox.type_in("deploy --dry-run --output json").ok();
        assert_eq!(ran.json()["calls"][0]["effect"], effect);
        sandbox.nothing_changed(0);
    }
}
