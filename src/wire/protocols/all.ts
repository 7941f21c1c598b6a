/** Every protocol the wire speaks. */
import type { ProtocolName } from '../services.ts';
import { awsJson1_0, awsJson1_1 } from './aws-json.ts';
import { awsQuery, awsQueryJson, ec2Query } from './aws-query.ts';
import type { Protocol } from './protocol.ts';
import { restJson } from './rest-json.ts';
import { restXml } from './rest-xml.ts';
import { rpcCbor } from './rpc-cbor.ts';

export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  restJson1: restJson,
  restXml,
  awsJson1_0,
  awsJson1_1,
  awsQuery,
  awsQueryJson,
  ec2Query,
  rpcv2Cbor: rpcCbor,
};
