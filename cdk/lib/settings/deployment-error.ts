/**
 * The error that stops a deployment before anything is synthesized. Its message tells the operator what was attempted,
 * what is wrong and what to do. The app prints the message without a stack trace.
 */
export class DeploymentError extends Error {}
