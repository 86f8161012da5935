"""The stored queries of AWS Config are valid requests in the SQL subset of AWS Config.

AWS Config takes a subset of SQL's SELECT:
https://docs.aws.amazon.com/config/latest/developerguide/querying-AWS-resources.html
"""

import json
import re
import unittest

import sqlglot
from botocore.validate import ParamValidator
from sqlglot import exp

from documents import aws_commands
from service_model import MODELS, beyond
from local_aws import REPOSITORY

QUERIES = {path.stem: json.loads(path.read_text()) for path in sorted((REPOSITORY / "cdk/queries").glob("*.json"))}
GUIDE = REPOSITORY / "docs/organization-reference.md"

# What can be queried of a resource type, as far as the queries need it; published at
# https://github.com/awslabs/aws-config-resource-schema (config/properties/resource-types).
COMMON = {"accountId", "awsRegion", "configurationItemCaptureTime", "resourceId", "resourceName", "resourceType"}
COMPLIANCE = {
    "configuration.complianceType",
    "configuration.configRuleList",
    "configuration.configRuleList.complianceType",
    "configuration.configRuleList.configRuleName",
}
PROPERTIES = {
    "AWS::Config::ConformancePackCompliance": COMMON | COMPLIANCE,
    "AWS::Config::ResourceCompliance": COMMON
    | COMPLIANCE
    | {"configuration.targetResourceId", "configuration.targetResourceType"},
    "AWS::Lambda::Function": COMMON | {"configuration.codeSha256", "configuration.description"},
}
UNKNOWN_WORDS = re.compile(r"\b(ALL|AS|DISTINCT|FROM|HAVING|JOIN|NULL|UNION)\b", re.I)


def objections(expression):
    """The reasons for which AWS Config would reject a query, as far as they are documented."""
    try:
        query = sqlglot.parse_one(expression)
    except sqlglot.errors.ParseError as error:
        return [str(error)]
    found = [f"no support for {word}" for word in UNKNOWN_WORDS.findall(expression)]
    types = [it.expression.name for it in query.find_all(exp.EQ) if it.this.sql() == "resourceType"]
    if len(types) != 1 or types[0] not in PROPERTIES:
        return [*found, f"not of one known resource type: {types}"]
    used = {column.sql() for column in query.find_all(exp.Column)}
    found += [f"no property {name}" for name in sorted(used - PROPERTIES[types[0]])]
    for like in query.find_all(exp.Like):
        if not re.fullmatch(r"[^%_]{3,}%", like.expression.name):
            found.append(f"a wildcard must be last and after three characters: {like.sql()}")
    if (group := query.args.get("group")) and len(group.expressions) > 3:
        found.append("no more than three properties can be grouped by")
    return found


class EveryStoredQuery(unittest.TestCase):
    def test_is_a_valid_request(self):
        shape = MODELS["config"].operation_model("PutStoredQuery").input_shape
        self.assertGreater(len(QUERIES), 0)
        for name, query in QUERIES.items():
            request = {"StoredQuery": query}
            self.assertEqual(query["QueryName"], name)
            report = ParamValidator().validate(request, shape)
            self.assertFalse(report.has_errors(), report.generate_report())
            self.assertEqual(list(beyond(request, shape, name)), [])

    def test_uses_only_supported_sql_and_existing_properties(self):
        for name, query in QUERIES.items():
            self.assertEqual(objections(query["Expression"]), [], name)

    def test_is_installed_by_the_guide(self):
        installed = [
            command[command.index("--stored-query") + 1]
            for command in aws_commands(GUIDE)
            if "put-stored-query" in command
        ]
        self.assertEqual(sorted(installed), [f"file://cdk/queries/{name}.json" for name in QUERIES])


class TheCheckItself(unittest.TestCase):
    def test_finds_each_fault(self):
        pack = "resourceType = 'AWS::Config::ConformancePackCompliance'"
        for wrong, why in {
            f"SELECT accountId WHERE {pack} ORDERED BY accountId": "Invalid expression",
            f"SELECT accountID WHERE {pack}": "no property accountID",
            f"SELECT DISTINCT accountId WHERE {pack}": "no support for DISTINCT",
            f"SELECT accountId WHERE {pack} AND resourceName LIKE '%rule'": "a wildcard must be last",
            f"SELECT accountId WHERE {pack} AND resourceName LIKE 'ab%'": "after three characters",
            f"SELECT accountId WHERE {pack} AND resourceName LIKE 'a_rule%'": "a wildcard must be last",
            "SELECT accountId WHERE resourceType = 'AWS::S3::Bucket'": "not of one known resource type",
        }.items():
            self.assertIn(why, " ".join(objections(wrong)), wrong)
