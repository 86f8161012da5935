import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, ruleDescription } from '../settings/product.ts';

/** The template of the pack. It can also be deployed by hand. */
export const PACK_FILE = join(REPOSITORY, 'cdk/conformance-pack/root-access-key-rule.yaml');

/** The function that the pack's rule calls: by its ARN, or by its name in the rule's account. */
export type PackFunction = { readonly FunctionArn: string } | { readonly FunctionName: string };

/** The template and parameters of the pack, as both kinds of conformance pack accept them. */
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
