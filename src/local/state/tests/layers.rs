//! Layers and their versions.

use super::*;

#[test]
fn a_layer_has_versions_that_count_up_and_are_listed_newest_first() {
    let mut bench = Bench::new(&[]);
    let content = |text: &str| {
        json!({"LayerName": "lib", "CompatibleRuntimes": ["Nodejs12.16"],
            "Content": {"ZipFile": package(text)}, "Description": text})
    };
    let named = json!({"LayerName": "lib"});
    assert_eq!(bench.code("ListLayerVersions", named.clone()), "ResourceNotFound.Layer");
    assert_eq!(bench.ok("PublishLayerVersion", content("one")), json!({"LayerVersion": 1}));
    assert_eq!(bench.ok("PublishLayerVersion", content("two")), json!({"LayerVersion": 2}));
    let listed = bench.ok("ListLayerVersions", named.clone());
    let numbers: Vec<&Value> = listed["LayerVersions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| &version["LayerVersion"])
        .collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!(listed["LayerVersions"][0]["Description"], "two");
    let other = json!({"LayerName": "lib", "CompatibleRuntime": ["Go1"]});
    assert_eq!(bench.ok("ListLayerVersions", other), json!({"LayerVersions": []}));
    let second = json!({"LayerName": "lib", "LayerVersion": 2});
    let got = bench.ok("GetLayerVersion", second.clone());
    assert_eq!(got["CodeSha256"].as_str().unwrap().len(), 64);
    bench.ok("DeleteLayerVersion", second.clone());
    for action in ["GetLayerVersion", "DeleteLayerVersion"] {
        assert_eq!(bench.code(action, second.clone()), "ResourceNotFound.LayerVersion");
    }
    // A number is not used twice.
    assert_eq!(bench.ok("PublishLayerVersion", content("three")), json!({"LayerVersion": 3}));
}

#[test]
fn a_layer_that_cannot_be_is_refused() {
    let mut bench = Bench::new(&[]);
    let zip = json!({"ZipFile": package("one")});
    for (name, runtimes, content, code) in [
        ("a b", json!(["Go1"]), zip.clone(), "InvalidParameterValue.LayerName"),
        ("", json!(["Go1"]), zip.clone(), "InvalidParameterValue.LayerName"),
        ("lib", json!([]), zip, "InvalidParameterValue.CompatibleRuntimes"),
        ("lib", json!(["Go1"]), json!({}), "InvalidParameterValue.Content"),
        ("lib", json!(["Go1"]), json!({"ZipFile": "AAAA"}), "InvalidParameterValue.Content"),
    ] {
        let parameters =
            json!({"LayerName": name, "CompatibleRuntimes": runtimes, "Content": content});
        assert_eq!(bench.code("PublishLayerVersion", parameters.clone()), code, "{parameters}");
    }
}
