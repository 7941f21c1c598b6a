import { expect, test } from 'bun:test';
import * as sdk from '@aws-sdk/client-api-gateway';
import { openControlPlane } from './testing/control-plane.ts';

test('every operation of the SDK has a handler and every handler an operation', () => {
  const commands = Object.keys(sdk)
    .filter((name) => name.endsWith('Command') && name !== '$Command' && !name.startsWith('$'))
    .map((name) => name.replace(/Command$/, ''));
  const handlers = Object.keys(openControlPlane().service.handlers);
  expect(handlers.toSorted()).toEqual(commands.toSorted());
});
