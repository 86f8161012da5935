import { NAME, ORGANIZATION_NAME } from '../lib/product.ts';
import { generatedName } from './generated-names.ts';
import type { MemberTemplate, Resource } from './organization.ts';

/** StackSets name their stacks by the StackSet and a UUID. */
const STACK = `StackSet-${ORGANIZATION_NAME}-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d`;

/** The key for the member's stack itself in {@link memberArns}. */
export const THE_STACK = 'the stack';

/** The ARNs of a member's stack and resources in an account, by the type of the resource. */
export function memberArns(
  { Resources }: MemberTemplate,
  { partition, region, account }: Readonly<Record<'partition' | 'region' | 'account', string>>,
): Map<string, string[]> {
  const arn = (service: string, resource: string, where = region) =>
    `arn:${partition}:${service}:${where}:${account}:${resource}`;
  const made = new Map([[THE_STACK, [arn('cloudformation', `stack/${STACK}/3c4d`)]]]);
  for (const [id, resource] of Object.entries(Resources)) {
    const arns = made.get(resource.Type) ?? [];
    made.set(resource.Type, [...arns, arnOf(id, resource, arn)]);
  }
  return made;
}

// The limits of names are those of each service's API reference.
function arnOf(
  id: string,
  { Type, Properties }: Resource,
  arn: (service: string, resource: string, where?: string) => string,
): string {
  const name = (property: string, limit: number) =>
    (Properties[property] as string | undefined) ?? generatedName(STACK, id, limit);
  switch (Type) {
    case 'AWS::Lambda::Function':
    case 'AWS::Lambda::Permission':
    case 'AWS::Lambda::EventInvokeConfig':
      return arn('lambda', `function:${ORGANIZATION_NAME}`);
    case 'AWS::Config::ConformancePack':
      return arn('config', `conformance-pack/${name('ConformancePackName', 51)}/conformance-pack-abc`);
    case 'AWS::Events::Rule':
      return arn('events', `rule/${name('Name', 64)}`);
    case 'AWS::StepFunctions::StateMachine':
      return arn('states', `stateMachine:${name('StateMachineName', 80)}`);
    case 'AWS::IAM::Role':
      return arn('iam', `role${(Properties.Path as string | undefined) ?? '/'}${name('RoleName', 64)}`, '');
    case 'AWS::Logs::LogGroup':
      return arn('logs', `log-group:${name('LogGroupName', 512)}`);
    default:
      throw new Error(`${Type}: say what its ARN is, and protect it by ${NAME}'s policy for members`);
  }
}
