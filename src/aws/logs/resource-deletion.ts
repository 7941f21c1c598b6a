import { isFault } from '../../base/fault.ts';

/** Runs a deletion; what is already gone is as good as deleted. */
export async function unlessGone(deletion: () => Promise<unknown>): Promise<void> {
  try {
    await deletion();
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== 'ResourceNotFoundException') throw thrown;
  }
}
