/**
 * A deployment that is refused before anything is synthesized. Its message is a whole sentence for the
 * operator: what was attempted, what is wrong and what to do; `bin/` prints it and no stack trace.
 */
export class DeploymentError extends Error {}
