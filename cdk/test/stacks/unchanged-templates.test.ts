import { createHash } from 'node:crypto';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { VERSION } from '../../lib/settings/product.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { MemberStack } from '../../lib/stacks/member-stack.ts';
import { accountTemplate } from '../fixtures/account.ts';
import { REQUIRED, rollout } from '../fixtures/organization.ts';

/** The first digits of the SHA-256 of templates. A new version alone does not change it. */
function hash(...templates: object[]): string {
  const text = JSON.stringify(templates).replaceAll(VERSION, 'VERSION');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function account(context: Record<string, unknown>): string {
  return hash(accountTemplate(context).toJSON());
}

function organization(mode: string, context: Record<string, unknown> = {}): string {
  const { stacks } = rollout({ mode, ...REQUIRED, ...context });
  return hash(...stacks.map((stack) => Template.fromStack(stack).toJSON()));
}

function memberTemplate(): string {
  const settings = readSettings({ mode: 'member-template' }, {});
  const stack = new MemberStack(new App({ context: cdkJson.context }), { architecture: 'x86_64', settings });
  return hash(Template.fromStack(stack).toJSON());
}

/**
 * A setting is opt-in only if nothing changes without it. A change that is meant for every deployment updates these with
 * `npx vitest run --update test/stacks/unchanged-templates.test.ts`, and the changelog says what changes.
 */
test('without an optional setting the templates are byte for byte those of the last change for everybody', () => {
  const alertEmail = 'security@example.com';
  expect({
    account: account({}),
    'account with notifications': account({ alertEmail }),
    template: account({ mode: 'template' }),
    'stack-set': organization('stack-set'),
    'stack-set with notifications': organization('stack-set', { alertEmail }),
    'organization-pack': organization('organization-pack'),
    'member-template': memberTemplate(),
  }).toMatchInlineSnapshot(`
    {
      "account": "b737c8c338430fd4",
      "account with notifications": "9d160675f9484a66",
      "member-template": "c43aaed931a93084",
      "organization-pack": "c6a42548120f8daa",
      "stack-set": "306bbbbee60be307",
      "stack-set with notifications": "27a4167d9bdc0362",
      "template": "817e0d8fe5d85c23",
    }
  `);
});
