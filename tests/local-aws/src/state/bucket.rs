//! The buckets of Amazon S3 and their objects, with all versions.

use std::collections::BTreeMap;

/// A bucket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bucket {
    /// The account that owns it.
    pub account: String,
    /// Whether its account may list it. Otherwise Amazon S3 denies a request for an object that
    /// does not exist.
    pub listable: bool,
    /// The versions of each object, the newest last.
    pub objects: BTreeMap<String, Vec<Object>>,
}

/// One version of an object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub etag: String,
    pub content_type: String,
    /// The checksum that its writer sent.
    pub crc32: Option<String>,
    pub body: String,
}

impl Bucket {
    /// The newest version of the object.
    pub fn object(&self, key: &str) -> Option<&Object> {
        self.objects.get(key)?.last()
    }
}
