import type { EnvReader } from './env-reader.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** The OpenTelemetry settings that the service reads. The exporter and the resource read further ones themselves. */
export interface TracingOptions {
  /** The URL to which spans are sent. */
  url: string;
  sampler: (typeof SAMPLERS)[number];
  /** The share of traces that the samplers `traceidratio` record. */
  ratio: number;
}

/** Reads the settings of tracing; undefined when it is off. */
export function readTracing(read: EnvReader): TracingOptions | undefined {
  const isDisabled = read.text('OTEL_SDK_DISABLED', '').toLowerCase() === 'true';
  const exporter = read.text('OTEL_TRACES_EXPORTER', 'otlp');
  const url = isDisabled || exporter === 'none' ? undefined : readTracesUrl(read);
  if (url === undefined) return undefined;
  if (exporter !== 'otlp') read.unexpected('OTEL_TRACES_EXPORTER', exporter, 'one of otlp, none');
  checkProtocol(read);
  return { url, sampler: read.oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, 'parentbased_always_on'), ratio: readRatio(read) };
}

/** Reports a protocol that the exporter lacks, by the variable that applies: the one for traces comes first. */
function checkProtocol(read: EnvReader): void {
  const general = read.optional('OTEL_EXPORTER_OTLP_PROTOCOL');
  const forTraces = read.optional('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL');
  const protocol = forTraces ?? general;
  if (protocol === undefined || protocol === 'http/protobuf') return;
  const name = forTraces === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL';
  read.unexpected(name, protocol, 'http/protobuf');
}

function readTracesUrl(read: EnvReader): string | undefined {
  const url = read.optionalUrl('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  if (url !== undefined) return url;
  const base = read.optionalUrl('OTEL_EXPORTER_OTLP_ENDPOINT');
  return base && `${base.replace(/\/+$/, '')}/v1/traces`;
}

function readRatio(read: EnvReader): number {
  const value = read.text('OTEL_TRACES_SAMPLER_ARG', '1');
  const ratio = Number(value);
  if (!(ratio >= 0 && ratio <= 1)) read.unexpected('OTEL_TRACES_SAMPLER_ARG', value, 'a number from 0 to 1');
  return ratio;
}
