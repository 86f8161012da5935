import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, ruleDescription } from '../settings/product.ts';

/** The pack's template, the one that is used by hand too. */
export const PACK_FILE = join(REPOSITORY, 'cdk/conformance-pack/root-access-key-rule.yaml');

/** Which function the pack's rule calls: one by its ARN, or the one of this name in the rule's account. */
export type PackFunction = { readonly FunctionArn: string } | { readonly FunctionName: string };

/** The pack's template and parameters, in the form that both kinds of conformance pack take. */
export function conformancePack(
  fn: PackFunction,
  { frequency, docsUrl }: { readonly frequency: string; readonly docsUrl: string },
) {
  const parameters = {
    ...fn,
    MaximumExecutionFrequency: frequency,
    RuleDescription: ruleDescription(docsUrl),
  };
  return {
    templateBody: readFileSync(PACK_FILE, 'utf8'),
    conformancePackInputParameters: Object.entries(parameters).map(([parameterName, parameterValue]) => ({
      parameterName,
      parameterValue,
    })),
  };
}
