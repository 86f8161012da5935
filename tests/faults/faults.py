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


MACHINE = "cdk/lib/events/event-state-machine.ts"
FUNCTION = "cdk/lib/rule/evaluation-function.ts"
OPERATOR, KEY, KEEP = (f"cdk/policies/{it}.json" for it in ("operator", "encryption-key", "keep-root-access-key-rule"))
WATCH_STACK = "cdk/lib/stacks/organization-watch-stack.ts"
WATCH_DEFINITION = "cdk/lib/watch/definition.ts"
WATCH_ALARMS = "cdk/lib/watch/watch-alarms.ts"
WATCH_ROLE = "cdk/lib/watch/watch-role.ts"
REPORTS = "cdk/lib/watch/reports-bucket.ts"
SWITCHES = "cdk/lib/watch/switches.ts"
SCHEDULED_MACHINE = "cdk/lib/events/scheduled-state-machine.ts"
STATES = "cdk/lib/events/states.ts"
RE_EVALUATION = "cdk/lib/re-evaluation/re-evaluation.ts"
NOTIFICATION_MACHINE = "cdk/lib/notifications/notification-machine.ts"


def _faults(kind: str, *faults: tuple[str, str, str, str]) -> list[Fault]:
    return [Fault(kind, *it) for it in faults]


WATCH = _faults(
    "watch",
    ("the schedule is weekly", WATCH_STACK, "'cron(0 5 * * ? *)'", "'cron(0 5 ? * MON *)'"),
    ("no record of a digest that was not published", WATCH_DEFINITION, "Next: 'RecordNotPublished'", "Next: 'DigestNotPublished'"),
    ("an execution that published nothing succeeds", WATCH_DEFINITION, "record(false, { Next: 'DigestNotPublished' })",
     "record(false, { Next: 'Done' })"),
    ("a missing run raises no alarm", WATCH_ALARMS, "TreatMissingData.BREACHING", "TreatMissingData.NOT_BREACHING"),
    ("the alarm about a partial view ends within the hour", WATCH_ALARMS, "TreatMissingData.IGNORE", "TreatMissingData.NOT_BREACHING"),
    ("the bucket keeps no versions", REPORTS, "versioned: true", "versioned: false"),
    ("the bucket can be made public", REPORTS, "BlockPublicAccess.BLOCK_ALL", "BlockPublicAccess.BLOCK_ACLS_ONLY"),
    ("reports never expire", REPORTS, "prefix: '20'", "prefix: '19'"),
    ("the role lacks a call", WATCH_ROLE, ", 'cloudformation:UpdateStackInstances'", ""),
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

FORMS = _faults(
    "form of a published policy",
    ("an ID with a hyphen, for operators", OPERATOR, "SeeWhetherTheAlertEmailIsConfirmed", "SeeWhetherTheAlert-EmailIsConfirmed"),
    ("an ID that is there twice, for operators", OPERATOR, "SeeWhetherTheOrganizationHasAnAggregator", "DeployWithTheRolesOfTheCdkBootstrap"),
    ("a version that does not exist, in a service control policy", KEEP, "2012-10-17", "2026-10-17"),
)

STEPS = _faults(
    "state machine of the watch",
    ("the loop ends after one step", WATCH_DEFINITION, "answered('work', 'ReadSwitches')", "answered('work', 'Done')"),
    ("a misspelled field of an answer", WATCH_DEFINITION, "$states.input.next", "$states.input.Next"),
    ("an equality as JavaScript writes it", WATCH_DEFINITION, " = \"${next}\"", " == \"${next}\""),
    ("the digest is not taken from the answer", WATCH_DEFINITION, "'{% $states.input.digest %}'", "'{% $states.input %}'"),
    ("the answer is taken with what Lambda adds", WATCH_DEFINITION, "'{% $states.result.Payload %}'", "'{% $states.result %}'"),
    ("a second run of a day fails", WATCH_DEFINITION, "          answered('done', 'Done'),\n", ""),
    ("a published digest is recorded as not published", WATCH_DEFINITION, "record(true, {", "record(false, {"),
    ("a misspelled field of a parameter", WATCH_DEFINITION, "Parameters[Name=", "Parameters[name="),
    ("missing switches are read as others", WATCH_DEFINITION, "${both} : null %}", "${both} : {} %}"),
    ("the switches are read and ignored", WATCH_DEFINITION, "'{% $switches %}'", "{ repair: 'on', digest: 'on' }"),
    ("switches that cannot be read are not set", WATCH_DEFINITION, " Assign: { switches: null },", ""),
    ("a step is repeated before the function has ended", WATCH_DEFINITION, "TimeoutSeconds: 360", "TimeoutSeconds: 240"),
)

RETRIES = _faults("retry", ("calls are retried for two minutes only", STATES, "MaxAttempts: 12", "MaxAttempts: 4"))

POLICIES = _faults(
    "policy in a template",
    ("a condition key that does not exist, in trust policies", MACHINE, "'aws:SourceAccount'", "'aws:SourceAccountId'"),
)

ROLES = _faults(
    "role",
    ("EventBridge Scheduler may not take the role of the watch's schedule", SCHEDULED_MACHINE,
     "new iam.ServicePrincipal('scheduler.amazonaws.com', {", "new iam.ServicePrincipal('events.amazonaws.com', {"),
    ("the watch's schedule may start what has another ARN", SCHEDULED_MACHINE,
     "allow('states:StartExecution', machine.ref)", "allow('states:StartExecution', `${machine.ref}:*`)"),
    ("Lambda may not take the role of the watch", WATCH_ROLE, "'lambda.amazonaws.com'", "'states.amazonaws.com'"),
    ("Step Functions may not take the role of a re-evaluation", RE_EVALUATION,
     "assumedBy: statesPrincipal()", "assumedBy: new iam.ServicePrincipal('events.amazonaws.com')"),
    ("a re-evaluation may read something else about rules", RE_EVALUATION,
     "'config:DescribeConfigRules'", "'config:DescribeConfigRuleEvaluationStatus'"),
    ("a re-evaluation may start something else", RE_EVALUATION,
     "'config:StartConfigRulesEvaluation'", "'config:StartRemediationExecution'"),
    ("Step Functions may not take the role of the notifications", NOTIFICATION_MACHINE,
     "assumedBy: statesPrincipal()", "assumedBy: new iam.ServicePrincipal('events.amazonaws.com')"),
)

FAULTS = [*STEPS, *ROLES, *FORMS, *RETRIES, *PUBLISHED, *WATCH, *POLICIES, *FUNCTIONS]
