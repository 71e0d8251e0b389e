import { OutsideError, type OutsideBill, type OutsideCall, type OutsideGate } from '@forma3d/kernel';

export interface RecordingGate extends OutsideGate {
  calls: OutsideCall[];
  /** One per call, once it is paid. */
  bills: OutsideBill[];
  /** Forgets both. */
  clear(): void;
}

/** A gate that lets everything through and remembers what passed and what was paid. */
export function recordingGate(): RecordingGate {
  const calls: OutsideCall[] = [];
  const bills: OutsideBill[] = [];
  return {
    calls,
    bills,
    enter: (call) => {
      calls.push(call);
      return Promise.resolve((bill) => {
        bills.push(bill);
        return Promise.resolve();
      });
    },
    clear: () => {
      calls.length = 0;
      bills.length = 0;
    },
  };
}

/** The failure that `work` must end in; throws when it succeeds or fails in any other way. */
export async function outsideFailureOf(work: Promise<unknown>): Promise<OutsideError> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof OutsideError) return outcome;
  throw new Error('expected an OutsideError', { cause: outcome });
}
