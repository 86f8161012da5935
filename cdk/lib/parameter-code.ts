import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { type CfnParametersCode, Code } from 'aws-cdk-lib/aws-lambda';

/** Parameter of a template without artifact: the bucket that holds it. */
export const ARTIFACT_BUCKET = 'ArtifactBucket';

/** Parameter of a template without artifact: its key in the bucket. */
export const ARTIFACT_KEY = 'ArtifactKey';

/** The function's code where the CDK brings no artifact: whoever deploys the template says where it is. */
export function parameterCode(stack: Stack): CfnParametersCode {
  return Code.fromCfnParameters({
    bucketNameParam: new CfnParameter(stack, ARTIFACT_BUCKET, {
      description: 'Bucket, in the region of the stack, that holds the built function.',
    }),
    objectKeyParam: new CfnParameter(stack, ARTIFACT_KEY, {
      description: 'Key of the built function; a new build needs a new key.',
    }),
  });
}
