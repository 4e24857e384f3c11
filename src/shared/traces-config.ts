// Where traces go, as configured.
import { FilePath, Optional, Secret, Section, Type, type Static } from './schema.ts'

export const TracesConfig = Section({
  endpoint: Type.String({ format: 'web-url', description: 'Where a collector takes OTLP over HTTP.', examples: ['http://127.0.0.1:4318/v1/traces'] }),
  authorization: Optional(Secret({ description: 'What the Authorization field says to the collector: `Bearer` and a token, for instance.' })),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the collector\'s certificate, when it is not a public one.' })),
  share: Type.Number({ minimum: 0, maximum: 1, default: 1, description: 'Share of the requests that are traced, from 0 to 1.' }),
  continueClients: Type.Boolean({ default: false, description: 'Continues the trace that a request brings along (`traceparent`), as from a load balancer that begins traces. Anybody can send one, and thereby decides what is traced.' }),
}, { description: 'OpenTelemetry traces: how long each step of a request took. They hold no path, address, person or record; the request\'s number leads from a trace to the trail.' })
export type TracesConfig = Static<typeof TracesConfig>
