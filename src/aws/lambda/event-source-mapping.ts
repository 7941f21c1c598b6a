/**
 * Event source mappings. Nothing polls queues and streams yet, so none can be made: CreateEventSourceMapping is refused
 * by name, and what asks for mappings is told the truth, that there are none.
 */
import type {
  CreateEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
} from '@aws-sdk/client-lambda';
import { parseArn } from '../../base/arn.ts';
import type { Call } from '../../wire/service.ts';
import { notFound, unsupported } from './fault.ts';
import { readReference } from './function-reference.ts';

export const eventSourceMappingOperations = () => ({
  CreateEventSourceMapping: async (
    input: CreateEventSourceMappingRequest,
  ): Promise<EventSourceMappingConfiguration> => {
    const source = parseArn(input.EventSourceArn ?? '')?.service ?? 'Kafka';
    throw unsupported(`An event source mapping from ${source}`);
  },

  GetEventSourceMapping: async (): Promise<EventSourceMappingConfiguration> => {
    throw missing();
  },

  DeleteEventSourceMapping: async (): Promise<EventSourceMappingConfiguration> => {
    throw missing();
  },

  ListEventSourceMappings: async (
    input: ListEventSourceMappingsRequest,
    call: Call,
  ): Promise<ListEventSourceMappingsResponse> => {
    if (input.FunctionName !== undefined) readReference(input.FunctionName, undefined, call.scope);
    return { EventSourceMappings: [] };
  },
});

/** Recorded from AWS. */
const missing = () => notFound('The resource you requested does not exist.');
