// The sockets that the gateway opens.
import { RatesConfig } from './rate/config.ts'
import { Duration, FilePath, Optional, Section, Size, Type, type Static } from '../shared/schema.ts'

const Port = (description: string, value: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: value, description })

export const ListenersConfig = Section({
  public: Section({
    host: Type.String({ default: '0.0.0.0', description: 'Address to listen on.' }),
    port: Port('Port to listen on; 0 takes a free one.', 8443),
    http2: Type.Boolean({ default: true, description: 'Offer HTTP/2 beside HTTP/1.1.' }),
    tls: Section({
      certificates: Type.Array(Section({
        certificate: FilePath({ description: 'PEM file: the certificate, then its intermediates.' }),
        key: FilePath({ description: 'PEM file with the private key.' }),
      }, { description: 'One certificate. Its names are read from the certificate itself.' }), {
        minItems: 1, description: 'Chosen by the name that the browser asks for (SNI); the first is the default. Renewed files are picked up without a restart.',
      }),
      minimumVersion: Type.Union([Type.Literal('1.2'), Type.Literal('1.3')], { default: '1.2', description: 'Oldest TLS version that is accepted.' }),
      clientCertificates: Section({
        mode: Type.Union([Type.Literal('off'), Type.Literal('request'), Type.Literal('require')], { default: 'off', description: 'Ask browsers for a certificate: never, if they have one, or always.' }),
        authority: Optional(FilePath({ description: 'PEM file with the authorities that sign client certificates.' })),
      }, { default: {}, description: 'Certificates of the people\'s machines.' }),
    }, { description: 'TLS of the public listener.' }),
    hsts: Section({
      maxAge: Duration({ default: '365d', description: 'How long browsers insist on https. 0s switches the header off.' }),
      includeSubDomains: Type.Boolean({ default: false, description: 'Also for every subdomain.' }),
    }, { default: {}, description: 'Strict-Transport-Security (RFC 6797).' }),
    limits: Section({
      headersTimeout: Duration({ default: '15s', description: 'A request whose headers take longer is answered 408.' }),
      bodyIdleTimeout: Duration({ default: '60s', description: 'An upload that sends nothing for so long is answered 408.' }),
      keepAliveTimeout: Duration({ default: '75s', description: 'An idle connection is closed after this.' }),
      maxHeaderSize: Size({ default: '32KiB', description: 'Larger request headers are answered 431.' }),
      maxBodySize: Size({ default: '4GiB', description: 'A larger request body is answered 413.' }),
      maxConnections: Type.Integer({ minimum: 1, default: 20_000, description: 'Open connections in all; further ones are closed.' }),
      maxConnectionsPerAddress: Type.Integer({ minimum: 1, default: 1000, description: 'Open connections from one address; further ones are closed.' }),
    }, { default: {}, description: 'Limits on what one client may hold.' }),
    rates: Optional(RatesConfig),
    drainTimeout: Duration({ default: '30s', description: 'After SIGTERM, open exchanges have so long to finish.' }),
  }, { description: 'Where people come in (TLS).' }),
  health: Section({
    host: Type.String({ default: '127.0.0.1', description: 'Address to listen on.' }),
    port: Port('Port to listen on; 0 takes a free one.', 9090),
  }, { default: {}, description: 'Liveness (/live), readiness (/ready) and Prometheus metrics (/metrics), without TLS.' }),
}, { description: 'The sockets that the gateway opens.' })
export type ListenersConfig = Static<typeof ListenersConfig>
