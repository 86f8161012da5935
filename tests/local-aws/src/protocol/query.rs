//! The Query protocol's XML, as IAM, STS and CloudFormation write it.

use quick_xml::{Writer, events::BytesText};

use crate::{protocol::error::AwsError, protocol::operation::Service};

pub(crate) type Xml = Writer<Vec<u8>>;

/// The answer to an operation that has a result.
pub(crate) fn response(
    service: Service,
    operation: &str,
    request_id: &str,
    result: impl FnOnce(&mut Xml),
) -> String {
    document(service, &format!("{operation}Response"), |root| {
        parent(root, &format!("{operation}Result"), result);
        metadata(root, request_id);
    })
}

/// The answer to an operation that has none.
pub(crate) fn done(service: Service, operation: &str, request_id: &str) -> String {
    document(service, &format!("{operation}Response"), |root| {
        metadata(root, request_id);
    })
}

/// An `ErrorResponse`.
pub(crate) fn error_answer(service: Service, error: &AwsError, request_id: &str) -> String {
    let blame = if error.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    document(service, "ErrorResponse", |root| {
        parent(root, "Error", |body| {
            text(body, "Type", blame);
            text(body, "Code", &error.code);
            text(body, "Message", &error.message);
        });
        text(root, "RequestId", request_id);
    })
}

fn metadata(root: &mut Xml, request_id: &str) {
    parent(root, "ResponseMetadata", |metadata| {
        text(metadata, "RequestId", request_id);
    });
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

pub(crate) fn parent(xml: &mut Xml, name: &str, children: impl FnOnce(&mut Xml)) {
    let _ = xml.create_element(name).write_inner_content(|xml| {
        children(xml);
        Ok(())
    });
}

pub(crate) fn text(xml: &mut Xml, name: &str, value: &str) {
    let _ = xml
        .create_element(name)
        .write_text_content(BytesText::new(value));
}

/// Text as it stands in XML.
pub(crate) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
