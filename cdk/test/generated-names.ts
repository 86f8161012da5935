/**
 * The name that CloudFormation generates for a resource that is given none, as AWS publishes it (`IdentifierUtils` of
 * the library for resource handlers): the names of stack and resource share what the service's limit leaves.
 *
 * https://github.com/aws-cloudformation/cloudformation-cli-java-plugin/blob/953665c7e844615447e16840e8e93338068c1080/src/main/java/software/amazon/cloudformation/resource/IdentifierUtils.java
 *
 * @param limit characters that the service allows, at least 18
 */
export function generatedName(stackName: string, logicalId: string, limit: number): string {
  const random = 'A1b2C3d4E5f6';
  const [forStack, forResource] = fairSplit(limit - 13 - 1, stackName.length, logicalId.length);
  const prefix = `${stackName.slice(0, forStack)}-${logicalId.slice(0, forResource)}`;
  return `${prefix.slice(0, limit - 13)}-${random}`;
}

/** How many of `free` characters each of two names gets: half, and what the other one does not need. */
function fairSplit(free: number, first: number, second: number): [number, number] {
  const half = Math.ceil(free / 2);
  const forFirst = Math.min(first, Math.max(half, free - second));
  return [forFirst, Math.min(second, free - forFirst)];
}
