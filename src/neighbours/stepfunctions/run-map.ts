/** Map states: one flow for each item, in this execution (inline) or in child executions (distributed). */
import { limits } from '../../base/limits.ts';
import type { State } from '../../lang/states/definition.ts';
import type { Environment } from '../../lang/states/environment.ts';
import { StateError } from '../../lang/states/state-error.ts';
import { withAttempts } from './attempts.ts';
import { abortable } from './lines.ts';
import { type Outcome, runFlow, type Visit } from './run-flow.ts';

type MapState = State & { readonly type: 'Map' };

export function runMap(state: MapState, visit: Visit): Promise<Outcome> {
  return withAttempts(state, visit, (key, environment) =>
    state.mode === 'DISTRIBUTED'
      ? distributed(state, visit, key, environment)
      : inline(state, visit, key, environment),
  );
}

async function inline(
  state: MapState,
  visit: Visit,
  key: string,
  environment: Environment,
): Promise<unknown> {
  const { run, line, place } = visit;
  const { journal } = run;
  const items = await itemsOf(state, environment);
  if (!Array.isArray(items))
    throw new StateError(
      'States.Runtime',
      `Reference path "${String((await state.io.field('ItemsPath', environment)) ?? '$')}" must point to array.`,
    );
  const wanted = (await optionalNumber(state, 'MaxConcurrency', environment)) ?? 0;
  await journal.step(line, `${key}.start`, (emit) => {
    emit('MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
    return null;
  });
  const lines = abortable(line, key, items.length);
  const results = await lines.all(
    async (itemLine, index) => {
      const details = { name: state.name, index };
      await journal.step(itemLine, 'start', (emit) => {
        emit('MapIterationStarted', { mapIterationStartedEventDetails: details });
        return null;
      });
      const context = { Map: { Item: { Index: index, Value: items[index] } } };
      try {
        const input = await selectItem(state, environment, items[index], index);
        const result = await runFlow(run, state.processor, itemLine, {
          input,
          variables: environment.variables,
          context,
          place,
        });
        await journal.step(itemLine, 'ok', (emit) => {
          emit('MapIterationSucceeded', { mapIterationSucceededEventDetails: details });
          return null;
        });
        return result;
      } catch (thrown) {
        if (!itemLine.signal.aborted)
          await journal.step(itemLine, 'failed', (emit) => {
            emit('MapIterationFailed', { mapIterationFailedEventDetails: details });
            return null;
          });
        throw thrown;
      }
    },
    async () => {
      await journal.step(line, `${key}.failed`, (emit) => {
        emit('MapStateFailed');
        return null;
      });
    },
    wanted > 0
      ? Math.min(wanted, limits.stepFunctionsInlineMapConcurrency)
      : limits.stepFunctionsInlineMapConcurrency,
  );
  await journal.step(line, `${key}.ok`, (emit) => {
    emit('MapStateSucceeded');
    return null;
  });
  return results;
}

async function itemsOf(state: MapState, environment: Environment): Promise<unknown> {
  if (state.io.language === 'JSONata')
    return (await state.io.field('Items', environment)) ?? environment.input;
  // With ItemSelector, `Parameters` is its old name and selects items, not the input.
  const effective = await inputOf(state, environment);
  const path = await state.io.field('Items', environment);
  return path ?? effective;
}

/** InputPath alone: `Parameters` of a Map are an item's. */
const inputOf = (state: MapState, environment: Environment): Promise<unknown> => state.io.input(environment);

async function selectItem(
  state: MapState,
  environment: Environment,
  item: unknown,
  index: number,
): Promise<unknown> {
  const context = { ...(environment.context as object), Map: { Item: { Index: index, Value: item } } };
  const inner = { ...environment, input: await inputOf(state, environment), context };
  const selected =
    (await state.io.template('ItemSelector', inner)) ?? (await state.io.template('Parameters', inner));
  return selected ?? item;
}

async function optionalNumber(
  state: MapState,
  name: string,
  environment: Environment,
): Promise<number | undefined> {
  const value = await state.io.field(name, environment);
  if (value === undefined || (typeof value === 'number' && value >= 0)) return value;
  throw new StateError(
    'States.Runtime',
    `The value ${JSON.stringify(value)} for ${name} must be a number, 0 or more`,
  );
}

async function distributed(
  state: MapState,
  { run, line, place }: Visit,
  key: string,
  environment: Environment,
): Promise<unknown> {
  const reader = await state.io.template('ItemReader', environment);
  return run.world.runDistributedMap(run, {
    place,
    label: state.label,
    executionType: state.executionType,
    maxConcurrency: (await optionalNumber(state, 'MaxConcurrency', environment)) ?? 0,
    toleratedCount: await optionalNumber(state, 'ToleratedFailureCount', environment),
    toleratedPercentage: await optionalNumber(state, 'ToleratedFailurePercentage', environment),
    reader,
    items: reader === undefined ? await itemsOf(state, environment) : undefined,
    batcher: await state.io.template('ItemBatcher', environment),
    writer: await state.io.template('ResultWriter', environment),
    select: (item, index) => selectItem(state, environment, item, index),
    line,
    key,
  });
}
