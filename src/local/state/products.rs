//! What other products have to do with functions.

use serde_json::{Value, json};

use super::super::error::Refusal;
use super::monitor::describe_base_metrics;
use super::request::Request;
use super::{Reply, State, account};

impl State {
    /// Carries out an action of a product other than SCF.
    pub(super) fn call_product(
        &mut self,
        product: &str,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        match (product, request.action) {
            ("cam", "GetUserAppId") => Ok(Reply::from_iter([
                ("Uin".to_owned(), json!(account::UIN)),
                ("OwnerUin".to_owned(), json!(account::UIN)),
                ("AppId".to_owned(), json!(account::APP_ID)),
            ])),
            ("monitor", "GetMonitorData") => self.get_monitor_data(request),
            ("monitor", "DescribeBaseMetrics") => describe_base_metrics(request),
            ("local", "SetLoad") => self.set_load(request),
            ("local", "GetLoad") => self.get_load(request),
            ("local", "ClearLoad") => self.clear_load(request),
            ("sts", "AssumeRole") => self.assume_role(request),
            ("sts", "AssumeRoleWithWebIdentity") => self.assume_role_with_web_identity(request),
            ("tag", "ModifyResourceTags") => self.modify_resource_tags(request),
            ("cls", "CreateDeliverCloudFunction") => self.create_deliver_cloud_function(request),
            ("cls", "SearchLog") => self.search_log(request),
            ("cls", "DescribeTopics") => self.describe_topics(request),
            ("cls", "DescribeLogsets") => self.describe_logsets(request),
            ("cls", "DescribeIndex") => self.describe_index(request),
            ("mps", "BindTrigger") => self.bind_trigger(request),
            ("mps", "UnbindTrigger") => self.unbind_trigger(request),
            ("clb", "DescribeListeners") => self.describe_listeners(request),
            ("clb", "DescribeTargets") => self.describe_targets(request),
            ("clb", "DescribeTaskStatus") => self.describe_task_status(request),
            ("clb", "CreateRule") => self.create_rule(request),
            ("clb", "RegisterFunctionTargets") => self.register_function_targets(request),
            ("clb", "ModifyFunctionTargets") => self.modify_function_targets(request),
            ("clb", "DeregisterFunctionTargets") => self.deregister_function_targets(request),
            (_, action) => {
                Err(Refusal::new("InvalidAction", format!("`{action}` is not served here.")))
            }
        }
    }

    fn modify_resource_tags(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let wrong = |code: &str, message: String| request.refuse(&[code], message);
        let (replaced, deleted) = (request.list("ReplaceTags"), request.list("DeleteTags"));
        for (name, list) in [("ReplaceTags", replaced), ("DeleteTags", deleted)] {
            // Either may be left out, but not be empty.
            if request.value(name).is_some() && list.is_empty() {
                return Err(wrong("InvalidParameter", format!("{name} is an empty list.")));
            }
            if list.len() > TAGS_PER_CALL {
                let message = format!("{name} has more than {TAGS_PER_CALL} tags.");
                return Err(wrong("InvalidParameter", message));
            }
            if list.iter().any(|tag| key_of(tag).is_empty()) {
                let message = format!("{name} has an empty key.");
                return Err(wrong("InvalidParameterValue.TagKeyEmpty", message));
            }
        }
        if replaced.is_empty() && deleted.is_empty() {
            let message = "Neither ReplaceTags nor DeleteTags is given.";
            return Err(wrong("InvalidParameter", message.to_owned()));
        }
        if let Some(both) =
            replaced.iter().find(|tag| deleted.iter().any(|d| key_of(d) == key_of(tag)))
        {
            let message = format!("`{}` is in both lists.", key_of(both));
            return Err(wrong("InvalidParameterValue.DeleteTagsParamError", message));
        }
        let resource = request.required("Resource");
        let place = Resource::read(resource).ok_or_else(|| {
            wrong(
                "InvalidParameterValue.ResourceDescriptionError",
                format!("`{resource}` is not the description of a function here."),
            )
        })?;
        let function = self
            .regions
            .get_mut(place.region)
            .and_then(|region| region.namespaces.get_mut(place.namespace))
            .and_then(|namespace| namespace.functions.get_mut(place.function))
            .ok_or_else(|| {
                wrong(
                    "InvalidParameterValue.ResourceIdInvalidate",
                    format!("There is no resource `{resource}`."),
                )
            })?;
        let mut tags = function.tags.clone();
        for tag in deleted {
            tags.remove(key_of(tag));
        }
        tags.extend(
            replaced.iter().map(|tag| (key_of(tag).to_owned(), text(tag, "TagValue").to_owned())),
        );
        if tags.len() > TAGS_PER_RESOURCE {
            let message = format!("A resource has at most {TAGS_PER_RESOURCE} tags.");
            return Err(wrong("LimitExceeded.ResourceAttachedTags", message));
        }
        function.tags = tags;
        Ok(Reply::new())
    }
}

/// Tags of one kind in one call.
const TAGS_PER_CALL: usize = 10;
/// Tags of one resource.
const TAGS_PER_RESOURCE: usize = 50;

fn key_of(tag: &Value) -> &str {
    text(tag, "TagKey")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A function in the six segments by which products name each other's resources.
struct Resource<'a> {
    region: &'a str,
    namespace: &'a str,
    function: &'a str,
}

impl<'a> Resource<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let segments: Vec<_> = text.split(':').collect();
        let ["qcs", "", "scf", region, account, path] = segments[..] else { return None };
        // Left empty it is the account that calls.
        if !matches!(account.strip_prefix("uin/"), Some("" | account::UIN)) {
            return None;
        }
        let (namespace, function) = path.strip_prefix("namespace/")?.split_once("/function/")?;
        Some(Self { region, namespace, function })
    }
}
