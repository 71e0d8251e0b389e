/** A JSON string or a whole number; strings come first, so that digits inside them are never touched. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_RUN = /\d{16}/;
const LONG_INTEGER = /^-?[1-9]\d{15,}$/;

/**
 * Like `JSON.parse`, but integers that a number may not hold exactly (16 digits or more) come as decimal strings.
 *
 * Shopify's test notifications carry ids such as 820982911946154508, and `JSON.parse` rounds them; Node 20 has no
 * reviver that sees the source text.
 *
 * @throws SyntaxError when the text is no JSON
 */
export function parseBigJson(text: string): unknown {
  // First as it is: in what is no JSON, as a string that never ends, each quote would be looked at to the end of the text.
  const plain: unknown = JSON.parse(text);
  if (!LONG_RUN.test(text)) return plain;
  return JSON.parse(text.replace(STRING_OR_NUMBER, (token) => (LONG_INTEGER.test(token) ? `"${token}"` : token)));
}
