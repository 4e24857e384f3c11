// (e) Apache with mod_auth_mellon: the other proxy that proves a SAML session at each request. It has one live session, got from the same
// identity provider as ours; it is written in C and records nothing that would survive a crash.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSystemClock } from '../src/shared/clock.ts'
import { createBrowser } from '../test/support/browser.ts'
import { freePort, nurse } from '../test/support/journey.ts'
import { startJourneyIdp } from '../test/support/journey-idp.ts'
import type { Peer, PeerFiles } from './peers.ts'
import { familyOf } from './processes.ts'
import { startServer } from './web-servers.ts'

const modules = ['mpm_event', 'authz_core', 'auth_mellon', 'authn_core', 'authz_user', 'unixd', 'ssl', 'socache_shmcb', 'http2', 'proxy', 'proxy_http', 'proxy_wstunnel']
const modulesDirectory = '/usr/lib/apache2/modules'

function isThere (name: string): boolean {
  try { readFileSync(`${modulesDirectory}/mod_${name}.so`); return true } catch { return false }
}

function idpMetadata (idp: { readonly entityId: string, readonly signOnUrl: string, readonly certificatePem: string }): string {
  const certificate = idp.certificatePem.replace(/-----[^-]+-----|\s/g, '')
  return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${idp.entityId}"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
    `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>` +
    `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${idp.signOnUrl}"/></IDPSSODescriptor></EntityDescriptor>`
}

interface Place { readonly port: number, readonly upstreamUrl: string, readonly files: PeerFiles, readonly entityId: string }

function configure ({ port, upstreamUrl, files, entityId }: Place): string {
  const { directory } = files
  return `
ServerRoot ${directory}
ServerName localhost
${modules.filter(isThere).map(name => `LoadModule ${name}_module ${modulesDirectory}/mod_${name}.so`).join('\n')}
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
PidFile ${directory}/apache.pid
ErrorLog ${directory}/apache.log
LogLevel error
Mutex posixsem
Listen 127.0.0.1:${port}
StartServers 1
ServerLimit 1
ThreadLimit 128
ThreadsPerChild 128
MaxRequestWorkers 128
MaxRequestsPerChild 0
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
Protocols h2 http/1.1
SSLEngine on
SSLProtocol +TLSv1.2 +TLSv1.3
SSLCertificateFile ${files.certificate}
SSLCertificateKeyFile ${files.key}
ProxyPass /mellon !
ProxyPass / ${upstreamUrl}/ upgrade=websocket keepalive=On ttl=120
<Location />
  MellonEnable auth
  AuthType Mellon
  Require valid-user
  MellonEndpointPath /mellon
  MellonSPentityId ${entityId}
  MellonSPPrivateKeyFile ${files.samlKey}
  MellonSPCertFile ${files.samlCertificate}
  MellonIdPMetadataFile ${directory}/idp.xml
  MellonUser NAME_ID
</Location>
`
}

export async function startApache (upstreamUrl: string, files: PeerFiles): Promise<Peer> {
  const port = await freePort()
  const url = `https://localhost:${port}`
  const entityId = `${url}/mellon/metadata`
  const idp = await startJourneyIdp({ clock: createSystemClock(), spEntityId: entityId, person: nurse })
  try {
    writeFileSync(join(files.directory, 'idp.xml'), idpMetadata(idp))
    // Started as root, its workers are somebody else and read these at the first request. The key is for this run alone.
    chmodSync(files.directory, 0o711)
    chmodSync(files.samlKey, 0o644)
    const file = join(files.directory, 'apache.conf')
    writeFileSync(file, configure({ port, upstreamUrl, files, entityId }))
    const peer = await startServer('Apache, mod_auth_mellon', ['apache2', '-f', file, '-DFOREGROUND'], port, files)
    try {
      const browser = createBrowser({ ca: files.caPem, port })
      const page = await browser.submit(await browser.open(url))
      const cookie = browser.cookies('localhost')
      if (!cookie.includes('mellon-')) throw new Error(`Apache did not let the bench in: ${page.status} ${page.body.slice(0, 200)}`)
      return { ...peer, headers: { cookie }, processIds: familyOf(peer.processIds[0] as number) }
    } catch (error) {
      await peer.stop()
      throw error
    }
  } finally { await idp.close() }
}
