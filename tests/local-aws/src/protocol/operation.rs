//! The services that the emulator implements, and the operations of each that it knows.

use std::fmt;

use serde::Serialize;

/// An AWS service that the emulator implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// AWS Identity and Access Management.
    Iam,
    /// AWS Config.
    Config,
    /// AWS Security Token Service.
    Sts,
    /// AWS Organizations.
    Organizations,
    /// AWS CloudFormation.
    CloudFormation,
    /// Amazon Simple Storage Service.
    S3,
}

/// Lists the operations once, for the enum, for `ALL` and for `service`.
macro_rules! operations {
    ($($service:ident { $($operation:ident),+ $(,)? })+) => {
        /// The operations that the emulator knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[allow(missing_docs, reason = "the names are AWS's own")]
        pub enum Operation {
            $($($operation,)+)+
        }

        impl Operation {
            /// All of them, service by service.
            pub const ALL: &[Self] = &[$($(Self::$operation,)+)+];

            /// The service that has it.
            #[must_use]
            pub fn service(self) -> Service {
                match self {
                    $($(Self::$operation)|+ => Service::$service,)+
                }
            }
        }
    };
}

operations! {
    Iam {
        GetAccountSummary,
        GenerateCredentialReport,
        GetCredentialReport,
        ListAccessKeys,
        GetAccessKeyLastUsed,
        UpdateAccessKey,
        DeleteAccessKey,
        ListAccountAliases,
        ListOrganizationsFeatures,
        EnableOrganizationsRootCredentialsManagement,
        EnableOrganizationsRootSessions,
        DisableOrganizationsRootCredentialsManagement,
        DisableOrganizationsRootSessions,
    }
    Sts {
        GetCallerIdentity,
        GetAccessKeyInfo,
        AssumeRoot,
    }
    Organizations {
        DescribeAccount,
        DescribeOrganization,
        ListAccounts,
        ListRoots,
        ListPolicies,
        DescribePolicy,
        ListTargetsForPolicy,
        ListAWSServiceAccessForOrganization,
        EnableAWSServiceAccess,
        DisableAWSServiceAccess,
        ListDelegatedAdministrators,
        RegisterDelegatedAdministrator,
        DeregisterDelegatedAdministrator,
    }
    CloudFormation {
        DescribeOrganizationsAccess,
        ActivateOrganizationsAccess,
        DescribeStackSet,
        ListStackInstances,
        CreateStackInstances,
        UpdateStackInstances,
        DescribeStackSetOperation,
        ListStackSetOperations,
    }
    Config {
        PutEvaluations,
        DescribeConfigRules,
        DescribeConfigRuleEvaluationStatus,
        DescribeComplianceByConfigRule,
        GetComplianceDetailsByConfigRule,
        StartConfigRulesEvaluation,
        DescribeConfigurationRecorderStatus,
        PutConfigurationRecorder,
        PutDeliveryChannel,
        StartConfigurationRecorder,
        StopConfigurationRecorder,
        DescribeOrganizationConformancePacks,
        GetOrganizationConformancePackDetailedStatus,
        DescribeConfigurationAggregators,
        DescribeConfigurationAggregatorSourcesStatus,
        DescribeAggregateComplianceByConfigRules,
        GetAggregateComplianceDetailsByConfigRule,
        GetAggregateDiscoveredResourceCounts,
    }
    S3 {
        GetObject,
        PutObject,
    }
}

impl Service {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Iam,
        Self::Config,
        Self::Sts,
        Self::Organizations,
        Self::CloudFormation,
        Self::S3,
    ];

    /// The name used when signing.
    #[must_use]
    pub fn signing_name(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Config => "config",
            Self::Sts => "sts",
            Self::Organizations => "organizations",
            Self::CloudFormation => "cloudformation",
            Self::S3 => "s3",
        }
    }

    /// The content type of its responses.
    pub(crate) fn content_type(self) -> &'static str {
        if self.speaks_query() {
            "text/xml"
        } else if self == Self::S3 {
            "application/xml"
        } else {
            "application/x-amz-json-1.1"
        }
    }

    /// The header of its responses that has the request ID.
    pub(crate) fn request_id_header(self) -> &'static str {
        if self == Self::S3 {
            "x-amz-request-id"
        } else {
            "x-amzn-requestid"
        }
    }

    /// Whether it speaks Query and XML; the others speak JSON 1.1, except Amazon S3.
    pub(crate) fn speaks_query(self) -> bool {
        matches!(self, Self::Iam | Self::Sts | Self::CloudFormation)
    }
}

impl Operation {
    pub(crate) fn named(service: Service, name: &str) -> Option<Self> {
        Self::of(service).find(|operation| operation.to_string() == name)
    }

    fn of(service: Service) -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(move |operation| operation.service() == service)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The emulator's error message for an operation that it does not know.
pub(crate) fn known_operations(service: Service) -> String {
    let known: Vec<_> = Operation::of(service)
        .map(|operation| format!("{}:{operation}", service.signing_name()))
        .collect();
    format!("the local emulator knows only: {}", known.join(", "))
}

/// The emulator's error message for a service that it does not implement.
pub(crate) fn known_services() -> String {
    let known: Vec<_> = Service::ALL.map(Service::signing_name).into();
    let known = known.join(", ");
    format!("the local emulator knows only: {known}; use this command in AWS")
}
