import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { accountStack, accountTemplate } from '../fixtures/account.ts';
import { only } from '../fixtures/template.ts';

const template = accountTemplate({}, { region: 'us-east-1' });
const machine = only(template, 'AWS::StepFunctions::StateMachine');
const machineArn = { Ref: expect.stringMatching(/^ReEvaluationStateMachine/) };

test('the events of this account start the state machine', () => {
  const rule = only(template, 'AWS::Events::Rule');
  expect(rule.EventPattern).toMatchObject({ account: [{ Ref: 'AWS::AccountId' }] });
  expect(rule.Targets).toEqual([
    { Id: 'Target0', Arn: machineArn, RoleArn: attArn(/^ReEvaluationStateMachineStarter/) },
  ]);
});

test('the state machine runs with the role that may start evaluations', () => {
  expect(machine.RoleArn).toEqual(attArn(/^ReEvaluationEvaluationStarter/));
});

test('the state machine has the name that the notification of its failures matches', () => {
  expect(machine.StateMachineName).toBe('root-access-key-rule');
});

test.each(['eusc-de-east-1', 'us-iso-east-1'])(
  'in the partition of %s, where the region of IAM’s events is not documented, re-evaluation is not deployed and the app warns',
  (homeRegion) => {
    const unknown = accountStack({ homeRegion });
    Annotations.fromStack(unknown).hasWarning(
      '*',
      Match.stringLikeRegexp(
        `re-evaluation .* not deployed, .*: AWS does not document where IAM's events arrive in the partition of ${homeRegion}\\.`,
      ),
    );
    Template.fromStack(unknown).resourceCountIs('AWS::StepFunctions::StateMachine', 0);
    Annotations.fromStack(accountStack({}, { region: 'us-gov-west-1' })).hasNoWarning('*', Match.anyValue());
  },
);

function attArn(logicalId: RegExp): object {
  return { 'Fn::GetAtt': [expect.stringMatching(logicalId), 'Arn'] };
}
