"""The rule as a few lines on rdklib, AWS's library for Config rules.

Kept as quick as rdklib allows: no role is assumed (the rule parameter
AssumeRoleMode is "False"), and old evaluations are not looked up.
"""

from rdklib import ComplianceType, ConfigRule, Evaluation, Evaluator


class RootAccessKeyRule(ConfigRule):
    delete_old_evaluations_on_scheduled_notification = False

    def evaluate_periodic(self, event, client_factory, valid_rule_parameters):
        summary = client_factory.build_client("iam").get_account_summary()
        account = event["accountId"], "AWS::::Account"
        if summary["SummaryMap"]["AccountAccessKeysPresent"] == 0:
            return [Evaluation(ComplianceType.COMPLIANT, *account)]
        return [Evaluation(ComplianceType.NON_COMPLIANT, *account, "The root user has access keys.")]


def lambda_handler(event, context):
    return Evaluator(RootAccessKeyRule()).handle(event, context)
