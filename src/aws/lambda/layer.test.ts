import { describe, expect, test } from 'bun:test';
import { zipSync } from 'fflate';
import { collectOrphans } from './orphan-code.ts';
import { bytes, faultOf, openRoom, zip } from './testing/room.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:layer:tools';

describe('layers', () => {
  test('versions count on, even when the last is gone', async () => {
    const room = openRoom();
    const publish = () =>
      room.call('PublishLayerVersion', {
        LayerName: 'tools',
        Content: { ZipFile: zip },
        CompatibleRuntimes: ['nodejs22.x'],
      });
    expect(await publish()).toMatchObject({
      LayerArn: ARN,
      LayerVersionArn: `${ARN}:1`,
      Version: 1,
      Description: '',
      CompatibleRuntimes: ['nodejs22.x'],
      Content: { CodeSize: zip.length, CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) },
    });
    await publish();
    expect(await room.call('ListLayerVersions', { LayerName: 'tools' })).toMatchObject({
      LayerVersions: [{ Version: 2 }, { Version: 1 }],
    });
    await room.call('DeleteLayerVersion', { LayerName: 'tools', VersionNumber: 1 });
    await room.call('DeleteLayerVersion', { LayerName: ARN, VersionNumber: 2 });
    expect(await room.call('ListLayers', {})).toEqual({ Layers: [] });
    expect(await publish()).toMatchObject({ Version: 3 });
  });

  test('a function keeps a layer that was deleted, its code included', async () => {
    const room = openRoom();
    await room.call('PublishLayerVersion', { LayerName: 'tools', Content: { ZipFile: zip } });
    const made = await room.createFunction('orders', { Layers: [`${ARN}:1`] });
    expect(made.Layers).toEqual([{ Arn: `${ARN}:1`, CodeSize: zip.length }]);
    await room.call('DeleteLayerVersion', { LayerName: 'tools', VersionNumber: 1 });
    room.clock.now += 3_600_000;
    await collectOrphans({ store: room.store, now: () => room.clock.now });
    await room.call('Invoke', { FunctionName: 'orders' });
    const [layer] = room.runs[0]?.config.layers ?? [];
    expect(layer?.kind === 'zip' && (await Bun.file(layer.path).bytes())).toEqual(zip);
  });

  test('code that nothing names any more is deleted after an hour', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    await room.call('Invoke', { FunctionName: 'orders' });
    const code = room.runs[0]?.config.code;
    const path = code?.kind === 'zip' ? code.path : '';
    await room.call('UpdateFunctionCode', {
      FunctionName: 'orders',
      ZipFile: zipSync({ 'index.js': bytes('2') }),
    });
    await collectOrphans({ store: room.store, now: () => room.clock.now });
    expect(await Bun.file(path).exists()).toBe(true);
    room.clock.now += 3_600_000;
    await collectOrphans({ store: room.store, now: () => room.clock.now });
    expect(await Bun.file(path).exists()).toBe(false);
  });

  test('permissions of a version', async () => {
    const room = openRoom();
    await room.call('PublishLayerVersion', { LayerName: 'tools', Content: { ZipFile: zip } });
    const version = { LayerName: 'tools', VersionNumber: 1 };
    const permission = { ...version, StatementId: 's1', Action: 'lambda:GetLayerVersion', Principal: '*' };
    expect(await faultOf(room.call('GetLayerVersionPolicy', version))).toBe(
      'ResourceNotFoundException: No policy is associated with the given resource.',
    );
    const { Statement } = await room.call<{ Statement: string }>('AddLayerVersionPermission', permission);
    expect(JSON.parse(Statement)).toEqual({
      Sid: 's1',
      Effect: 'Allow',
      Principal: '*',
      Action: 'lambda:GetLayerVersion',
      Resource: `${ARN}:1`,
    });
    expect(await faultOf(room.call('AddLayerVersionPermission', permission))).toStartWith(
      'ResourceConflictException: The statement id (s1) provided already exists.',
    );
    await room.call('RemoveLayerVersionPermission', { ...version, StatementId: 's1' });
    expect(
      await faultOf(
        room.call('RemoveLayerVersionPermission', {
          LayerName: 'tools',
          VersionNumber: 9,
          StatementId: 's1',
        }),
      ),
    ).toBe(`ResourceNotFoundException: Layer version ${ARN}:9 does not exist.`);
  });
});
