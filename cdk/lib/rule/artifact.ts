import { existsSync, readFileSync } from 'node:fs';
import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { type CfnParametersCode, Code } from 'aws-cdk-lib/aws-lambda';
import { strFromU8, unzipSync } from 'fflate';
import { DeploymentError } from '../settings/deployment-error.ts';
import type { Architecture } from '../settings/product.ts';

/** The built function: a zip with the executable `bootstrap` at its root. */
export interface Artifact {
  readonly path: string;
  /** The architecture of the executable in the zip, read from its header. */
  readonly architecture: Architecture;
}

/** `e_machine` of the ELF header (System V ABI, chapter 4). */
const MACHINES: Readonly<Record<number, Architecture>> = { 62: 'x86_64', 183: 'arm64' };

const BUILD_IT = 'build it with `make package`';

/**
 * Reads the architecture of the built function.
 *
 * @param path the zip file
 * @param expected the setting `architecture`, if there is one
 * @throws DeploymentError if there is no such file, it holds no Linux executable, or the executable is for another
 * architecture. Lambda would accept each of these and fail at the first evaluation.
 */
export function readArtifact(path: string, expected?: Architecture): Artifact {
  if (!existsSync(path)) throw new DeploymentError(`there is no built function at ${path}: ${BUILD_IT}.`);
  const architecture = architectureOf(bootstrapIn(path));
  if (!architecture) {
    throw new DeploymentError(
      `the bootstrap in ${path} is not a 64-bit x86_64 or arm64 Linux executable: ${BUILD_IT}.`,
    );
  }
  if (expected && expected !== architecture) {
    throw new DeploymentError(
      `setting "architecture" is ${expected}, but the function in ${path} was built for ${architecture}: build it for ${expected}, or leave the setting out.`,
    );
  }
  return { path, architecture };
}

function bootstrapIn(path: string): Uint8Array {
  const bootstrap = unzip(path).bootstrap;
  if (!bootstrap) throw new DeploymentError(`there is no bootstrap at the root of ${path}: ${BUILD_IT}.`);
  return bootstrap;
}

function unzip(path: string): Record<string, Uint8Array> {
  try {
    return unzipSync(readFileSync(path), { filter: (entry) => entry.name === 'bootstrap' });
  } catch (error) {
    throw new DeploymentError(`could not unzip ${path} (${(error as Error).message}): ${BUILD_IT}.`);
  }
}

function architectureOf(executable: Uint8Array): Architecture | undefined {
  const isElf64 = strFromU8(executable.subarray(0, 4), true) === '\x7fELF' && executable[4] === 2;
  if (!isElf64 || executable.length < 20) return undefined;
  return MACHINES[new DataView(executable.buffer, executable.byteOffset).getUint16(18, true)];
}

/** Parameter of a template without an artifact: the bucket that holds the artifact. */
export const ARTIFACT_BUCKET = 'ArtifactBucket';

/** Parameter of a template without an artifact: the artifact's key in the bucket. */
export const ARTIFACT_KEY = 'ArtifactKey';

/** The function's code for a template without an artifact. Its parameters say where the artifact is. */
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
