"""Faults that a developer could make in what leaves for AWS, each as one replacement in a file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """`old` occurs once in the file and becomes `new`. `name` says what is wrong then."""

    kind: str
    name: str
    file: str
    old: str
    new: str


KEY_EVENTS = "cdk/lib/events/root-key-events.ts"
COMPLIANCE = "cdk/lib/events/compliance-change.ts"
RULES = "cdk/lib/events/config-rules.ts"
MACHINE = "cdk/lib/events/event-state-machine.ts"
NOTIFICATIONS = "cdk/lib/notifications/notifications.ts"
FORWARDING = "cdk/lib/notifications/forwarding.ts"
BUS = "cdk/lib/notifications/organization-bus.ts"
TOPIC = "cdk/lib/notifications/recipients.ts"
PUBLISH = "cdk/lib/notifications/publish.ts"
DEFINITION = "cdk/lib/notifications/notification-definition.ts"
NOTIFICATION_MACHINE = "cdk/lib/notifications/notification-machine.ts"
JSONATA = "cdk/lib/notifications/jsonata.ts"
RE_EVALUATION = "cdk/lib/re-evaluation/definition.ts"
STARTER = "cdk/lib/re-evaluation/re-evaluation.ts"
HUB = "cdk/lib/security-hub/definition.ts"
FINDING = "cdk/lib/security-hub/finding.ts"
IMPORTER = "cdk/lib/security-hub/security-hub-import.ts"
FUNCTION = "cdk/lib/rule/evaluation-function.ts"
ROLE = "cdk/lib/rule/evaluation-role.ts"


def _faults(kind: str, *faults: tuple[str, str, str, str]) -> list[Fault]:
    return [Fault(kind, *it) for it in faults]


PATTERNS = _faults(
    "event pattern",
    ("the type of the root user is in lower case", KEY_EVENTS, "type: ['Root']", "type: ['root']"),
    ("refused calls match", KEY_EVENTS, "      errorCode: Match.doesNotExist(),\n", ""),
    ("calls for another user match", KEY_EVENTS, "      requestParameters: { userName: Match.doesNotExist() },\n", ""),
    ("the rule of a pack does not match", COMPLIANCE, "configRuleName: Match.prefix(rule)", "configRuleName: [rule]"),
    ("a message type that AWS Config does not send", COMPLIANCE, "'ComplianceChangeNotification'", "'ComplianceChange'"),
    ("a function with a longer name matches", NOTIFICATIONS, "Match.suffix(`:function:${name}:$LATEST`)",
     "{ wildcard: `*:function:${name}*` }"),
    ("executions that timed out do not match", NOTIFICATIONS, "'TIMED_OUT'", "'TIMEDOUT'"),
    ("an operator that EventBridge does not have", NOTIFICATIONS, "Match.suffix(`:stateMachine:${name}`)",
     "{ endsWith: `:stateMachine:${name}` }"),
)

STATES = _faults(
    "state machine",
    ("the next page is never read", RULES, "IsPresent: true, Next: 'ReadNextPage'", "IsPresent: false, Next: 'ReadNextPage'"),
    ("the page is lost after its rules", RULES, "        ResultPath: null,\n", ""),
    ("a misspelled path to the next page", RULES, "'$.NextToken' }),\n      EachRule", "'$.nextToken' }),\n      EachRule"),
    ("rules of other functions are started", RULES, "Default: 'NotOurs',", "Default: Object.keys(states)[0],"),
    ("a name where a list of names is required", RE_EVALUATION, "'States.Array($.ConfigRuleName)'", "'$.ConfigRuleName'"),
    ("a parameter that the API does not have", RE_EVALUATION, "'ConfigRuleNames.$'", "'ConfigRules.$'"),
    ("a refused import is not retried", HUB, "[RETRY_FOR_AN_HOUR]", "[{ ...RETRY_FOR_AN_HOUR, MaxAttempts: 0 }]"),
    ("a timeout of an import is not retried", HUB, "[RETRY_FOR_AN_HOUR]", "[{ ...RETRY_FOR_AN_HOUR, ErrorEquals: ['States.TaskFailed'] }]"),
    ("an import is retried with the old result", HUB, "    retryPage: RETRY,\n", ""),
    ("an error name without its service", HUB, "'SecurityHub.InvalidAccessException'", "'InvalidAccessException'"),
    ("a refused finding counts as imported", HUB, "Next: 'WasImported',", "Next: 'Imported',"),
    ("a verdict that AWS Config does not have", HUB, "StringEquals: 'NON_COMPLIANT'", "StringEquals: 'NONCOMPLIANT'"),
    ("a result without annotation fails", HUB, "Default: 'WithoutAnnotation',", "Default: 'Import',"),
    ("a transition to a state that does not exist", HUB, "Default: 'NothingToImport',", "Default: 'NothingToDo',"),
    ("the reason of a failure is lost", HUB, "CausePath: 'States.JsonToString($.Failure)'", "Cause: 'not imported'"),
    ("the detail of a forwarded event is text", FORWARDING, "'Detail.$': '$' }", "'Detail.$': 'States.JsonToString($)' }"),
    ("a misspelled integration", FORWARDING, ":states:::events:putEvents", ":states:::events:putEvent"),
    ("the secret is forwarded, too", NOTIFICATIONS, "fields: ['requestContext', 'responsePayload']",
     "fields: ['requestContext', 'requestPayload', 'responsePayload']"),
    ("a field of the finding that does not exist", FINDING, "GeneratorId: NAME", "Generator: NAME"),
    ("the status of the finding is not one", FINDING, "Label: 'CRITICAL'", "Label: 'SEVERE'"),
)

TEXTS = _faults(
    "notification",
    ("the subject is longer than SNS accepts", PUBLISH, "'?'), 0, 99)", "'?'), 0, 250)"),
    ("the subject keeps characters that SNS refuses", PUBLISH, "/[^ -~]/, '?'", "/[^ -~]/, '\\u00e9'"),
    ("without the account's name nothing is sent", DEFINITION, "Catch: [{ ErrorEquals: ['States.ALL']", "Catch: [{ ErrorEquals: ['States.Timeout']"),
    ("the name is read from where it is not", DEFINITION, "$states.result.Account.Name", "$states.result.Name"),
    ("a line of an event looks like a line of ours", JSONATA, "$replace($line, ${CONTROL_CHARACTERS}, ' ')", "$line"),
    ("every optional field reads unknown", JSONATA, "${value} != null ? ${value} :", "$exists(${value}) = null ? ${value} :"),
    ("the target names the notification otherwise", NOTIFICATION_MACHINE, "notification: id,", "notification: id.toLowerCase(),"),
    ("a function that JSONata does not have", PUBLISH, "`$join($append(", "`$concat($append("),
)

FUNCTIONS = _faults(
    "function",
    ("a runtime that does not run an executable", FUNCTION, "Runtime.PROVIDED_AL2023", "Runtime.NODEJS_22_X"),
    ("the endpoint of IAM is replaced", FUNCTION, "environment: { ROOT", "environment: { AWS_ENDPOINT_URL_IAM: 'https://iam.local', ROOT"),
    ("the log level hides the result", FUNCTION, "ApplicationLogLevel.INFO", "ApplicationLogLevel.ERROR"),
    ("a failed run is not retried", FUNCTION, "retryAttempts: 2", "retryAttempts: 0"),
    ("a failure is reported to a bus that does not exist", FUNCTION, "resourceName: 'default'", "resourceName: 'failures'"),
)

POLICIES = _faults(
    "policy",
    ("a condition key that does not exist, in trust policies", MACHINE, "'aws:SourceAccount'", "'aws:SourceAccountId'"),
    ("a condition key that does not exist, in a topic policy", TOPIC, "'aws:SourceAccount'", "'aws:SourceAccountId'"),
    ("a condition key that does not exist, in a bus policy", BUS, "'aws:PrincipalOrgID':", "'aws:PrincipalOrganizationID':"),
    ("a condition operator that does not exist", TOPIC, "conditions: { StringEquals:", "conditions: { StringEqual:"),
    ("an operator for another type of key", BUS, "conditions: { StringEquals:", "conditions: { NumericEquals:"),
    ("log lines of a resource that holds none", ROLE, "props.logGroup.logGroupArn)", "props.failureBusArn)"),
    ("an action that does not exist, in a role", ROLE, "'logs:PutLogEvents'", "'logs:PutLogEvent'"),
    ("an evaluation starts on a resource of another service", STARTER, "allow('config:StartConfigRulesEvaluation', allRulesArn(this))",
     "allow('config:StartConfigRulesEvaluation', `arn:${Aws.PARTITION}:states:*:*:stateMachine:*`)"),
    ("results are read from a resource of another service", IMPORTER,
     "allow('config:GetComplianceDetailsByConfigRule', allRulesArn(this))",
     "allow('config:GetComplianceDetailsByConfigRule', productArn)"),
    ("an action that does not exist, for operators", "cdk/policies/operator.json", "sns:ListSubscriptions", "sns:ListSubscription"),
    ("a role of another form, for operators", "cdk/policies/operator.json", "arn:aws:iam::*:role/cdk-", "arn:aws:iam::*:roles/cdk-"),
    ("an action that does not exist, in a key policy", "cdk/policies/encryption-key.json", "\"kms:CreateGrant\"", "\"kms:CreateGrants\""),
    ("a context that the action does not have, in a key policy", "cdk/policies/encryption-key.json",
     "\"kms:EncryptionContext:aws:logs:arn\": [", "\"logs:LogGroupArn\": ["),
    ("a service that does not exist, in a service control policy", "cdk/policies/keep-root-access-key-rule.json", "\"states:StopExecution\"", "\"state:StopExecution\""),
)

FAULTS = [*PATTERNS, *STATES, *TEXTS, *FUNCTIONS, *POLICIES]
