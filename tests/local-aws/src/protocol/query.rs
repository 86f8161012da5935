//! The Query protocol's XML, as IAM, STS and CloudFormation write it, and the errors of Amazon S3.

use chrono::{DateTime, SecondsFormat, Utc};
use quick_xml::{Writer, events::BytesText};
use serde_json::{Value, json};

use crate::protocol::{error::AwsError, operation::Service};

type Xml = Writer<Vec<u8>>;

/// The response to an operation: a JSON object as XML, or null for an operation without a result.
///
/// An array becomes a list of `member` elements, or of `entry` elements under a name that ends
/// in `Map`. Null members are left out. Members are in alphabetical order.
pub(crate) fn response(
    service: Service,
    operation: &str,
    request_id: &str,
    result: &Value,
) -> String {
    document(service, &format!("{operation}Response"), |root| {
        element(root, &format!("{operation}Result"), result);
        let metadata = json!({ "RequestId": request_id });
        element(root, "ResponseMetadata", &metadata);
    })
}

/// An `ErrorResponse`.
pub(crate) fn error_response(service: Service, error: &AwsError, request_id: &str) -> String {
    let blame = match error.status {
        ..500 => "Sender",
        _ => "Receiver",
    };
    document(service, "ErrorResponse", |root| {
        let AwsError { code, message, .. } = error;
        let error = json!({ "Type": blame, "Code": code, "Message": message });
        element(root, "Error", &error);
        element(root, "RequestId", &request_id.into());
    })
}

/// An error of Amazon S3
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
pub(crate) fn s3_error(error: &AwsError, request_id: &str) -> String {
    let (code, message) = (escaped(&error.code), escaped(&error.message));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>{request_id}</RequestId><HostId>local-aws</HostId></Error>"
    )
}

/// A list in a request's form: `NAME.member.1`, `NAME.member.2` …
pub(crate) fn list(form: &Value, name: &str) -> Vec<String> {
    let value = |number: usize| form[format!("{name}.member.{number}")].as_str();
    (1..).map_while(value).map(str::to_owned).collect()
}

/// A time in a response, to the second.
pub(crate) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Text as it stands in XML.
pub(crate) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

fn document(service: Service, root: &str, children: impl FnOnce(&mut Xml)) -> String {
    let namespace = match service {
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        Service::CloudFormation => "http://cloudformation.amazonaws.com/doc/2010-05-15/",
        _ => "https://iam.amazonaws.com/doc/2010-05-08/",
    };
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory cannot fail.
    let _ = xml
        .create_element(root)
        .with_attribute(("xmlns", namespace))
        .write_inner_content(|xml| {
            children(xml);
            Ok(())
        });
    let mut document = String::from_utf8(xml.into_inner()).unwrap_or_default();
    document.push('\n');
    document
}

fn element(xml: &mut Xml, name: &str, value: &Value) {
    let children: Vec<(&str, &Value)> = match value {
        Value::Null => return,
        Value::Object(members) => members.iter().map(|(name, it)| (&**name, it)).collect(),
        Value::Array(items) => {
            let is_map = name.ends_with("Map");
            let item = if is_map { "entry" } else { "member" };
            items.iter().map(|it| (item, it)).collect()
        }
        other => {
            let text = other
                .as_str()
                .map_or_else(|| other.to_string(), str::to_owned);
            let _ = xml
                .create_element(name)
                .write_text_content(BytesText::new(&text));
            return;
        }
    };
    let _ = xml.create_element(name).write_inner_content(|xml| {
        for (name, value) in children {
            element(xml, name, value);
        }
        Ok(())
    });
}
