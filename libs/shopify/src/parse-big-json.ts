/**
 * A JSON string, or an integer of 16 digits or more outside strings. Strings are matched first, so that digits inside
 * them are never touched; the lookahead leaves fractions and exponents alone.
 */
const STRING_OR_LONG_INTEGER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?[1-9]\d{15,}(?![\d.eE])/g;

/**
 * Like `JSON.parse`, but integers that a number may not hold exactly (16 digits or more) come as decimal strings.
 *
 * Shopify's test notifications carry ids such as 820982911946154508, and `JSON.parse` rounds them; Node 20 has no
 * reviver that sees the source text.
 *
 * @throws SyntaxError when the text is no JSON
 */
export function parseBigJson(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_LONG_INTEGER, (token) => (token.startsWith('"') ? token : `"${token}"`)));
}
