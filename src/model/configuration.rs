//! Settings of a function.
//!
//! Single-valued settings are rows of the table below. These are not, for a reason:
//!
//! - `protocolParams`: its single value is nested in two maps of the file, which have errors of
//!   their own.
//! - `msgTTL`, `retryNum` ([`super::Attributes`]): they have a call of their own that takes both or
//!   none, and are read by another call only if the file sets one of them.
//! - `tags`: those of other people stay, and another product changes them.

use std::collections::BTreeMap;
use std::fmt;

use super::DESCRIPTION_LIMIT;
use super::setting::{Digested, Scalar, SettingsCall, SwitchWords, Unit, Unreported, Values};

/// A layer bound to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// `LayerName`.
    pub name: String,
    /// `LayerVersion`.
    pub version: i64,
}

/// A private network (VPC) binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    /// `VpcId`.
    pub vpc_id: String,
    /// `SubnetId`.
    pub subnet_id: String,
}

/// How many requests one instance of a web function serves concurrently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceConcurrency {
    /// One request at a time.
    Off,
    /// Several requests.
    On {
        /// Whether the service chooses the number.
        dynamic: bool,
        /// Maximum number, 1–100.
        max: i64,
    },
}

/// A file system (CFS) mounted into a function. Ids are strings, even numeric ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSystem {
    /// `CfsId`.
    pub id: String,
    /// `MountInsId`.
    pub mount_id: String,
    /// `LocalMountDir`.
    pub local_folder: String,
    /// `RemoteMountDir`.
    pub remote_folder: String,
    /// `UserGroupId`.
    pub group_id: String,
    /// `UserId`.
    pub user_id: String,
}

/// Where asynchronous invocations go that failed for good; empty for none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetter {
    /// `Type`.
    pub kind: String,
    /// `Name`.
    pub name: String,
    /// `FilterType`.
    pub filter: String,
}

/// Retries of failed asynchronous invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// How long they may wait, in seconds: 60–21600.
    pub message_ttl: i64,
    /// How often they are retried: 0–2.
    pub count: i64,
}

impl Retries {
    /// What the real component sends if the file says nothing.
    pub const DEFAULT: Self = Self { message_ttl: 21_600, count: 2 };
}

/// A single-valued setting of a function, described by one row.
///
/// A row is all that the rooms need: `config` reads serverless.yml by it, `execute` sends and finds
/// the API's parameter, `plan` compares and digests the value. Settings with several values have
/// their own code there.
pub struct PlainSetting {
    /// Key in serverless.yml.
    pub key: &'static str,
    /// Parameter of the calls that write it and field of `GetFunction`, as a path if it is nested.
    pub name: &'static str,
    /// Allowed values.
    pub values: Values,
    /// What a reply without it means.
    pub unreported: Unreported,
    /// The calls that accept it.
    pub calls: &'static [SettingsCall],
    /// Whether it has no effect on web functions.
    pub event_only: bool,
    /// How it counts in the digest of what a version freezes.
    pub digested: Digested,
    get: fn(&Configuration) -> Option<Scalar>,
    set: fn(&mut Configuration, Option<Scalar>),
}

impl fmt::Debug for PlainSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("PlainSetting").field(&self.key).finish()
    }
}

impl PlainSetting {
    /// Returns its value, if set.
    #[must_use]
    pub fn get(&self, configuration: &Configuration) -> Option<Scalar> {
        (self.get)(configuration)
    }

    /// Sets or clears its value. A value of another type clears it.
    pub fn set(&self, configuration: &mut Configuration, value: Option<Scalar>) {
        (self.set)(configuration, value);
    }
}

/// Returns what a row says, or else the default of the table.
macro_rules! said {
    ($said:expr; $usual:expr) => {
        $said
    };
    (; $usual:expr) => {
        $usual
    };
}

/// Declares every setting once: its type, its key in `serverless.yml`, and the row of a
/// single-valued one.
///
/// A row without `calls` can be changed; one without `event_only` applies to every function.
macro_rules! configuration {
    ($(
        $(#[$documentation:meta])*
        $field:ident: $type:ty = $key:literal $({
            name: $name:literal,
            values: $values:expr,
            unreported: $unreported:expr,
            $(calls: $calls:expr,)?
            $(event_only: $event_only:expr,)?
            digested: $digested:expr,
        })?,
    )*) => {
        /// The single-valued settings, which a row describes completely.
        pub static PLAIN: &[PlainSetting] = &[$($(PlainSetting {
            key: $key,
            get: |configuration| configuration.$field.clone().map(Scalar::from),
            set: |configuration, value| {
                configuration.$field = value.and_then(|value| value.try_into().ok());
            },
            name: $name,
            values: $values,
            unreported: $unreported,
            calls: said!($($calls)?; CHANGEABLE),
            event_only: said!($($event_only)?; false),
            digested: $digested,
        },)?)*];

        /// Settings of a function.
        ///
        /// `None` means "not given": an update keeps the service's value (the real component resets
        /// or clears several of them). An empty value clears the setting.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Configuration {
            $($(#[$documentation])* pub $field: Option<$type>,)*
        }

        impl Configuration {
            /// The keys of all settings, in the order of the table.
            pub const KEYS: &[&str] = &[$($key),*];

            /// Returns the settings of `self` that differ from `observed`.
            #[must_use]
            pub fn changes_to(&self, observed: &Self) -> Self {
                Self {
                    $($field: self
                        .$field
                        .clone()
                        .filter(|wanted| observed.$field.as_ref() != Some(wanted)),)*
                }
            }

            /// Returns the settings of `self` that are set in `other`, too.
            #[must_use]
            pub fn keys_of(&self, other: &Self) -> Self {
                Self { $($field: other.$field.as_ref().and(self.$field.clone()),)* }
            }

            /// Returns these settings with missing ones taken from `other`.
            #[must_use]
            pub fn or(self, other: Self) -> Self {
                Self { $($field: self.$field.or(other.$field),)* }
            }

            /// Returns the keys of the settings that are set.
            #[must_use]
            pub fn keys(&self) -> Vec<&'static str> {
                [$((self.$field.is_some(), $key),)*]
                    .into_iter()
                    .filter_map(|(said, key)| said.then_some(key))
                    .collect()
            }
        }
    };
}

configuration! {
    /// Description, up to 1000 characters.
    description: String = "description" {
        name: "Description",
        values: Values::Text { limit: Some(DESCRIPTION_LIMIT), clears: false },
        unreported: Unreported::Is(Scalar::Text(String::new())),
        digested: Digested::Never,
    },
    /// Memory in MB: 64, or 128–3072 in steps of 128.
    memory_size: i64 = "memorySize" {
        name: "MemorySize",
        values: Values::Integer { from: 64, to: 1_048_576, unit: Unit::Megabytes },
        unreported: Unreported::Unknown,
        digested: Digested::Always,
    },
    /// Timeout in seconds, 1–900; asynchronous execution may take a day (API reference, limits).
    timeout: i64 = "timeout" {
        name: "Timeout",
        values: Values::Integer { from: 1, to: 86_400, unit: Unit::Seconds },
        unreported: Unreported::Unknown,
        digested: Digested::Always,
    },
    /// Timeout of the initialisation in seconds.
    init_timeout: i64 = "initTimeout" {
        name: "InitTimeout",
        values: Values::Integer { from: 1, to: 300, unit: Unit::Seconds },
        unreported: Unreported::Unknown,
        digested: Digested::Always,
    },
    /// Execution role; empty removes it.
    role: String = "role" {
        name: "Role",
        values: Values::Text { limit: None, clears: true },
        unreported: Unreported::Is(Scalar::Text(String::new())),
        digested: Digested::Always,
    },
    /// All environment variables, at most 4 KB together.
    environment: BTreeMap<String, String> = "environment",
    /// Whether the function reaches the public network.
    public_access: bool = "publicAccess" {
        name: "PublicNetConfig.PublicNetStatus",
        values: Values::Switch { words: SwitchWords::EnableOrDisable, usual: true },
        unreported: Unreported::Unknown,
        digested: Digested::Always,
    },
    /// Whether it uses a fixed address for that.
    fixed_egress: bool = "eip" {
        name: "PublicNetConfig.EipConfig.EipStatus",
        values: Values::Switch { words: SwitchWords::EnableOrDisable, usual: false },
        unreported: Unreported::Is(OFF),
        digested: Digested::Always,
    },
    /// Private network binding.
    vpc: Vpc = "vpcConfig",
    /// Layers in order, at most 5.
    layers: Vec<Layer> = "layers",
    /// Log set and topic in the log service (CLS).
    logs: (String, String) = "cls",
    /// Idle timeout of WebSocket connections in seconds, 1–1800.
    web_socket_idle: i64 = "protocolParams",
    /// Concurrent requests per instance of a web function.
    instance_concurrency: InstanceConcurrency = "instanceConcurrencyConfig",
    /// Mounted file systems in order.
    file_systems: Vec<FileSystem> = "cfs",
    /// Where failed asynchronous invocations go.
    dead_letter: DeadLetter = "deadLetter",
    /// Disk size in MB. The API definition lacks this parameter and the next two, but the service
    /// accepts them.
    disk_size: i64 = "diskSize" {
        name: "DiskSize",
        values: Values::Integer { from: 1, to: 1_048_576, unit: Unit::Megabytes },
        unreported: Unreported::Incomparable { default: Some(DEFAULT_DISK_SIZE) },
        digested: Digested::Unless(DEFAULT_DISK_SIZE),
    },
    /// Type of machine to run on.
    node_type: String = "nodeType" {
        name: "NodeType",
        values: Values::Text { limit: None, clears: true },
        unreported: Unreported::Incomparable { default: None },
        digested: Digested::Together,
    },
    /// Size of that machine.
    node_spec: String = "nodeSpec" {
        name: "NodeSpec",
        values: Values::Text { limit: None, clears: true },
        unreported: Unreported::Incomparable { default: None },
        digested: Digested::Together,
    },
    /// Whether L5 (北极星, service discovery) is available inside; cannot be set at creation.
    l5: bool = "l5Enable" {
        name: "L5Enable",
        values: TRUE_OR_FALSE,
        unreported: Unreported::Is(OFF),
        calls: &[SettingsCall::UpdateConfiguration],
        digested: Digested::Unless(OFF),
    },
    /// Whether the service installs the dependencies of the code.
    install_dependency: bool = "installDependency" {
        name: "InstallDependency",
        values: TRUE_OR_FALSE,
        unreported: Unreported::Is(OFF),
        calls: &[SettingsCall::Create, SettingsCall::UpdateCode],
        digested: Digested::Never,
    },
    /// Whether it may run longer than a request (asynchronous execution).
    asynchronous: bool = "asyncRunEnable" {
        name: "AsyncRunEnable",
        values: TRUE_OR_FALSE,
        unreported: Unreported::Is(OFF),
        calls: &[SettingsCall::Create],
        event_only: true,
        digested: Digested::Never,
    },
    /// Whether the service tracks each asynchronous execution.
    traced: bool = "traceEnable" {
        name: "TraceEnable",
        values: TRUE_OR_FALSE,
        unreported: Unreported::Is(OFF),
        calls: &[SettingsCall::Create],
        event_only: true,
        digested: Digested::Never,
    },
}

/// Most settings are accepted at creation and can be changed later.
const CHANGEABLE: &[SettingsCall] = &[SettingsCall::Create, SettingsCall::UpdateConfiguration];

/// A switch that is off by default.
const TRUE_OR_FALSE: Values = Values::Switch { words: SwitchWords::TrueOrFalse, usual: false };
const OFF: Scalar = Scalar::Switch(false);

/// Default disk size of a function in MB.
const DEFAULT_DISK_SIZE: Scalar = Scalar::Integer(512);

impl Configuration {
    /// Returns the defaults of settings that replies may omit.
    #[must_use]
    pub fn unsaid() -> Self {
        let mut unsaid = Self::default();
        for setting in PLAIN {
            if let Unreported::Is(value) = &setting.unreported {
                setting.set(&mut unsaid, Some(value.clone()));
            }
        }
        unsaid
    }

    /// Returns the settings of `self` that a call accepts.
    #[must_use]
    pub fn taken_by(&self, call: SettingsCall) -> Self {
        // Settings with several values can all be changed.
        let mut taken = if CHANGEABLE.contains(&call) { self.clone() } else { Self::default() };
        for setting in PLAIN {
            let value = setting.get(self).filter(|_| setting.calls.contains(&call));
            setting.set(&mut taken, value);
        }
        taken
    }

    /// Returns the settings of `self` that a version freezes.
    #[must_use]
    pub fn frozen(mut self) -> Self {
        for setting in PLAIN.iter().filter(|setting| setting.digested == Digested::Never) {
            setting.set(&mut self, None);
        }
        self
    }

    /// Returns the settings of `self` without those that the service accepts but, as `observed`
    /// shows, does not report: whether they differ is unknown.
    #[must_use]
    pub fn comparable_to(&self, observed: &Self) -> Self {
        let mut comparable = self.clone();
        for setting in PLAIN.iter().filter(|setting| setting.get(observed).is_none()) {
            if matches!(setting.unreported, Unreported::Incomparable { .. }) {
                setting.set(&mut comparable, None);
            }
        }
        comparable
    }

    /// Returns the settings of `self` without those that the service, as `observed` shows, does not
    /// report and that have their default value.
    #[must_use]
    pub fn without_unreported_defaults(mut self, observed: &Self) -> Self {
        for setting in PLAIN.iter().filter(|setting| setting.get(observed).is_none()) {
            if let Unreported::Incomparable { default: Some(default) } = &setting.unreported
                && setting.get(&self).as_ref() == Some(default)
            {
                setting.set(&mut self, None);
            }
        }
        self
    }

    /// Returns the keys of the settings that [`Self::comparable_to`] removes from `self`.
    #[must_use]
    pub fn not_comparable_to(&self, observed: &Self) -> Vec<&'static str> {
        let left = self.comparable_to(observed);
        self.keys().into_iter().filter(|key| !left.keys().contains(key)).collect()
    }

    /// Returns whether no setting is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
