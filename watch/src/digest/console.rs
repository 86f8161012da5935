//! The address of an object in the Amazon S3 console.
//!
//! AWS documents that the host begins with the region
//! (<https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html>). The path is not
//! documented.

/// The bucket of the watch.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The name of the bucket.
    pub bucket: &'a str,
    /// The region of the bucket, for example `us-east-1`.
    pub region: &'a str,
}

impl Place<'_> {
    /// Returns the address at which the console shows the object to whoever is signed in
    /// and may read it. It grants nothing by itself, unlike a presigned URL.
    #[must_use]
    pub fn url(self, key: &str) -> String {
        let Self { bucket, region } = self;
        let console = console(region);
        format!("https://{region}.{console}/s3/object/{bucket}?region={region}&prefix={key}")
    }
}

/// The console of the partition that the region is in.
fn console(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "console.amazonaws.cn",
        Some("eusc") => "console.amazonaws-eusc.eu",
        _ if region.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_has_its_own_console() {
        for (region, console) in [
            ("us-east-1", "console.aws.amazon.com"),
            ("us-gov-west-1", "console.amazonaws-us-gov.com"),
            ("cn-north-1", "console.amazonaws.cn"),
            ("eusc-de-east-1", "console.amazonaws-eusc.eu"),
        ] {
            let place = Place {
                bucket: "watch",
                region,
            };
            let url = place.url("2026/11/27/status.html");
            let path = "s3/object/watch?region=";
            let expected =
                format!("https://{region}.{console}/{path}{region}&prefix=2026/11/27/status.html");
            assert_eq!(url, expected);
        }
    }
}
