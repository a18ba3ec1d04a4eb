//! Deserialises parsed JSON by code that is compiled once per type.
//!
//! Every `serde` deserialiser is compiled again for each type that it reads, and one that tracks
//! the path of errors even for several wrappers of each type; that made up a twentieth of the
//! binary (docs/size.md). This one records nothing on success, and builds the path while an error
//! is returned.

use std::fmt::{self, Display};

use serde::Deserialize;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error, Expected, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Number, Value};

/// Deserialises a value.
///
/// Structs are read from objects only, never from lists. Enums have unit variants only.
///
/// # Errors
/// Fails if something is missing or has another type, with its path.
pub fn read<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Misread> {
    T::deserialize(Reader { value, of_service: false })
}

/// As [`read`], of what a service answers: numbers may be written as texts or with a fraction of
/// zero, and null stands for an empty list (error reference, "Shape").
///
/// # Errors
/// As [`read`].
pub fn read_answer<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Misread> {
    T::deserialize(Reader { value, of_service: true })
}

/// Why a value cannot be deserialised.
#[derive(Debug)]
pub struct Misread(Box<Problem>);

#[derive(Debug)]
struct Problem {
    /// From the innermost step to the outermost.
    path: Vec<Step>,
    reason: serde_json::Error,
}

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl Misread {
    /// Returns the path of the error: `Functions[0].Name`, or `.` for the whole value.
    #[must_use]
    pub fn path(&self) -> String {
        let mut text = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Key(key) if text.is_empty() => text.push_str(key),
                Step::Key(key) => {
                    text.push('.');
                    text.push_str(key);
                }
                Step::Index(index) => {
                    text.push('[');
                    text.push_str(&index.to_string());
                    text.push(']');
                }
            }
        }
        if self.0.path.is_empty() { ".".to_owned() } else { text }
    }

    /// Returns the error without its path.
    #[must_use]
    pub fn into_reason(self) -> serde_json::Error {
        self.0.reason
    }

    #[cold]
    fn because(reason: serde_json::Error) -> Self {
        Self(Box::new(Problem { path: Vec::new(), reason }))
    }

    #[cold]
    fn below(mut self, key: &str) -> Self {
        self.0.path.push(Step::Key(key.to_owned()));
        self
    }

    #[cold]
    fn at(mut self, index: usize) -> Self {
        self.0.path.push(Step::Index(index));
        self
    }
}

impl Display for Misread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(formatter, "{}: ", self.path())?;
        }
        self.0.reason.fmt(formatter)
    }
}

impl std::error::Error for Misread {}

// Uses the messages of the JSON library, which says `null` for a missing value.
impl Error for Misread {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::because(Error::custom(message))
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::because(Error::invalid_type(found, expected))
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::because(Error::invalid_value(found, expected))
    }
}

/// Returns the error for a value of another type.
#[cold]
fn mismatch(value: &Value, expected: &dyn Expected) -> Misread {
    let found = match value {
        Value::Null => Unexpected::Unit,
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Unexpected::Unsigned(number),
            (None, Some(number)) => Unexpected::Signed(number),
            (None, None) => Unexpected::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    };
    Error::invalid_type(found, expected)
}

#[derive(Clone, Copy)]
struct Reader<'de> {
    value: &'de Value,
    /// As [`read_answer`].
    of_service: bool,
}

/// From here on floats of 64 bits do not hold every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Reader<'_> {
    /// The number that the value is, or that a service means by it.
    fn number(self, whole: bool) -> Option<Number> {
        let number = match self.value {
            Value::Number(number) => number.clone(),
            Value::String(text) if self.of_service => text.trim().parse().ok()?,
            _ => return None,
        };
        let float = number.as_f64().filter(|_| number.is_f64() && whole && self.of_service);
        let Some(float) = float.filter(|float| float.fract() == 0.0 && float.abs() < EXACT) else {
            return Some(number);
        };
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
        let whole = float as i64;
        Some(whole.into())
    }
}

/// Methods that read a number, which may have to be a whole one.
macro_rules! numbers {
    ($whole:literal: $($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
                let Some(number) = self.number($whole) else {
                    return Err(mismatch(self.value, &visitor));
                };
                match (number.as_u64(), number.as_i64()) {
                    (Some(number), _) => visitor.visit_u64(number),
                    (None, Some(number)) => visitor.visit_i64(number),
                    (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
                }
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Misread;

    numbers! {
        true:
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }
    numbers! { false: deserialize_f32 deserialize_f64 }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(_) => self.deserialize_f64(visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.value {
            Value::Bool(value) => visitor.visit_bool(*value),
            other => Err(mismatch(other, &visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            other => Err(mismatch(other, &visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        let list = match self.value {
            Value::Array(list) => list.as_slice(),
            Value::Null if self.of_service => &[],
            other => return Err(mismatch(other, &visitor)),
        };
        let (mut next, of_service) = (0, self.of_service);
        let read = visitor.visit_seq(Items { list, next: &mut next, of_service })?;
        if next < list.len() {
            return Err(Error::invalid_length(list.len(), &"fewer elements in array"));
        }
        Ok(read)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.value {
            Value::Object(map) => {
                let of_service = self.of_service;
                visitor.visit_map(Entries { rest: map.iter(), last: None, of_service })
            }
            other => Err(mismatch(other, &visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        match self.value {
            Value::String(variant) => visitor.visit_enum(BorrowedStrDeserializer::new(variant)),
            other => Err(mismatch(other, &"string or map")),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { char bytes byte_buf unit unit_struct }
}

/// The items of a list.
struct Items<'de, 'a> {
    list: &'de [Value],
    /// Number of items read.
    next: &'a mut usize,
    of_service: bool,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misread> {
        let index = *self.next;
        let Some(item) = self.list.get(index) else { return Ok(None) };
        *self.next += 1;
        let reader = Reader { value: item, of_service: self.of_service };
        seed.deserialize(reader).map(Some).map_err(|error| error.at(index))
    }
}

/// The entries of an object.
struct Entries<'de> {
    rest: serde_json::map::Iter<'de>,
    last: Option<(&'de str, &'de Value)>,
    of_service: bool,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misread> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.last = Some((key, value));
        seed.deserialize(Key(key)).map(Some).map_err(|error| error.below(key))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misread> {
        let (key, value) = self.last.unwrap_or(("", &Value::Null));
        let reader = Reader { value, of_service: self.of_service };
        seed.deserialize(reader).map_err(|error| error.below(key))
    }
}

/// A key, which may be read as a whole number.
struct Key<'de>(&'de str);

/// Methods that read a key as a number.
macro_rules! numbers_of_keys {
    ($($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
                match self.0.parse() {
                    Ok(number) => visitor.visit_i64(number),
                    Err(_) => Err(Error::custom("invalid value: expected key to be a number in quotes")),
                }
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Misread;

    numbers_of_keys! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_borrowed_str(self.0)
    }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use proptest::prelude::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Map, json};

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Timer,
        Cos,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Rate {
        Constant(f64),
        Steps(Vec<(f64, f64)>),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(try_from = "Map<String, Value>")]
    struct Record(Map<String, Value>);

    impl TryFrom<Map<String, Value>> for Record {
        type Error = String;

        fn try_from(fields: Map<String, Value>) -> Result<Self, String> {
            if fields.contains_key("a") {
                Ok(Self(fields))
            } else {
                Err("missing field `a`".into())
            }
        }
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Strict {
        #[serde(default)]
        b: Option<Box<Strict>>,
        c: Vec<i8>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Closed {
        #[serde(default)]
        a: bool,
    }

    /// Everything that types of this crate use.
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wide {
        a: Option<String>,
        b: Option<i64>,
        c: Option<u32>,
        d: Option<f64>,
        e: Option<bool>,
        f: Option<Vec<Wide>>,
        g: Option<Strict>,
        h: Option<Kind>,
        i: Option<Rate>,
        j: Option<Record>,
        k: Option<BTreeMap<String, Closed>>,
        m: Option<Value>,
        n: Option<(u8, String)>,
        o: Option<Map<String, Value>>,
    }

    /// Reads with the JSON library, whose messages and paths are expected.
    fn theirs<T: DeserializeOwned>(value: &Value) -> Result<T, (String, String)> {
        serde_path_to_error::deserialize(value.clone())
            .map_err(|error| (error.path().to_string(), error.into_inner().to_string()))
    }

    fn ours<T: DeserializeOwned>(value: &Value) -> Result<T, (String, String)> {
        read(value).map_err(|error| (error.path(), error.into_reason().to_string()))
    }

    fn compare<T: DeserializeOwned + PartialEq + Debug>(value: &Value) {
        assert_eq!(ours::<T>(value), theirs(value), "{value}");
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-3_i64..300).prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-2.0..2.0).prop_map(Value::from),
            prop::sample::select(vec!["timer", "x", "1", "", "é `"]).prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 4, |inner| {
            let key = prop::sample::select(vec![
                "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "M", "N", "O", "a", "b",
                "c", "1", "-7", "x y",
            ]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..6).prop_map(|entries| {
                    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
                }),
            ]
        })
    }

    /// Returns whether only the library accepts it: it reads structs from lists and variants from
    /// objects.
    fn is_stricter(error: &(String, String)) -> bool {
        error.1.starts_with("invalid type: sequence, expected struct")
            || error.1 == "invalid type: map, expected string or map"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn it_says_what_the_library_says(value in values()) {
            let told = ours::<Wide>(&value);
            if !told.as_ref().is_err_and(is_stricter) {
                prop_assert_eq!(told, theirs(&value));
            }
        }
    }

    #[test]
    fn every_kind_of_field_is_read_and_refused_as_by_the_library() {
        let kinds = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(255),
            json!(256),
            json!(1.5),
            json!(1e300),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(""),
            json!("timer"),
            json!("1"),
            json!([]),
            json!([1]),
            json!([1, "x"]),
            json!([1, "x", 2]),
            json!([[1, 2.5]]),
            json!([{"A": 1}]),
            json!({}),
            json!({"a": true}),
            json!({"a": 1}),
            json!({"b": 1}),
            json!({"c": [1, 128]}),
            json!({"c": [1], "b": {"c": [null]}}),
            json!({"k": {"b": 1}}),
            json!({"1": [2]}),
            json!({"1": [-2]}),
            json!({"-1": 2}),
            json!({"timer": null}),
        ];
        for value in &kinds {
            compare::<Kind>(&json!("cos"));
            for field in ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "M", "N", "O"] {
                let value = json!({"F": [{}, {"Other": 1, field: value}]});
                let told = ours::<Wide>(&value);
                if !told.as_ref().is_err_and(is_stricter) {
                    assert_eq!(told, theirs(&value), "{value}");
                }
            }
        }
    }

    #[test]
    fn a_service_may_write_numbers_as_texts_and_no_list_as_null() {
        let read = |value: &Value| read_answer::<Wide>(value);
        let told = json!({"B": "-7", "C": "3", "D": "0.9", "F": null, "G": {"c": null}});
        let wide = read(&told).unwrap();
        assert_eq!(
            (wide.b, wide.c, wide.d, wide.f.is_none()),
            (Some(-7), Some(3), Some(0.9), true)
        );
        assert_eq!(wide.g.unwrap().c, [] as [i8; 0]);
        let wide = read(&json!({"B": 128.0, "C": "64.0", "F": [{"D": "1"}]})).unwrap();
        assert_eq!((wide.b, wide.c), (Some(128), Some(64)));
        assert_eq!(wide.f.unwrap()[0].d, Some(1.0));
        for wrong in [
            json!({"B": "1.5"}),
            json!({"B": 1.5}),
            json!({"B": ""}),
            json!({"C": "-1"}),
            json!({"D": "much"}),
            json!({"A": 1}),
            json!({"E": "true"}),
            json!({"G": {}}),
            json!({"G": {"c": {}}}),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
        // Nobody else may.
        assert!(ours::<Wide>(&json!({"B": "1"})).is_err());
    }

    #[test]
    fn a_key_may_stand_for_a_number() {
        let read = |value: Value| ours::<BTreeMap<i64, Vec<u64>>>(&value);
        assert_eq!(read(json!({"-7": [1]})), Ok(BTreeMap::from([(-7, vec![1])])));
        let reason = "invalid value: expected key to be a number in quotes".to_owned();
        assert_eq!(read(json!({"a": [1]})), Err(("a".to_owned(), reason)));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (value, path, reason) in [
            (json!([]), ".", "invalid type: sequence, expected struct Wide"),
            (json!({"A": 1}), "A", "invalid type: integer `1`, expected a string"),
            (json!({"B": 1.0}), "B", "invalid type: floating point `1.0`, expected i64"),
            (json!({"C": -1}), "C", "invalid value: integer `-1`, expected u32"),
            (json!({"F": [{}, {"G": {}}]}), "F[1].G", "missing field `c`"),
            (json!({"F": [{}, ["x"]]}), "F[1]", "invalid type: sequence, expected struct Wide"),
            (json!({"G": {"c": [null]}}), "G.c[0]", "invalid type: null, expected i8"),
            (json!({"J": {"b": 1}}), "J", "missing field `a`"),
            (json!({"K": {"x y": {"z": 1}}}), "K.x y.z", "unknown field `z`, expected `a`"),
            (json!({"N": [1, "x", 2]}), "N", "invalid length 3, expected fewer elements in array"),
        ] {
            assert_eq!(ours::<Wide>(&value), Err((path.to_owned(), reason.to_owned())), "{value}");
        }
        let error = read::<Wide>(&json!({"F": [{"A": []}]})).unwrap_err();
        assert_eq!(error.to_string(), "F[0].A: invalid type: sequence, expected a string");
    }
}
