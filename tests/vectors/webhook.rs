//! Signatures of messages to chats.

use scfctl::sign::{Secret, webhook};
use serde_json::Value;

use crate::text;

#[test]
fn every_vector() {
    let file: Value = serde_json::from_str(include_str!("../data/webhook-vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let secret = Secret::new(text(vector, "secret"));
        let time = vector["timestamp"].as_i64().unwrap();
        let sign = match text(vector, "kind") {
            "dingtalk" => webhook::dingtalk(&secret, time),
            "feishu" => webhook::feishu(&secret, time),
            kind => panic!("{kind}"),
        };
        assert_eq!(sign, text(vector, "sign"), "{vector}");
        if let Some(encoded) = vector["in_url"].as_str() {
            let mut url = url::Url::parse("https://h/send?access_token=t").unwrap();
            url.query_pairs_mut().append_pair("sign", &sign);
            assert_eq!(url.query(), Some(&*format!("access_token=t&sign={encoded}")));
        }
    }
}
