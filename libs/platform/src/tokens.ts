/** Injection tokens of what has no class of its own. `Database`, `EventLog` and `Processor` are injected by their class. */

/** `Clock` of @forma3d/kernel. */
export const CLOCK = Symbol('CLOCK');
/** `Config`, parsed once at start. */
export const CONFIG = Symbol('CONFIG');
/** `OutsideGate` of @forma3d/kernel: every call to an outside system passes it. */
export const OUTSIDE_GATE = Symbol('OUTSIDE_GATE');
/** `StoreResolver`: which store a request is about; provided by the access module. */
export const STORE_RESOLVER = Symbol('STORE_RESOLVER');
