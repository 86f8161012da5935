//! The part of Signature Version 4 that the emulator reads: who signed, for which region and service.

use hyper::header::HeaderMap;
use serde::Serialize;

/// The credential scope of a Signature Version 4 header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// The access key ID of the signer.
    pub access_key_id: String,
    /// The region it was signed for.
    pub region: String,
    /// The service it was signed for.
    pub service: String,
}

impl Signature {
    /// `AWS4-HMAC-SHA256 Credential=KEY/20260301/us-east-1/iam/aws4_request, …`
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get("authorization")?.to_str().ok()?;
        let scope = header
            .strip_prefix("AWS4-HMAC-SHA256 Credential=")?
            .split(',')
            .next()?;
        match scope.split('/').collect::<Vec<_>>()[..] {
            [key, _day, region, service, "aws4_request"] => Some(Self {
                access_key_id: key.to_owned(),
                region: region.to_owned(),
                service: service.to_owned(),
            }),
            _ => None,
        }
    }
}
