/** Parses a value of `-c name=value`, which is always text, as JSON if it can. */
export function parseJsonText(value: unknown): unknown {
  try {
    return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
  } catch {
    return value;
  }
}
