import { Aws, Stack, Token, Validations } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { State } from './states.ts';

export interface ForEachRuleProps {
  /** What the state machine is for. */
  readonly comment: string;
  /** The function whose ConfigRules are meant, whatever their names. */
  readonly functionArn: string;
  /** The first state: why and how many seconds to wait. */
  readonly wait: { readonly name: string; readonly seconds: number };
  /** How a call is retried. */
  readonly retry: State[];
  /** How the states of all rules of a page are retried together. Default: not. */
  readonly retryPage?: State[];
  /** What is done for a rule, in order. The input of the first is a ConfigRule, as AWS Config describes it. */
  readonly states: Readonly<Record<string, State>>;
}

/**
 * A state machine, in Amazon States Language, that does something for each ConfigRule of this account whose source is a
 * function. It reads the rules page by page.
 *
 * There may be none: if a conformance pack excludes the account, the function has no rule. A filter in a JSONPath would
 * need fewer states, but its result for no match is not documented, and engines differ.
 *
 * https://states-language.net/spec.html
 */
export function forEachRule(props: ForEachRuleProps): object {
  const { comment, wait, retry, retryPage } = props;
  const readPage = (parameters: object) => ({
    Type: 'Task',
    Resource: sdkCall('config:describeConfigRules'),
    Parameters: parameters,
    Retry: retry,
    Next: 'EachRule',
  });
  return {
    Comment: comment,
    StartAt: wait.name,
    States: {
      [wait.name]: { Type: 'Wait', Seconds: wait.seconds, Next: 'ReadFirstPage' },
      ReadFirstPage: readPage({}),
      ReadNextPage: readPage({ 'NextToken.$': '$.NextToken' }),
      EachRule: {
        Type: 'Map',
        ItemsPath: '$.ConfigRules',
        MaxConcurrency: 1,
        ItemProcessor: ifOurs(props),
        ...(retryPage && { Retry: retryPage }),
        ResultPath: null,
        Next: 'MorePages',
      },
      MorePages: {
        Type: 'Choice',
        Choices: [{ Variable: '$.NextToken', IsPresent: true, Next: 'ReadNextPage' }],
        Default: 'Done',
      },
      Done: { Type: 'Succeed' },
    },
  };
}

function ifOurs({ functionArn, states }: ForEachRuleProps): object {
  const evaluatedBy = '$.Source.SourceIdentifier';
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'IsOurs',
    States: {
      IsOurs: {
        Type: 'Choice',
        Choices: [
          // A rule with a Guard policy has no source identifier, and comparing an absent field fails the execution.
          { Variable: evaluatedBy, IsPresent: false, Next: 'NotOurs' },
          { Variable: evaluatedBy, StringEquals: functionArn, Next: Object.keys(states)[0] },
        ],
        Default: 'NotOurs',
      },
      ...states,
      NotOurs: { Type: 'Succeed' },
    },
  };
}

/** The resource of a task that makes a call of the AWS SDK, for example `config:describeConfigRules`. */
export function sdkCall(call: string): string {
  return `arn:${Aws.PARTITION}:states:::aws-sdk:${call}`;
}

/** ARN of all ConfigRules of a stack's account and region. */
export function allRulesArn(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'config', resource: 'config-rule', resourceName: '*' });
}

/** Acknowledges that a role may read all rules, and do something with any of them. */
export function acknowledgeAllRules(role: Role): void {
  Validations.of(role).acknowledge(
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The rules of this function can only be found by reading all rules.',
    },
    {
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:config:${regionInCdkNag(Stack.of(role).region)}:<AWS::AccountId>:config-rule/*]`,
      reason:
        'AWS Config generates the ids in the ARNs of rules, so they are not known before the deployment.',
    },
  );
}

/** A region in the notation of cdk-nag for values that are not known before the deployment. */
function regionInCdkNag(region: string): string {
  return Token.isUnresolved(region) ? '<AWS::Region>' : region;
}
