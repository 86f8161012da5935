import { Stack } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { NAME } from '../settings/product.ts';

/** What can be switched off without a deployment, and what the switch does. */
const SWITCHES = {
  repair: 'Whether the daily watch retries the StackSet where it failed.',
  digest: 'Whether the daily watch sends its digest. It stores its report in any case.',
} as const;

/** A switch of the watch. */
export type Switch = keyof typeof SWITCHES;

/** The parameter of a switch in AWS Systems Manager. */
export const switchParameter = (name: Switch) => `/${NAME}/watch/${name}`;

/** The switches of the watch: parameters with the value `on` or `off`, which a new deployment leaves as they are. */
export class Switches extends Construct {
  /** ARNs of the parameters. */
  readonly parameterArns: string[];

  constructor(scope: Construct, id: string, { repair }: { readonly repair: boolean }) {
    super(scope, id);
    const names = Object.keys(SWITCHES) as Switch[];
    const values: Record<Switch, boolean> = { repair, digest: true };
    for (const name of names) {
      new ssm.CfnParameter(this, name, {
        type: 'String',
        name: switchParameter(name),
        description: `${SWITCHES[name]} on or off.`,
        value: values[name] ? 'on' : 'off',
        allowedPattern: '^(on|off)$',
      });
    }
    this.parameterArns = names.map((name) =>
      Stack.of(this).formatArn({ service: 'ssm', resource: `parameter${switchParameter(name)}` }),
    );
  }
}
