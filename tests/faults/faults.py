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
OPERATOR, KEY, KEEP = (f"cdk/policies/{it}.json" for it in ("operator", "encryption-key", "keep-root-access-key-rule"))
REMINDER = "cdk/lib/notifications/reminder.ts"
WATCH_STACK = "cdk/lib/stacks/organization-watch-stack.ts"
WATCH_DEFINITION = "cdk/lib/watch/definition.ts"
WATCH_ALARMS = "cdk/lib/watch/watch-alarms.ts"
WATCH_ROLE = "cdk/lib/watch/watch-role.ts"
REPORTS = "cdk/lib/watch/reports-bucket.ts"
SWITCHES = "cdk/lib/watch/switches.ts"


def _faults(kind: str, *faults: tuple[str, str, str, str]) -> list[Fault]:
    return [Fault(kind, *it) for it in faults]


PATTERNS = _faults(
    "event pattern",
    ("the type of the root user is in lower case", KEY_EVENTS, "type: ['Root']", "type: ['root']"),
    ("refused calls match", KEY_EVENTS, "      errorCode: Match.doesNotExist(),\n", ""),
    ("the rule of a pack does not match", COMPLIANCE, "configRuleName: Match.prefix(rule)", "configRuleName: [rule]"),
    ("a function with a longer name matches", NOTIFICATIONS, "Match.suffix(`:function:${name}:$LATEST`)",
     "{ wildcard: `*:function:${name}*` }"),
    ("an operator that EventBridge does not have", NOTIFICATIONS, "Match.suffix(`:stateMachine:${name}`)",
     "{ endsWith: `:stateMachine:${name}` }"),
)

STATES = _faults(
    "state machine",
    ("a comparison with a field that is not there", RULES,
     "          { Variable: evaluatedBy, IsPresent: false, Next: 'NotOurs' },\n", ""),
    ("the next page is never read", RULES, "IsPresent: true, Next: 'ReadNextPage'", "IsPresent: false, Next: 'ReadNextPage'"),
    ("a misspelled path to the next page", RULES, "'$.NextToken' }),\n      EachRule", "'$.nextToken' }),\n      EachRule"),
    ("a name where a list of names is required", RE_EVALUATION, "'States.Array($.ConfigRuleName)'", "'$.ConfigRuleName'"),
    ("a parameter that the API does not have", RE_EVALUATION, "'ConfigRuleNames.$'", "'ConfigRules.$'"),
    ("a refused import is not retried", HUB, "[RETRY_FOR_AN_HOUR]", "[{ ...RETRY_FOR_AN_HOUR, MaxAttempts: 0 }]"),
    ("an error name without its service", HUB, "'SecurityHub.InvalidAccessException'", "'InvalidAccessException'"),
    ("a transition to a state that does not exist", HUB, "Default: 'NothingToImport',", "Default: 'NothingToDo',"),
    ("the detail of a forwarded event is text", FORWARDING, "'Detail.$': '$' }", "'Detail.$': 'States.JsonToString($)' }"),
    ("a misspelled integration", FORWARDING, ":states:::events:putEvents", ":states:::events:putEvent"),
    ("the secret is forwarded, too", NOTIFICATIONS, "fields: ['requestContext', 'responsePayload']",
     "fields: ['requestContext', 'requestPayload', 'responsePayload']"),
    ("the status of the finding is not one", FINDING, "Label: 'CRITICAL'", "Label: 'SEVERE'"),
)

TEXTS = _faults(
    "notification",
    ("the subject is longer than SNS accepts", PUBLISH, "'?'), 0, 99)", "'?'), 0, 250)"),
    ("the subject keeps characters that SNS refuses", PUBLISH, "/[^ -~]/, '?'", "/[^ -~]/, '\\u00e9'"),
    ("without the account's name nothing is sent", DEFINITION, "Catch: [{ ErrorEquals: ['States.ALL']", "Catch: [{ ErrorEquals: ['States.Timeout']"),
    ("a line of an event looks like a line of ours", JSONATA, "$replace($line, ${CONTROL_CHARACTERS}, ' ')", "$line"),
    ("every optional field reads unknown", JSONATA, "${value} != null ? ${value} :", "$exists(${value}) = null ? ${value} :"),
    ("the target names the notification otherwise", NOTIFICATION_MACHINE, "notification: id,", "notification: id.toLowerCase(),"),
)

DELIVERY = _faults(
    "delivery",
    ("a message that SNS rejects is not sent again", PUBLISH, "Retry: [RETRY_FOR_AN_HOUR]", "Retry: []"),
    ("an alarm that notifies nobody", NOTIFICATION_MACHINE, "    notifyOf(alarm, recipients);\n", "    void alarm;\n"),
    ("a form that the chat application does not take", PUBLISH, "'source': 'custom'", "'source': 'aws'"),
    ("a weekly reminder that comes once a month", REMINDER, "'cron(0 8 ? * MON *)'", "'cron(0 8 1 * ? *)'"),
    ("the topic admits everybody", TOPIC, "[new iam.ServicePrincipal('cloudwatch.amazonaws.com')]", "[new iam.AnyPrincipal()]"),
)

STEPS = _faults(
    "state machine of the watch",
    ("the loop ends after one step", WATCH_DEFINITION, "answered('work', 'Work')", "answered('work', 'Done')"),
    ("a misspelled field of an answer", WATCH_DEFINITION, "$states.input.next =", "$states.input.Next ="),
    ("the digest is not taken from the answer", WATCH_DEFINITION, "'{% $states.input.digest %}'", "'{% $states.input %}'"),
    ("the answer is taken with what Lambda adds", WATCH_DEFINITION, "'{% $states.result.Payload %}'", "'{% $states.result %}'"),
    ("a misspelled field of a parameter", WATCH_DEFINITION, "Parameters[Name=", "Parameters[name="),
    ("missing switches are read as others", WATCH_DEFINITION, "${both} : null %}", "${both} : {} %}"),
)

WATCH = _faults(
    "watch",
    ("the schedule is weekly", WATCH_STACK, "'rate(1 day)'", "'rate(7 days)'"),
    ("no record of a digest that was not published", WATCH_DEFINITION, "Next: 'RecordNotPublished'", "Next: 'DigestNotPublished'"),
    ("an execution that published nothing succeeds", WATCH_DEFINITION, "record(false, { Next: 'DigestNotPublished' })",
     "record(false, { Next: 'Done' })"),
    ("the switches are read and ignored", WATCH_DEFINITION, "'{% $switches %}'", "{ repair: 'on', digest: 'on' }"),
    ("a missing run raises no alarm", WATCH_ALARMS, "TreatMissingData.BREACHING", "TreatMissingData.NOT_BREACHING"),
    ("the alarm about a partial view ends within the hour", WATCH_ALARMS, "TreatMissingData.IGNORE", "TreatMissingData.NOT_BREACHING"),
    ("the bucket keeps no versions", REPORTS, "versioned: true", "versioned: false"),
    ("the bucket can be made public", REPORTS, "BlockPublicAccess.BLOCK_ALL", "BlockPublicAccess.BLOCK_ACLS_ONLY"),
    ("reports never expire", REPORTS, "prefix: '20'", "prefix: '19'"),
    ("the role lacks a call", WATCH_ROLE, "  'cloudformation:UpdateStackInstances',\n", ""),
    ("the role may delete reports", WATCH_ROLE, "['s3:GetObject', 's3:PutObject']", "['s3:GetObject', 's3:PutObject', 's3:DeleteObject']"),
    ("the digest is off after the deployment", SWITCHES, "digest: true", "digest: false"),
)

FUNCTIONS = _faults(
    "function",
    ("a runtime that does not run an executable", FUNCTION, "Runtime.PROVIDED_AL2023", "Runtime.NODEJS_22_X"),
    ("the endpoint of IAM is replaced", FUNCTION, "environment: { ROOT", "environment: { AWS_ENDPOINT_URL_IAM: 'https://iam.local', ROOT"),
    ("a failed run is not retried", FUNCTION, "retryAttempts: 2", "retryAttempts: 0"),
    ("a failure is reported to a bus that does not exist", FUNCTION, "resourceName: 'default'", "resourceName: 'failures'"),
)

POLICIES = _faults(
    "policy in a template",
    ("a condition key that does not exist, in a bus policy", BUS, "'aws:PrincipalOrgID':", "'aws:PrincipalOrganizationID':"),
    ("a condition operator that does not exist, in a topic policy", TOPIC, "conditions: { StringEquals:", "conditions: { StringEqual:"),
)

PUBLISHED = _faults(
    "published policy",
    ("an action that does not exist, for operators", OPERATOR, "sns:ListSubscriptions", "sns:ListSubscription"),
    ("a role of another form, for operators", OPERATOR, "arn:aws:iam::*:role/cdk-", "arn:aws:iam::*:roles/cdk-"),
    ("an action that does not exist, in a key policy", KEY, "\"kms:CreateGrant\"", "\"kms:CreateGrants\""),
    ("a context that the action does not have, in a key policy", KEY, "\"kms:EncryptionContext:aws:logs:arn\": [", "\"logs:LogGroupArn\": ["),
    ("an operator that does not exist, in a key policy", KEY, "\"ArnLike\"", "\"ArnLikes\""),
    ("a service that does not exist, in a service control policy", KEEP, "\"states:StopExecution\"", "\"state:StopExecution\""),
    ("an operator that does not exist, in a service control policy", KEEP, "\"ArnNotLike\"", "\"ArnUnlike\""),
    ("a resource of another service, in a service control policy", KEEP, "arn:*:logs:*:*:log-group:StackSet", "arn:*:logs:*:*:group:StackSet"),
    ("an action that does not exist, in a service control policy", KEEP, "\"events:DisableRule\"", "\"events:DisableRules\""),
)

ROLES = _faults(
    "role",
    ("a condition key that does not exist, in trust policies", MACHINE, "'aws:SourceAccount'", "'aws:SourceAccountId'"),
    ("log lines of a resource that holds none", ROLE, "props.logGroup.logGroupArn)", "props.failureBusArn)"),
    ("an action that does not exist, in a role", ROLE, "'logs:PutLogEvents'", "'logs:PutLogEvent'"),
    ("results are read from a resource of another service", IMPORTER,
     "allow('config:GetComplianceDetailsByConfigRule', allRulesArn(this))",
     "allow('config:GetComplianceDetailsByConfigRule', productArn)"),
)

FAULTS = [*PUBLISHED, *STEPS, *WATCH, *POLICIES, *ROLES, *FUNCTIONS, *DELIVERY, *TEXTS, *STATES, *PATTERNS]
