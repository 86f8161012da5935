//! What a test puts into the buckets of Amazon S3, and what it finds there.

use crate::{
    emulator::LocalAws,
    state::{
        bucket::{Bucket, Object},
        world::lock,
    },
};

impl LocalAws {
    /// Adds an empty bucket of that account.
    pub fn put_bucket(&self, name: &str, account: &str) {
        let bucket = Bucket {
            account: account.to_owned(),
            listable: true,
            ..Bucket::default()
        };
        lock(&self.world).buckets.insert(name.to_owned(), bucket);
    }

    /// Takes the permission `s3:ListBucket` from the bucket's account: a request for an object
    /// that does not exist is denied then.
    pub fn forbid_listing(&self, bucket: &str) {
        if let Some(bucket) = lock(&self.world).buckets.get_mut(bucket) {
            bucket.listable = false;
        }
    }

    /// Writes a new version of an object, without a checksum.
    pub fn put_object(&self, bucket: &str, key: &str, body: &str) {
        let mut state = lock(&self.world);
        state.objects_written += 1;
        let object = Object {
            etag: format!("\"{:032x}\"", state.objects_written),
            content_type: "binary/octet-stream".to_owned(),
            crc32: None,
            body: body.to_owned(),
        };
        if let Some(bucket) = state.buckets.get_mut(bucket) {
            bucket
                .objects
                .entry(key.to_owned())
                .or_default()
                .push(object);
        }
    }

    /// Deletes all versions of an object.
    pub fn delete_object(&self, bucket: &str, key: &str) {
        if let Some(bucket) = lock(&self.world).buckets.get_mut(bucket) {
            bucket.objects.remove(key);
        }
    }

    /// The newest version of an object.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<String> {
        let state = lock(&self.world);
        Some(state.buckets.get(bucket)?.object(key)?.body.clone())
    }

    /// The content type of the newest version of an object.
    #[must_use]
    pub fn content_type(&self, bucket: &str, key: &str) -> Option<String> {
        let state = lock(&self.world);
        Some(state.buckets.get(bucket)?.object(key)?.content_type.clone())
    }

    /// The keys of a bucket, in order.
    #[must_use]
    pub fn object_keys(&self, bucket: &str) -> Vec<String> {
        let state = lock(&self.world);
        let bucket = state.buckets.get(bucket);
        bucket.map_or_else(Vec::new, |it| it.objects.keys().cloned().collect())
    }
}
