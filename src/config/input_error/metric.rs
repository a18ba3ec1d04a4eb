//! Metrics.

/// What is wrong with what metrics are asked by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongMetric {
    /// Two ways of counting.
    #[error("is given beside `version`; calls are counted by alias or by version")]
    AliasAndVersion,
    /// Two things to call.
    #[error("is given beside another `qualifier`; a call goes to one of them")]
    AliasAndQualifier,
    /// No time lies between.
    #[error("leaves no time: from {from} until {until} (UTC+8)")]
    EndsBefore {
        /// The beginning.
        from: String,
        /// The end.
        until: String,
    },
    /// More than anybody reads.
    #[error("makes {points} points, more than {most}")]
    ManyPoints {
        /// Points of one series.
        points: i64,
        /// The most.
        most: i64,
    },
}

/// What to ask metrics by instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricAdvice {
    /// A time.
    #[error("for example '2024-05-01 12:00:00', which is in China, or 2024-05-01T04:00:00Z")]
    Time,
    /// When logs begin.
    #[error(
        "for example 30s, 15m, 1h30m or 2d back, '2024-05-01 12:00:00', which is in China, or 2024-05-01T04:00:00Z"
    )]
    Since,
    /// How far back.
    #[error("60 to {longest} seconds, or for example 15m, 3h or 7d")]
    Interval {
        /// The longest one, in seconds.
        longest: i64,
    },
    /// The time of a point.
    #[error("give a longer one, or a shorter time")]
    LongerPeriod,
    /// One or more versions.
    #[error("for example 2, or 1,2, or '$LATEST' in single quotes")]
    Versions,
}
