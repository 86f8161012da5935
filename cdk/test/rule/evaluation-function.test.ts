import { expect, test } from 'vitest';
import { VERSION } from '../../lib/settings/product.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { ARM64, elf, zip } from '../fixtures/built-function.ts';
import { arn, idOf, only } from '../fixtures/template.ts';

const template = accountTemplate();
const fn = only(template, 'AWS::Lambda::Function');

test('the function runs the built executable in 128 MB, for at most 30 seconds', () => {
  expect(fn).toMatchObject({
    FunctionName: 'root-access-key-rule',
    Runtime: 'provided.al2023',
    Handler: 'bootstrap',
    Architectures: ['x86_64'],
    MemorySize: 128,
    Timeout: 30,
  });
});

test('the function has the architecture of its executable', () => {
  const artifact = zip({ bootstrap: elf(ARM64) });
  expect(only(accountTemplate({ artifact }), 'AWS::Lambda::Function')).toMatchObject({
    Architectures: ['arm64'],
  });
});

test('the function reserves no concurrency, because new accounts cannot', () => {
  expect(fn).not.toHaveProperty('ReservedConcurrentExecutions');
});

test('the version is in the description and the environment', () => {
  expect(fn.Description).toContain(`root-access-key-rule ${VERSION}:`);
  expect(fn.Environment).toEqual({ Variables: { ROOT_ACCESS_KEY_RULE_VERSION: VERSION } });
});

test('a failed evaluation is retried twice within an hour, then the default event bus receives an event', () => {
  expect(only(template, 'AWS::Lambda::EventInvokeConfig')).toEqual({
    FunctionName: { Ref: idOf(template, 'AWS::Lambda::Function') },
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 2,
    MaximumEventAgeInSeconds: 3600,
    DestinationConfig: {
      OnFailure: {
        Destination: arn('events:us-east-1', 'event-bus/default'),
      },
    },
  });
});

test('no queue stores failed events', () => {
  expect(fn).not.toHaveProperty('DeadLetterConfig');
  template.resourceCountIs('AWS::SQS::Queue', 0);
});

test('log lines are JSON, in a log group with a generated name, and are stored for a year', () => {
  expect(fn.LoggingConfig).toEqual({
    LogFormat: 'JSON',
    ApplicationLogLevel: 'INFO',
    LogGroup: { Ref: idOf(template, 'AWS::Logs::LogGroup') },
  });
  expect(only(template, 'AWS::Logs::LogGroup')).toEqual({ RetentionInDays: 365 });
});

test('the setting logRetentionDays changes how long log lines are stored', () => {
  const logGroup = only(accountTemplate({ logRetentionDays: '30' }), 'AWS::Logs::LogGroup');
  expect(logGroup.RetentionInDays).toBe(30);
});

test('the log group is retained with the stack, but not after a failed creation', () => {
  template.hasResource('AWS::Logs::LogGroup', {
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
});
