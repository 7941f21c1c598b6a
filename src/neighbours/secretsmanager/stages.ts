/** Staging labels: each names one version; moving AWSCURRENT leaves AWSPREVIOUS where it was. */
import { limits } from '../../base/limits.ts';
import { CURRENT, PREVIOUS, type SecretRow, type Stages } from './secret-row.ts';

type Versions = SecretRow['versions'];

const without = (versions: Versions, stage: string): Versions =>
  Object.fromEntries(
    Object.entries(versions).map(([id, version]) => [
      id,
      { ...version, stages: version.stages.filter((each) => each !== stage) },
    ]),
  );

/** Gives a stage to a version, taking it from whichever has it. */
export function moveStage(versions: Versions, stage: string, to: string): Versions {
  const from = Object.entries(versions).find(([, { stages }]) => stages.includes(stage))?.[0];
  if (from === to) return versions;
  const cleared =
    stage === CURRENT && from !== undefined
      ? giveStage(without(versions, PREVIOUS), PREVIOUS, from)
      : versions;
  return giveStage(without(cleared, stage), stage, to);
}

function giveStage(versions: Versions, stage: string, to: string): Versions {
  const version: Stages | undefined = versions[to];
  if (version === undefined) return versions;
  // A version that is current again is no longer the previous one.
  const kept = stage === CURRENT ? version.stages.filter((each) => each !== PREVIOUS) : version.stages;
  return { ...versions, [to]: { ...version, stages: [...kept, stage] } };
}

export const dropStage = without;

/** Versions without a label are deprecated: the oldest go when there are too many. */
export function trimVersions(versions: Versions): {
  readonly kept: Versions;
  readonly gone: readonly string[];
} {
  const deprecated = Object.entries(versions)
    .filter(([, { stages }]) => stages.length === 0)
    .toSorted(([, a], [, b]) => a.createdMs - b.createdMs)
    .map(([id]) => id);
  const gone = deprecated.slice(0, Math.max(0, Object.keys(versions).length - limits.secretVersions));
  return { kept: Object.fromEntries(Object.entries(versions).filter(([id]) => !gone.includes(id))), gone };
}
