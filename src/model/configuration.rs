//! Settings of a function.
//!
//! Those of one value are rows. These are not, and why:
//!
//! - `protocolParams`: its one value stands in two maps of the file, with errors of their own.
//! - `msgTTL`, `retryNum` ([`super::Attributes`]): one call of their own takes both or none, and
//!   they are read, by another one, only where the file says one of them.
//! - `tags`: those of other people stay, and another product changes them.

use std::collections::BTreeMap;

use super::DESCRIPTION_LIMIT;
use super::setting::{
    Digested, PlainSetting, Scalar, SettingsCall, SwitchWords, Unit, Unreported, Values,
};

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

/// How many requests one instance of a web function serves at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceConcurrency {
    /// One.
    Off,
    /// Several.
    On {
        /// The service chooses how many.
        dynamic: bool,
        /// At most, 1–100.
        max: i64,
    },
}

/// A file system (CFS) mounted into a function. Identifiers are texts, numbers too.
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

/// Where asynchronous invocations go that failed for good; empty for nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetter {
    /// `Type`.
    pub kind: String,
    /// `Name`.
    pub name: String,
    /// `FilterType`.
    pub filter: String,
}

/// What becomes of asynchronous invocations that fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// How long they wait to be run, in seconds, 60–21600.
    pub message_ttl: i64,
    /// How often they are run again, 0–2.
    pub count: i64,
}

impl Retries {
    /// What the real component sends where the file says nothing.
    pub const DEFAULT: Self = Self { message_ttl: 21_600, count: 2 };
}

/// What a row says, else what most say.
macro_rules! said {
    ($said:expr; $usual:expr) => {
        $said
    };
    (; $usual:expr) => {
        $usual
    };
}

/// Names every setting once: its type, the key of `serverless.yml` that says it, and the row of a
/// plain one. A row without `calls` can be changed, and one without `event_only` is of every
/// function.
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
        /// The settings that a row tells all of.
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
        /// `None` means "not said": on update the cloud's value stays (the real component
        /// resets or clears several of them). A present value is the truth, an empty one
        /// clears.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Configuration {
            $($(#[$documentation])* pub $field: Option<$type>,)*
        }

        impl Configuration {
            /// The key of every setting, in the order of the table.
            pub const KEYS: &[&str] = &[$($key),*];

            /// The settings of `self` that `observed` does not have already.
            #[must_use]
            pub fn changes_to(&self, observed: &Self) -> Self {
                Self {
                    $($field: self
                        .$field
                        .clone()
                        .filter(|wanted| observed.$field.as_ref() != Some(wanted)),)*
                }
            }

            /// The settings of `self` that `other` says something of too.
            #[must_use]
            pub fn keys_of(&self, other: &Self) -> Self {
                Self { $($field: other.$field.as_ref().and(self.$field.clone()),)* }
            }

            /// What is said, else what `other` says.
            #[must_use]
            pub fn or(self, other: Self) -> Self {
                Self { $($field: self.$field.or(other.$field),)* }
            }

            /// The names of what is said, as serverless.yml spells them.
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
    /// Up to 1000 characters.
    description: String = "description" {
        name: "Description",
        values: Values::Text { limit: Some(DESCRIPTION_LIMIT), clears: false },
        unreported: Unreported::Is(Scalar::Text(String::new())),
        digested: Digested::Never,
    },
    /// In MB: 64, or 128–3072 in steps of 128.
    memory_size: i64 = "memorySize" {
        name: "MemorySize",
        values: Values::Integer { from: 64, to: 1_048_576, unit: Unit::Megabytes },
        unreported: Unreported::Unknown,
        digested: Digested::Always,
    },
    /// In seconds, 1–900; asynchronous execution may last a day (API reference, limits).
    timeout: i64 = "timeout" {
        name: "Timeout",
        values: Values::Integer { from: 1, to: 86_400, unit: Unit::Seconds },
        unreported: Unreported::Unknown,
        digested: Digested::Always,
    },
    /// In seconds.
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
    /// Whether it does so from a fixed address.
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
    /// Log set and topic of the log service.
    logs: (String, String) = "cls",
    /// Of a WebSocket function: seconds without a message after which it is cut, 1–1800.
    web_socket_idle: i64 = "protocolParams",
    /// Of a web function: requests that an instance serves at once.
    instance_concurrency: InstanceConcurrency = "instanceConcurrencyConfig",
    /// File systems in order.
    file_systems: Vec<FileSystem> = "cfs",
    /// Where failed asynchronous invocations go.
    dead_letter: DeadLetter = "deadLetter",
    /// In MB. The API definition has no such parameter, nor the next two; the service takes them.
    disk_size: i64 = "diskSize" {
        name: "DiskSize",
        values: Values::Integer { from: 1, to: 1_048_576, unit: Unit::Megabytes },
        unreported: Unreported::Incomparable { default: Some(DEFAULT_DISK_SIZE) },
        digested: Digested::Unless(DEFAULT_DISK_SIZE),
    },
    /// The kind of machine that it runs on.
    node_type: String = "nodeType" {
        name: "NodeType",
        values: Values::Text { limit: None, clears: true },
        unreported: Unreported::Incomparable { default: None },
        digested: Digested::Together,
    },
    /// The size of that machine.
    node_spec: String = "nodeSpec" {
        name: "NodeSpec",
        values: Values::Text { limit: None, clears: true },
        unreported: Unreported::Incomparable { default: None },
        digested: Digested::Together,
    },
    /// Whether L5 (北极星, service discovery) works inside; not settable at creation.
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
    /// Whether it runs longer than a request lasts.
    asynchronous: bool = "asyncRunEnable" {
        name: "AsyncRunEnable",
        values: TRUE_OR_FALSE,
        unreported: Unreported::Is(OFF),
        calls: &[SettingsCall::Create],
        event_only: true,
        digested: Digested::Never,
    },
    /// Whether the service keeps track of each asynchronous run.
    traced: bool = "traceEnable" {
        name: "TraceEnable",
        values: TRUE_OR_FALSE,
        unreported: Unreported::Is(OFF),
        calls: &[SettingsCall::Create],
        event_only: true,
        digested: Digested::Never,
    },
}

/// Most settings are given at creation, and changed later.
const CHANGEABLE: &[SettingsCall] = &[SettingsCall::Create, SettingsCall::UpdateConfiguration];

/// On or off, and off without a word on it.
const TRUE_OR_FALSE: Values = Values::Switch { words: SwitchWords::TrueOrFalse, usual: false };
const OFF: Scalar = Scalar::Switch(false);

/// The size of a function's disk without a word on it, in MB.
const DEFAULT_DISK_SIZE: Scalar = Scalar::Integer(512);

impl Configuration {
    /// What every function has without a word on it, as far as answers leave it out.
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

    /// The settings of `self` that a call takes.
    #[must_use]
    pub fn taken_by(&self, call: SettingsCall) -> Self {
        // Those of several values are all changeable.
        let mut taken = if CHANGEABLE.contains(&call) { self.clone() } else { Self::default() };
        for setting in PLAIN {
            let value = setting.get(self).filter(|_| setting.calls.contains(&call));
            setting.set(&mut taken, value);
        }
        taken
    }

    /// The settings of `self` that a version freezes.
    #[must_use]
    pub fn frozen(mut self) -> Self {
        for setting in PLAIN.iter().filter(|setting| setting.digested == Digested::Never) {
            setting.set(&mut self, None);
        }
        self
    }

    /// The settings of `self` without those that the service takes and, as `observed` shows,
    /// does not report: whether they differ cannot be told.
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

    /// The settings of `self` without those that the service, as `observed` shows, does not
    /// report, and that are what a function has without a word on them.
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

    /// The names of the settings that [`Self::comparable_to`] leaves out of `self`.
    #[must_use]
    pub fn not_comparable_to(&self, observed: &Self) -> Vec<&'static str> {
        let left = self.comparable_to(observed);
        self.keys().into_iter().filter(|key| !left.keys().contains(key)).collect()
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
