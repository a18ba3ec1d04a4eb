//! Actions of load balancers (负载均衡, CLB) on rules that functions serve.

use serde::{Deserialize, Serialize};

use super::{Action, EmptyReply, Product, Repeat};

const CLB: Product = Product { name: "clb", version: "2018-03-17" };

action!(CLB, DescribeListeners, Freely, DescribeListenersReply);
action!(CLB, DescribeTargets, Freely, DescribeTargetsReply);
action!(CLB, DescribeTaskStatus, Freely, DescribeTaskStatusReply);
action!(CLB, CreateRule, Never, CreateRuleReply);
action!(CLB, RegisterFunctionTargets, Never, EmptyReply);
action!(CLB, ModifyFunctionTargets, Freely, EmptyReply);
action!(CLB, DeregisterFunctionTargets, Freely, EmptyReply);

/// Finds listeners by protocol and port.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeListeners {
    /// Id of the load balancer, such as `lb-1a2b3c4d`.
    pub load_balancer_id: String,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// Port.
    pub port: i64,
}

/// What [`DescribeListeners`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeListenersReply {
    /// The listeners.
    pub listeners: Vec<Listener>,
}

/// A listener with its rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Listener {
    /// Its id.
    pub listener_id: String,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// Port.
    pub port: i64,
    /// Null where there are none.
    pub rules: Option<Vec<Rule>>,
}

/// A rule of a listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule {
    /// Its id.
    pub location_id: String,
    /// Host name.
    pub domain: Option<String>,
    /// All host names, where there are several.
    pub domains: Option<Vec<String>>,
    /// Path.
    pub url: String,
}

/// Reads what the rules of listeners send to.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeTargets {
    /// Id of the load balancer, such as `lb-1a2b3c4d`.
    pub load_balancer_id: String,
    /// Listeners.
    pub listener_ids: Vec<String>,
}

/// What [`DescribeTargets`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeTargetsReply {
    /// By listener.
    pub listeners: Vec<ListenerTargets>,
}

/// The targets of a listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListenerTargets {
    /// By rule.
    pub rules: Option<Vec<RuleTargets>>,
}

/// The targets of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleTargets {
    /// Rule.
    pub location_id: String,
    /// Functions.
    pub function_targets: Option<Vec<FunctionTarget>>,
}

/// A function among the targets of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionTarget {
    /// Function.
    pub function: FunctionInfo,
    /// Share among the targets, 0 to 100.
    pub weight: i64,
}

/// A version or alias of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionInfo {
    /// Namespace.
    pub function_namespace: String,
    /// Name of the function.
    pub function_name: String,
    /// Version or alias.
    pub function_qualifier: String,
    /// `VERSION` or `ALIAS`.
    pub function_qualifier_type: Option<String>,
}

/// How far a change is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeTaskStatus {
    /// `RequestId` of the answer to the change.
    pub task_id: String,
}

/// What [`DescribeTaskStatus`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeTaskStatusReply {
    /// 0 done, 1 failed, 2 under way.
    pub status: i64,
    /// Why it failed.
    pub message: Option<String>,
}

/// Makes rules of a listener.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRule {
    /// Id of the load balancer, such as `lb-1a2b3c4d`.
    pub load_balancer_id: String,
    /// Id of the listener, such as `lbl-1a2b3c4d`.
    pub listener_id: String,
    /// Rules.
    pub rules: Vec<NewRule>,
}

/// A rule to make.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewRule {
    /// Host name.
    pub domain: String,
    /// Path.
    pub url: String,
}

/// What [`CreateRule`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRuleReply {
    /// The new rules.
    pub location_ids: Vec<String>,
    /// Names the task.
    pub request_id: String,
}

macro_rules! targets_of_a_rule {
    ($(#[$text:meta])* $name:ident) => {
        $(#[$text])*
        #[derive(Debug, Clone, Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $name {
            /// Id of the load balancer, such as `lb-1a2b3c4d`.
            pub load_balancer_id: String,
            /// Id of the listener, such as `lbl-1a2b3c4d`.
            pub listener_id: String,
            /// Rule.
            pub location_id: String,
            /// Functions.
            pub function_targets: Vec<FunctionTarget>,
        }
    };
}

targets_of_a_rule!(
    /// Adds functions to the targets of a rule.
    RegisterFunctionTargets
);
targets_of_a_rule!(
    /// Changes the weights of functions among the targets of a rule.
    ModifyFunctionTargets
);
targets_of_a_rule!(
    /// Takes functions out of the targets of a rule.
    DeregisterFunctionTargets
);
