/**
 * An expression in JSONata, the query language of our newer state machines.
 *
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export interface Expression {
  readonly code: string;
  /** The text that it stands for, if it is always the same. */
  readonly constant?: string;
}

/** The value of a field of a state: the result of an expression. */
export function evaluated({ code, constant }: Expression): string {
  return constant ?? `{% ${code} %}`;
}

/** A field of the state's input that every input has. */
export function required(path: string): Expression {
  return { code: `$states.input.${path}` };
}

/** A field of the state's input, for example `detail.eventID`; another word if it is absent or null. */
export function optional(path: string, otherwise = 'unknown'): Expression {
  const value = `$states.input.${path}`;
  // A comparison with an absent field is false.
  return { code: `(${value} != null ? ${value} : ${literal(otherwise)})` };
}

/** A text with expressions in it, each of which becomes a text. Use it as the tag of a template literal. */
export function text(constants: readonly string[], ...expressions: readonly Expression[]): Expression {
  if (expressions.length === 0) {
    const constant = constants.join('');
    return { code: literal(constant), constant };
  }
  const parts = constants.flatMap((constant, index) => {
    const expression = expressions[index];
    return [...(constant === '' ? [] : [literal(constant)]), ...(expression ? [expression.code] : [])];
  });
  return { code: parts.join(' & ') };
}

/** A string literal. With double quotes, it has the escape sequences of JSON; it can have single quotes instead. */
function literal(value: string): string {
  const json = JSON.stringify(value);
  return json === `"${value}"` && !value.includes("'") ? `'${value}'` : json;
}

/**
 * Joins a list of lines to one text. White space and control characters in a line become spaces, so that no text of an
 * event can look like a line of ours. A long line, for example an error message, is cut.
 *
 * @param lines code in JSONata whose value is a list of texts
 */
export function joinedLines(lines: string): Expression {
  return { code: `$join($map(${lines}, function($line) { ${oneLine('$line', MAX_LINE)} }), '\\n')` };
}

/**
 * Code in JSONata for a text in one line of at most a number of characters: runs of white space and control characters
 * become a space. A character outside of Unicode's basic plane, such as an emoji, counts as one and is never cut in two.
 *
 * https://docs.jsonata.org/string-functions
 */
export function oneLine(code: string, limit: number): string {
  return `$substring($replace(${code}, ${CONTROL_CHARACTERS}, ' '), 0, ${limit})`;
}

/** A regular expression for runs of control characters, spaces and line separators. */
const CONTROL_CHARACTERS = '/[\\u0000-\\u0020\\u007f-\\u00a0\\u2028\\u2029]+/';

/** Characters of a line. */
const MAX_LINE = 1000;
