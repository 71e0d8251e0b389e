/** One escape in a JSON string; a surrogate pair as the one character that it is. */
const ESCAPE = /\\(?:u[dD][89aAbB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|[\s\S])/g;
const UNSTORABLE = /\\u(?:0000|[dD][89a-fA-F])/;
const REPLACEMENT = '\\ufffd';

/**
 * JSON text as a database takes it. PostgreSQL has no NUL in text and no half surrogate pairs in jsonb; customers' notes and names, pasted
 * from anywhere, can have both, and no order may be lost over them. NUL goes, half a character becomes U+FFFD; all else stays to the byte.
 */
export function storableJson(text: string): string {
  // Nearly always nothing to do.
  if (!UNSTORABLE.test(text)) return text;
  return text.replace(ESCAPE, (escape) => {
    if (escape === '\\u0000') return '';
    return escape.length === 6 && /^\\u[dD][89a-fA-F]/.test(escape) ? REPLACEMENT : escape;
  });
}
