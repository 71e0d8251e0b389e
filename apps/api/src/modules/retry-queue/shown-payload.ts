/** Names under which a payload may hold a secret or personal data, whatever else the name says. */
const HIDDEN = /secret|token|passw|credential|authori[sz]ation|cookie|signature|api_?key|private_?key|e_?mail|phone|address|customer|recipient|body/i;
const IN_ITS_PLACE = '[not shown]';

/** A task's payload for people: ids and values as they are; what may be secret or personal is left out, however deep it stands. */
export function shownPayload(payload: unknown): Record<string, unknown> {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? shownFields(payload) : {};
}

function shownFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, HIDDEN.test(name) ? IN_ITS_PLACE : shown(value)]));
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  return typeof value === 'object' && value !== null ? shownFields(value) : value;
}
