import { isFault } from '../../../base/fault.ts';

/** Runs a deletion; that the resource, or its pool, is gone already is no failure. */
export async function unlessGone(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const gone = ['ResourceNotFoundException', 'UserNotFoundException'];
    if (!isFault(thrown) || !gone.includes(thrown.code)) throw thrown;
  }
}
